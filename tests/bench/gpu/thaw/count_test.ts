import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { count } from "../../../../bench/gpu/thaw/count.ts";
import { engine } from "../../../../lib/engine/mod.ts";

Deno.test({
  name: "ops, reads and uploads of a piece of work are counted, and nothing after it",
  ignore: engine().backend !== "tensorflow",
  fn() {
    const x = tf.tensor1d([1, 2, 3]), y = tf.sqrt(x);
    const before = tf.memory().numTensors;
    const work = () => {
      tf.add(tf.square(x), y).dataSync();
    };
    const tidily = (work: () => void) => {
      const start = performance.now();
      const { betweenOps, ...counts } = count(() => tf.tidy(() => void work()))!;
      assert(betweenOps >= 0 && betweenOps <= (performance.now() - start) / 1000, String(betweenOps));
      return counts;
    };
    assertEquals(tidily(work), { ops: 2, reads: 1, uploads: 0 });
    tf.tidy(work);
    assertEquals(tidily(() => {}), { ops: 0, reads: 0, uploads: 0 });
    assertEquals(tidily(() => tf.square(tf.tensor1d([4, 5]))), { ops: 1, reads: 0, uploads: 1 });
    assertEquals(tf.memory().numTensors, before);
    tf.dispose([x, y]);
  },
});
