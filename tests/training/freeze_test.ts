import { assertEquals, assertThrows } from "@std/assert";
import { nn } from "thaw";
import type * as tf from "@tensorflow/tfjs";
import { freeze, unfreeze } from "../../lib/training/freeze.ts";
import type { FreezePlan } from "../../lib/training/freeze_plan.ts";

function network(): nn.Sequential {
  const block = () => new nn.Sequential(new nn.Conv2d(2, 2, 3), new nn.BatchNorm2d(2), new nn.Dropout(0.5));
  return new nn.Sequential({
    stem: block(),
    body: new nn.Sequential(block(), block()),
    head: new nn.Linear(2, 3),
  } as unknown as nn.Module);
}

const trained = (model: nn.Module) =>
  model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).map(([name]) => name);
const frozen = (model: nn.Module) => model.namedModules().filter(([, module]) => module.frozen).map(([name]) => name);

Deno.test("freeze until a stage freezes all before it and nothing else", () => {
  const model = network();
  freeze(model, { until: "head" });
  assertEquals(trained(model), ["head.weight", "head.bias"]);
  freeze(model, { until: "body" });
  assertEquals(trained(model).length, 10);
  assertEquals(frozen(model), ["stem", "stem.0", "stem.1", "stem.2"]);
});

Deno.test("freeze until a path divides the stage", () => {
  const model = network();
  freeze(model, { until: "body.1" });
  assertEquals(trained(model).map((name) => name.split(".").slice(0, 2).join(".")), [
    ...Array(4).fill("body.1"),
    "head.weight",
    "head.bias",
  ]);
  assertEquals(frozen(model).includes("body.0"), true);
  assertEquals(frozen(model).includes("body"), false);
  freeze(model, { until: "body.1.1" });
  assertEquals(trained(model), ["body.1.1.weight", "body.1.1.bias", "head.weight", "head.bias"]);
});

/** Two stages that divide a container between them; the first has a batch norm besides its main layer. */
class Divided extends nn.Module {
  features = new nn.Sequential(new nn.Conv2d(2, 2, 3), new nn.BatchNorm2d(2), new nn.Conv2d(2, 2, 3), new nn.ReLU());
  head = new nn.Linear(2, 3);

  override stages(): nn.Stage[] {
    return [
      nn.stage(this, "features.0", ["features.0", "features.1"]),
      nn.stage(this, "features.2", ["features.2", "features.3"]),
      nn.stage(this, "head"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

Deno.test("freeze until a layer that is not its stage's first trains it and what follows", () => {
  const model = new Divided();
  const { stages } = freeze(model, { until: "features.1" });
  assertEquals(trained(model), [
    "features.1.weight",
    "features.1.bias",
    "features.2.weight",
    "features.2.bias",
    "head.weight",
    "head.bias",
  ]);
  assertEquals(stages.map(({ state }) => state), ["partly", "trainable", "trainable"]);
  freeze(model, { until: "features.3" });
  assertEquals(trained(model), ["head.weight", "head.bias"]);
  assertEquals(model.get("features.3").frozen, false);
});

Deno.test("freeze until a container of several stages freezes all before the first of them", () => {
  const model = new Divided();
  assertEquals(freeze(model, { until: "features" }).trainable, model.parameters().reduce((sum, p) => sum + p.size, 0));
  assertThrows(
    () => freeze(model, { until: "feat" }),
    RangeError,
    'Cannot freeze until "feat": expected one of the stages features.0, features.2, head, found "feat"',
  );
});

Deno.test("a stage without parameters counts as frozen where its modules are", () => {
  const net = new nn.Sequential({
    body: new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU()),
    head: new nn.Linear(2, 2),
  });
  net.stages = () => [nn.stage(net, "body.0"), nn.stage(net, "body.1"), nn.stage(net, "head")];
  assertEquals(freeze(net, { until: "head" }).stages.map(({ state }) => state), ["frozen", "frozen", "trainable"]);
});

Deno.test("a stage without modules counts as frozen where all before it is", () => {
  const net = new nn.Sequential({ body: new nn.Linear(2, 2), head: new nn.Linear(2, 2) });
  const mean = { name: "mean", modules: [], forward: (x: tf.Tensor) => x };
  net.stages = () => [nn.stage(net, "body"), mean, nn.stage(net, "head")];
  const states = (plan: FreezePlan) => plan.stages.map(({ state }) => state);
  assertEquals(states(freeze(net, { until: "head" })), ["frozen", "frozen", "trainable"]);
  assertEquals(states(unfreeze(net)), ["trainable", "trainable", "trainable"]);
  assertEquals(states(freeze(net)), ["frozen", "frozen", "frozen"]);
});

Deno.test("freeze except trains exactly the exceptions, down to a single parameter", () => {
  const model = network();
  freeze(model, { except: ["head.bias", "body.*.1"] });
  assertEquals(trained(model), ["body.0.1.weight", "body.0.1.bias", "body.1.1.weight", "body.1.1.bias", "head.bias"]);
});

Deno.test("freeze by names adds to what is frozen, unfreeze takes away", () => {
  const model = network();
  freeze(model, "stem");
  freeze(model, ["body.0"]);
  assertEquals(frozen(model).filter((name) => !name.includes(".")), ["stem"]);
  assertEquals(frozen(model).includes("body.0"), true);
  unfreeze(model, "stem");
  assertEquals(frozen(model).includes("stem.1"), false);
  assertEquals(frozen(model).includes("body.0.1"), true);
  unfreeze(model);
  assertEquals(trained(model).length, model.namedParameters().length);
  assertEquals(frozen(model), []);
});

Deno.test("freeze of everything leaves nothing to train, whatever train() says", () => {
  const model = network();
  const plan = freeze(model);
  assertEquals([plan.trainable, plan.stages.map(({ state }) => state)], [0, ["frozen", "frozen", "frozen"]]);
  model.train();
  assertEquals(model.modules().some(({ isTraining }) => isTraining), false);
});

Deno.test("freeze with batchNorm train lets the statistics of frozen batch norm move, and the plan says so", () => {
  const model = network();
  const plan = freeze(model, { until: "head" }, { batchNorm: "train" });
  assertEquals(model.get("stem.1").isTraining, true);
  assertEquals(model.get("stem.2").isTraining, false);
  assertEquals(trained(model), ["head.weight", "head.bias"]);
  assertEquals(plan.movingBatchNorms, 3);
});

Deno.test("the freeze plan counts and displays", () => {
  const plan = freeze(network(), { until: "body" });
  assertEquals(plan.stages.map(({ name, state, parameters, trainable }) => [name, state, parameters, trainable]), [
    ["stem", "frozen", 42, 0],
    ["body", "trainable", 84, 84],
    ["head", "trainable", 9, 9],
  ]);
  assertEquals(plan.spec().caption, "93 of 135 parameters train (68.9 %)");
});

Deno.test("freeze names what it does not find", () => {
  const model = network();
  assertThrows(
    () => freeze(model, { until: "layer3" }),
    RangeError,
    'Cannot freeze until "layer3": expected one of the stages stem, body, head, found "layer3"',
  );
  assertThrows(
    () => freeze(model, { until: "body.7" }),
    RangeError,
    `Cannot freeze until "body.7": expected one of "body"'s submodules (0, 1), found "7"`,
  );
  assertThrows(
    () => freeze(model, ["conv1"]),
    RangeError,
    'Cannot freeze or unfreeze "conv1": expected a module or parameter such as stem, body, head, found none of that name',
  );
  assertThrows(
    () => freeze(model, "stem", { batchNorm: "off" as "eval" }),
    RangeError,
    'Cannot freeze: expected batchNorm "eval" or "train", found "off"',
  );
  assertEquals(trained(model).length, 14);
});
