import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { folderBytes, megabytes, ProgressLine, progressText } from "../../../tools/setup/progress.ts";

Deno.test("progress is told in percent, megabytes and speed", () => {
  assertEquals(progressText("downloading", 123e6, 273.8e6, 4), "downloading 44 %, 123 of 274 MB, 30.8 MB/s");
  assertEquals(progressText("downloading", 0, 273.8e6, 0.1), "downloading 0 %, 0 of 274 MB");
  assertEquals(progressText("unpacking", 900e6, 853e6, 0.5), "unpacking 100 %, 900 of 853 MB");
});

Deno.test("sizes are rounded to what is of interest", () => {
  assertEquals([10, 18.8e6, 273.8e6, 853e6, 12.34e9].map(megabytes), [
    "0.1 MB",
    "18.8 MB",
    "274 MB",
    "853 MB",
    "12.3 GB",
  ]);
});

Deno.test("folderBytes sums the files below, and is 0 where there is no folder", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(join(folder, "in"));
  await Deno.writeFile(join(folder, "a"), new Uint8Array(3));
  await Deno.writeFile(join(folder, "in", "b"), new Uint8Array(4));
  assertEquals(await folderBytes(folder), 7);
  await Deno.remove(folder, { recursive: true });
  assertEquals(await folderBytes(folder), 0);
});

Deno.test("what stays is printed under the step, line by line", () => {
  const { log } = console;
  const lines: string[] = [];
  console.log = (line: string) => lines.push(line);
  try {
    new ProgressLine().say("one\ntwo");
  } finally {
    console.log = log;
  }
  assertEquals(lines, ["      one\n      two"]);
});
