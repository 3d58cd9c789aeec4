import { assertEquals, assertThrows } from "@std/assert";
import { freeze, models, removeBatchNorm } from "thaw";
import { nn } from "../nn/nn.ts";
import { assertClose, noLeaks, plain, read, tensor } from "../tensors.ts";
import { computed, keysOf, Own, releaseAll, stack, trained } from "./networks.ts";

noLeaks(
  "removing batch norm: what is left are the convolutions, with biases of zeros where there were none",
  async () => {
    const model = trained(new Own());
    const parts = model.modules();
    const { bias } = model.grouped;
    const changes = removeBatchNorm(model);
    assertEquals(changes.paths, ["first", "norms.0", "norms.1", "norms.2"]);
    assertEquals(changes.changes.slice(0, 2), [
      { path: "first", before: "Conv2d(3, 8), no bias", after: "Conv2d(3, 8), bias of zeros" },
      { path: "norms.0", before: "BatchNorm2d(8)", after: "Identity" },
    ]);
    assertEquals([...await model.first.bias!.value.data()], Array(8).fill(0));
    assertEquals(model.grouped.bias === bias, true);
    assertEquals(keysOf(model).length, 8);

    // the same as the convolutions one after the other
    const x = tensor(plain("pictures", [2, 9, 9, 3], -2, 2));
    let y = model.first.forward(x);
    for (const next of [new nn.ReLU(), model.grouped, new nn.ReLU(), model.depthwise, new nn.ReLU()]) {
      const before = y;
      y = next.forward(before) as typeof y;
      before.dispose();
    }
    const mean = y.mean([1, 2]);
    const byHand = await read(model.head.forward(mean));
    [x, y, mean].forEach((one) => one.dispose());
    assertClose(await computed(model, 9), byHand, 1e-6);

    const again = removeBatchNorm(model);
    assertEquals([again.changes, again.left, String(again)], [[], [], "Batch norm removed from Own: nothing changed"]);
    releaseAll(model, ...parts);
  },
);

noLeaks("removing batch norm: resnet18 has the keys of convolutions with biases, and stages that run", async () => {
  const model = models.resnet18({ numClasses: 4 });
  const parts = model.modules();
  const convs = parts.filter((part) => part instanceof nn.Conv2d).length;
  const { keys } = removeBatchNorm(model);
  assertEquals([keys.added.length, keys.removed.length], [convs, 5 * convs]);
  assertEquals(keysOf(model).filter((key) => key.startsWith("layer2.0.")), [
    "layer2.0.conv1.weight",
    "layer2.0.conv1.bias",
    "layer2.0.conv2.weight",
    "layer2.0.conv2.bias",
    "layer2.0.downsample.0.weight",
    "layer2.0.downsample.0.bias",
  ]);
  assertEquals((await computed(model, 32)).shape, [2, 4]);
  releaseAll(model, ...parts);
});

noLeaks("removing batch norm: only what is named; a frozen part's new bias is frozen", () => {
  const model = stack();
  const parts = model.modules();
  freeze(model, "stem");
  assertEquals(removeBatchNorm(model, "stem.1").keys.added, ["stem.0.bias"]);
  assertEquals(model.get("stem.0", nn.Conv2d).bias!.requiresGrad, false);
  assertEquals([model.get("stem.1").frozen, model.get("stem").frozen], [true, true]);
  assertEquals(model.get("body.1") instanceof nn.BatchNorm2d, true);
  removeBatchNorm(model, "body");
  assertEquals(model.get("body.0", nn.Conv2d).bias!.requiresGrad, true);
  releaseAll(model, ...parts);
});

class Activated extends nn.BatchNorm2d {
  override forward(...[x]: Parameters<nn.BatchNorm2d["forward"]>): ReturnType<nn.BatchNorm2d["forward"]> {
    return super.forward(x).relu();
  }
}

noLeaks("removing batch norm: what does more than batch norm stays, what follows no convolution goes", () => {
  const model = new nn.Sequential(new nn.BatchNorm2d(3), new nn.Conv2d(3, 2, 1), new Activated(2));
  const parts = model.modules();
  const { paths, left } = removeBatchNorm(model);
  assertEquals(paths, ["0"]);
  assertEquals(left, [{ path: "2", module: "Activated(2)", reason: "its class has a forward of its own" }]);
  releaseAll(model, ...parts);
});

noLeaks("removing batch norm: what cannot be is said", () => {
  const norm = new nn.BatchNorm2d(2);
  assertThrows(
    () => removeBatchNorm(norm),
    TypeError,
    "Cannot remove batch norm: expected a network with batch norm in it, found a batch norm by itself",
  );
  assertThrows(
    () => removeBatchNorm(stack(), "head"),
    RangeError,
    'Cannot remove batch norm at "head": expected a module such as stem, body, found none of that name',
  );
  assertThrows(
    () => removeBatchNorm(stack(), undefined, { keep: "stem" } as Record<string, unknown>),
    TypeError,
    'Cannot remove batch norm: expected options { input }, found "keep"',
  );
  releaseAll(norm);
});
