import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../../../lib/data/mod.ts";
import { manualSeed } from "../../../lib/engine/mod.ts";
import * as nn from "../../../lib/nn/mod.ts";
import { stageFeatures } from "../../../lib/study/transfer/stage_features.ts";
import { noLeaks, onEachEngine, plain, release, tensor } from "../../tensors.ts";

const labels = [0, 1, 2, 0, 1, 2, 0];

function images(): tf.Tensor {
  return tensor(plain("pictures", [7, 8, 8, 3]));
}

/** A network whose batch norm and dropout give other numbers in training. */
function network(): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential({
    conv: new nn.Conv2d(3, 4, 3),
    norm: new nn.BatchNorm2d(4),
    pool: new nn.AdaptiveAvgPool2d(2),
    flatten: new nn.Flatten(),
    drop: new nn.Dropout(0.5),
    head: new nn.Linear(16, 5),
  });
}

onEachEngine("stageFeatures: the pooled input of every stage, the output and thumbnails, as by hand", async () => {
  const [model, x] = [network(), images()];
  const found = await stageFeatures(model, fromTensors(x, labels), { batchSize: 3, logits: true, thumbnails: 4 });
  assertEquals([...found.stages.keys()], ["conv", "norm", "pool", "flatten", "drop", "head"]);
  assertEquals([...found.stages.values()].map(({ columns }) => columns), [3, 4, 4, 4, 16, 16]);
  assertEquals([...found.labels], labels);
  const modes = model.modules().map(({ training }) => training);
  assertEquals(new Set(modes), new Set([true]));

  model.eval();
  let value = x;
  const made: tf.Tensor[] = [];
  for (const [name, child] of model.namedChildren()) {
    const expected = value.rank === 4
      ? tf.tidy(() => tf.sum(value, [1, 2]).div(value.shape[1]! * value.shape[2]!))
      : value;
    await assertRows(found.stages.get(name)!, expected);
    made.push(expected, value);
    value = child.forward(value);
  }
  await assertRows(found.logits!, value);
  const small = tf.tidy(() => tf.avgPool(x as tf.Tensor4D, 2, 2, "valid").reshape([7, -1]));
  await assertRows(found.thumbnails!, small);
  tf.dispose([...made, value, small]);
  release(model);
});

async function assertRows(found: { rows: number; columns: number; values: Float32Array }, expected: tf.Tensor) {
  assertEquals([found.rows, found.columns], expected.shape);
  const values = await expected.data();
  found.values.forEach((one, i) => assertAlmostEquals(one, values[i], 1e-5));
}

noLeaks("stageFeatures runs what it needs once for each batch, and nothing above", async () => {
  const [model, x] = [network(), images()];
  const runs: string[] = [];
  const removers = model.namedChildren().map(([name, child]) => nn.onForward(child, () => runs.push(name)));
  const progress: number[] = [];
  const onProgress = (done: number) => void progress.push(done);
  const found = await stageFeatures(model, fromTensors(x, labels), {
    stages: ["pool", "norm"],
    batchSize: 4,
    onProgress,
  });
  assertEquals([...found.stages.keys()], ["pool", "norm"]);
  assertEquals(runs, ["conv", "norm", "conv", "norm"]);
  assertEquals(progress, [4, 7]);
  assertEquals([found.logits, found.thumbnails], [undefined, undefined]);
  removers.forEach((remove) => remove());
  release(model);
  x.dispose();
});

noLeaks("stageFeatures ends by its signal, and says what a network or a stage lacks", async () => {
  const [model, x] = [network(), images()];
  const data = fromTensors(x, labels);
  const stop = new AbortController();
  const onProgress = () => stop.abort();
  const error = await assertRejects(
    () => stageFeatures(model, data, { batchSize: 2, onProgress, signal: stop.signal }),
    DOMException,
  );
  assertEquals(error.name, "AbortError");
  await assertRejects(
    () => stageFeatures(model, data, { stages: ["layer1"] }),
    RangeError,
    'Cannot compute features: expected a stage such as conv, norm, pool, flatten, drop, head, found "layer1"',
  );

  class Mute extends nn.Module {
    body = new nn.Flatten();
    override forward(x: tf.Tensor): tf.Tensor {
      return this.body.forward(x);
    }
  }
  await assertRejects(
    () => stageFeatures(new Mute(), data),
    TypeError,
    'Cannot compute features of Mute: expected stages that can run one by one, found "body" without a forward function; ' +
      "give the network a stages() method made of nn.stage(this, name)",
  );
  await assertRejects(
    () => stageFeatures({} as nn.Module, data),
    TypeError,
    "Cannot compute features: expected a network, found",
  );
  const broken = new nn.Sequential(new nn.Conv2d(5, 4, 3));
  await assertRejects(() => stageFeatures(broken, data, { logits: true }), TypeError, "expected input [N, H, W, 5]");
  release(model, broken);
  x.dispose();
});
