import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { sparseCrossEntropy } from "../../../lib/engine/ops/cross_entropy.ts";
import { onEachEngine, plain, read, tensor } from "../../tensors.ts";
import { runThaw } from "../process.ts";

const message = "Cannot compute the cross entropy: expected labels from 0 to 2, found ";
const ignored = "-100, which torch ignores; here such rows have to be left out";

onEachEngine("a label that is no class is refused", async () => {
  const logits = tensor<tf.Tensor2D>(plain("logits", [2, 3]));
  for (const [label, found] of [[3, "3"], [-1, "-1"], [-100, ignored]] as const) {
    const labels = tf.tensor1d([0, label], "int32");
    assertEquals(assertThrows(() => sparseCrossEntropy(logits, labels), RangeError).message, message + found);
    labels.dispose();
  }
  const labels = tf.tensor1d([0, 2], "int32");
  assertEquals((await read(tf.tidy(() => sparseCrossEntropy(logits, labels)))).data.length, 2);
  tf.dispose([logits, labels]);
});

Deno.test("a label that is no class is refused on WebAssembly too", async () => {
  const { out, err } = await runThaw(
    `
import * as tf from "@tensorflow/tfjs";
import { sparseCrossEntropy } from "./lib/engine/ops/cross_entropy.ts";
import "./lib/engine/mod.ts";
try {
  sparseCrossEntropy(tf.zeros([2, 3]), tf.tensor1d([0, -100], "int32"));
} catch (error) {
  console.log(error.message);
}
`,
    { THAW_ENGINE: "wasm" },
  );
  assertEquals({ out, err }, { out: message + ignored, err: "" });
});
