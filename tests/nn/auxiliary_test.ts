import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { nn } from "./nn.ts";
import { noLeaks, release } from "../tensors.ts";

/** Doubles, with a head off the doubled that negates. */
class Doubled extends nn.Module {
  body: nn.Module = new Times(2);
  side: nn.Module | null = new Times(-1);
  head: nn.Module = new Times(10);

  override stages(): nn.Stage[] {
    return [nn.withAuxiliary(nn.stage(this, "body"), this, "side", 0.3), nn.stage(this, "head")];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

class Times extends nn.Module {
  constructor(readonly factor: number) {
    super();
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, this.factor);
  }
}

noLeaks("forward leaves auxiliary heads out; forwardWithAuxiliary gives both, in any mode", async () => {
  const model = new Doubled();
  const x = tf.tensor2d([[1, 2]]);
  for (const training of [true, false]) {
    model.train(training);
    const plain = model.forward(x);
    const { logits, auxiliary } = nn.forwardWithAuxiliary(model, x);
    assertEquals([...await plain.data()], [20, 40]);
    assertEquals([...await logits.data()], [20, 40]);
    assertEquals(auxiliary.map(({ module, weight }) => [module, weight]), [["side", 0.3]]);
    assertEquals([...await auxiliary[0].logits.data()], [-2, -4]);
    tf.dispose([plain, logits, auxiliary[0].logits]);
  }
  x.dispose();
});

noLeaks("a head belongs to its stage, can be replaced, and is gone once it is null", async () => {
  const model = new Doubled();
  assertEquals(model.stages().map(({ modules }) => modules), [["body", "side"], ["head"]]);
  const x = tf.tensor2d([[1, 2]]);
  model.side = new Times(7);
  const replaced = nn.forwardWithAuxiliary(model, x);
  assertEquals([...await replaced.auxiliary[0].logits.data()], [14, 28]);
  model.side = null;
  assertEquals(model.stages().map(({ modules, auxiliary }) => [modules, auxiliary]), [
    [["body"], undefined],
    [["head"], undefined],
  ]);
  const bare = nn.forwardWithAuxiliary(model, x);
  assertEquals([[...await bare.logits.data()], bare.auxiliary], [[20, 40], []]);
  tf.dispose([x, replaced.logits, replaced.auxiliary[0].logits, bare.logits]);
});

noLeaks("a network without such heads, or without stages, gives its logits alone", async () => {
  const model = new nn.Sequential(new nn.Linear(2, 3));
  const x = tf.tensor2d([[1, 2]]);
  const { logits, auxiliary } = nn.forwardWithAuxiliary(model, x);
  assertEquals([logits.shape, auxiliary], [[1, 3], []]);
  const single = nn.forwardWithAuxiliary(new Times(3), x);
  assertEquals([...await single.logits.data()], [3, 6]);
  tf.dispose([x, logits, single.logits]);
  release(model);
});

Deno.test("forwardWithAuxiliary: what is no network is refused", () => {
  assertThrows(
    () => nn.forwardWithAuxiliary("net" as unknown as nn.Module, undefined as unknown as tf.Tensor),
    TypeError,
    "Cannot run with auxiliary heads: expected a network, found net",
  );
});
