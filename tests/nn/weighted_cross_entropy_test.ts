import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as nn from "../../lib/nn/mod.ts";
import { between, figures } from "../golden/training_features.ts";
import { assertClose, onEachEngine } from "../tensors.ts";

for (const { options, loss, gradient } of figures.losses) {
  onEachEngine(`cross entropy with ${JSON.stringify(options)} has torch's value and gradient`, async () => {
    const shape: [number, number] = [figures.labels.length, 4];
    const logits = tf.tensor2d(between("logits", shape, -4, 4), shape);
    const labels = tf.tensor1d(figures.labels, "int32");
    const compute = () => new nn.CrossEntropyLoss(options).forward(logits, labels);
    const { value, grads } = tf.engine().gradients(compute, [logits]);
    assertAlmostEquals((await value.data())[0], loss, 1e-5);
    const found = { shape, data: await grads[0].data() as Float32Array };
    assertClose(found, { shape, data: Float32Array.from(gradient) }, 1e-5, "gradient");
    tf.dispose([logits, labels, value, ...grads]);
  });
}

Deno.test("options of the cross entropy that cannot be are named", () => {
  assertThrows(
    () => new nn.CrossEntropyLoss({ labelSmoothing: 2 }),
    RangeError,
    "Cannot make CrossEntropyLoss: expected labelSmoothing to be a share from 0 to 1, found 2",
  );
  assertThrows(
    () => new nn.CrossEntropyLoss({ weight: [1, -1] }),
    RangeError,
    "Cannot make CrossEntropyLoss: expected weights that are numbers ≥ 0, found -1",
  );
  const before = tf.memory().numTensors;
  const [logits, labels] = [tf.zeros([1, 2]), tf.tensor1d([0], "int32")];
  assertThrows(
    () => new nn.CrossEntropyLoss({ weight: [1, 1, 1] }).forward(logits, labels),
    TypeError,
    "Cannot compute the cross entropy: expected 2 class weights, one for each logit, found 3",
  );
  tf.dispose([logits, labels]);
  assertEquals(tf.memory().numTensors, before);
});
