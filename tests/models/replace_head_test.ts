import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { setDropout } from "../../lib/surgery/mod.ts";
import { freeze } from "../../lib/training/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";

for (const name of models.list()) {
  Deno.test(`${name}: a new head stands where the old one was, and so do auxiliary ones`, () => {
    const { head, auxiliaryHeads } = models.info(name);
    const model = models.get(name);
    const before = model.namedState().map(([key]) => key);
    const biases = [head, ...auxiliaryHeads].filter((path) => before.includes(`${path}.bias`)).length;
    const made = models.replaceHead(model, 9);
    assert(model.get(head) === made);
    assertEquals(model.namedState().map(([key]) => key), before);
    const changed = model.namedParameters().filter(([key]) =>
      [head, ...auxiliaryHeads].some((path) => key.startsWith(`${path}.`))
    );
    assert(changed.length === 1 + auxiliaryHeads.length + biases && changed.every(([, { shape }]) => shape[0] === 9));
    assertEquals(models.toSpec(model), { model: name, options: { numClasses: 9 } });
    assertEquals(String(models.get(name, { numClasses: 9 })), String(model));
  });
}

noLeaks("replaceHead: the network runs with it, a convolution's as well as a linear one", () => {
  for (const model of [models.resnet18(), models.squeezenet1_1()]) {
    models.replaceHead(model, 9);
    const x = tf.zeros([1, 64, 64, 3]);
    const y = model.eval().forward(x);
    assertEquals(y.shape, [1, 9]);
    tf.dispose([x, y]);
    release(model);
  }
});

noLeaks("replaceHead: first values are those of torch's layers, whatever the family draws", async () => {
  const model = models.efficientnet_b0();
  const { weight, bias } = models.replaceHead(model, 40);
  for (const { value } of [weight, bias!]) {
    const found = await value.data();
    assert(found.every((one) => Math.abs(one) <= 1 / Math.sqrt(1280)));
    assertAlmostEquals(Math.max(...found), 1 / Math.sqrt(1280), 5e-3);
  }
  release(model);
});

Deno.test("replaceHead: the new head trains in a frozen network, and all else stays frozen", () => {
  const model = models.alexnet();
  model.classes = ["tench"];
  model.eval();
  freeze(model);
  const head = models.replaceHead(model, 9);
  assertEquals([head.frozen, head.training, head.weight.requiresGrad, head.bias!.requiresGrad], [
    false,
    false,
    true,
    true,
  ]);
  assertEquals(model.classes, undefined);
  assertEquals([model.frozen, model.classifier.frozen, model.features.frozen], [false, false, true]);
  const trained = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).map(([name]) => name);
  assertEquals(trained, ["classifier.6.weight", "classifier.6.bias"]);
});

Deno.test("replaceHead: a head that has dropout before it by now keeps it", () => {
  const model = models.resnet18();
  setDropout(model, 0.3, "fc");
  const head = models.replaceHead(model, 9);
  assertEquals([String(model.get("fc.0")), model.get("fc.1") === head], ["Dropout(p=0.3, inplace=False)", true]);
});

Deno.test("replaceHead: pretrained weights stay in the spec, with a new head", async () => {
  const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
  models.replaceHead(model, 9);
  assertEquals(model.classes, undefined);
  assertEquals(models.toSpec(model), {
    model: "efficientnet_lite0",
    options: { weights: "IMAGENET1K_V1", numClasses: 9, head: "new" },
  });
  release(model);
});

/** A network of one's own, with a convolution for a head. */
const maps = () => new nn.Sequential(new nn.Conv2d(3, 8, 3), new nn.ReLU(), new nn.Conv2d(8, 4, 1, { bias: false }));

Deno.test("replaceHead: in a network of one's own the last Linear is the head, or the layer that is named", () => {
  const net = new nn.Sequential(
    new nn.Linear(3, 8),
    new nn.ReLU(),
    new nn.Linear(8, 4, { bias: false }),
    new nn.ReLU(),
  );
  assertEquals(String(models.replaceHead(net, 2)), "Linear(in_features=8, out_features=2, bias=False)");
  assertEquals(net.get("2", nn.Linear).outFeatures, 2);
  models.replaceHead(net, 5, { head: "0" });
  assertEquals([net.get("0", nn.Linear).outFeatures, net.get("2", nn.Linear).outFeatures], [5, 2]);
  models.replaceHead(net, 6, { head: ["2", "0"] });
  assertEquals([net.get("0", nn.Linear).outFeatures, net.get("2", nn.Linear).outFeatures], [6, 6]);
  const net2 = maps();
  models.replaceHead(net2, 2, { head: "2" });
  assertEquals(String(net2.get("2")), "Conv2d(8, 2, kernel_size=(1, 1), stride=(1, 1), bias=False)");
  assertEquals(models.toSpec(net), undefined);
});

Deno.test("replaceHead: one layer in two places is replaced in both", () => {
  const shared = new nn.Linear(4, 4);
  const net = new nn.Sequential(shared, new nn.ReLU(), shared);
  const head = models.replaceHead(net, 4);
  assert(net.get("0") === head && net.get("2") === head);
});

Deno.test("replaceHead: where there is no head to be found, the error says what to do", () => {
  const refused = (use: () => unknown, type: typeof TypeError | typeof RangeError, message: string) =>
    assertEquals(assertThrows(use, type).message, `Cannot replace the head${message}`);
  refused(
    () => models.replaceHead(maps(), 9),
    TypeError,
    " of Sequential: expected an nn.Linear in it, found none; name the layer that makes logits: " +
      'replaceHead(model, 9, { head: "2" })',
  );
  refused(
    () => models.replaceHead(new nn.Linear(2, 2), 9),
    TypeError,
    ": expected a network that has one, found a layer, Linear",
  );
  const model = models.resnet18();
  (model as unknown as { fc: nn.Module }).fc = new nn.Identity();
  refused(
    () => models.replaceHead(model, 9),
    TypeError,
    ' of ResNet: expected an nn.Linear or nn.Conv2d at "fc", found Identity; put one there yourself: ' +
      "model.fc = new nn.Linear(inFeatures, 9)",
  );
  const fresh = models.resnet18();
  refused(() => models.replaceHead(fresh, 0), RangeError, ": expected classes to be a whole number ≥ 1, found 0");
  refused(
    () => models.replaceHead(fresh, "9" as unknown as number),
    RangeError,
    ': expected classes to be a whole number ≥ 1, found "9"',
  );
  refused(
    () => models.replaceHead(Promise.resolve() as unknown as nn.Module, 9),
    TypeError,
    ": expected a network, found a promise; did you forget await?",
  );
  refused(
    () => models.replaceHead(fresh, 9, "fc" as models.ReplaceHeadOptions),
    TypeError,
    ': expected options { head } in one object, found "fc"',
  );
  assertThrows(
    () => models.replaceHead(fresh, 9, { head: "fs" }),
    RangeError,
    'Cannot get "fs": expected one of ResNet\'s submodules (conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, ' +
      'avgpool, fc), found "fs"',
  );
});
