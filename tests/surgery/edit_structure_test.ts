import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { freeze, insertAfter, models, remove, replace } from "thaw";
import { noLeaks } from "../tensors.ts";
import { nn } from "../nn/nn.ts";
import { releaseAll } from "./networks.ts";

const stack = () =>
  new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.ReLU(), new nn.Conv2d(4, 8, 3), new nn.AdaptiveAvgPool2d(1));

noLeaks("a Sequential's modules are exchanged, taken out and put in; numbers follow the order, as torch's do", () => {
  const net = stack();
  const [first, relu, second, pool] = net.children();
  const fresh = new nn.Conv2d(4, 4, 1);
  net.insertAfter(1, fresh).replace(-1, new nn.Flatten());
  assertEquals(net.namedChildren().map(([name, child]) => [name, child.constructor.name]), [
    ["0", "Conv2d"],
    ["1", "ReLU"],
    ["2", "Conv2d"],
    ["3", "Conv2d"],
    ["4", "Flatten"],
  ]);
  assertStrictEquals(net.remove("2"), fresh);
  assertStrictEquals(net.remove(1), relu);
  assertEquals(net.children().slice(0, 2), [first, second]);
  assertEquals([...net.namedState()].map(([name]) => name), ["0.weight", "0.bias", "1.weight", "1.bias"]);
  assertEquals(pool instanceof nn.AdaptiveAvgPool2d, true);
});

Deno.test("named modules keep their names and their order; a newcomer needs one", () => {
  const net = new nn.Sequential({
    conv: new nn.Conv2d(3, 4, 3),
    relu: new nn.ReLU(),
    pool: new nn.AdaptiveAvgPool2d(1),
  });
  net.insertAfter("conv", new nn.BatchNorm2d(4), { name: "norm" });
  assertEquals(net.namedChildren().map(([name]) => name), ["conv", "norm", "relu", "pool"]);
  net.remove("relu");
  assertEquals(net.namedChildren().map(([name]) => name), ["conv", "norm", "pool"]);
  assertThrows(
    () => net.insertAfter("conv", new nn.ReLU()),
    TypeError,
    'Cannot insert into Sequential: its submodules have names (conv, norm, pool); give one: { name: "…" }',
  );
  assertThrows(
    () => net.insertAfter("conv", new nn.ReLU(), { name: "pool" }),
    RangeError,
    'Cannot insert "pool" into Sequential: expected a new name without dots',
  );
  assertThrows(() => net.remove("relu"), RangeError, 'Cannot remove "relu": expected one of conv, norm, pool');
  assertThrows(() => net.replace(3, new nn.ReLU()), RangeError, "Cannot replace 3: expected one of conv, norm, pool");
});

noLeaks("replace: the newcomer takes the mode and trains, also in a frozen part", () => {
  const model = models.resnet18().eval();
  const parts = model.modules();
  freeze(model);
  const conv = new nn.Conv2d(512, 512, 1, { bias: false });
  const { changes, keys } = replace(model, "layer4.1.conv2", conv);
  assertEquals(changes, [{ path: "layer4.1.conv2", before: "Conv2d(512, 512)", after: "Conv2d(512, 512)" }]);
  assertEquals([keys.added, keys.removed], [["layer4.1.conv2.weight"], ["layer4.1.conv2.weight"]]);
  assertStrictEquals(model.get("layer4.1.conv2"), conv);
  assertEquals([conv.training, conv.frozen, conv.weight.requiresGrad], [false, false, true]);
  releaseAll(model, ...parts);
});

noLeaks("replace: shapes that disagree are told with both layers, and nothing has changed", () => {
  const model = models.resnet18();
  const parts = model.modules();
  const old = model.get("layer4.1.conv2");
  const misfit = new nn.Conv2d(512, 256, 3, { padding: 1, bias: false });
  const change = () => replace(model, "layer4.1.conv2", misfit);
  assertThrows(
    change,
    TypeError,
    'Cannot replace "layer4.1.conv2": "layer4.1.bn2" (BatchNorm2d): expected input [N, H, W, 512], found [1, 2, 2, 256]; ' +
      'before that ran "layer4.1.conv2" (Conv2d(512, 256)), whose output is [1, 2, 2, 256]. The network is as it was; where ' +
      "several changes belong together, pass { check: false } to all but the last",
  );
  assertStrictEquals(model.get("layer4.1.conv2"), old);
  replace(model, "layer4.1.conv2", misfit, { check: false });
  const fresh = new nn.BatchNorm2d(256);
  for (const options of [{}, { input: 64 }]) {
    assertThrows(
      () => replace(model, "layer4.1.bn2", fresh, options), // the last of several changes, and they do not fit together
      TypeError,
      'Cannot replace "layer4.1.bn2": "layer4.1" (BasicBlock): ',
    );
  }
  assertEquals(model.get("layer4.1.bn2", nn.BatchNorm2d).numFeatures, 512);
  replace(model, "layer4.1.conv2", new nn.Conv2d(512, 512, 1, { bias: false })); // what makes it run again is let pass
  releaseAll(model, ...parts, misfit, fresh);
});

noLeaks("remove: a block of a Sequential goes, what a forward calls by name becomes Identity", () => {
  const model = models.resnet18();
  const parts = model.modules();
  const { changes, keys } = remove(model, "layer2.1");
  assertEquals(changes, [{ path: "layer2.1", before: "BasicBlock", after: "gone" }]);
  assertEquals([keys.removed.length, keys.added.length, keys.renamed.size], [12, 0, 0]);
  remove(model, "maxpool");
  assertEquals(model.maxpool instanceof nn.Identity, true);
  const x = tf.zeros([1, 32, 32, 3]);
  const y = model.eval().forward(x);
  assertEquals(y.shape, [1, 1000]);
  tf.dispose([x, y]);
  releaseAll(model, ...parts);
});

noLeaks("remove: what the rest needs stays, at its place and under its number", () => {
  const model = models.resnet18();
  const parts = model.modules();
  const names = model.namedState().map(([name]) => name);
  assertThrows(() => remove(model, "layer2.0"), TypeError, 'Cannot remove "layer2.0": "layer2.0');
  assertEquals(model.namedState().map(([name]) => name), names);
  releaseAll(model, ...parts);
});

noLeaks("insertAfter: in a Sequential the numbers move on, elsewhere both become a Sequential", async () => {
  const model = models.efficientnet_lite0();
  const parts = model.modules();
  const { changes, keys } = insertAfter(model, "features.8", new nn.Conv2d(1280, 1280, 1));
  assertEquals(changes, [{ path: "features.9", before: "", after: "Conv2d(1280, 1280)" }]);
  assertEquals(keys.added, ["features.9.weight", "features.9.bias"]);
  const wrapped = insertAfter(model, "avgpool", new nn.ReLU());
  assertEquals(wrapped.changes, [{
    path: "avgpool",
    before: "AdaptiveAvgPool2d",
    after: "Sequential(AdaptiveAvgPool2d, ReLU)",
  }]);
  const x = tf.ones([1, 32, 32, 3]);
  const y = model.eval().forward(x);
  assertEquals([y.shape, Number.isFinite((await y.data())[0])], [[1, 1000], true]);
  assertEquals(model.stages().map(({ name }) => name).slice(8, 11), ["features.8", "features.9", "avgpool"]);
  tf.dispose([x, y]);
  releaseAll(model, ...parts);
});

Deno.test("what is no place and what is no module is told", () => {
  const net = stack();
  assertThrows(
    () => replace(net, "conv", new nn.ReLU()),
    RangeError,
    'Cannot get "conv": expected one of Sequential\'s submodules (0, 1, 2, 3), found "conv"',
  );
  assertThrows(
    () => replace(net, "", new nn.ReLU()),
    TypeError,
    'Cannot replace: expected the dotted name of a module, found ""',
  );
  assertThrows(
    () => replace(net, "1", "ReLU" as unknown as nn.ReLU),
    TypeError,
    'Cannot replace "1": expected a module, found ReLU',
  );
  assertThrows(
    () => insertAfter(net, "1", net.get("1")),
    TypeError,
    'Cannot insert after "1": expected a module of its own, found one that the network has already',
  );
});

noLeaks("what cannot be done is undone: an only module under a name, and numbers with gaps", () => {
  const inner = new nn.Sequential({ only: new nn.Conv2d(3, 4, 3) });
  const net = new nn.Sequential({ inner, last: new nn.Conv2d(4, 4, 1) });
  const parts = net.modules();
  const text = String(net);
  assertThrows(
    () => remove(net, "inner.only"),
    TypeError,
    'Cannot remove "inner.only": "last" (Conv2d): expected input',
  );
  assertEquals(String(net), text);
  const gaps = new nn.Sequential({ 1: new nn.Conv2d(3, 4, 3), 5: new nn.Conv2d(4, 4, 1) });
  assertThrows(() => remove(gaps, "1"), TypeError, 'Cannot remove "1": ');
  assertEquals(gaps.namedChildren().map(([name]) => name), ["1", "5"]);
  remove(inner, "only");
  assertEquals(inner.append(new nn.ReLU(), { name: "again" }).namedChildren().map(([name]) => name), ["again"]);
  releaseAll(net, ...parts, gaps);
});

noLeaks("what was there keeps its mode, each part its own, wherever it is put", () => {
  const model = models.resnet18();
  const parts = model.modules();
  const norms = model.modules().filter((module) => module instanceof nn.BatchNorm2d);
  for (const norm of norms) norm.training = false;
  insertAfter(model, "layer4", new nn.ReLU());
  replace(model, "layer1", new nn.Sequential(model.layer1, new nn.ReLU()));
  assertEquals(norms.map(({ training }) => training), norms.map(() => false));
  assertEquals([model.layer4.training, model.get("layer4.1").training], [true, true]);
  releaseAll(model, ...parts);
});

Deno.test("a module that contains what it is put into is refused, and so are options that are none", () => {
  const net = stack();
  assertThrows(
    () => replace(net, "0", new nn.Sequential(net)),
    TypeError,
    'Cannot replace "0": expected a module beside what it goes into, found one that contains it',
  );
  assertThrows(
    () => insertAfter(net, "0", new nn.ReLU(), { chek: false } as unknown as { check: boolean }),
    TypeError,
    'Cannot insert after "0": expected options { input, check, name }, found "chek"',
  );
  assertThrows(
    () => replace(net, "1", new nn.ReLU(), { check: "no" as unknown as boolean }),
    TypeError,
    'Cannot replace "1": expected check to be true or false, found no',
  );
  assertThrows(
    () => insertAfter(models.resnet18(), "conv1", new nn.ReLU(), { name: "relu2" }),
    TypeError,
    'Cannot insert after "conv1": expected no name, since the two become a Sequential, found "relu2"',
  );
  assertThrows(
    () => new nn.Sequential({ conv: new nn.Conv2d(3, 4, 3) }).append(new nn.ReLU(), { name: 3 as unknown as string }),
    TypeError,
    "Cannot insert into Sequential: expected a name as text, found 3",
  );
  assertEquals(net.namedChildren().map(([name]) => name), ["0", "1", "2", "3"]);
});

Deno.test("a network that runs on no usual input is not tried, but has to run on the one that is given", () => {
  const net = new nn.Sequential(new nn.Linear(5, 4), new nn.Linear(4, 2));
  replace(net, "1", new nn.Linear(3, 2)); // nothing is known of what it runs on
  assertThrows(
    () => replace(net, "1", new nn.Linear(4, 2), { input: 8 }),
    TypeError,
    'Cannot replace "1": expected the network to run on [1, 8, 8, 3], found: "0" (Linear): expected input [N, 5], found ' +
      "[1, 8, 8, 3]; it did not before either",
  );
  const x = tf.zeros([1, 5]);
  assertThrows(
    () => replace(net, "1", new nn.Linear(6, 2), { input: x }),
    TypeError,
    'Cannot replace "1": expected the network to run on [1, 5], found: "1" (Linear): expected input [N, 6], found [1, 4]',
  );
  replace(net, "1", new nn.Linear(4, 2), { input: x });
  x.dispose();
  releaseAll(net);
});
