import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { features } from "../../lib/inspect/mod.ts";
import * as models from "../../lib/models/mod.ts";
import { onForward } from "../../lib/nn/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, onEachEngine, release } from "../tensors.ts";

/** What a module puts out in a plain forward, the last time that it runs. */
async function plainly(model: nn.Module, path: string, x: tf.Tensor): Promise<number[]> {
  let found: tf.Tensor | undefined;
  const remove = onForward(model.get(path), (_module, _input, output) => {
    found?.dispose();
    found = tf.keep(output.clone());
  });
  model.eval().forward(x).dispose();
  remove();
  const values = [...await found!.data()];
  found!.dispose();
  return values;
}

async function valuesOf(tensors: Record<string, tf.Tensor>): Promise<Record<string, number[]>> {
  const read = await Promise.all(
    Object.entries(tensors).map(async ([name, tensor]) => [name, [...await tensor.data()]]),
  );
  tf.dispose(tensors);
  return Object.fromEntries(read);
}

/** Two convolutions in a stage of their own, a side branch, and a head; nobody writes it with hooks. */
class Small extends nn.Module {
  body = new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.BatchNorm2d(4), new nn.ReLU());
  relu = new nn.ReLU();
  conv = new nn.Conv2d(4, 4, 3);
  side = new nn.Linear(4, 2);
  head = new nn.Linear(4, 2);
  override stages(): nn.Stage[] {
    const twice = (x: tf.Tensor) => this.relu.forward(this.conv.forward(this.relu.forward(x)));
    return [
      nn.stage(this, "body.0"),
      nn.stage(this, "body.1", ["body.1", "body.2"]),
      { name: "middle", modules: ["relu", "conv"], forward: twice },
      { name: "end", modules: ["side", "head"], forward: (x) => this.head.forward(x.mean([1, 2])) },
    ];
  }
  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

onEachEngine("features: modules at any depth and stages, with a plain forward's values", async () => {
  const model = new Small();
  const x = tf.randomNormal([2, 8, 8, 3]);
  const names = ["body", "body.0", "body.2", "relu", "conv", "middle", "head", "end"] as const;
  const found = features(model, names, x);
  assertEquals(Object.keys(found), [...names]);
  assertEquals(found.body.shape, [2, 6, 6, 4]);
  assertEquals(found.end.shape, [2, 2]);
  const values = await valuesOf(found);
  for (const name of ["body.0", "body.2", "relu", "conv", "head"]) {
    assertEquals(values[name], await plainly(model, name, x), name);
  }
  assertEquals([values.body, values.middle, values.end], [values["body.2"], values.relu, values.head]);
  x.dispose();
  release(model);
});

noLeaks("features: of a network of the zoo, in evaluation, whatever mode it is in", async () => {
  const model = models.resnet18().train();
  const x = tf.randomNormal([1, 64, 64, 3]);
  const found = features(model, ["layer2", "layer3.0.conv1", "avgpool"], x);
  assertEquals([found.layer2.shape, found.avgpool.shape], [[1, 8, 8, 128], [1, 1, 1, 512]]);
  assert(model.modules().every(({ training }) => training));
  const values = await valuesOf(found);
  for (const [name, value] of Object.entries(values)) assertEquals(value, await plainly(model, name, x), name);
  x.dispose();
  release(model);
});

noLeaks("features: nothing runs behind the last stage that is needed", () => {
  const model = models.resnet18();
  const ran: string[] = [];
  const removers = model.namedChildren().map(([name, child]) => onForward(child, () => void ran.push(name)));
  const x = tf.zeros([1, 32, 32, 3]);
  tf.dispose(features(model, ["layer1", "bn1"], x));
  assertEquals(ran, ["conv1", "bn1", "relu", "maxpool", "layer1"]);
  ran.length = 0;
  assertEquals(features(model, [], x), {});
  assertEquals(ran, []);
  removers.forEach((remove) => remove());
  tf.dispose(features(model, "conv1", x));
  assertEquals(ran, []); // hooks that were taken away stay away
  x.dispose();
  release(model);
});

noLeaks("features: a network that does not know its stages runs whole", async () => {
  class Plain extends nn.Module {
    first = new nn.Linear(3, 4);
    second = new nn.Linear(4, 2);
    override forward(x: tf.Tensor): tf.Tensor {
      return this.second.forward(this.first.forward(x));
    }
  }
  const model = new Plain();
  const x = tf.ones([1, 3]);
  const { first } = await valuesOf(features(model, "first", x));
  assertEquals(first, await plainly(model, "first", x));
  x.dispose();
  release(model);
});

noLeaks("features: in training when asked for; a tidy around the call has its say", () => {
  const model = new Small();
  const x = tf.randomNormal([2, 8, 8, 3]);
  const norm = model.body.get("1", nn.BatchNorm2d);
  tf.dispose(features(model, "body", x));
  assertEquals(norm.num_batches_tracked!.value, 0);
  tf.dispose(features(model, "body", x, { training: true }));
  assertEquals(norm.num_batches_tracked!.value, 1);
  tf.tidy(() => void features(model, ["body", "end"], x)); // noLeaks sees that nothing is left
  x.dispose();
  release(model);
});

noLeaks("features: gradients flow through them", async () => {
  const model = new Small();
  const x = tf.randomNormal([2, 8, 8, 3]);
  const slope = tf.grad((x: tf.Tensor) => tf.sum(features(model, "body.2", x)["body.2"]))(x);
  assert((await slope.data()).some((value) => value !== 0));
  tf.dispose([x, slope]);
  release(model);
});

noLeaks("features: what cannot be had is refused, and nothing is left behind", () => {
  const model = new Small();
  const x = tf.zeros([1, 8, 8, 3]);
  const refused = (names: string | string[], type: typeof TypeError | typeof RangeError, message: string) =>
    assertEquals(assertThrows(() => features(model, names, x), type).message, message);
  refused(
    ["body", "layer9"],
    RangeError,
    'Cannot take features of "layer9": expected one of Small\'s stages (body.0, body.1, middle, end) or modules, such as ' +
      "head, found none of that name",
  );
  refused(
    ["body", "side"],
    TypeError,
    'Cannot take features of "side": expected it to run, found that it does not in evaluation',
  );
  const use = (...args: unknown[]) => () => (features as (...args: unknown[]) => unknown)(...args);
  assertThrows(use(model, 5, x), TypeError, "Cannot take features 5: expected a name or a list of names");
  assertThrows(use(model, "body", [1]), TypeError, "Cannot take features: expected a tensor [N, H, W, C], found ");
  assertThrows(use(model, "body", x, true), TypeError, "Cannot take features: expected options { training }");
  assertThrows(
    use(model, "body", x, { training: 1 }),
    TypeError,
    "Cannot take features: expected training to be true or false, found 1",
  );
  assertThrows(use(undefined, "body", x), TypeError, "Cannot take features: expected a network, found undefined");
  class Pair extends nn.Module {
    override forward(x: tf.Tensor): tf.Tensor {
      return [x] as unknown as tf.Tensor;
    }
  }
  const net = new nn.Sequential(new Pair(), new Pair());
  assertEquals(
    assertThrows(() => features(net, "0", x), TypeError).message,
    'Cannot take features of "0": expected its output to be a tensor, found a value of class Array',
  );
  const wide = tf.zeros([1, 8, 8, 2]);
  const { message } = assertThrows(() => features(model, ["body.0", "end"], wide), TypeError);
  assert(message.startsWith("Cannot run Conv2d: "), message);
  tf.dispose([x, wide]);
  release(model);
});
