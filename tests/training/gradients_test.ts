import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { engine, useEngine } from "../../lib/engine/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { computeGradients, divide } from "../../lib/training/gradients.ts";
import { freeze } from "../../lib/training/mod.ts";
import { noLeaks, release } from "../tensors.ts";

noLeaks("a step that an engine cannot do says so and names one that can", async () => {
  const before = engine().backend;
  await useEngine("wasm");
  const conv = new nn.Conv2d(3, 4, 3);
  const x = tf.ones([1, 5, 5, 3]);
  assertThrows(
    () => computeGradients(conv.parameters(), () => tf.sum(conv.forward(x)) as tf.Scalar),
    Error,
    "Cannot compute Conv2DBackpropFilter on wasm",
  );
  await useEngine(before);
  x.dispose();
  release(conv);
});

noLeaks("backward stops at the deepest layer that trains", async () => {
  const model = new nn.Sequential(new nn.Conv2d(2, 2, 1), new nn.ReLU(), new nn.Conv2d(2, 1, 1));
  freeze(model, ["0"]);
  const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad);
  const x = tf.ones([1, 3, 3, 2]);
  const steps = await tf.profile(() => {
    const { loss, gradients } = computeGradients(trained, () => tf.sum(model.forward(x)) as tf.Scalar);
    assertEquals(gradients.map((gradient) => gradient?.shape), [[1, 1, 2, 1], [1]]);
    tf.dispose([loss, ...gradients.map((gradient) => gradient!)]);
    return loss;
  });
  // One filter gradient, the last layer's; nobody asks for a gradient of its input.
  assertEquals(steps.kernels.filter(({ name }) => name === "ThawConv2DFilterGradient").length, 1);
  assertEquals(steps.kernels.filter(({ name }) => name === "ThawConv2DInputGradient").length, 0);
  x.dispose();
  release(model);
});

noLeaks("a network divides where its first stage trains, unless something below depends on the mode", () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm2d(2), new nn.Dropout(0.5), new nn.Linear(2, 1));
  assertEquals(divide(model), undefined);
  freeze(model, { until: "3" });
  assertEquals(divide(model)?.name, "3");
  freeze(model, { until: "3" }, { batchNorm: "train" });
  assertEquals(divide(model)?.name, "1");
  freeze(model, ["1"]);
  assertEquals(divide(model)?.name, "3");
});
