import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { foldBatchNorm, freeze, models, releaseForgotten } from "thaw";
import { nn } from "../nn/nn.ts";
import { assertClose, noLeaks, onEachEngine, plain, tensor } from "../tensors.ts";
import { computed, keysOf, Own, releaseAll, stack, trained } from "./networks.ts";

onEachEngine("folding: a network of one's own computes the same, grouped, depthwise and with biases", async () => {
  const model = trained(new Own());
  const parts = model.modules();
  const before = await computed(model, 9);
  const { grouped } = model;
  const weight = grouped.weight.value;
  const changes = foldBatchNorm(model);
  assertClose(await computed(model, 9), before, 1e-5);
  assertEquals(changes.paths, ["first", "norms.0", "grouped", "norms.1", "depthwise", "norms.2"]);
  assertEquals(model.norms.children().map(String), ["Identity()", "Identity()", "Identity()"]);
  assertEquals(String(model.first), "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))");
  assertEquals(grouped.weight.value === weight, true, "the variable is the one that optimizers know");
  assertEquals(keysOf(model), [
    "first.weight",
    "first.bias",
    ...["grouped", "depthwise", "head"].flatMap((name) => [`${name}.weight`, `${name}.bias`]),
  ]);
  assertEquals(changes.keys.added, ["first.bias"]);
  assertEquals(changes.keys.removed.length, 15);
  releaseAll(model, ...parts);
});

for (
  const [name, make, side, norms] of [
    ["resnet18", () => models.resnet18({ numClasses: 5 }), 48, 20],
    ["efficientnet_lite0", () => models.efficientnet_lite0({ numClasses: 5 }), 40, 49],
  ] as const
) {
  noLeaks(`folding: ${name} computes the same by 1e-5, and is told so by itself the second time`, async () => {
    const model = trained<nn.Module>(make());
    const parts = model.modules();
    model.classes = ["a", "b", "c", "d", "e"];
    model.transforms = { resize: side, interpolation: "bilinear", mean: [0, 0, 0], std: [1, 1, 1] };
    const { classes, transforms } = model;
    const stages = model.stages().map((stage) => stage.name);
    const before = await computed(model, side);
    assertEquals(foldBatchNorm(model).changes.length, 2 * norms);
    assertClose(await computed(model, side), before, 1e-5, name);
    assertEquals(keysOf(model).filter((key) => /running|num_batches/.test(key)), []);
    assertEquals(model.modules().filter((part) => part instanceof nn.Conv2d && !part.bias).length, 0);
    assertEquals([model.classes, model.transforms, model.training], [classes, transforms, true]);
    assertEquals(model.stages().map((stage) => stage.name), stages);
    const after = await computed(model, side);
    const again = foldBatchNorm(model);
    assertEquals([again.changes, again.left], [[], []]);
    assertEquals(await computed(model, side), after);
    releaseAll(model, ...parts);
  });
}

noLeaks("folding: only what is named, but for what is to stay", async () => {
  const model = trained(stack());
  const parts = model.modules();
  const before = await computed(model, 9);
  assertEquals(foldBatchNorm(model, "stem.*", { input: 9 }).paths, ["stem.0", "stem.1"]);
  assertEquals(foldBatchNorm(model, undefined, { keep: ["body"], input: 9 }).paths, []);
  assertEquals(foldBatchNorm(model, ["stem", "body.1"], { input: [9, 12] }).paths, ["body.0", "body.1"]);
  assertClose(await computed(model, 9), before, 1e-5);
  releaseAll(model, ...parts);
});

noLeaks("folding: what is frozen stays so, and a new bias trains if its weight does", () => {
  const model = trained(stack());
  const parts = model.modules();
  freeze(model, { until: "body" });
  foldBatchNorm(model);
  const flags = model.namedParameters().map(([name, { requiresGrad }]) => [name, requiresGrad]);
  assertEquals(flags, [["stem.0.weight", false], ["stem.0.bias", false], ["body.0.weight", true], [
    "body.0.bias",
    true,
  ]]);
  assertEquals([model.get("stem.1").frozen, model.get("stem").frozen, model.get("body.1").frozen], [true, true, false]);
  assertEquals(model.get("stem.1").training, true);
  releaseAll(model, ...parts);
});

noLeaks("folding: what nobody holds any more is given back", async () => {
  const forget = async () => {
    for (let i = 0; i < 3; i++) await releaseForgotten();
  };
  await forget();
  const before = tf.memory().numTensors;
  const model = trained(stack());
  void await computed(model, 9);
  assertEquals(tf.memory().numTensors - before, 10);
  foldBatchNorm(model);
  await forget();
  assertEquals(tf.memory().numTensors - before, 4, "weights and biases");
  releaseAll(model);
});

noLeaks("folding: a forward of one's own may give several tensors, and their values are compared too", () => {
  class Several extends nn.Module {
    conv = new nn.Conv2d(3, 3, 3);
    norm = new nn.BatchNorm2d(3);
    constructor(readonly twice: boolean) {
      super();
    }
    override forward(x: tf.Tensor): tf.Tensor {
      const y = this.conv.forward(x);
      const all = { features: [this.norm.forward(y)], raw: this.twice ? y.mul(2) : null };
      return all as unknown as tf.Tensor;
    }
  }
  for (const twice of [false, true]) {
    const model = trained(new Several(twice));
    const parts = model.modules();
    if (twice) assertThrows(() => foldBatchNorm(model), Error, "expected the same output, found it off by");
    else assertEquals(foldBatchNorm(model).paths, ["conv", "norm"]);
    releaseAll(model, ...parts);
  }
});

/** As in a DenseNet: batch norm before the convolution, its input joined with its output. */
class Dense extends nn.Module {
  stem = new nn.Conv2d(3, 4, 3, { bias: false });
  stemNorm = new nn.BatchNorm2d(4);
  norm1 = new nn.BatchNorm2d(4);
  conv1 = new nn.Conv2d(4, 8, 1, { bias: false });
  norm2 = new nn.BatchNorm2d(8);
  conv2 = new nn.Conv2d(8, 4, 3, { padding: 1, bias: false });
  last = new nn.BatchNorm2d(8);
  override forward(x: tf.Tensor): tf.Tensor {
    const features = this.stemNorm.forward(this.stem.forward(x)).relu();
    const inner = this.conv1.forward(this.norm1.forward(features).relu());
    const grown = this.conv2.forward(this.norm2.forward(inner).relu());
    return this.last.forward(tf.concat([features, grown], 3)).mean([1, 2]);
  }
}

noLeaks("folding: batch norm before a convolution stays and is told, what stands behind one is folded", async () => {
  const model = trained(new Dense());
  const parts = model.modules();
  const before = await computed(model, 8);
  const changes = foldBatchNorm(model);
  assertEquals(changes.paths, ["stem", "stemNorm", "conv1", "norm2"]);
  assertEquals(
    changes.left,
    ["norm1", "last"].map((path) => ({
      path,
      module: path === "last" ? "BatchNorm2d(8)" : "BatchNorm2d(4)",
      reason: "it takes something else than one convolution's output",
    })),
  );
  assertClose(await computed(model, 8), before, 1e-5);
  releaseAll(model, ...parts);
});

/** The convolution's output goes into batch norm and past it, which no hook sees. */
class Twice extends nn.Module {
  good = new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.BatchNorm2d(4));
  conv = new nn.Conv2d(4, 4, 3, { bias: false });
  bn = new nn.BatchNorm2d(4);
  head = new nn.Linear(4, 2, { init: nn.init.constant(0), biasInit: nn.init.constant(0) });
  tail = new nn.Sequential(new nn.Identity());
  override forward(x: tf.Tensor): tf.Tensor {
    const y = this.conv.forward(this.good.forward(x).relu());
    return this.head.forward(this.tail.forward(this.bn.forward(y).add(y)).mean([1, 2]));
  }
}

noLeaks("folding: a convolution's output that is used twice is found out, though the head is all zeros", async () => {
  const model = new Twice();
  model.head.parameters().forEach(({ value }) => void value);
  for (const norm of [model.good.get("1"), model.bn]) trained(norm);
  const parts = model.modules();
  const body = () => computed(new nn.Sequential(model.good, model.conv, model.bn), 8);
  const before = await body();
  const keys = keysOf(model);
  const error = assertThrows(
    () => foldBatchNorm(model),
    Error,
    "with bn folded: is the convolution's output used elsewhere too? Nothing has changed; " +
      'pass { keep: ["bn"] } to fold the others',
  );
  assert(error.message.startsWith("Cannot fold batch norm of Twice: expected the same output, found it off by "));
  assertEquals(await body(), before, "to the bit");
  assertEquals([keysOf(model), model.modules()], [keys, parts]);
  assertEquals(foldBatchNorm(model, undefined, { keep: "bn" }).paths, ["good.0", "good.1"]);
  assertClose(await body(), before, 1e-5);
  releaseAll(model, ...parts);
});

/** One convolution for two batch norms, one batch norm for two convolutions, shared weights, classes of one's own. */
class Knots extends nn.Module {
  shared = new nn.Conv2d(3, 3, 1);
  a = new nn.BatchNorm2d(3);
  b = new nn.BatchNorm2d(3);
  one = new nn.Conv2d(3, 3, 1);
  two = new nn.Conv2d(3, 3, 1);
  both = new nn.BatchNorm2d(3);
  tied = new nn.Conv2d(3, 3, 1);
  twin = new nn.Conv2d(3, 3, 1);
  tiedNorm = new nn.BatchNorm2d(3);
  activated = new Activated(3);
  standardized = new Doubled(3, 3, 1);
  norm = new nn.BatchNorm2d(3);
  idle = new nn.BatchNorm2d(3);
  constructor() {
    super();
    this.twin.weight = this.tied.weight;
  }
  override forward(x: tf.Tensor): tf.Tensor {
    const forked = this.shared.forward(x);
    const y = this.a.forward(forked).add(this.b.forward(forked));
    const z = this.both.forward(this.one.forward(y)).add(this.both.forward(this.two.forward(y)));
    const t = this.twin.forward(this.tiedNorm.forward(this.tied.forward(z)));
    return this.norm.forward(this.standardized.forward(this.activated.forward(this.one.forward(t))));
  }
}

class Activated extends nn.BatchNorm2d {
  override forward(x: tf.Tensor): tf.Tensor4D {
    return super.forward(x).relu();
  }
}

class Doubled extends nn.Conv2d {
  override forward(x: tf.Tensor): tf.Tensor4D {
    return super.forward(x).mul(2);
  }
}

noLeaks("folding: what cannot be folded stays, each with its reason", async () => {
  const model = trained(new Knots());
  const before = await computed(model, 4);
  const { changes, left } = foldBatchNorm(model);
  assertEquals(changes, []);
  assertEquals(Object.fromEntries(left.map(({ path, reason }) => [path, reason])), {
    a: "the output of shared goes elsewhere too",
    b: "the output of shared goes elsewhere too",
    both: "it takes something else than one convolution's output",
    tiedNorm: "tied shares its weights",
    activated: "its class has a forward of its own",
    norm: "the class of standardized has a forward of its own",
    idle: "it does not run",
  });
  assertEquals(await computed(model, 4), before);
  releaseAll(model);
});

noLeaks("folding: a network that runs on one size alone is run on that, or the error says what to pass", async () => {
  const fixed = (side: number) =>
    trained(
      new nn.Sequential(
        new nn.Conv2d(1, 2, 3, { padding: 1 }),
        new nn.BatchNorm2d(2),
        new nn.Flatten(),
        new nn.Linear(2 * side * side, 2),
      ),
    );
  for (const side of [32, 28]) {
    const model = fixed(side);
    const parts = model.modules();
    const before = await computed(model, side, 1);
    if (side === 28) {
      assertThrows(
        () => foldBatchNorm(model),
        TypeError,
        "Cannot fold batch norm of Sequential: expected it to run on an input [1, 64, 64, 1] or [1, 32, 32, 1] or " +
          "[1, 224, 224, 1], to see which batch norm takes which convolution's output, found: " +
          'Cannot run "3" (Linear): expected input [N, 1568], found [1, 8192]; pass { input: [height, width] } or ' +
          "{ input: tensor } that it runs on",
      );
    }
    const x = tensor(plain("x", [1, side, side, 1]));
    foldBatchNorm(model, undefined, side === 28 ? { input: x } : {});
    x.dispose();
    assertClose(await computed(model, side, 1), before, 1e-5);
    releaseAll(model, ...parts);
  }
});

noLeaks("folding: what cannot be is said", () => {
  const model = stack();
  assertThrows(
    () => foldBatchNorm({} as nn.Module),
    TypeError,
    "Cannot fold batch norm: expected a network, found a plain object",
  );
  assertThrows(
    () => foldBatchNorm(model, "layer9"),
    RangeError,
    'Cannot fold batch norm at "layer9": expected a module such as stem, body, found none of that name',
  );
  assertThrows(
    () => foldBatchNorm(model, undefined, { keep: "layer9" }),
    RangeError,
    'Cannot keep batch norm at "layer9": expected a module such as stem, body, found none of that name',
  );
  assertThrows(
    () => foldBatchNorm(model, 3 as unknown as string),
    TypeError,
    "Cannot fold batch norm at 3: expected a name or a list of names",
  );
  assertThrows(
    () => foldBatchNorm(model, undefined, { input: [0, 3] }),
    RangeError,
    "Cannot fold batch norm: expected input to be a number of pixels, [height, width] or a tensor, found [0,3]",
  );
  assertThrows(
    () => foldBatchNorm(model, undefined, { size: 3 } as Record<string, unknown>),
    TypeError,
    'Cannot fold batch norm: expected options { keep, input }, found "size"',
  );
  const broken = new nn.Sequential(new nn.Conv2d(3, 2, 1, { init: nn.init.constant(1e38) }), new nn.BatchNorm2d(2));
  assertThrows(
    () => foldBatchNorm(broken),
    RangeError,
    "Cannot fold batch norm of Sequential: expected finite numbers to compare, found others in its output before " +
      "anything changed; pass { input: tensor } with an input that it is made for",
  );
  releaseAll(model, broken);
});
