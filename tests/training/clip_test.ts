import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { clipByNorm, clipByValue } from "../../lib/training/mod.ts";
import { between, figures } from "../golden/training_features.ts";
import { assertClose, noLeaks, onEachEngine } from "../tensors.ts";

for (const { kind, limit, norm, gradients } of figures.clips) {
  onEachEngine(`clipping by ${kind} at ${limit} gives torch's gradients`, async () => {
    const given = figures.shapes.map((shape, i) => tf.tensor(between(`clip.${i}`, shape, -1, 1), shape));
    const clipped = kind === "norm" ? clipByNorm(given, limit) : { gradients: clipByValue(given, limit) };
    for (const [i, shape] of figures.shapes.entries()) {
      const found = { shape, data: await clipped.gradients[i]!.data() as Float32Array };
      assertClose(found, { shape, data: Float32Array.from(gradients[i]) }, 1e-5, `gradient ${i}`);
    }
    if ("norm" in clipped) {
      assertAlmostEquals((await clipped.norm.data())[0], norm!, 1e-5);
      clipped.norm.dispose();
    }
    tf.dispose([...given, ...clipped.gradients.map((one) => one!)]);
  });
}

noLeaks("a parameter without a gradient stays without one", () => {
  const one = tf.tensor1d([3, 4]);
  const { gradients, norm } = clipByNorm([undefined, one], 1);
  assertEquals([gradients[0], clipByValue([undefined], 1)[0]], [undefined, undefined]);
  tf.dispose([one, gradients[1]!, norm]);
  assertThrows(
    () => clipByNorm([], 0),
    RangeError,
    "Cannot clip gradients: expected norm to be a number above 0, found 0",
  );
});
