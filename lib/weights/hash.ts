import { createHash } from "node:crypto";

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/** The hash prefix that torch's file names end with: `57934424` of `efficientnet-lite0-57934424.pth`. */
export function prefixInName(name: string): string | undefined {
  return /-([0-9a-f]{8,64})\.[^.]+$/.exec(name)?.[1];
}

/**
 * Checks a file that was fetched against what is known of it.
 *
 * @returns the difference in words, or undefined where there is none
 */
export async function difference(
  path: string,
  known: { sha256Prefix?: string; bytes?: number },
): Promise<string | undefined> {
  const { size } = await Deno.stat(path);
  if (known.bytes !== undefined && size !== known.bytes) return `expected ${known.bytes} bytes, found ${size}`;
  if (known.sha256Prefix === undefined) return undefined;
  const found = await sha256OfFile(path);
  if (found.startsWith(known.sha256Prefix.toLowerCase())) return undefined;
  return `expected a SHA-256 that begins with ${known.sha256Prefix}, found ${found}`;
}
