import { dirname } from "node:path";
import { cacheDir } from "../../lib/engine/cache.ts";
import { findLibrary, libraryFolder, type LibrarySearch } from "../../lib/engine/tensorflow/library.ts";
import { type Fetching, fetchWheel, type Purpose, removeLeftovers, unpackWheel } from "./fetch_wheel.ts";
import { removeAll } from "./process.ts";
import { megabytes } from "./progress.ts";
import { needPython } from "./python.ts";
import type { Step } from "./steps.ts";
import { areWhole, sumOfBytes, tensorflowMembers, VERSION, type Wheel, WHEELS } from "./wheels.ts";

const PURPOSE: Purpose = {
  what: "libtensorflow",
  otherwise: "set THAW_LIBTENSORFLOW to a folder that has libtensorflow_cc and libtensorflow_framework",
  meanwhile: "Meanwhile everything runs on the slower wasm backend.",
};

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
  const onDisk = wheel ? sumOfBytes(wheel.libraries) : 0;
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
      if (!wheel) {
        return `there is none for ${Deno.build.os} ${Deno.build.arch}; thaw computes with WebGPU or wasm here`;
      }
      return await areWhole(folder, wheel.libraries) ? folder : undefined;
    },
    async run(progress) {
      const python = await needPython("3.7", "fetch libtensorflow").catch((error: Error) => {
        throw new Error(`${error.message} ${PURPOSE.meanwhile}`);
      });
      await Deno.mkdir(partial, { recursive: true });
      await removeLeftovers(partial);
      const fetching = { partial, python: python.command, progress, purpose: PURPOSE };
      const { file } = await fetchWheel(wheel, fetching);
      await unpack(wheel, file, folder, fetching);
      await removeAll(file);
      return folder;
    },
  };
}

/** Takes the libraries and the licences out of the wheel and moves them into place all at once. */
async function unpack(wheel: Wheel, file: string, folder: string, fetching: Fetching): Promise<void> {
  const unpacked = await Deno.makeTempDir({ dir: fetching.partial, prefix: "unpack-" });
  try {
    const wrong = await unpackWheel(file, unpacked, tensorflowMembers(wheel), sumOfBytes(wheel.libraries), fetching);
    if (wrong !== undefined || !(await areWhole(unpacked, wheel.libraries))) {
      await removeAll(file);
      throw new Error(
        `Cannot unpack ${file}: expected ${Object.keys(wheel.libraries).join(" and ")} in it, found:\n` +
          `${wrong || "files of other sizes"}\n` +
          `It is removed; run the task again to fetch it anew. ${fetching.purpose.meanwhile}`,
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
