import { assert, assertEquals } from "@std/assert";
import { runThaw } from "../process.ts";
import "./tensorflow_for_tests.ts";

/**
 * Training steps of two small networks, and what they predict then. `card`: products by TensorFlow's own ops in bfloat16, as on
 * a card; on a CPU they take long, and the numbers are small for that.
 */
const steps = (card: boolean) => `
  import * as tf from "@tensorflow/tfjs";
  import { computeGradients, manualSeed, models, nn, SGD, usePrecision } from "./mod.ts";
  const { binding } = tf.backend();
  if (${card}) binding.isUsingGpuDevice = () => true;
  usePrecision("bfloat16");
  const conv = (inputs, outputs, options) => [new nn.Conv2d(inputs, outputs, 3, options), new nn.BatchNorm2d(outputs)];
  const networks = {
    convolutions: () => new nn.Sequential(
      ...conv(3, 8, { padding: 1, bias: false }), new nn.ReLU(), new nn.MaxPool2d(2),
      ...conv(8, 8, { padding: 1, groups: 8, stride: 2 }), new nn.ReLU6(), new nn.AvgPool2d(2),
      ...conv(8, 16, { padding: 1, groups: 2, dilation: 1 }), new nn.SiLU(), new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(), new nn.Linear(16, 3),
    ),
    attention: () => new models.VisionTransformer(
      { patchSize: 8, numLayers: 1, numHeads: 2, hiddenDim: 16, mlpDim: 32 }, { imageSize: 16, numClasses: 3 },
    ),
  };
  const found = {};
  for (const [name, make] of Object.entries(networks)) {
    manualSeed(5);
    const model = make(), parameters = model.parameters(), optimizer = new SGD(parameters, { learningRate: 0.05 });
    const x = tf.randomUniform([6, 16, 16, 3], -1, 1, "float32", 3), y = tf.tensor1d([0, 1, 2, 0, 1, 2], "int32");
    const losses = [];
    for (let step = 0; step < 3; step++) {
      const loss = () => new nn.CrossEntropyLoss().forward(model.train().forward(x), y);
      const { loss: value, gradients } = computeGradients(parameters, loss);
      losses.push((await value.data())[0]);
      optimizer.step(gradients);
    }
    found[name] = [...losses, ...await tf.tidy(() => model.eval().forward(x)).data()];
  }
  console.log(JSON.stringify(found));
`;

Deno.test("whole networks compute the same in bfloat16 by a card's ops as by rounding", async () => {
  const env = { TF_ENABLE_ONEDNN_OPTS: "0", THAW_ENGINE: "tensorflow", THAW_PRECISION: undefined };
  const [card, cpu] = await Promise.all([true, false].map(async (card) => {
    const { code, out, err } = await runThaw(steps(card), env);
    assertEquals(code, 0, err);
    return JSON.parse(out) as Record<string, number[]>;
  }));
  for (const [network, numbers] of Object.entries(card)) {
    const largest = Math.max(...numbers.map(Math.abs));
    numbers.forEach((number, i) => {
      assert(
        Math.abs(number - cpu[network][i]) <= 0.03 * largest,
        `${network}: ${number} and ${cpu[network][i]} at ${i}`,
      );
    });
    assert(numbers[2] < numbers[0], `${network} does not learn: ${numbers.slice(0, 3)}`);
  }
});
