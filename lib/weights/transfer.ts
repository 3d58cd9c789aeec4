import { delay } from "./delay.ts";
import type { DownloadOptions } from "./download.ts";
import { findPartial, notePartial, type Partial, removePartial, validatorOf } from "./partial.ts";

/** An attempt that failed; `again` says whether another may do better. */
export class FetchError extends Error {
  constructor(message: string, readonly again = false, options?: ErrorOptions) {
    super(message, options);
  }
}

const enough = 1 << 20; // an attempt that brought this much is not counted as a failure

/**
 * Fetches a whole file into a part, in as many attempts as it takes.
 *
 * @returns whether it began with bytes that had been fetched before
 */
export async function fetchInto(
  url: string,
  part: string,
  known: { sha256Prefix?: string; bytes?: number },
  options: DownloadOptions,
): Promise<{ resumed: boolean }> {
  const { retries = 3, retryDelay = 500 } = options;
  let resumed = false;
  for (let failures = 0;;) {
    const before = await findPartial(part, url);
    // Without a validator only the hash can tell whether the rest belongs to the same file.
    const start = before.validator || known.sha256Prefix ? before : { path: part, size: 0 };
    try {
      const from = await attempt(url, start, known.bytes, options);
      return { resumed: resumed || from > 0 };
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (!(error instanceof FetchError) || !error.again) throw error;
      const after = await findPartial(part, url);
      resumed ||= after.size > 0;
      failures = after.size - before.size >= enough ? 1 : failures + 1;
      if (failures > retries) {
        throw new FetchError(`${error.message} (${failures} attempts)`, false, { cause: error });
      }
      await delay(retryDelay * 2 ** (failures - 1), options.signal);
    }
  }
}

/** One request. Returns where it began: 0, or the size of the part that it went on from. */
async function attempt(
  url: string,
  partial: Partial,
  bytes: number | undefined,
  options: DownloadOptions,
): Promise<number> {
  const stall = stallWatch(options.stallTimeout ?? 30_000);
  const signal = options.signal ? AbortSignal.any([options.signal, stall.signal]) : stall.signal;
  try {
    const response = await fetch(url, { headers: requestHeaders(partial), signal });
    const start = await beginning(response, partial);
    if (start === undefined) return partial.size; // it is whole already
    const total = totalOf(response, start);
    if (bytes !== undefined && total !== undefined && total !== bytes) {
      await response.body?.cancel();
      throw new FetchError(`expected ${bytes} bytes, found a file of ${total}`);
    }
    if (start === 0) await notePartial(partial.path, { url, validator: validatorOf(response.headers) });
    await receive(response, partial.path, start, total ?? bytes, url, stall.heard, options);
    return start;
  } catch (error) {
    if (stall.signal.aborted) throw new FetchError(stall.reason, true, { cause: error });
    // fetch and its streams throw TypeError for whatever happens on the way; trouble with our own file is something else.
    if (error instanceof TypeError) throw new FetchError(error.message, true, { cause: error });
    throw error;
  } finally {
    stall.stop();
  }
}

function requestHeaders({ size, validator }: Partial): Record<string, string> {
  const plain = { "accept-encoding": "identity" }; // packed on the way, sizes and ranges would not fit
  if (size === 0) return plain;
  return { ...plain, range: `bytes=${size}-`, ...(validator ? { "if-range": validator } : {}) };
}

/** Where in the file the response's bytes begin; undefined where the part turns out to be the whole file. */
async function beginning(response: Response, partial: Partial): Promise<number | undefined> {
  const { status, statusText, headers } = response;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    const validator = validatorOf(headers);
    const same = !partial.validator || !validator || validator === partial.validator;
    if (range && Number(range[1]) === partial.size && same) return partial.size;
  } else if (status === 200) {
    if (headers.get("content-type")?.startsWith("text/html")) {
      await response.body?.cancel();
      throw new FetchError("expected a file, found a web page");
    }
    return 0; // the file has changed, or the server does not know ranges
  }
  await response.body?.cancel();
  if (status === 416 && headers.get("content-range") === `bytes */${partial.size}`) return undefined;
  if (status === 416 || status === 206) {
    await removePartial(partial.path);
    throw new FetchError("the server's answer does not fit what was fetched before", true);
  }
  const again = status >= 500 || status === 429 || status === 408;
  throw new FetchError(`the server answered ${`${status} ${statusText}`.trim()}`, again);
}

function totalOf({ headers }: Response, start: number): number | undefined {
  const range = /\/(\d+)$/.exec(headers.get("content-range") ?? "");
  if (range) return Number(range[1]);
  const length = headers.get("content-encoding") ? null : headers.get("content-length");
  return length === null ? undefined : start + Number(length);
}

async function receive(
  response: Response,
  path: string,
  start: number,
  total: number | undefined,
  url: string,
  heard: () => void,
  { onProgress }: DownloadOptions,
): Promise<void> {
  const name = new URL(url).pathname.split("/").pop()!;
  const began = performance.now();
  const file = await Deno.open(path, { write: true, create: true, truncate: start === 0 });
  try {
    await file.seek(start, Deno.SeekMode.Start);
    let received = start;
    const report = () => {
      const rate = (received - start) / Math.max(1e-3, (performance.now() - began) / 1000);
      onProgress?.({ name, received, total, rate, done: false });
    };
    report();
    for await (const chunk of response.body ?? []) {
      heard();
      if (total !== undefined && received + chunk.length > total) {
        await file.truncate(0); // nothing to go on from
        throw new FetchError(`expected ${total} bytes, found more`);
      }
      for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
      received += chunk.length;
      report();
    }
    if (total !== undefined && received < total) {
      throw new FetchError(`the connection ended after ${received} of ${total} bytes`, true);
    }
  } finally {
    file.close();
  }
}

/** Aborts a request that nothing has been heard of for a while. */
function stallWatch(timeout: number): { signal: AbortSignal; reason: string; heard(): void; stop(): void } {
  const controller = new AbortController();
  const start = () => setTimeout(() => controller.abort(), timeout);
  let timer = start();
  return {
    signal: controller.signal,
    reason: `nothing came for ${timeout / 1000} s`,
    heard() {
      clearTimeout(timer);
      timer = start();
    },
    stop: () => clearTimeout(timer),
  };
}
