import { assert, assertEquals } from "@std/assert";
import { count, type Figures, total } from "./figures.ts";
import { kinds } from "./files.ts";
import { LimitedProcess } from "./process.ts";

/** What `deno task fuzz` does, with fewer files: README.md. */
Deno.test("two thousand bad files of every kind are refused in words, or load", async () => {
  const limited = new LimitedProcess(2);
  const figures: Figures[] = [], faults: string[] = [];
  try {
    for (let file = 0; file < 2000; file++) {
      const result = await limited.open(file);
      count(figures, result);
      if (result.kind === "refused" || result.kind === "loaded") continue;
      faults.push(`deno task fuzz --seed 2 --file ${file}: ${result.kind} (${result.mutation}): ${result.said}`);
    }
  } finally {
    await limited.close();
  }
  assertEquals(faults.join("\n"), "");
  assertEquals(figures.length, kinds.length);
  for (const format of new Set(kinds.map(({ format }) => format))) {
    const { loaded, refused } = total(figures.filter((row) => row.format === format));
    assert(loaded > 10 && refused > 100, `${format}: ${loaded} loaded, ${refused} refused`); // else nothing was tried
  }
});

Deno.test("a file that ends the process, or keeps it, is a result, and the next has a new process", async () => {
  // A file number that is none makes the process end while it makes the file.
  const limited = new LimitedProcess(1);
  try {
    const crashed = await limited.open(NaN);
    assertEquals(crashed.kind, "crashed");
    assert(crashed.said.startsWith("while the file was made: exit code 1"), crashed.said);
    assertEquals((await limited.open(0)).format, "torch zip");
  } finally {
    await limited.close();
  }
});
