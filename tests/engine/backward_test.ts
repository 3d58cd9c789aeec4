import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { gradients } from "../../lib/engine/backward.ts";
import { assertClose, noLeaks, onEachEngine, plain, read, tensor } from "../tensors.ts";

/** Uses inputs more than once, hands slopes through, and has steps that lead nowhere. */
function winding(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  const both = tf.add(a, b);
  tf.mul(both, 3);
  const shared = tf.mul(both.reshape([6]), tf.sigmoid(a).reshape([6]));
  const [left, right] = tf.split(shared, 2);
  return tf.sum(tf.add(tf.add(shared, shared), tf.concat([right, tf.square(left)]))) as tf.Scalar;
}

onEachEngine("gradients are tfjs's own", async () => {
  const [a, b] = [plain("a", [2, 3]), plain("b", [2, 3])].map((data) => tensor(data));
  const { value, slopes } = gradients(() => winding(a, b), [a, b]);
  const expected = tf.engine().gradients(() => winding(a, b), [a, b]);
  for (const [found, wanted] of [[value, expected.value], ...slopes.map((slope, i) => [slope!, expected.grads[i]])]) {
    assertClose(await read(found), await read(wanted), 1e-6);
  }
  tf.dispose([a, b]);
});

noLeaks("what the result does not depend on has no slope", () => {
  const [a, b] = [tf.ones([2]), tf.ones([2])];
  const { value, slopes } = gradients(() => tf.sum(tf.mul(a, 2)), [a, b]);
  assertEquals([slopes[0]?.shape, slopes[1]], [[2], undefined]);
  tf.dispose([a, b, value, slopes[0]!]);
});

noLeaks("a slope may be wanted of something computed on the way", async () => {
  const x = tf.tensor1d([1, 2]);
  const middle: tf.Tensor[] = [];
  const first = gradients(() => {
    middle.push(tf.keep(tf.square(x)));
    return tf.sum(middle[0]);
  }, [x]);
  const { value, slopes } = gradients(() => tf.sum(tf.mul(middle[0], 5)), [middle[0]]);
  assertEquals([...await slopes[0]!.data()], [5, 5]);
  tf.dispose([x, middle, first.value, first.slopes[0]!, value, slopes[0]!]);
});

noLeaks("what breaks off, forward or backward, leaves nothing behind", () => {
  const x = tf.tensor1d([1, 2]);
  assertThrows(
    () =>
      gradients(() => {
        tf.square(x);
        throw new Error("on purpose");
      }, [x]),
    Error,
    "on purpose",
  );
  const failing = tf.customGrad((x, save) => {
    (save as (t: tf.Tensor[]) => void)([x as tf.Tensor]);
    return {
      value: tf.square(x as tf.Tensor),
      gradFunc: () => {
        throw new Error("no way back");
      },
    };
  });
  assertThrows(() => gradients(() => tf.sum(failing(x)), [x]), Error, "no way back");
  x.dispose();
});

noLeaks("what a step has saved is freed when the backward pass is past it", () => {
  const x = tf.ones([4]);
  const counts: number[] = [];
  const counted = tf.customGrad((x, save) => {
    (save as (t: tf.Tensor[]) => void)([x as tf.Tensor]);
    return {
      value: tf.square(x as tf.Tensor),
      gradFunc: (dy, saved) => {
        counts.push(tf.memory().numTensors);
        return tf.mul(dy as tf.Tensor, tf.mul((saved as tf.Tensor[])[0], 2));
      },
    };
  });
  const { value, slopes } = gradients(() => {
    let y: tf.Tensor = x;
    for (let i = 0; i < 8; i++) y = tf.mul(counted(y), 0.5);
    return tf.sum(y) as tf.Scalar;
  }, [x]);
  assertEquals(counts.length, 8);
  assert(counts.at(-1)! < counts[0] - 10, `expected fewer and fewer tensors, found ${counts}`);
  tf.dispose([x, value, slopes[0]!]);
});
