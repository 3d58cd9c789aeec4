import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { readFilters } from "../../lib/nn/filters.ts";
import { inPieces } from "../../lib/weights/pieces.ts";
import { plain } from "../tensors.ts";
import "./nn.ts";

for (const shape of [[1, 1, 1, 1], [5, 3, 2, 4], [33, 7, 3, 3], [64, 1, 5, 5], [20, 2048, 3, 3]]) {
  Deno.test(`filters [${shape.join(", ")}] come in the engine's order, some at a time`, async () => {
    const { data } = plain("filters", shape);
    const from = new Uint8Array(data.buffer);
    const into = new Float32Array(data.length);
    let most = 0;
    readFilters(
      (piece, use) => {
        most = piece.length;
        inPieces(from.length, piece, (bytes, at) => bytes.set(from.subarray(at, at + bytes.length)), use);
      },
      into,
      shape,
    );
    const moved = tf.tidy(() => tf.transpose(tf.tensor(data, shape), [2, 3, 1, 0]));
    assertEquals(into, await moved.data());
    assertEquals(most <= Math.max(2 ** 19, 16 * from.length / shape[0]), true);
    moved.dispose();
  });
}
