import { fileURLToPath } from "node:url";
import sharp from "sharp";
import type { ImageSource, Picture } from "./types.ts";

/**
 * Reads an image as red, green and blue bytes, row by row.
 *
 * PNG, JPEG, WebP, GIF (its first frame), AVIF, TIFF and SVG are understood. What is transparent becomes white, grey
 * becomes RGB, 16 bits become 8, and an orientation noted by a camera (EXIF) is applied. A picture is given back as it is.
 *
 * @param source a path, an http(s), file or data URL, the bytes of an image file, or a picture
 * @throws {Error} where it cannot be read or is no image, naming it
 *
 * @example
 * ```ts
 * import { data } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><rect width="4" height="3" fill="red"/></svg>`;
 * const { width, height, data: bytes } = await data.decodeImage(new TextEncoder().encode(svg));
 * assertEquals([width, height, ...bytes.slice(0, 3)], [4, 3, 255, 0, 0]);
 * ```
 */
export async function decodeImage(source: ImageSource): Promise<Picture> {
  if (isPicture(source)) return checked(source);
  const bytes = typeof source === "string" ? await read(source) : source;
  try {
    const { data, info } = await sharp(bytes, { failOn: "error" }).autoOrient().flatten({ background: "white" })
      .toColourspace("srgb").raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: rgb(data, info.channels) };
  } catch (error) {
    throw undecodable(source, bytes, error);
  }
}

/** A picture as the bytes of a PNG, its longer side at most `size` pixels where that is given: for displays. */
export async function encodePng(picture: Picture, size?: number): Promise<Uint8Array> {
  const { width, height, data } = checked(picture);
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  if (size) image.resize({ width: size, height: size, fit: "inside", withoutEnlargement: true });
  return new Uint8Array(await image.png().toBuffer());
}

/**
 * Whether an image file is whole, or the error that says why not.
 *
 * The file is read to its end, as a header in order says nothing about a cut file; but a JPEG at an eighth of its size,
 * which is several times as fast as decoding it.
 */
export async function imageError(path: string): Promise<Error | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await read(path);
    await sharp(bytes, { failOn: "error" }).resize({ width: 16, height: 16, fit: "outside", withoutEnlargement: true })
      .raw().toBuffer();
  } catch (error) {
    return bytes ? undecodable(path, bytes, error) : error as Error;
  }
}

/** What to call an image in a message. */
export function describeSource(source: ImageSource): string {
  if (typeof source === "string") return `"${source.length > 200 ? source.slice(0, 60) + "…" : source}"`;
  if (isPicture(source)) return `a picture of ${source.width}×${source.height}`;
  return `${source.length} bytes`;
}

function isPicture(source: ImageSource): source is Picture {
  return typeof source === "object" && !(source instanceof Uint8Array);
}

function checked(picture: Picture): Picture {
  const { width, height, data } = picture;
  if (!(width > 0 && height > 0) || data?.length !== width * height * 3) {
    throw new TypeError(
      `Cannot use a picture of ${width}×${height}: expected ${width * height * 3} bytes (red, green and blue of each ` +
        `pixel), found ${data?.length}`,
    );
  }
  return picture;
}

async function read(source: string): Promise<Uint8Array> {
  const isUrl = /^(https?|data|file):/i.test(source);
  try {
    if (!isUrl) return await Deno.readFile(source);
    if (/^file:/i.test(source)) return await Deno.readFile(fileURLToPath(source));
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound ? "no such file" : (error as Error).message;
    throw new Error(`Cannot read ${describeSource(source)}: expected an image file, found ${found}`, { cause: error });
  }
  const response = await fetch(source).catch((error) => {
    throw new Error(`Cannot fetch ${describeSource(source)}: ${error.message}`, { cause: error });
  });
  if (!response.ok) {
    await response.body?.cancel();
    const found = `HTTP ${response.status} ${response.statusText}`.trim();
    throw new Error(`Cannot fetch ${describeSource(source)}: expected an image, found ${found}`);
  }
  return await response.bytes();
}

function undecodable(source: ImageSource, bytes: Uint8Array, cause: unknown): Error {
  const reason = String((cause as Error).message).trim().split("\n")[0];
  const found = bytes.length === 0
    ? "an empty file"
    : /unsupported image format/i.test(reason)
    ? `${bytes.length} bytes that begin with ${beginning(bytes)}`
    : `a broken one (${reason})`;
  const expected = "expected a whole PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG image";
  return new Error(`Cannot decode ${describeSource(source)}: ${expected}, found ${found}`, { cause });
}

function beginning(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  if (/^[\x20-\x7e\s]+$/.test(text)) return JSON.stringify(text);
  return Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Grey (1 channel) repeated, alpha that is left (2 or 4 channels) dropped. */
function rgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const pixels = data.length / channels;
  const out = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) out[i * 3 + c] = data[i * channels + (channels < 3 ? 0 : c)];
  }
  return out;
}
