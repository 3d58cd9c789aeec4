import { basename, join } from "node:path";

/**
 * NVIDIA's libraries that TensorFlow opens, in an order in which each finds what it needs open already. libnvrtc is for
 * cuBLAS and cuDNN, which make kernels with it.
 */
export const PRELOAD_ORDER: readonly string[] = [
  "libcudart",
  "libnvrtc",
  "libnvJitLink",
  "libcublasLt",
  "libcublas",
  "libcufft",
  "libcusparse",
  "libcusolver",
  "libcudnn",
];

/**
 * NVIDIA's libraries below a folder that their Python packages were put into (`nvidia/cudnn/lib/libcudnn.so.9`, for CUDA 13
 * `nvidia/cu13/lib/libcudart.so.13`), in the order in which they are to be opened.
 *
 * @param cuda the major version of CUDA that they are to be of
 */
export function nvidiaLibraries(folder: string, cuda: number): string[] {
  const ofAnother = (name: string) => /^cu\d+$/.test(name) && name !== `cu${cuda}`;
  const names = packages(join(folder, "nvidia")).filter((name) => !ofAnother(name));
  const files = names.flatMap((name) => filesOf(join(folder, "nvidia", name, "lib")));
  return PRELOAD_ORDER.flatMap((stem) => {
    const wanted = `${stem}.so.${SONAMES[cuda][stem]}`;
    return files.find((path) => basename(path) === wanted) ?? [];
  });
}

/** The ends of the libraries' names, by the major version of CUDA that a build of TensorFlow is for. */
export const SONAMES: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  12: {
    libcudart: "12",
    libnvrtc: "12",
    libnvJitLink: "12",
    libcublasLt: "12",
    libcublas: "12",
    libcufft: "11",
    libcusparse: "12",
    libcusolver: "11",
    libcudnn: "9",
  },
  13: {
    libcudart: "13",
    libnvrtc: "13",
    libnvJitLink: "13",
    libcublasLt: "13",
    libcublas: "13",
    libcufft: "12",
    libcusparse: "12",
    libcusolver: "12",
    libcudnn: "9",
  },
};

function packages(folder: string): string[] {
  return entries(folder).filter((entry) => entry.isDirectory || entry.isSymlink).map(({ name }) => name).sort();
}

function filesOf(folder: string): string[] {
  return entries(folder).filter((entry) => !entry.isDirectory).map(({ name }) => join(folder, name)).sort();
}

function entries(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return []; // no such package
  }
}
