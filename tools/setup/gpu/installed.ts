import { nvidiaLibraries, SONAMES } from "../../../lib/engine/tensorflow/gpu/nvidia.ts";
import { runCommand } from "../process.ts";
import { compareVersions, findPython } from "../python.ts";
import { type Build, NVIDIA_PARTS, type NvidiaPart } from "./builds.ts";

/** A folder that a Python's packages are in, with those of NVIDIA's that are among them. */
export interface PackageFolder {
  /** The folder that `nvidia/` is in. */
  folder: string;
  /** The versions by the packages' names: `{ "nvidia-cudnn-cu12": "9.10.2.21" }`. */
  versions: Record<string, string>;
}

/** The folders of the python3 on PATH that have NVIDIA's packages, which an installed torch or jax brings. */
export async function packageFolders(python?: string): Promise<PackageFolder[]> {
  const command = python ?? (await findPython())?.command;
  if (command === undefined) return [];
  const { code, stdout } = await runCommand(command, ["-c", ASK]);
  return code === 0 ? JSON.parse(stdout.trim().split("\n").at(-1)!) : [];
}

const ASK = `import json, os, sys
from importlib.metadata import distributions
found = []
for folder in dict.fromkeys(sys.path):
  if not os.path.isdir(os.path.join(folder or ".", "nvidia")): continue
  versions = {}
  for package in distributions(path=[folder]):
    name = (package.metadata["Name"] or "").lower().replace("_", "-")
    if name.startswith("nvidia-"): versions[name] = package.version
  found.append({"folder": os.path.abspath(folder), "versions": versions})
print(json.dumps(found))`;

/** NVIDIA's libraries that are there already and that a build of TensorFlow can compute with. */
export interface Installed {
  part: NvidiaPart;
  /** The folder that their packages are in. */
  folder: string;
  /** Their files, in the order in which they are to be opened. */
  files: string[];
}

/**
 * Looks for the parts of NVIDIA's libraries that a build can take from where they are. A part is taken whole or not at
 * all: cuSPARSE of one release and nvJitLink of another may not fit together.
 */
export function installedParts(build: Build, folders: readonly PackageFolder[]): Installed[] {
  return NVIDIA_PARTS.flatMap((part) => {
    for (const { folder, versions } of folders) {
      const files = filesOf(part, nvidiaLibraries(folder, build.cuda));
      const wheels = build.nvidia.filter((wheel) => wheel.part === part);
      const fits = wheels.every(({ name, least }) => versions[name] && compareVersions(versions[name], least) >= 0);
      const stems = Object.keys(SONAMES[build.cuda]);
      if (fits && files.length === filesOf(part, stems).length) return { part, folder, files };
    }
    return [];
  });
}

/** Those of some libraries that are of a part. */
function filesOf(part: NvidiaPart, files: readonly string[]): string[] {
  return files.filter((path) => /(^|\/)libcudnn(\.|$)/.test(path) === (part === "cuDNN"));
}
