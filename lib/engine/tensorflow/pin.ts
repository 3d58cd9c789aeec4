import { cString, fromCString } from "./c_string.ts";

/**
 * Keeps a library in the process until it ends.
 *
 * TensorFlow's threads still run when Deno closes its libraries at exit; a library that leaves the memory under them
 * crashes the process. dlopen's RTLD_NODELETE forbids it to leave; Windows has a pin of its own.
 *
 * @throws Error with the system's reason when the library cannot be opened
 */
export function pin(path: string): void {
  if (Deno.build.os === "windows") return pinOnWindows(path);
  const darwin = Deno.build.os === "darwin";
  const RTLD_LAZY = 1;
  const RTLD_NODELETE = darwin ? 0x80 : 0x1000;
  const libc = Deno.dlopen(darwin ? "libSystem.B.dylib" : "libc.so.6", {
    dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
    dlerror: { parameters: [], result: "pointer" },
  });
  const handle = libc.symbols.dlopen(cString(path), RTLD_LAZY | RTLD_NODELETE);
  const reason = handle === null ? fromCString(libc.symbols.dlerror()) : "";
  libc.close();
  if (handle === null) throw new Error(`Cannot open ${path}: ${reason}`);
}

function pinOnWindows(path: string): void {
  const LOAD_WITH_ALTERED_SEARCH_PATH = 8; // what it needs lies beside it
  const GET_MODULE_HANDLE_EX_FLAG_PIN = 1;
  const kernel32 = Deno.dlopen("kernel32.dll", {
    LoadLibraryExW: { parameters: ["buffer", "pointer", "u32"], result: "pointer" },
    GetModuleHandleExW: { parameters: ["u32", "buffer", "buffer"], result: "i32" },
  });
  const wide = Uint16Array.from([...path].flatMap((c) => c.split("")).map((c) => c.charCodeAt(0)).concat(0));
  const opened = kernel32.symbols.LoadLibraryExW(wide, null, LOAD_WITH_ALTERED_SEARCH_PATH) !== null &&
    kernel32.symbols.GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN, wide, new BigUint64Array(1)) !== 0;
  kernel32.close();
  if (!opened) throw new Error(`Cannot open ${path}: Windows refused to load it or something that it needs`);
}
