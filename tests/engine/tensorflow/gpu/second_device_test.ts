import { assertEquals } from "@std/assert";
import { runThaw } from "../../process.ts";
import { tensorflowBackend } from "../tensorflow_for_tests.ts";

await tensorflowBackend(); // says what to do where there is none

/**
 * Trains a little network, on TensorFlow's second CPU device or on its first: a stand-in for a card in all but speed, for
 * tensors have to be brought there and back.
 */
const train = (device?: string) => `
  import * as tf from "@tensorflow/tfjs";
  import { data, evaluate, fit, manualSeed, nn } from "./mod.ts";
  import { TensorflowBackend } from "./lib/engine/tensorflow/backend.ts";
  import { Binding } from "./lib/engine/tensorflow/binding.ts";
  import { registerKernels } from "./lib/engine/tensorflow/kernels/mod.ts";
  import { findLibrary } from "./lib/engine/tensorflow/library.ts";
  import { openLibrary } from "./lib/engine/tensorflow/open.ts";
  import { sessionConfig } from "./lib/engine/tensorflow/session_config.ts";

  // device_count (1): { key (1): "CPU", value (2): 2 }
  const config = Uint8Array.from([...sessionConfig(1), 0x0a, 7, 0x0a, 3, ...new TextEncoder().encode("CPU"), 0x10, 2]);
  const api = openLibrary((await findLibrary()).library!);
  const binding = new Binding(api, config, ${JSON.stringify(device)});
  const backend = new TensorflowBackend(binding);
  tf.registerBackend("tensorflow", () => backend);
  await tf.setBackend("tensorflow");
  registerKernels(backend);

  manualSeed(1);
  const images = tf.tidy(() => tf.range(0, 8 * 6 * 6 * 3).sin().reshape([8, 6, 6, 3]));
  const set = data.fromTensors(images, [0, 1, 2, 0, 1, 2, 0, 1]);
  const network = new nn.Sequential(
    ...[new nn.Conv2d(3, 8, 3, { padding: 1 }), new nn.BatchNorm2d(8), new nn.ReLU(), new nn.MaxPool2d(3, { stride: 2, padding: 1 })],
    ...[new nn.Flatten(), new nn.Dropout(0.1), new nn.Linear(72, 3)],
  );
  const options = { epochs: 3, batchSize: 4, seed: 1, display: false, labelSmoothing: 0.1, optimizer: "adamw" };
  const run = await fit(network, set, options);
  const before = [tf.memory().numTensors, binding.getNumOfTensors()];
  const again = await evaluate(network, set);
  const after = [tf.memory().numTensors, binding.getNumOfTensors()];
  const weights = [...await network.stateDict().get("6.bias")!.data()];
  console.log(JSON.stringify({
    device: binding.device,
    losses: run.history.map(({ loss }) => loss),
    ...{ evaluated: again.loss, weights, left: after.map((count, i) => count - before[i]) },
  }));
`;

Deno.test("a training on a device that tensors have to be brought to gives the same numbers, and leaves nothing there", async () => {
  const outcome = async (device?: string) => {
    const { code, out, err } = await runThaw(train(device), { THAW_ENGINE: "cpu", TF_ENABLE_ONEDNN_OPTS: "0" });
    assertEquals(code, 0, err);
    return JSON.parse(out);
  };
  const [expected, found] = [await outcome(), await outcome("CPU:1")];
  assertEquals([expected.device, found.device], ["CPU:0", "CPU:1"]);
  assertEquals(found, { ...expected, device: "CPU:1" });
  assertEquals(found.left, [0, 0]);
});

Deno.test("a device that is not there is named with those that are", async () => {
  const { code, err } = await runThaw(train("GPU:1"), { THAW_ENGINE: "cpu" });
  assertEquals(code, 1);
  assertEquals(
    /Cannot start TensorFlow: .*$/m.exec(err)?.[0],
    "Cannot start TensorFlow: expected GPU:1 among its devices, found " +
      "/job:localhost/replica:0/task:0/device:CPU:0, /job:localhost/replica:0/task:0/device:CPU:1",
  );
});
