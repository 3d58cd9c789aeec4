import { versionName } from "./driver.ts";

/** Versions of NVIDIA's driver and libraries that a process computes with; one that does not tell is not among them. */
export interface CudaVersions {
  /** The newest CUDA that the driver takes: `13.0`. */
  driver?: string;
  /** The CUDA runtime: `12.9`. */
  runtime?: string;
  cublas?: string;
  cudnn?: string;
}

/**
 * Asks the libraries that are open in this process for their versions, wherever they came from.
 *
 * @param paths of the files that are mapped into memory
 */
export function libraryVersions(paths: readonly string[] = mappedFiles()): CudaVersions {
  const versions: CudaVersions = {};
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    const path = paths.find((path) => path.includes(`/lib${name === "runtime" ? "cudart" : name}.so.`));
    if (path === undefined) continue;
    try {
      versions[name as keyof CudaVersions] = ask(path);
    } catch {
      // An old one, that has no such function.
    }
  }
  return versions;
}

/** How each library is asked. They are not closed again: TensorFlow's threads use them. */
const QUESTIONS = {
  runtime(path: string) {
    const { symbols } = Deno.dlopen(path, { cudaRuntimeGetVersion: { parameters: ["buffer"], result: "i32" } });
    const version = new Int32Array(1);
    symbols.cudaRuntimeGetVersion(version);
    return versionName(version[0]);
  },
  cublas(path: string) {
    const { symbols } = Deno.dlopen(path, { cublasGetProperty: { parameters: ["i32", "buffer"], result: "i32" } });
    return [0, 1, 2].map((part) => { // major, minor, patch
      const number = new Int32Array(1);
      symbols.cublasGetProperty(part, number);
      return number[0];
    }).join(".");
  },
  cudnn(path: string) {
    const { symbols } = Deno.dlopen(path, { cudnnGetVersion: { parameters: [], result: "usize" } });
    const version = Number(symbols.cudnnGetVersion()); // 91002 is 9.10.2
    return [Math.floor(version / 10_000), Math.floor(version / 100) % 100, version % 100].join(".");
  },
};

/** The files that are mapped into this process's memory. */
function mappedFiles(): string[] {
  try {
    const maps = Deno.readTextFileSync("/proc/self/maps");
    return [
      ...new Set(maps.split("\n").filter((line) => line.includes("/")).map((line) => line.slice(line.indexOf("/")))),
    ];
  } catch {
    return []; // a system that does not tell
  }
}
