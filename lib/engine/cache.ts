import { join } from "node:path";

/**
 * The folder below which thaw keeps everything that it fetches: libtensorflow, weights, images, the kernel's Deno.
 *
 * `THAW_CACHE` names it; without that it is `thaw` in the platform's cache folder (`XDG_CACHE_HOME` or `~/.cache` on
 * Linux, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows). Deleting it loses nothing that cannot be fetched again.
 *
 * @param parts folder and file names below it
 * @returns the path; nothing is created
 *
 * @example
 * ```ts
 * import { cacheDir } from "thaw";
 *
 * console.log(cacheDir("weights")); // …/thaw/weights
 * ```
 */
export function cacheDir(...parts: string[]): string {
  return join(Deno.env.get("THAW_CACHE") || join(platformCache(), "thaw"), ...parts);
}

function platformCache(): string {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  if (Deno.build.os === "windows") return Deno.env.get("LOCALAPPDATA") ?? join(home, "AppData", "Local");
  if (Deno.build.os === "darwin") return join(home, "Library", "Caches");
  return Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache");
}
