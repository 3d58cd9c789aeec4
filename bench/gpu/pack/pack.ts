/**
 * `deno task bench-gpu --pack 60MB --to FOLDER` packs all that the measurements need for a machine without a network:
 *
 *     --library FOLDER    a GPU build of TensorFlow with its gpu.json; thaw's cache's unless given
 *     --architecture 9.0  takes its code for one kind of card along, not for all
 *     --with-nvidia       takes NVIDIA's libraries along; else the packages of a torch or jax there have to have them
 *     --python PYTHON     whose torchvision and efficientnet_lite_pytorch go along, for a torch there that has none
 *
 * FOLDER then has the parts, their SHA-256 sums, and unpack.sh.
 */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gpuLibraryFolder } from "../../../lib/engine/tensorflow/gpu/manifest.ts";
import { megabytes } from "../../../tools/setup/progress.ts";
import { studyFiles } from "../study_files.ts";
import { packLibrary } from "./library.ts";
import { copyFolder, copyNpmPackages } from "./npm.ts";
import { archive, NAME, writeIndex } from "./archive.ts";
import { parseSize, type Part } from "./parts.ts";
import { copyPythonPackages } from "./python_packages.ts";

const PROJECT = fileURLToPath(new URL("../../../", import.meta.url));
const STAGE = "stage-";

/** What a pack has of thaw: folders, and files. */
const FOLDERS = ["lib", "bench/gpu", "tests/models", "tests/std_assert", "tools/setup"];
const FILES = [
  ...[
    "LICENSE",
    "mod.ts",
    "deno.lock",
    "tools/setup/progress.ts",
    "bench/torchvision_models.py",
    "bench/splits/torch_networks.py",
  ],
  ...["tests/golden/values.ts", "tests/golden/torchvision.json.gz"],
];
const PROGRAMS = ["bench/gpu/bench.ts", "bench/gpu/thaw_side.ts", "bench/gpu/pack/settle.ts"];
/** Python packages that PyTorch's side needs besides torch. */
const PYTHON_PACKAGES = ["torchvision", "efficientnet_lite_pytorch"];

/** What is to be packed, and where to. */
export interface PackOptions {
  /** Of a part, in bytes. */
  size: number;
  to: string;
  library: string;
  architecture?: number;
  withNvidia: boolean;
  python: string;
}

/** Packs what the command line says. */
export async function packFromArguments(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      pack: { type: "string" },
      to: { type: "string" },
      library: { type: "string", default: gpuLibraryFolder() },
      architecture: { type: "string" },
      "with-nvidia": { type: "boolean", default: false },
      python: { type: "string", default: "python3" },
    },
  });
  const { pack: size = "", to, library, architecture, python } = values;
  if (!to) throw new TypeError("Cannot pack: expected --to FOLDER, where the parts are to be, found none");
  const compute = architecture === undefined ? undefined : Math.round(Number(architecture) * 10);
  if (compute !== undefined && !(compute > 0)) {
    throw new TypeError(
      `Cannot pack: expected --architecture to be a compute capability such as 9.0, found ${architecture}`,
    );
  }
  const options = {
    size: parseSize(size),
    to,
    library,
    architecture: compute,
    withNvidia: values["with-nvidia"],
    python,
  };
  const parts = await pack(options, console.log);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  parts.forEach(({ name, bytes }) => console.log(`${name}  ${megabytes(bytes)}`));
  console.log(`${parts.length} parts, ${megabytes(total)} in all. There: sh unpack.sh, and then thaw-gpu/bench.sh`);
}

/** @param tell says what is done */
export async function pack(options: PackOptions, tell: (line: string) => void): Promise<Part[]> {
  const { size, to, library, architecture, withNvidia, python } = options;
  await Deno.mkdir(to, { recursive: true });
  await removeEarlier(to);
  const stage = await Deno.makeTempDir({ dir: to, prefix: STAGE });
  try {
    await Deno.chmod(stage, 0o755); // else the folder that it is unpacked to would be its owner's only
    await packLibrary(
      { from: library, to: join(stage, "cache", "libtensorflow", "gpu"), architecture, withNvidia },
      tell,
    );
    tell("thaw, Deno, npm packages, pictures");
    await copyThaw(join(stage, "thaw"));
    const config = join(PROJECT, "deno.json");
    const programs = PROGRAMS.map((path) => join(PROJECT, path));
    const npm = await copyNpmPackages(programs, config, join(stage, "deno"));
    await writeConfig(join(stage, "thaw"), config, npm.names, npm.registry);
    await copyFile(Deno.execPath(), join(stage, "bin", "deno"));
    await copyFile(join(PROJECT, "bench/gpu/pack/bench.sh"), join(stage, "bench.sh"));
    await Deno.chmod(join(stage, "bench.sh"), 0o755);
    await copyCache(join(stage, "cache"), tell);
    for (const name of await copyPythonPackages(python, PYTHON_PACKAGES, join(stage, "python"))) {
      tell(`without ${name}: ${python} has none`);
    }
    tell(`packing into parts of ${megabytes(size)}`);
    const parts = await archive(stage, to, size);
    await writeIndex(parts, to);
    return parts;
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

/** Removes the parts of an earlier pack, which would be taken for this one's, and what a killed run left. */
async function removeEarlier(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(`${NAME}.`) || name.startsWith(STAGE)) {
      await Deno.remove(join(folder, name), { recursive: true });
    }
  }
}

async function copyThaw(to: string): Promise<void> {
  for (const folder of FOLDERS) await copyFolder(join(PROJECT, folder), join(to, folder));
  for (const file of FILES) await copyFile(join(PROJECT, file), join(to, file));
}

/** deno.json with the packages that were packed: Deno wants all that it names. */
async function writeConfig(to: string, config: string, names: ReadonlySet<string>, registry: string): Promise<void> {
  const { tasks: _, imports, ...others } = JSON.parse(await Deno.readTextFile(config));
  const packed = Object.entries<string>(imports).filter(([name, at]) => !at.startsWith("npm:") || names.has(name));
  const text = JSON.stringify({ ...others, imports: Object.fromEntries(packed) }, null, 2);
  await Deno.writeTextFile(join(to, "deno.json"), text);
  await Deno.writeTextFile(join(to, ".npmrc"), `registry=${registry}\n`); // the packages are filed under it
}

/** The study's pictures and pretrained network, where they are there. */
async function copyCache(to: string, tell: (line: string) => void): Promise<void> {
  const files = studyFiles();
  if (!files) return tell("without emoji and a pretrained network: thaw's cache has none; the study will be on noise");
  await copyFolder(files.emoji, join(to, "data", basename(files.emoji)));
  await copyFile(files.weights, join(to, "weights", basename(files.weights)));
}

async function copyFile(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(from, to);
}
