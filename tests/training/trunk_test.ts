import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as nn from "../../lib/nn/mod.ts";
import { freeze } from "../../lib/training/mod.ts";
import { trunkOf } from "../../lib/training/trunk.ts";
import { noLeaks, release } from "../tensors.ts";
import { network } from "./frozen_pictures.ts";

/** The digests of a network up to a cut, and the network's values given back. */
async function digests(model: nn.Module, cut = "9"): Promise<readonly string[]> {
  const { digests } = await trunkOf(model, [cut]);
  release(model);
  return digests;
}

/** The stages below which two lists of digests say the same. */
function same(a: readonly string[], b: readonly string[]): string {
  return a.map((digest, i) => digest === b[i] ? i : "").join(" ").trim();
}

noLeaks("networks of the same seed have the same digests, up to the last cut, and each stage another", async () => {
  const [a, b] = [await digests(network()), await digests(network())];
  assertEquals(a, b);
  assertEquals([a.length, new Set(a).size], [10, 10]);
  const model = network();
  const trunk = await trunkOf(model, ["2", "5", "3"]);
  assertEquals([trunk.digests, trunk.stages.length, trunk.model === model], [a.slice(0, 6), 10, true]);
  assertEquals((await trunkOf(model, ["0"])).digests.length, 1);
  release(model);
});

noLeaks("a change shows from the stage after it on, and in none before", async () => {
  const plain = await digests(network());
  const changed = async (change: (model: nn.Sequential) => void) => {
    const model = network();
    change(model);
    return same(plain, await digests(model));
  };
  assertEquals(await changed((model) => model.get("3", nn.Conv2d).weight.reset()), "0 1 2 3");
  const scale = (values: { update: nn.Buffer["update"] }) => values.update((value) => tf.mul(value, 1.5));
  assertEquals(await changed((model) => scale(model.get("1", nn.BatchNorm2d).running_var!)), "0 1");
  assertEquals(await changed((model) => Object.assign(model, { 3: new nn.Conv2d(4, 6, 3) })), "0 1 2 3");
  assertEquals(await changed((model) => Object.assign(model, { 8: new nn.ReLU6() })), "0 1 2 3 4 5 6 7 8");
  assertEquals(
    await changed((model) => model.get("1", nn.BatchNorm2d).num_batches_tracked!.value = 9),
    "0 1 2 3 4 5 6 7 8 9",
  );
  assertEquals(await changed((model) => freeze(model, { until: "0" })), "0 1 2 3 4 5 6 7 8 9");
});

class Scale extends nn.Module {
  constructor(readonly factor: number, readonly only: readonly number[] = []) {
    super();
  }
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, this.factor);
  }
}

noLeaks("modules differ by what they were made with, whether or not their line says it", async () => {
  const below = async (...modules: nn.Module[]) =>
    (await digests(new nn.Sequential(...modules, new nn.Identity()), String(modules.length))).at(-1);
  assertEquals(await below(new Scale(2)), await below(new Scale(2)));
  assertNotEquals(await below(new Scale(2)), await below(new Scale(3)));
  assertNotEquals(await below(new Scale(2, [1])), await below(new Scale(2, [2])));
  const pool = (options: nn.AvgPoolOptions) => below(new nn.AvgPool2d(3, options));
  assertNotEquals(await pool({ ceilMode: true }), await pool({}));
  assertNotEquals(await pool({ countIncludePad: false, padding: 1 }), await pool({ padding: 1 }));
  // a part within a part counts too
  assertNotEquals(await below(new nn.Sequential(new Scale(2))), await below(new nn.Sequential(new Scale(3))));
});

noLeaks("stages differ by how they run, where their parts are the same", async () => {
  class Net extends nn.Module {
    readonly body = new nn.ReLU();
    readonly head = new nn.ReLU();
    constructor(readonly how: (x: tf.Tensor) => tf.Tensor) {
      super();
    }
    override stages(): nn.Stage[] {
      return [{ name: "body", modules: ["body"], forward: this.how }, nn.stage(this, "head")];
    }
    override forward(x: tf.Tensor): tf.Tensor {
      return nn.runStages(this.stages(), x);
    }
  }
  const of = (how: (x: tf.Tensor) => tf.Tensor) => digests(new Net(how), "head");
  assertEquals(await of((x) => tf.relu(x)), await of((x) => tf.relu(x)));
  assertNotEquals((await of((x) => tf.relu(x))).at(-1), (await of((x) => tf.add(tf.relu(x), x))).at(-1));
});
