import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { nvidiaLibraries } from "../../../../lib/engine/tensorflow/gpu/nvidia.ts";
import { withFiles } from "../../../folders.ts";

const CUDA_12 = [
  "nvidia/cuda_runtime/lib/libcudart.so.12",
  "nvidia/nvjitlink/lib/libnvJitLink.so.12",
  "nvidia/cublas/lib/libcublasLt.so.12",
  "nvidia/cublas/lib/libcublas.so.12",
  "nvidia/cufft/lib/libcufft.so.11",
  "nvidia/cusparse/lib/libcusparse.so.12",
  "nvidia/cusolver/lib/libcusolver.so.11",
  "nvidia/cudnn/lib/libcudnn.so.9",
];
const CUDA_13 = [
  "nvidia/cu13/lib/libcudart.so.13",
  "nvidia/cu13/lib/libnvJitLink.so.13",
  "nvidia/cu13/lib/libcublasLt.so.13",
  "nvidia/cu13/lib/libcublas.so.13",
  "nvidia/cu13/lib/libcufft.so.12",
  "nvidia/cu13/lib/libcusparse.so.12",
  "nvidia/cu13/lib/libcusolver.so.12",
  "nvidia/cudnn/lib/libcudnn.so.9",
];
const OTHERS = [
  "nvidia/cublas/lib/libnvblas.so.12",
  "nvidia/cudnn/lib/libcudnn_ops.so.9",
  "nvidia/cudnn/include/cudnn.h",
];

Deno.test("each is opened after those that it needs, in the version that is wanted", () =>
  withFiles([...OTHERS, ...CUDA_13, ...CUDA_12.toReversed()], (folder) => {
    assertEquals(nvidiaLibraries(folder, 12), CUDA_12.map((path) => join(folder, path)));
    assertEquals(nvidiaLibraries(folder, 13), CUDA_13.map((path) => join(folder, path)));
  }));

Deno.test("what is not there is left out", () =>
  withFiles(CUDA_12.slice(0, 2), (folder) => {
    assertEquals(nvidiaLibraries(folder, 12), CUDA_12.slice(0, 2).map((path) => join(folder, path)));
    assertEquals(nvidiaLibraries(folder, 13), []);
    assertEquals(nvidiaLibraries(join(folder, "nothing"), 12), []);
  }));
