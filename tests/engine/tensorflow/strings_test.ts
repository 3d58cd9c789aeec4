import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertLess } from "@std/assert";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

const { binding } = await tensorflowBackend();

Deno.test("strings go in and out as bytes: short, long, empty, with zeros", () => {
  const strings = [
    new TextEncoder().encode("grüße"),
    new Uint8Array(0),
    Uint8Array.from({ length: 300 }, (_, i) => i),
    Uint8Array.of(0, 255, 0),
  ];
  const id = binding.createTensor([2, 2], binding.TF_STRING, strings);
  assertEquals(binding.tensorDataSync(id), strings);
  binding.deleteTensor(id);
});

Deno.test("a tensor of no strings", () => {
  const id = binding.createTensor([0], binding.TF_STRING, []);
  assertEquals(binding.tensorDataSync(id), []);
  binding.deleteTensor(id);
});

Deno.test("a string tensor outlives the one that it shares memory with", () => {
  const long = new TextEncoder().encode("a string that is too long for TensorFlow to keep within the tensor itself");
  const first = binding.createTensor([1], binding.TF_STRING, [long]);
  const type = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_STRING };
  const [second] = binding.executeOp("Identity", [type], [first], 1);
  binding.deleteTensor(first);
  assertEquals(binding.tensorDataSync(second.id), [long]);
  binding.deleteTensor(second.id);
});

Deno.test("tfjs's string tensors work, joined and compared", async () => {
  const before = tf.memory().numTensors;
  const [a, b] = [tf.tensor1d(["ice", "water"]), tf.tensor1d(["steam"])];
  const all = tf.concat([a, b]);
  assertEquals(await all.data() as unknown as string[], ["ice", "water", "steam"]);
  tf.dispose([a, b, all]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("long strings are given back", () => {
  const long = new Uint8Array(1_000_000);
  const makeMany = () => {
    for (let i = 0; i < 200; i++) {
      const id = binding.createTensor([1], binding.TF_STRING, [long]);
      binding.tensorDataSync(id);
      binding.deleteTensor(id);
    }
  };
  makeMany();
  const before = Deno.memoryUsage().rss;
  makeMany();
  assertLess(Deno.memoryUsage().rss - before, 100e6); // they take 200 MB
});
