import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { models, nn } from "thaw";
import { Adam, freeze, layerwiseRates, type ParameterGroup, SGD, unfreeze } from "../../lib/training/mod.ts";
import { noLeaks, release } from "../tensors.ts";

const named = (groups: ParameterGroup[]) => groups.map(({ name, learningRate }) => [name, learningRate] as const);

Deno.test("each stage has the rate of the one above, divided; the head comes first", () => {
  const model = models.resnet18({ numClasses: 9 });
  const groups = layerwiseRates(model, { top: 0.1 });
  assertEquals(groups.map(({ name }) => name), ["fc", "layer4", "layer3", "layer2", "layer1", "conv1"]);
  groups.forEach(({ learningRate }, i) => assertAlmostEquals(learningRate!, 0.1 / 2.6 ** i, 1e-12));
  assertEquals(new Set(groups.flatMap(({ parameters }) => parameters)), new Set(model.parameters()));
  assertEquals(groups.flatMap(({ parameters }) => parameters).length, model.parameters().length);
  const lite = models.efficientnet_lite0();
  assertEquals(layerwiseRates(lite, { top: 1 })[0].name, "classifier");
  assertEquals(layerwiseRates(lite, { top: 1 }).length, lite.stages().length - 1); // the pooling has nothing to train
});

Deno.test("what is frozen has no group and takes no part in the counting", () => {
  const model = models.resnet18({ numClasses: 9 });
  freeze(model, { except: ["layer2", "fc", "layer1.0.conv1"] });
  assertEquals(named(layerwiseRates(model, { top: 8, decay: 2 })), [["fc", 8], ["layer2", 4], ["layer1", 2]]);
  assertEquals(layerwiseRates(model, { top: 8 })[2].parameters, [model.get("layer1.0.conv1", nn.Conv2d).weight]);
});

class WithToken extends nn.Module {
  token: nn.Parameter = new nn.Parameter([3], nn.init.constant(0));
  body: nn.Linear = new nn.Linear(3, 4);
  head: nn.Linear = new nn.Linear(4, 2);
  override forward(x: tf.Tensor): tf.Tensor {
    return this.head.forward(this.body.forward(tf.add(x, this.token.value)));
  }
}

noLeaks("parameters of no stage get the lowest stage's rate, and every group moves by its own", async () => {
  const model = new WithToken();
  const groups = layerwiseRates(model, { top: 1, decay: 4 });
  assertEquals(named(groups), [["head", 1], ["body", 0.25], ["the rest", 0.25]]);
  assertEquals(groups[2].parameters, [model.token]);
  const optimizer = new SGD(groups, { learningRate: 100 });
  const before = await Promise.all(optimizer.parameters().map(({ value }) => value.data()));
  const ones = optimizer.parameters().map(({ value }) => tf.onesLike(value));
  optimizer.step(ones);
  const moved = [1, 1, 0.25, 0.25, 0.25];
  for (const [i, { value }] of optimizer.parameters().entries()) {
    assertAlmostEquals(before[i][0] - (await value.data())[0], moved[i], 1e-5);
  }
  freeze(model, { except: ["token"] });
  assertEquals(named(layerwiseRates(model, { top: 0.5 })), [["the rest", 0.5]]);
  tf.dispose(ones);
  optimizer.dispose();
  release(model);
});

Deno.test("layerwise rates that cannot be are refused", () => {
  const model = new nn.Sequential(new nn.Linear(2, 2));
  const refused = (options: unknown, type: new (message: string) => Error, message: string) =>
    assertThrows(() => layerwiseRates(model, options as { top: number }), type, message);
  refused({}, RangeError, "Cannot make layerwise rates: expected top to be a number above 0, found undefined");
  refused(
    { top: 1, decay: 0.38 },
    RangeError,
    "Cannot make layerwise rates: expected decay to be a number ≥ 1, by which each stage's rate is divided, found 0.38",
  );
  refused({ top: 1, factor: 2 }, TypeError, 'expected options { top, decay }, found "factor"');
  refused(0.1, TypeError, "expected options { top, decay } in one object, found 0.1; write { top: 0.1 }");
  assertThrows(
    () => layerwiseRates(Promise.resolve(model) as unknown as nn.Module, { top: 1 }),
    TypeError,
    "Cannot make layerwise rates: expected a network, found a promise; did you forget await?",
  );
  freeze(model);
  refused(
    { top: 1 },
    TypeError,
    "Cannot make layerwise rates for Sequential: expected something to train, found every parameter frozen; " +
      "unfreeze(model) or freeze(model, { until }) leaves a part to train",
  );
  unfreeze(model);
  assertEquals(new Adam(layerwiseRates(model, { top: 1 })).groups.length, 1);
});
