import { assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { archive, NAME, writeIndex } from "../../../../bench/gpu/pack/archive.ts";
import { parseSize, writeParts } from "../../../../bench/gpu/pack/parts.ts";
import { withFolder } from "../../../folders.ts";

Deno.test("sizes of parts", () => {
  assertEquals(["60MB", "1.5GB", "512KiB", "7MiB"].map(parseSize), [60e6, 1.5e9, 512 * 1024, 7 * 1024 ** 2]);
  for (const text of ["60", "MB", "0MB", "60 parsecs", ""]) {
    assertThrows(
      () => parseSize(text),
      TypeError,
      `Cannot pack: expected --pack to be a size such as 60MB, found "${text}"`,
    );
  }
});

Deno.test("a stream is cut into parts of one size, whatever pieces it comes in", () =>
  withFolder(async (folder) => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
    const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 700), bytes.subarray(700, 702), bytes.subarray(702)];
    const parts = await writeParts(ReadableStream.from(pieces), folder, "x", 300);
    assertEquals(parts.map(({ name, bytes }) => [name, bytes]), [
      ["x.000", 300],
      ["x.001", 300],
      ["x.002", 300],
      ["x.003", 100],
    ]);
    const read = parts.map(({ name }) => Deno.readFileSync(join(folder, name)));
    assertEquals(read.flatMap((part) => [...part]), [...bytes]);
    assertEquals(
      parts.map(({ sha256 }) => sha256),
      read.map((part) => createHash("sha256").update(part).digest("hex")),
    );
    assertEquals(await writeParts(ReadableStream.from(pieces), folder, "y", 500).then((parts) => parts.length), 2);
  }));

Deno.test({
  name: "what was packed is unpacked, with xz or without; parts that were changed are refused",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      const from = join(folder, "from"), to = join(folder, "to");
      await Deno.mkdir(join(from, "deep"), { recursive: true });
      await Deno.mkdir(to);
      const noise = crypto.getRandomValues(new Uint8Array(50_000));
      await Deno.writeFile(join(from, "deep", "noise"), noise);
      await Deno.writeTextFile(join(from, "bench.sh"), "#!/bin/sh\necho measured\n", { mode: 0o755 });
      const parts = await archive(from, to, 20_000);
      assertEquals(parts.map(({ name }) => name), ["000", "001", "002"].map((number) => `${NAME}.${number}`));
      await writeIndex(parts, to);

      for (const [name, path] of [["with", Deno.env.get("PATH")!], ["without", await withoutXz(folder)]]) {
        const home = join(folder, name);
        const { success, stderr } = await unpack(to, home, path);
        assertEquals([success, stderr], [true, ""]);
        assertEquals(await Deno.readFile(join(home, "deep", "noise")), noise);
        const { stdout } = await new Deno.Command(join(home, "bench.sh")).output();
        assertEquals(new TextDecoder().decode(stdout), "measured\n");
      }

      await Deno.writeFile(join(to, `${NAME}.001`), noise.subarray(0, 20_000));
      assertEquals((await unpack(to, join(folder, "spoilt"), Deno.env.get("PATH")!)).success, false);
    }),
});

async function unpack(parts: string, to: string, path: string): Promise<{ success: boolean; stderr: string }> {
  const command = new Deno.Command("/bin/sh", { args: [join(parts, "unpack.sh"), to], env: { PATH: path } });
  const { success, stderr } = await command.output();
  return { success, stderr: new TextDecoder().decode(stderr) };
}

/** A folder with all programs that there are, except for xz. */
async function withoutXz(folder: string): Promise<string> {
  const bin = join(folder, "bin");
  await Deno.mkdir(bin);
  const programs = new Map<string, string>([["xz", ""]]);
  for (const from of Deno.env.get("PATH")!.split(":")) {
    const names = await Array.fromAsync(Deno.readDir(from), ({ name }) => name).catch(() => []);
    for (const name of names.filter((name) => !programs.has(name))) programs.set(name, join(from, name));
  }
  programs.delete("xz");
  for (const [name, path] of programs) await Deno.symlink(path, join(bin, name));
  return bin;
}

Deno.test("unpack.sh and bench.sh are programs for any shell", async () => {
  for (const name of ["unpack.sh", "bench.sh"]) {
    const path = fileURLToPath(new URL(`../../../../bench/gpu/pack/${name}`, import.meta.url));
    assertEquals((await Deno.readTextFile(path)).split("\n")[0], "#!/bin/sh");
  }
});
