import { dirname, join } from "node:path";
import type { Driver } from "../../../../lib/engine/tensorflow/gpu/driver.ts";
import type { PackageFolder } from "../../../../tools/setup/gpu/installed.ts";

/** A driver that takes a CUDA, with cards of these compute capabilities. */
export function driverFor(cuda: string, ...computeCapabilities: string[]): Driver {
  const cards = computeCapabilities.map((computeCapability) => ({
    name: `NVIDIA card ${computeCapability}`,
    memoryBytes: 80 * 1024 ** 3,
    computeCapability,
  }));
  return { cuda, path: "libcuda.so.1", cards };
}

/** The libraries as NVIDIA's packages for CUDA 12 have them. */
export const CUDA_12 = {
  "nvidia-cuda-runtime-cu12": "nvidia/cuda_runtime/lib/libcudart.so.12",
  "nvidia-cuda-nvrtc-cu12": "nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
  "nvidia-nvjitlink-cu12": "nvidia/nvjitlink/lib/libnvJitLink.so.12",
  "nvidia-cublas-cu12": ["nvidia/cublas/lib/libcublasLt.so.12", "nvidia/cublas/lib/libcublas.so.12"],
  "nvidia-cufft-cu12": "nvidia/cufft/lib/libcufft.so.11",
  "nvidia-cusparse-cu12": "nvidia/cusparse/lib/libcusparse.so.12",
  "nvidia-cusolver-cu12": "nvidia/cusolver/lib/libcusolver.so.11",
  "nvidia-cudnn-cu12": "nvidia/cudnn/lib/libcudnn.so.9",
};

/** The same for CUDA 13. */
export const CUDA_13 = {
  "nvidia-cuda-runtime": "nvidia/cu13/lib/libcudart.so.13",
  "nvidia-cuda-nvrtc": "nvidia/cu13/lib/libnvrtc.so.13",
  "nvidia-nvjitlink": "nvidia/cu13/lib/libnvJitLink.so.13",
  "nvidia-cublas": ["nvidia/cu13/lib/libcublasLt.so.13", "nvidia/cu13/lib/libcublas.so.13"],
  "nvidia-cufft": "nvidia/cu13/lib/libcufft.so.12",
  "nvidia-cusparse": "nvidia/cu13/lib/libcusparse.so.12",
  "nvidia-cusolver": "nvidia/cu13/lib/libcusolver.so.12",
  "nvidia-cudnn-cu13": "nvidia/cudnn/lib/libcudnn.so.9",
};

/** Versions that a PyTorch for CUDA 12.8 and one for CUDA 13.0 bring. */
export const TORCH_12 = versionsOf(CUDA_12, "12.8.4.1", "9.10.2.21");
export const TORCH_13 = versionsOf(CUDA_13, "13.0.88", "9.15.1.9");

function versionsOf(packages: object, cuda: string, cudnn: string): Record<string, string> {
  return Object.fromEntries(
    Object.keys(packages).map((name) => [name, name.includes("cudnn") ? cudnn : cuda]),
  );
}

/** Puts empty files of these packages into a folder, as an installed torch has them. */
export async function fakePackages(
  folder: string,
  packages: Record<string, string | string[]>,
  versions: Record<string, string>,
): Promise<PackageFolder> {
  for (const path of Object.values(packages).flat()) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), "");
  }
  return { folder, versions };
}
