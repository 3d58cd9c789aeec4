import { VERSION, type Wheel } from "../wheels.ts";
import { CUDA_12, CUDA_13, type NvidiaWheel } from "./nvidia_wheels.ts";

export { NVIDIA_PARTS, type NvidiaPart, type NvidiaWheel } from "./nvidia_wheels.ts";

/** A GPU build of TensorFlow with the libraries that it opens. */
export interface Build {
  /** The word that asks for it: `--gpu=cuda12`. */
  name: "cuda12" | "cuda13";
  /** The major version of CUDA. */
  cuda: number;
  version: string;
  tensorflow: Wheel;
  /** What takes its place when the index has it no more: nightly builds do not stay for ever. */
  newest?: string;
  nvidia: readonly NvidiaWheel[];
  /** The oldest driver that will do, by the CUDA that it tells and by its own version. */
  driver: { cuda: string; version: string };
  /** The least compute capability of a card. */
  computeCapability: string;
}

const NIGHTLY = "2.23.0.dev20261026";

/**
 * The GPU builds, for Linux on x86-64. Both have kernels for compute capabilities 6.0 to 9.0; for newer cards the driver
 * makes them from PTX at the first start. Neither needs NVIDIA's compiler (ptxas, libdevice): only XLA does, which thaw
 * does not use.
 *
 * TensorFlow's releases open CUDA 12's libraries. Its nightly builds look for CUDA 12's first and then for CUDA 13's,
 * which is what a PyTorch of today brings. A driver for CUDA 13 takes both.
 */
export const BUILDS: readonly Build[] = [{
  name: "cuda12",
  cuda: 12,
  version: VERSION,
  tensorflow: {
    requirement: `tensorflow==${VERSION}`,
    sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
    platform: "manylinux_2_27_x86_64",
    bytes: 572_440_367,
    libraries: { "libtensorflow_cc.so.2": 1_096_372_272, "libtensorflow_framework.so.2": 162_648_808 },
    tried: false,
  },
  nvidia: CUDA_12,
  driver: { cuda: "12.0", version: "525" },
  computeCapability: "6.0",
}, {
  name: "cuda13",
  cuda: 13,
  version: NIGHTLY,
  tensorflow: {
    requirement: `tf-nightly==${NIGHTLY}`,
    sha256: "f9b93b8c918283634315a750a1450dcbab1715304d085ec23543959a6e451a20",
    platform: "manylinux_2_27_x86_64",
    bytes: 644_791_456,
    libraries: { "libtensorflow_cc.so.2": 692_121_040, "libtensorflow_framework.so.2": 758_876_680 },
    tried: false,
  },
  newest: `tf-nightly>=${NIGHTLY}`,
  nvidia: CUDA_13,
  driver: { cuda: "13.0", version: "580" },
  computeCapability: "7.5", // CUDA 13 gave up those before Turing
}];
