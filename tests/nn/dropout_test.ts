import { assertEquals, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { manualSeed } from "../../lib/engine/random.ts";
import { onEachEngine, plain, read, tensor, withGradients } from "../tensors.ts";
import { nn } from "./nn.ts";

onEachEngine("dropout zeroes a share p and scales the rest, and its gradient likewise", async () => {
  manualSeed(2);
  for (const p of [0.1, 0.5, 0.8]) {
    const count = 20_000;
    const x = tf.ones([count]);
    const ones = (shape: number[]) => ({ shape, data: new Float32Array(count).fill(1) });
    const [y, dx] = await withGradients([x], () => new nn.Dropout(p).forward(x), ones);
    x.dispose();
    assertEquals(dx.data, y.data, "the same elements pass");
    const kept = y.data.filter((value) => value !== 0);
    assertLess(Math.abs(kept.length / count - (1 - p)), 5 * Math.sqrt(p * (1 - p) / count), `p ${p}`);
    kept.forEach((value) => assertLess(Math.abs(value - 1 / (1 - p)), 1e-6));
  }
});

onEachEngine("dropout: the mean in training is that in evaluation, to sampling error", async () => {
  manualSeed(7);
  const x = tensor(plain("activations", [20_000], 0, 2));
  for (const p of [0.2, 0.5, 0.8]) {
    const layer = new nn.Dropout(p);
    const training = await read(layer.train().forward(x));
    const evaluation = await read(layer.eval().forward(x));
    const differences = Array.from(training.data, (value, i) => value - evaluation.data[i]);
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    const deviation = Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / differences.length);
    assertLess(Math.abs(mean), 5 * deviation / Math.sqrt(differences.length), `p ${p}`);
  }
  x.dispose();
});

onEachEngine("dropout follows the seed", async () => {
  const x = tf.ones([50]);
  const draw = async () => [...(await read(new nn.Dropout().forward(x))).data];
  manualSeed(9);
  const [first, second] = [await draw(), await draw()];
  manualSeed(9);
  assertEquals([await draw(), await draw()], [first, second]);
  assertEquals(String(first) === String(second), false);
  x.dispose();
});

onEachEngine("dropout is off in evaluation, in a frozen part and at p 0, and total at p 1", async () => {
  const x = tf.ones([4]);
  const run = async (dropout: nn.Dropout) => [...(await read(dropout.forward(x))).data];
  const frozen = new nn.Dropout(0.9);
  frozen.frozen = true;
  for (const dropout of [new nn.Dropout(0.9).eval(), frozen.train(), new nn.Dropout(0)]) {
    assertEquals(await run(dropout), [1, 1, 1, 1]);
  }
  assertEquals(await run(new nn.Dropout(1)), [0, 0, 0, 0]);
  x.dispose();
});
