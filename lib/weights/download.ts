import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { cacheDir } from "../engine/cache.ts";
import { difference, prefixInName } from "./hash.ts";
import { withLock } from "./lock.ts";
import { mirrored } from "./mirror.ts";
import { removePartial } from "./partial.ts";
import { type Progress, progressDisplay } from "./progress.ts";
import { FetchError, fetchInto } from "./transfer.ts";

/** How to download a file. */
export interface DownloadOptions {
  /** How the file's SHA-256 begins, in hexadecimal; without it, the one that torch's file names end with, if any. */
  sha256Prefix?: string;
  /** The file's size in bytes. */
  bytes?: number;
  /** Where to put it; without it, a place in the cache. */
  to?: string;
  /** Told how far it is, at every piece that arrives; without it, a progress line or a bar in the notebook is shown. */
  onProgress?: (progress: Progress) => void;
  /** Stops it; what has arrived is kept for the next time. */
  signal?: AbortSignal;
  /** How often to try again after an attempt that brought nothing: 3. */
  retries?: number;
  /** Milliseconds before the first new attempt, doubled before each further one: 500. */
  retryDelay?: number;
  /** Milliseconds without a byte after which an attempt is given up: 30,000. */
  stallTimeout?: number;
}

/**
 * Downloads a file into the cache, unless it is there, and says where it is.
 *
 * It arrives beside its place and takes its name once its size and SHA-256 are right. A download that broke off goes on
 * where it stopped, unless the file has changed on the server since. Two downloads of the same file, in one process or two,
 * fetch it once. `THAW_WEIGHTS_URL` names a mirror that is asked instead of the address's host.
 *
 * @returns the path
 * @throws {Error} where it cannot be had; the text says where to put a copy
 *
 * @example
 * ```ts ignore
 * import { download } from "thaw";
 *
 * const path = await download("https://example.com/models/resnet18-f37072fd.pth", { bytes: 46830571 });
 * ```
 */
export async function download(url: string, options: DownloadOptions = {}): Promise<string> {
  const name = nameIn(url);
  const known = { sha256Prefix: options.sha256Prefix ?? prefixInName(name), bytes: options.bytes };
  const path = options.to ?? placeOf(url, name, known.sha256Prefix);
  if (await isThere(path, options.bytes)) return path;
  await Deno.mkdir(dirname(path), { recursive: true });
  return await withLock(`${path}.lock`, async () => {
    if (await isThere(path, options.bytes)) return path; // somebody else has fetched it in the meantime
    const report = options.onProgress ?? progressDisplay();
    const from = mirrored(url);
    let last: Progress = { name, received: 0, total: options.bytes, rate: 0, done: false };
    try {
      await fetchChecked(from, path, known, { ...options, onProgress: (progress) => report(last = progress) });
    } catch (error) {
      report({ ...last, done: true });
      throw explained(error, from, path, known.sha256Prefix);
    }
    report({ ...last, done: true });
    return path;
  });
}

type Known = { sha256Prefix?: string; bytes?: number };

async function fetchChecked(url: string, path: string, known: Known, options: DownloadOptions): Promise<void> {
  const part = `${path}.part`;
  const { resumed } = await fetchInto(url, part, known, options);
  let wrong = await difference(part, known);
  if (wrong && resumed) {
    // The pieces may be of different files: a server that gives no ETag cannot say so.
    await removePartial(part);
    await fetchInto(url, part, known, options);
    wrong = await difference(part, known);
  }
  if (wrong) {
    await removePartial(part);
    throw new FetchError(`${wrong}; what came has been removed`);
  }
  await Deno.rename(part, path);
  await removePartial(part); // its note
}

async function isThere(path: string, bytes?: number): Promise<boolean> {
  const found = await Deno.stat(path).catch(() => undefined);
  return found !== undefined && found.isFile && (bytes === undefined || found.size === bytes);
}

function nameIn(url: string): string {
  const last = new URL(url).pathname.split("/").pop() ?? "";
  return decodeURIComponent(last).replace(/[^\w.+-]/g, "_") || "download";
}

/** A name with a hash says what is in the file; others may be different files on different servers. */
function placeOf(url: string, name: string, sha256Prefix?: string): string {
  if (sha256Prefix) return cacheDir("weights", name);
  return cacheDir("weights", createHash("sha256").update(url).digest("hex").slice(0, 8), name);
}

function explained(error: unknown, url: string, path: string, sha256Prefix?: string): unknown {
  if (!(error instanceof FetchError)) return error;
  const which = sha256Prefix ? ` (its SHA-256 begins with ${sha256Prefix})` : "";
  return new Error(
    `Cannot download ${url}: ${error.message}. Where there is no network, put the file at ${path}${which}, ` +
      "or name a mirror in THAW_WEIGHTS_URL",
    { cause: error },
  );
}
