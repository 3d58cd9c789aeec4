import type { PipWheel } from "../fetch_wheel.ts";

/**
 * What of NVIDIA's libraries is taken from one place: those of a CUDA release were made to fit together, cuDNN fits any
 * release of its CUDA.
 */
export type NvidiaPart = "CUDA" | "cuDNN";

export const NVIDIA_PARTS: readonly NvidiaPart[] = ["CUDA", "cuDNN"];

/** A Python package of NVIDIA's, with its libraries. */
export interface NvidiaWheel extends PipWheel {
  /** `nvidia-cublas-cu12`. */
  name: string;
  part: NvidiaPart;
  /** The oldest version that TensorFlow asks for. */
  least: string;
  sha256: string;
  /** The libraries that TensorFlow opens, and those that they open themselves: paths in the wheel, and sizes. */
  files: Record<string, number>;
  /** The path of the licence. */
  licence: string;
}

interface WheelOptions extends Omit<NvidiaWheel, "name" | "part" | "requirement" | "licence"> {
  /** The folder of the libraries. */
  folder: string;
}

function wheel(name: string, version: string, { folder, files, ...rest }: WheelOptions): NvidiaWheel {
  return {
    ...rest,
    name,
    requirement: `${name}==${version}`,
    part: name.includes("cudnn") ? "cuDNN" : "CUDA",
    files: Object.fromEntries(Object.entries(files).map(([file, bytes]) => [`${folder}/${file}`, bytes])),
    licence: `${name.replaceAll("-", "_")}-${version}.dist-info/licenses/License.txt`,
  };
}

/**
 * CUDA 12.9's libraries, which run with every driver for CUDA 12 and newer ones. cuDNN 9.10.2 still computes
 * on cards before Turing and has kernels for all after them up to Blackwell.
 */
export const CUDA_12: readonly NvidiaWheel[] = [
  wheel("nvidia-cuda-runtime-cu12", "12.9.79", {
    least: "12.5.82",
    platform: "manylinux_2_17_x86_64",
    bytes: 3_493_179,
    sha256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
    folder: "nvidia/cuda_runtime/lib",
    files: { "libcudart.so.12": 741_088 },
  }),
  wheel("nvidia-cuda-nvrtc-cu12", "12.9.86", {
    least: "12.5.82",
    platform: "manylinux_2_12_x86_64",
    bytes: 89_568_129,
    sha256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
    folder: "nvidia/cuda_nvrtc/lib",
    files: { "libnvrtc-builtins.so.12.9": 7_202_760, "libnvrtc.so.12": 106_244_480 },
  }),
  wheel("nvidia-nvjitlink-cu12", "12.9.86", {
    least: "12.5.82",
    platform: "manylinux_2_12_x86_64",
    bytes: 39_748_338,
    sha256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
    folder: "nvidia/nvjitlink/lib",
    files: { "libnvJitLink.so.12": 95_935_344 },
  }),
  wheel("nvidia-cublas-cu12", "12.9.2.10", {
    least: "12.5.3.2",
    platform: "manylinux_2_27_x86_64",
    bytes: 581_240_110,
    sha256: "e4f53a8ca8c5d6e8c492d0d0a3d565ecb59a751b19cfdaa4f6da0ab2104c1702",
    folder: "nvidia/cublas/lib",
    files: { "libcublas.so.12": 105_140_976, "libcublasLt.so.12": 749_210_000 },
  }),
  wheel("nvidia-cufft-cu12", "11.4.1.4", {
    least: "11.2.3.61",
    platform: "manylinux_2_17_x86_64",
    bytes: 200_877_592,
    sha256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
    folder: "nvidia/cufft/lib",
    files: { "libcufft.so.11": 291_507_928 },
  }),
  wheel("nvidia-cusparse-cu12", "12.5.10.65", {
    least: "12.5.1.3",
    platform: "manylinux_2_17_x86_64",
    bytes: 366_465_088,
    sha256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
    folder: "nvidia/cusparse/lib",
    files: { "libcusparse.so.12": 486_556_368 },
  }),
  wheel("nvidia-cusolver-cu12", "11.7.5.82", {
    least: "11.6.3.83",
    platform: "manylinux_2_27_x86_64",
    bytes: 338_117_415,
    sha256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
    folder: "nvidia/cusolver/lib",
    files: { "libcusolver.so.11": 302_024_152 },
  }),
  wheel("nvidia-cudnn-cu12", "9.10.2.21", {
    least: "9.3.0.75",
    platform: "manylinux_2_27_x86_64",
    bytes: 706_758_467,
    sha256: "949452be657fa16687d0930933f032835951ef0892b37d2d53824d1a84dc97a8",
    folder: "nvidia/cudnn/lib",
    files: {
      "libcudnn.so.9": 125_136,
      "libcudnn_adv.so.9": 285_226_600,
      "libcudnn_cnn.so.9": 6_301_096,
      "libcudnn_engines_precompiled.so.9": 547_383_096,
      "libcudnn_engines_runtime_compiled.so.9": 23_094_328,
      "libcudnn_graph.so.9": 4_439_912,
      "libcudnn_heuristic.so.9": 58_726_712,
      "libcudnn_ops.so.9": 127_936_080,
    },
  }),
];

/** CUDA 13.5's, which run with every driver for CUDA 13 and newer ones, on Turing and later cards. */
export const CUDA_13: readonly NvidiaWheel[] = [
  wheel("nvidia-cuda-runtime", "13.5.37", {
    least: "13.0",
    platform: "manylinux_2_17_x86_64",
    bytes: 2_504_024,
    sha256: "df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d",
    folder: "nvidia/cu13/lib",
    files: { "libcudart.so.13": 806_720 },
  }),
  wheel("nvidia-cuda-nvrtc", "13.5.37", {
    least: "13.0",
    platform: "manylinux_2_12_x86_64",
    bytes: 58_185_930,
    sha256: "86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc",
    folder: "nvidia/cu13/lib",
    files: { "libnvrtc-builtins.so.13.5": 7_268_296, "libnvrtc.so.13": 141_163_664 },
  }),
  wheel("nvidia-nvjitlink", "13.5.37", {
    least: "13.0",
    platform: "manylinux_2_12_x86_64",
    bytes: 46_642_491,
    sha256: "280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb",
    folder: "nvidia/cu13/lib",
    files: { "libnvJitLink.so.13": 117_247_464 },
  }),
  wheel("nvidia-cublas", "13.10.0.20", {
    least: "13.0",
    platform: "manylinux_2_5_x86_64",
    bytes: 444_289_903,
    sha256: "dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84",
    folder: "nvidia/cu13/lib",
    files: { "libcublas.so.13": 57_282_152, "libcublasLt.so.13": 551_653_208 },
  }),
  wheel("nvidia-cufft", "12.5.0.14", {
    least: "12.0",
    platform: "manylinux_2_17_x86_64",
    bytes: 165_072_555,
    sha256: "b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad",
    folder: "nvidia/cu13/lib",
    files: { "libcufft.so.12": 236_983_152 },
  }),
  wheel("nvidia-cusparse", "12.9.4.2", {
    least: "12.6",
    platform: "manylinux_2_17_x86_64",
    bytes: 230_422_857,
    sha256: "072667e58c851a318738f5527a12eb225cbf058803f2ea451c722d8cf8edddec",
    folder: "nvidia/cu13/lib",
    files: { "libcusparse.so.12": 249_581_584 },
  }),
  wheel("nvidia-cusolver", "12.4.1.2", {
    least: "12.0",
    platform: "manylinux_2_27_x86_64",
    bytes: 260_003_940,
    sha256: "b3b8e02fd2f2df869369af075dc3a179d43f6f7b85e94632a7dce556697be044",
    folder: "nvidia/cu13/lib",
    files: { "libcusolver.so.12": 182_486_528 },
  }),
  wheel("nvidia-cudnn-cu13", "9.28.1.4", {
    least: "9.10.2.21",
    platform: "manylinux_2_27_x86_64",
    bytes: 516_817_937,
    sha256: "a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec",
    folder: "nvidia/cudnn/lib",
    files: {
      "libcudnn.so.9": 137_432,
      "libcudnn_adv.so.9": 92_392_360,
      "libcudnn_cnn.so.9": 4_204_144,
      "libcudnn_engines_precompiled.so.9": 260_072_128,
      "libcudnn_engines_runtime_compiled.so.9": 41_978_752,
      "libcudnn_engines_tensor_ir.so.9": 249_581_552,
      "libcudnn_ext.so.9": 10_492_592,
      "libcudnn_graph.so.9": 149_118_552,
      "libcudnn_heuristic.so.9": 96_473_968,
      "libcudnn_ops.so.9": 35_661_648,
    },
  }),
];
