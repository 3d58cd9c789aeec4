import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { freeze, load, models, registerClass, save, StateDict } from "thaw";
import { Attributes } from "../../lib/files/layers.ts";
import { fixture } from "../weights/fixtures.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";

/** Every layer of torch.nn, with options that are not torch's own. */
const layers = () =>
  new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: "same", dilation: 2 }),
    new nn.Conv2d(8, 8, [3, 1], { stride: [1, 2], padding: [1, 0], groups: 2, bias: false }),
    new nn.BatchNorm2d(8, { eps: 1e-3, momentum: null }),
    new nn.ReLU({ inplace: true }),
    new nn.ReLU6(),
    new nn.SELU(),
    new nn.SiLU(),
    new nn.Hardswish(),
    new nn.Hardsigmoid(),
    new nn.LeakyReLU(0.2),
    new nn.GELU({ approximate: "tanh" }),
    new nn.Sigmoid(),
    new nn.Tanh(),
    new nn.Dropout(0.25),
    new nn.Dropout2d(0),
    new nn.AlphaDropout(0.1),
    new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
    new nn.AvgPool2d([2, 1], { countIncludePad: false, divisorOverride: 3 }),
    new nn.AdaptiveAvgPool2d([2, null]),
    new nn.Sequential({ flat: new nn.Flatten(), same: new nn.Identity() }),
    new nn.LayerNorm(48, { bias: false }),
    new nn.Linear(48, 6, { bias: false }),
    new nn.Linear(6, 2),
  ).eval();

/** Saves, loads again and removes the file. */
async function roundTrip(model: nn.Module): Promise<nn.Module> {
  const path = await Deno.makeTempFile({ suffix: ".pkl" });
  try {
    await save(model, path);
    return await load<nn.Module>(path);
  } finally {
    await Deno.remove(path);
  }
}

noLeaks(
  "a network comes back whole: structure, numbers, mode, what is frozen, its classes and transforms",
  async () => {
    const net = layers();
    freeze(net, ["0", "2"]);
    net.classes = ["cat", "dog"];
    net.transforms = { resize: 8, crop: 8, interpolation: "bilinear", mean: [0.5, 0.5, 0.5], std: [1, 1, 1] };
    net.get("2", nn.BatchNorm2d).num_batches_tracked.value = 7;
    const again = await roundTrip(net);
    assertEquals(String(again), String(net));
    const [a, b] = [net, again].map((model) => model.stateDict());
    assert((await a.diff(b)).equal);
    assertEquals([...b.keys()], [...a.keys()]);
    assertEquals([again.training, again.classes, again.transforms], [false, net.classes, net.transforms]);
    assertEquals(again.namedModules().filter(([, { frozen }]) => frozen).map(([path]) => path), ["0", "2"]);
    assertEquals(
      again.namedParameters().filter(([, { requiresGrad }]) => !requiresGrad).map(([path]) => path),
      ["0.weight", "0.bias", "2.weight", "2.bias"],
    );
    const x = tf.randomNormal([2, 9, 9, 3]);
    const [y, z] = [net.forward(x), again.forward(x)];
    assertEquals(await z.data(), await y.data());
    tf.dispose([x, y, z]);
    release(net, again, a, b);
  },
);

noLeaks("modules and parameters that are in two places stay the same one", async () => {
  const shared = new nn.Linear(3, 3);
  const tied = new nn.Linear(3, 3);
  tied.weight = shared.weight;
  const net = new nn.Sequential(shared, new nn.ReLU(), shared, tied);
  const again = await roundTrip(net);
  assertEquals(again.get("0") === again.get("2"), true);
  assertEquals(again.namedParameters().map(([name]) => name), ["0.weight", "0.bias", "3.bias"]);
  release(net, again);
});

noLeaks("convolutions that pad as TensorFlow does come back as such, in the network that has them too", async () => {
  const net = new nn.Sequential(new models.Conv2dSame(3, 6, 3, { stride: 2, groups: 3 }));
  const lite0 = models.efficientnet_lite0({ numClasses: 2 });
  const [again, lite0Again] = [await roundTrip(net), await roundTrip(lite0)];
  const x = tf.randomNormal([1, 5, 8, 3]);
  const [y, z] = [net.forward(x), again.forward(x)];
  assertEquals([z.shape, await z.data()], [[1, 3, 4, 6], await y.data()]);
  assertEquals(lite0Again instanceof models.EfficientNetLite, true);
  assertEquals(String(lite0Again), String(lite0));
  tf.dispose([x, y, z]);
  release(net, again, lite0, lite0Again);
});

noLeaks("a network that PyTorch saved whole is put together; its state dict alone can be had", async () => {
  const net = await load<nn.Module>(fixture("whole_model.pth"));
  assertEquals(
    String(net),
    [
      "Sequential(",
      "  (0): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1), bias=False)",
      "  (1): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)",
      "  (2): Flatten(start_dim=1, end_dim=-1)",
      "  (3): Linear(in_features=4, out_features=2, bias=True)",
      ")",
    ].join("\n"),
  );
  const sd = await load(fixture("whole_model.pth"), { as: "stateDict" });
  const own = net.stateDict();
  assert(sd instanceof StateDict && (await sd.diff(own)).equal);
  assertEquals(net.parameters().every(({ loaded }) => loaded), true);
  release(net, own);
});

class Own extends nn.Module {
  hidden_size = 4;
  scale = 0.5;
  names = ["a", "b"];
  fc: nn.Linear = new nn.Linear(3, 4);
  shift: nn.Parameter = new nn.Parameter([4], nn.init.constant(2));
  seen: nn.Buffer = new nn.Buffer([2], nn.init.constant(1));
  index: nn.IndexBuffer = new nn.IndexBuffer([2], Int32Array.of(1, 0));
  none: nn.Module | null = null;

  override forward(x: tf.Tensor): tf.Tensor {
    return this.fc.forward(x).mul(this.scale).add(this.shift.value);
  }
}

noLeaks(
  "a class of one's own: its parts, parameters, buffers and plain attributes come back, its constructor is not run",
  async () => {
    const net = new Own();
    net.scale = 3;
    const again = await roundTrip(net) as Own;
    assertEquals([again instanceof Own, again.scale, again.hidden_size, again.names, again.none], [
      true,
      3,
      4,
      ["a", "b"],
      null,
    ]);
    assertEquals([...again.index.values], [1, 0]);
    const x = tf.ones([1, 3]);
    const [y, z] = [net.forward(x), again.forward(x)];
    assertEquals(await z.data(), await y.data());
    tf.dispose([x, y, z]);
    release(net, again);
  },
);

/** A layer of one's own: the layer's constructor has nothing of this, and its own takes other arguments. */
class Head extends nn.Linear {
  private _temperature = 2;
  gain: nn.Parameter = new nn.Parameter([1], nn.init.constant(3));

  constructor(classes: number) {
    super(4, classes);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.div(tf.mul(super.forward(x), this.gain.value), this._temperature);
  }
}

class Residual extends nn.Sequential {
  scale = 0.5;
  steps: nn.Counter = new nn.Counter(3);

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.add(tf.mul(super.forward(x), this.scale), x);
  }
}

noLeaks("what extends a layer of torch.nn comes back with what it has besides", async () => {
  const net = new nn.Sequential(new Residual(new nn.Linear(4, 4), new nn.ReLU()), new Head(2));
  const again = await roundTrip(net);
  assertEquals(String(again), String(net));
  assertEquals([again.get("0", Residual).steps.value, again.get("1", Head).weight.loaded], [3, true]);
  const x = tf.ones([1, 4]);
  const [y, z] = [net.forward(x), again.forward(x)];
  assertEquals(await z.data(), await y.data());
  tf.dispose([x, y, z]);
  release(net, again);
});

Deno.test("a class that is not known is named, with what to do", async () => {
  // torch's older format: its mark, its version, nothing of the machine, the network, and no storages
  const file = (module: string) => {
    const network = `\x80\x02c${module}\nLeNet\n)\x81}(X\x08\0\0\0_modules}ub.`;
    const text = `\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.${network}\x80\x02].`;
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  };
  await assertRejects(
    () => load(file("torchvision.models.lenet")),
    Error,
    'Cannot load the bytes: its class is "torchvision.models.lenet.LeNet" in Python, which has no class here: ' +
      'registerClass("torchvision.models.lenet.LeNet", TheClass) says which it is; or load its state dict alone: ' +
      'load(path, { as: "stateDict" })',
  );
  assertEquals((await load(file("torchvision.models.lenet"), { as: "stateDict" })).size, 0);
  await assertRejects(
    () => load(file("my_networks"), { as: "stateDict" }),
    Error,
    'where it is the class of a network, registerClass("my_networks.LeNet", …) says what it is here',
  );
});

Deno.test("what a file could not bring back is not saved", async () => {
  class Activated extends Own {
    activation: (x: tf.Tensor) => tf.Tensor = tf.relu;
  }
  const [One, Other] = [0, 1].map(() => class Block extends Own {});
  const path = await Deno.makeTempFile({ suffix: ".pkl" });
  const refused: [nn.Module, string][] = [
    [
      new nn.Sequential(new Activated()),
      'expected activation of "0" (Activated) to be a part, a parameter, or plain data (numbers, texts, lists and objects of ' +
      "them), found a function, which loading could not bring back; make it a method or a getter, put modules in a " +
      "nn.ModuleList and tensors in a nn.Buffer, or save(model.stateDict(), …)",
    ],
    [
      new nn.Sequential(new One(), new Other()),
      'expected its classes to have different names, found two that are called "__main__.Block"; rename one, or give it a ' +
      'name first: registerClass("my_networks.Block", TheClass)',
    ],
    [
      new (class extends Own {})(),
      'expected its classes to have names that Python can have, found one without; registerClass("my_networks.Net", TheClass) ' +
      "gives it one",
    ],
  ];
  for (const [net, message] of refused) {
    await assertRejects(() => save(net, path), Error, `Cannot save "${path}": ${message}`);
    release(net);
  }
  assertEquals((await Deno.stat(path)).size, 0); // as it was
  await Deno.remove(path);
});

Deno.test("a state dict that was taken for a network says so, and load what it cannot take", async () => {
  const sd = StateDict.from({ a: { shape: [1], data: [1] } });
  assertThrows(
    () => (sd as unknown as nn.Module).eval(),
    TypeError,
    "Cannot call eval() on a StateDict: it has a network's numbers, not its layers; make the network, then " +
      "model.loadStateDict(sd) and model.eval()",
  );
  await assertRejects(
    () => load(undefined as unknown as string),
    TypeError,
    "Cannot load: expected a path, an address or a file's bytes, found undefined",
  );
  await assertRejects(
    () => load("x.pth", { strict: false } as unknown as { key: string }),
    TypeError,
    "Cannot load: expected options",
  );
});

Deno.test("what cannot be registered is told", () => {
  assertThrows(
    () => registerClass("LeNet", Own),
    TypeError,
    'Cannot register a class: expected its full name in Python such as "my_networks.LeNet", found "LeNet"',
  );
  assertThrows(
    () => registerClass("my_networks.LeNet", tf.Tensor as unknown as typeof Own),
    TypeError,
    'Cannot register "my_networks.LeNet": expected a class that extends nn.Module, found a function',
  );
  assertThrows(
    () => registerClass("torch.nn.modules.conv.Conv2d", Own),
    RangeError,
    'Cannot register "torch.nn.modules.conv.Conv2d": it is Conv2d already',
  );
});

Deno.test("a layer that ours cannot be is refused by its place and attribute", () => {
  const attributes = new Attributes(
    "features.0",
    "torch.nn.modules.conv.Conv2d",
    new Map([["padding_mode", "circular"]]),
  );
  assertThrows(
    () => attributes.only("padding_mode", "zeros"),
    TypeError,
    'expected "features.0" (torch.nn.modules.conv.Conv2d) to have "zeros" as padding_mode, found "circular"',
  );
  assertThrows(
    () => attributes.number("groups"),
    TypeError,
    'expected "features.0" (torch.nn.modules.conv.Conv2d) to have a number as groups, found nothing',
  );
});

Deno.test("a whole network is no safetensors file", async () => {
  await assertRejects(
    () => save(new Own(), "own.safetensors"),
    TypeError,
    'Cannot save a whole network as "own.safetensors": expected a state dict, since safetensors files hold nothing else, found ' +
      "a value of class Own; write save(model.stateDict(), …), or another ending for the whole network",
  );
  await assertRejects(
    () => load("x.pth", { as: "model" as "stateDict" }),
    TypeError,
    'Cannot load: expected as "stateDict" or nothing, found "model"',
  );
});
