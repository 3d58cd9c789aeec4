/**
 * Starts the engine and computes a product and a convolution, which are cuBLAS's and cuDNN's on a card. Prints what
 * computed and the sums that came out, as JSON.
 */
import * as tf from "@tensorflow/tfjs";
import { engine } from "../../../lib/engine/mod.ts";

const sums = tf.tidy(() =>
  [
    tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])),
    tf.conv2d(tf.ones<tf.Rank.R4>([1, 8, 8, 4]), tf.ones<tf.Rank.R4>([3, 3, 4, 8]), 1, "valid"),
  ].map((result) => result.sum())
);
const [product, convolution] = await Promise.all(sums.map(async (sum) => (await sum.data())[0]));
const { gpu, device, library, card, noCard } = engine();
console.log(JSON.stringify({ gpu, device, library, card: card?.name, noCard, product, convolution }));
