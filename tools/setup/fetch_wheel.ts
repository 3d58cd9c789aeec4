import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { statfs } from "node:fs/promises";
import { exists, removeAll, tail } from "./process.ts";
import { folderBytes, megabytes, type ProgressLine } from "./progress.ts";
import { runPython } from "./python.ts";

const UNPACK = fileURLToPath(new URL("../unpack_wheel.py", import.meta.url));

/** A Python wheel, as pip is asked for it. */
export interface PipWheel {
  /** What pip is asked for, with the only file that will do: `tensorflow-cpu==2.21.0`. */
  requirement: string;
  /** The file's hash. Without one any file of this name will do, and pip compares it with its index's hash only. */
  sha256?: string;
  /** pip's --platform. */
  platform: string;
  /** Size of the wheel, in bytes. */
  bytes: number;
}

/** What a wheel is for, in the words of the errors. */
export interface Purpose {
  /** What is being fetched: `libtensorflow`. */
  what: string;
  /** What else would do, as the end of a sentence that begins with "…, or". */
  otherwise: string;
  /** How one works until it is there; a sentence. */
  meanwhile: string;
}

/** What stands in the way of any wheel: no network, no pip, no space. To try another one in its place is of no use. */
export class ObstacleError extends Error {
  override readonly name = "ObstacleError";
}

/** Where and by what wheels are fetched and unpacked. */
export interface Fetching {
  /** The folder for what is not complete yet. */
  partial: string;
  /** The command of a Python 3 with pip. */
  python: string;
  progress: ProgressLine;
  purpose: Purpose;
}

/**
 * Fetches a wheel by pip, which checks its sha256; one that an interrupted run fetched is used again.
 *
 * @returns its path, and the name that it came with where it was fetched now
 * @throws {ObstacleError} with what pip said, and what to do; Error where it is this wheel that cannot be had
 */
export async function fetchWheel(wheel: PipWheel, fetching: Fetching): Promise<{ file: string; name?: string }> {
  const { partial, python, progress, purpose } = fetching;
  const file = join(partial, `${wheel.sha256?.slice(0, 16) ?? "unpinned"}.whl`);
  if (wheel.sha256 && await exists(file)) return { file };
  await needSpace(partial, 2 * wheel.bytes, `fetch ${purpose.what}`, purpose.meanwhile); // pip copies its download once
  const folder = await Deno.makeTempDir({ dir: partial, prefix: "pip-" });
  try {
    const requirements = join(folder, "requirements.txt");
    const hash = wheel.sha256 ? ` --hash=sha256:${wheel.sha256}` : "";
    await Deno.writeTextFile(requirements, `${wheel.requirement}${hash}\n`);
    const { code, stderr } = await progress.watch(
      "downloading",
      () => folderBytes(folder),
      wheel.bytes,
      runPython(python, [
        ...["-m", "pip", "download", "-q", "--no-input", "--no-cache-dir", "--no-deps", "--only-binary=:all:"],
        ...["--implementation", "cp", "--python-version", "3.11", "--platform", wheel.platform],
        ...["--dest", folder, "-r", requirements],
      ], { env: { TMPDIR: folder, TEMP: folder, TMP: folder } }),
    );
    const name = code === 0 && [...Deno.readDirSync(folder)].find((entry) => entry.name.endsWith(".whl"))?.name;
    if (!name) {
      throw new (isThisWheel(stderr) ? Error : ObstacleError)(
        `Cannot fetch ${purpose.what}: expected pip download ${wheel.requirement} to succeed, found exit code ${code}:\n` +
          `${tail(stderr)}\n${adviceFor(stderr, purpose)} ${purpose.meanwhile}`,
      );
    }
    await Deno.rename(join(folder, name), file);
    return { file, name };
  } finally {
    await removeAll(folder);
  }
}

/** Whether it is this wheel that pip could not have: its index answers, and has none such or another of its name. */
function isThisWheel(stderr: string): boolean {
  if (/DO NOT MATCH THE HASHES/i.test(stderr)) return true;
  return /No matching distribution/.test(stderr) && !/Retrying \(/.test(stderr); // where nobody answers it says both
}

function adviceFor(stderr: string, { otherwise }: Purpose): string {
  if (/No module named pip/.test(stderr)) {
    return "Install pip (Debian and Ubuntu: apt install python3-pip; elsewhere: python3 -m ensurepip --user, in a virtual environment without --user) and run the task again.";
  }
  if (/DO NOT MATCH THE HASHES/i.test(stderr)) {
    return "The file that arrived is not the one that thaw knows; try again, and if it stays so look at pip's index settings.";
  }
  return `Check the network and pip's proxy and index settings and run the task again, or ${otherwise}.`;
}

/**
 * Takes files out of a wheel into a folder.
 *
 * @param members the places that they are put at below `into`, by their names in the wheel
 * @param total the bytes that they take, for the progress line
 * @returns what went wrong; undefined where each was there and whole
 */
export async function unpackWheel(
  file: string,
  into: string,
  members: Record<string, string>,
  total: number,
  { python, progress, purpose }: Fetching,
): Promise<string | undefined> {
  await needSpace(into, total, `unpack ${purpose.what}`, purpose.meanwhile);
  const pairs = Object.entries(members).map((pair) => pair.join("="));
  const before = await folderBytes(into);
  const { code, stderr } = await progress.watch(
    "unpacking",
    async () => await folderBytes(into) - before,
    total,
    runPython(python, [UNPACK, file, into, ...pairs]),
  );
  return code === 0 ? undefined : tail(stderr, 2);
}

/** Removes what killed runs left; nobody else works there, for set-ups wait for each other. */
export async function removeLeftovers(partial: string): Promise<void> {
  for await (const entry of Deno.readDir(partial)) {
    if (/^(pip|unpack)-/.test(entry.name)) await removeAll(join(partial, entry.name));
  }
}

/** @throws {ObstacleError} when less than `bytes` are free where `folder` is */
export async function needSpace(folder: string, bytes: number, what: string, meanwhile: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = Number(bavail) * Number(bsize);
  if (free >= bytes) return;
  throw new ObstacleError(
    `Cannot ${what}: expected ${megabytes(bytes)} free below ${folder}, found ${megabytes(free)}. ` +
      `Free some space or set THAW_CACHE to a folder on another disk, and run the task again. ${meanwhile}`,
  );
}
