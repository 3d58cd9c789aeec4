import { assertEquals, assertThrows } from "@std/assert";
import { freeze, insertBatchNorm, models, removeBatchNorm } from "thaw";
import { nn } from "../nn/nn.ts";
import { assertClose, noLeaks } from "../tensors.ts";
import { computed, keysOf, Own, releaseAll, stack, trained } from "./networks.ts";

function plainNet(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(3, 4, 3),
    new nn.ReLU(),
    new nn.Sequential(new nn.Conv2d(4, 6, 3, { bias: false })),
    new nn.ReLU(),
  );
}

noLeaks("inserting batch norm: behind every convolution, in a Sequential too, once", async () => {
  const model = trained(plainNet());
  const before = await computed(model, 9);
  const changes = insertBatchNorm(model, undefined, { eps: 1e-12, momentum: 0.3 });
  assertEquals(changes.changes, [
    { path: "0", before: "Conv2d(3, 4)", after: "Sequential(Conv2d(3, 4), BatchNorm2d(4))" },
    { path: "2.0", before: "Conv2d(4, 6)", after: "Sequential(Conv2d(4, 6), BatchNorm2d(6))" },
  ]);
  assertEquals([...changes.keys.renamed], [
    ["0.weight", "0.0.weight"],
    ["0.bias", "0.0.bias"],
    ["2.0.weight", "2.0.0.weight"],
  ]);
  assertEquals(keysOf(model).slice(0, 7), [
    "0.0.weight",
    "0.0.bias",
    ...["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].map((name) => `0.1.${name}`),
  ]);
  assertEquals([model.get("0.1", nn.BatchNorm2d).momentum, model.get("2.0.1", nn.BatchNorm2d).eps], [0.3, 1e-12]);
  assertClose(await computed(model, 9), before, 1e-6, "a fresh batch norm does nothing in evaluation");
  const again = insertBatchNorm(model);
  assertEquals([again.changes, again.left, keysOf(model).length], [[], [], 13]);
  releaseAll(model);
});

noLeaks("inserting batch norm: not where there is one, also where it is no sibling", () => {
  const model = new Own();
  assertEquals(insertBatchNorm(model).changes, []);
  const norms = model.norms.children();
  removeBatchNorm(model, "norms.1");
  assertEquals(insertBatchNorm(model).paths, ["grouped"]);
  assertEquals(String(model.get("grouped.1")), String(norms[1]));
  releaseAll(model, ...norms);
});

noLeaks("inserting batch norm: resnet18 without its own gets others, and runs", async () => {
  const model = models.resnet18({ numClasses: 3 });
  const parts = model.modules();
  removeBatchNorm(model, ["bn1", "layer1.**"]);
  assertEquals(insertBatchNorm(model, "layer1").paths, [
    "layer1.0.conv1",
    "layer1.0.conv2",
    "layer1.1.conv1",
    "layer1.1.conv2",
  ]);
  assertEquals(model.get("layer1.1.conv2.1", nn.BatchNorm2d).numFeatures, 64);
  assertEquals((await computed(model, 32)).shape, [2, 3]);
  releaseAll(model, ...parts);
});

noLeaks("inserting batch norm: behind a frozen convolution it is frozen", () => {
  const model = plainNet();
  freeze(model, "0");
  insertBatchNorm(model);
  const { weight, isTraining } = model.get("0.1", nn.BatchNorm2d);
  assertEquals([weight.requiresGrad, isTraining, model[0].frozen], [false, false, true]);
  const free = model.get("2.0.1", nn.BatchNorm2d);
  assertEquals([free.weight.requiresGrad, free.isTraining, model.get("2.0").frozen], [true, true, false]);
  releaseAll(model);
});

class Idle extends nn.Module {
  used = new nn.Conv2d(3, 2, 1);
  unused = new nn.Conv2d(3, 2, 1);
  override forward(...[x]: Parameters<nn.Conv2d["forward"]>): ReturnType<nn.Conv2d["forward"]> {
    return this.used.forward(x);
  }
}

noLeaks("inserting batch norm: what cannot be is said", () => {
  const model = new Idle();
  const { paths, left } = insertBatchNorm(model);
  assertEquals([paths, left], [["used"], [{ path: "unused", module: "Conv2d(3, 2)", reason: "it does not run" }]]);
  assertThrows(
    () => insertBatchNorm(model.unused),
    TypeError,
    "Cannot insert batch norm: expected a network with convolutions in it, found a convolution by itself",
  );
  assertThrows(
    () => insertBatchNorm(stack(), ["head"]),
    RangeError,
    'Cannot insert batch norm at "head": expected a module such as stem, body, found none of that name',
  );
  assertThrows(
    () => insertBatchNorm(model, undefined, { epsilon: 1 } as Record<string, unknown>),
    TypeError,
    'Cannot insert batch norm: expected options { eps, momentum, input }, found "epsilon"',
  );
  releaseAll(model);
});
