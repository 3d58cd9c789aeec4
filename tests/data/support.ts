/** What the tests of lib/data share: small images, a folder of their own, and nothing left behind. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import sharp from "sharp";
import "../../lib/engine/mod.ts";
import type { Batch, Picture, Transforms } from "../../lib/data/types.ts";

/** Bytes as they are on the [0, 1] scale. */
export const plain: Transforms = { resize: [4, 4], interpolation: "nearest", mean: [0, 0, 0], std: [1, 1, 1] };

/** A picture of one colour. */
export function picture(width: number, height: number, color: readonly number[] = [255, 0, 0]): Picture {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => color[i % 3]) };
}

/** An image file of one colour; four numbers have alpha. */
export async function file(
  format: "png" | "jpeg" | "webp",
  width: number,
  height: number,
  color: readonly number[] = [255, 0, 0],
): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height * color.length }, (_, i) => color[i % color.length]);
  const raw = { width, height, channels: color.length as 1 | 2 | 3 | 4 };
  return new Uint8Array(await sharp(data, { raw }).toFormat(format).toBuffer());
}

/** A test that fails when it leaves tensors behind; it has a folder of its own. */
export function test(name: string, run: (folder: string) => void | Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    const before = tf.memory().numTensors;
    try {
      await run(folder);
      assertEquals(tf.memory().numTensors, before, "tensors left behind");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** All batches' values and labels, their tensors disposed of. */
export async function drain(batches: AsyncIterable<Batch>) {
  const all: { shape: number[]; images: number[]; labels: number[]; indices: number[] }[] = [];
  for await (const { images, labels, indices } of batches) {
    all.push({
      shape: images.shape,
      images: [...await images.data()],
      labels: [...await labels.data()],
      indices: [...indices],
    });
    tf.dispose([images, labels]);
  }
  return all;
}
