import * as tf from "@tensorflow/tfjs";
import { assertGreater, assertLess } from "@std/assert";
import { releaseForgotten } from "../../../lib/engine/mod.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

await tensorflowBackend();

const megabytes = () => Deno.memoryUsage().rss / 1e6;

Deno.test({
  name: "what lay between tensors in use goes back to the system once it is forgotten",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await releaseForgotten();
    // 200 pieces of 1 MB, small enough to lie in the heap, and one small tensor above each that stays.
    tf.fill([32, 1024, 256], 0).dispose(); // glibc takes pieces up to the largest that was ever freed from the heap
    const kept: tf.Tensor[] = [];
    (() => {
      for (let i = 0; i < 200; i++) {
        tf.fill([1024, 256], i);
        kept.push(tf.fill([64], i));
      }
    })();
    const full = megabytes();
    await releaseForgotten();
    const freed = full - megabytes();
    assertGreater(freed, 100);
    assertLess(Math.abs((await tf.sum(kept[199]).data())[0] - 199 * 64), 1);
    tf.dispose(kept);
    await releaseForgotten();
  },
});
