import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { bring } from "../../../../lib/engine/ops/bring.ts";
import { noLeaks } from "../../../tensors.ts";
import { tensorflowBackend } from "../tensorflow_for_tests.ts";
import { SimulatedCard } from "./simulated_card.ts";

const { binding } = await tensorflowBackend();

/** What would cross while this runs. */
function watch(compute: () => void): string[] {
  const card = new SimulatedCard(binding);
  try {
    tf.tidy(compute);
    return card.crossings.map(({ kind, op, what, bytes }) => `${kind} ${what} (${bytes}) ${op ?? ""}`.trim());
  } finally {
    card.stop();
  }
}

noLeaks("numbers go to the card when an op wants them, once; single ones that were there already do not", () => {
  tf.tidy(() => void tf.mul(tf.tensor1d([1, 2]), 0.123)); // makes the number known
  const found = watch(() => {
    const x = tf.tensor1d([1, 2, 3]);
    tf.mul(x, 0.123);
    tf.square(x);
  });
  assertEquals(found, ["upload [3] float32 (12)"]);
});

noLeaks("whole numbers stay in main memory: a card's ops compare them there", () => {
  const [scores, labels] = [tf.tensor2d([[1, 2], [4, 3]]), tf.tensor1d([1, 0], "int32")];
  const found = watch(() => void tf.cast(tf.equal(tf.argMax(scores, 1), labels), "float32"));
  assertEquals(found, ["upload [2, 2] float32 (16)", "read [2] int32 (8) Equal", "upload [2] bool (2) Cast"]);
  tf.dispose([scores, labels]);
});

noLeaks("whole numbers that an op wants on the card cross silently, unless they are brought there", () => {
  const rows = tf.tensor2d([[1], [2]]);
  tf.square(rows).dispose();
  const gather = (brought: boolean) =>
    watch(() => {
      const index = tf.tensor1d([1, 1, 0], "int32");
      if (brought) bring(index);
      tf.gather(rows, index);
      tf.gather(rows, index);
    });
  assertEquals(gather(false), ["upload [3] int32 (12) GatherV2"]);
  assertEquals(gather(true), ["upload [3] int32 (12)"]);
  rows.dispose();
});

noLeaks("an op without a kernel for a card runs on the CPU; what it makes is there", () => {
  const [x] = [tf.tensor1d([1, 2], "int32")];
  const found = watch(() => {
    const integers = [{ name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 }];
    const backend = tf.backend() as Awaited<ReturnType<typeof tensorflowBackend>>;
    tf.cast(backend.executeSingleOutput("Relu", integers, [x]), "float32");
  });
  assertEquals(found, ["on the CPU [2] int32 (8) Relu", "upload [2] int32 (8) Cast"]);
  x.dispose();
});

noLeaks("reading is told of, and an op that nothing is known of is refused", () => {
  const x = tf.tensor1d([3, 4]);
  assertEquals(watch(() => void tf.neg(x).dataSync()), ["upload [2] float32 (8)", "read [2] float32 (8)"]);
  assertThrows(() => watch(() => tf.asinh(x)), Error, "kernels.json has nothing of Asinh: add it to ops.ts");
  x.dispose();
});
