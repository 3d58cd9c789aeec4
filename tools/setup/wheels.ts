import { basename, join } from "node:path";
import type { PipWheel } from "./fetch_wheel.ts";
import { exists } from "./process.ts";

/** A Python wheel of TensorFlow that has the C library for one platform. */
export interface Wheel extends PipWheel {
  sha256: string;
  /** The C library: files of the wheel with their sizes in bytes. */
  libraries: Record<string, number>;
  /** Whether this was run on such a machine. */
  tried: boolean;
}

/** The version of TensorFlow that thaw is tried with. */
export const VERSION = "2.21.0";

/** The wheels, by Deno.build's `os-arch`. Elsewhere (Windows, Intel Macs) thaw computes with wasm. */
export const WHEELS: Record<string, Wheel> = {
  "linux-x86_64": {
    requirement: `tensorflow-cpu==${VERSION}`,
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
    platform: "manylinux_2_27_x86_64",
    bytes: 273_829_956,
    libraries: { "libtensorflow_cc.so.2": 788_086_608, "libtensorflow_framework.so.2": 65_222_328 },
    tried: true,
  },
  "linux-aarch64": {
    requirement: `tensorflow==${VERSION}`,
    sha256: "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c",
    platform: "manylinux_2_27_aarch64",
    bytes: 281_828_020,
    libraries: { "libtensorflow_cc.so.2": 814_885_544, "libtensorflow_framework.so.2": 68_176_664 },
    tried: false,
  },
  "darwin-aarch64": {
    requirement: `tensorflow==${VERSION}`,
    sha256: "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88",
    platform: "macosx_12_0_arm64",
    bytes: 223_405_849,
    libraries: { "libtensorflow_cc.2.dylib": 691_352_648, "libtensorflow_framework.2.dylib": 49_452_976 },
    tried: false,
  },
};

const LICENCES = ["include/LICENSE", "THIRD_PARTY_NOTICES.txt"];

/** What is taken out of a wheel of TensorFlow, the libraries and the licences, and the names it gets. */
export function tensorflowMembers({ libraries }: Pick<Wheel, "libraries">): Record<string, string> {
  const names = [...Object.keys(libraries), ...LICENCES];
  return Object.fromEntries(names.map((name) => [`tensorflow/${name}`, basename(name)]));
}

/** How many bytes some files take together. */
export function sumOfBytes(files: Record<string, number>): number {
  return Object.values(files).reduce((sum, bytes) => sum + bytes, 0);
}

/** True where all these files are there at their full size. */
export async function areWhole(folder: string, files: Record<string, number>): Promise<boolean> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    if (!(await exists(path)) || (await Deno.stat(path)).size !== bytes) return false;
  }
  return true;
}
