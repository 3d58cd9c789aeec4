/**
 * Gives what was freed in the process's heap back to the system.
 *
 * glibc keeps freed memory that lies between pieces in use. Where networks are made and forgotten again and again, as
 * in a notebook's cell that is run once more, little of it fits what comes next, and the process grows by some
 * megabytes each time though nothing is lost. Other systems' allocators have no such call, and are left alone.
 */
export function giveBackFreed(): void {
  trim ??= mallocTrim();
  trim();
}

let trim: (() => void) | undefined;

function mallocTrim(): () => void {
  if (Deno.build.os !== "linux") return () => {};
  const library = Deno.dlopen("libc.so.6", {
    malloc_trim: { parameters: ["usize"], result: "i32", optional: true },
  });
  return () => void library.symbols.malloc_trim?.(0n);
}
