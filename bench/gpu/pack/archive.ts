import { join } from "node:path";
import { type Part, writeParts } from "./parts.ts";

/** What the names of a pack's parts begin with. */
export const NAME = "thaw-gpu.tar.xz";

/** Archives a folder, compressed and in parts. How hard xz tries is its own default; XZ_OPT=-9 says another. */
export async function archive(folder: string, to: string, size: number): Promise<Part[]> {
  const tar = new Deno.Command("tar", { args: ["-cf", "-", "-C", folder, "."], stdout: "piped" }).spawn();
  const xz = new Deno.Command("xz", { args: ["-T0", "-c"], stdin: "piped", stdout: "piped" }).spawn();
  const [parts] = await Promise.all([writeParts(xz.stdout, to, NAME, size), tar.stdout.pipeTo(xz.stdin)]);
  for (const [name, { status }] of Object.entries({ tar, xz })) {
    const { code } = await status;
    if (code !== 0) throw new Error(`Cannot pack: expected ${name} to succeed, found exit code ${code}`);
  }
  return parts;
}

/** Puts beside the parts what checks them and puts them together. */
export async function writeIndex(parts: readonly Part[], to: string): Promise<void> {
  await Deno.writeTextFile(join(to, "SHA256SUMS"), parts.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(""));
  await Deno.copyFile(new URL("./unpack.sh", import.meta.url), join(to, "unpack.sh"));
}
