import type { Picture } from "../types.ts";
import { mapBytes } from "./color.ts";

/** Keeps this many bits of each byte, from 1 to 8. Pillow's `ImageOps.posterize`, to the bit. */
export function posterize(picture: Picture, bits: number): Picture {
  const mask = 256 - 2 ** (8 - bits);
  return mapBytes(picture, Uint8Array.from({ length: 256 }, (_, byte) => byte & mask));
}

/** Inverts the bytes from the threshold upwards. Pillow's `ImageOps.solarize`, to the bit. */
export function solarize(picture: Picture, threshold: number): Picture {
  return mapBytes(picture, Uint8Array.from({ length: 256 }, (_, byte) => byte < threshold ? byte : 255 - byte));
}

/** Stretches each channel so that it reaches from 0 to 255. Pillow's `ImageOps.autocontrast`, to the bit. */
export function autoContrast(picture: Picture): Picture {
  return mapChannels(picture, (counts) => {
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return identity;
    const scale = 255 / (high - low);
    const offset = -low * scale;
    return Uint8ClampedArray.from({ length: 256 }, (_, byte) => Math.trunc(byte * scale + offset));
  });
}

/** Spreads each channel's values evenly. Pillow's `ImageOps.equalize`, to the bit. */
export function equalize(picture: Picture): Picture {
  const pixels = picture.width * picture.height;
  return mapChannels(picture, (counts) => {
    const last = counts[counts.findLastIndex((count) => count > 0)];
    const step = Math.floor((pixels - last) / 255);
    if (step === 0) return identity;
    let n = Math.floor(step / 2);
    return Uint8ClampedArray.from(counts, (count) => {
      const value = Math.floor(n / step);
      n += count;
      return value;
    });
  });
}

const identity = Uint8ClampedArray.from({ length: 256 }, (_, byte) => byte);

/** Each channel through a table of its own, made of how often it has each value. */
function mapChannels({ width, height, data }: Picture, table: (counts: Int32Array) => Uint8ClampedArray): Picture {
  const out = new Uint8Array(data.length);
  for (let channel = 0; channel < 3; channel++) {
    const counts = new Int32Array(256);
    for (let i = channel; i < data.length; i += 3) counts[data[i]]++;
    const bytes = table(counts);
    for (let i = channel; i < data.length; i += 3) out[i] = bytes[data[i]];
  }
  return { width, height, data: out };
}
