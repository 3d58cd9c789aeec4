/** The files of TensorFlow's C library on one platform. */
export interface LibraryNames {
  /** The one with the C API, under the names it has in Python wheels and in the C library's own archive. */
  main: readonly string[];
  /** What lies beside it and must be opened first. */
  framework?: string;
}

/** What libtensorflow's files are called here. Only Linux was tried. */
export function libraryNames(os: typeof Deno.build.os = Deno.build.os): LibraryNames {
  if (os === "windows") return { main: ["tensorflow.dll"] };
  const suffix = os === "darwin" ? ".2.dylib" : ".so.2";
  return {
    main: [`libtensorflow_cc${suffix}`, `libtensorflow${suffix}`],
    framework: `libtensorflow_framework${suffix}`,
  };
}
