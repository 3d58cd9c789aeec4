/** Freed memory up to so many bytes stays with the process. */
const KEPT = 2 ** 30;

/**
 * Lets the process's heap keep what was freed for what comes next.
 *
 * glibc gives large pieces back to the system one by one, and each new one comes as pages that the system has to fill with
 * zeros first. That takes longer than many an operation: relu over 38 MB 27 ms instead of 4. What a program has finally
 * done with goes back by `giveBackFreed`. Other systems' allocators have no such call, and are left alone.
 */
export function keepFreed(): void {
  if (Deno.build.os !== "linux") return;
  const library = Deno.dlopen("libc.so.6", {
    mallopt: { parameters: ["i32", "i32"], result: "i32", optional: true },
  });
  const set = (parameter: number, value: number) => library.symbols.mallopt?.(parameter, value) === 1;
  const M_TRIM_THRESHOLD = -1, M_MMAP_THRESHOLD = -3, M_MMAP_MAX = -4;
  set(M_TRIM_THRESHOLD, KEPT);
  // Before glibc 2.35 no threshold above 32 MiB can be set; then nothing is mapped by itself.
  if (!set(M_MMAP_THRESHOLD, KEPT)) set(M_MMAP_MAX, 0);
  library.close();
}
