import type { Dataset, Split } from "../data/types.ts";
import { onInterrupt } from "../display/mod.ts";
import { checkOptions as checkNames } from "../nn/check_options.ts";
import { expectModule, type Module } from "../nn/mod.ts";
import { occupy } from "./busy.ts";
import { expectTrainingData } from "./expect_data.ts";
import { checkOptions, type FitOptions, makeOptimizer } from "./fit_options.ts";
import { FreezePlan } from "./freeze_plan.ts";
import { Optimizer } from "./optimizer.ts";
import { expectFall } from "./range_curve.ts";
import { watchRange } from "./range_progress.ts";
import { makeSteps } from "./range_steps.ts";
import { RangeTest } from "./range_test.ts";
import { rememberAll } from "./remember_all.ts";
import { Run } from "./run.ts";
import type { Moment } from "./schedule.ts";
import { Updates } from "./updates.ts";

/** What of `fit`'s options a range test takes too: with the same ones it tries what `fit` will do. */
type Shared = Pick<
  FitOptions,
  | "batchSize"
  | "optimizer"
  | "weightDecay"
  | "seed"
  | "flip"
  | "augment"
  | "variants"
  | "transforms"
  | "cache"
  | "features"
  | "clip"
  | "labelSmoothing"
  | "classWeights"
  | "mixup"
  | "display"
  | "signal"
>;

/** Options of {@linkcode findLearningRate}; those that are not described here are `fit`'s. */
export interface FindLearningRateOptions extends Shared {
  /** The rate of the first step; 1e-6. */
  from?: number;
  /** The rate of the last step; 10. */
  to?: number;
  /** How many steps there are, one batch each, over as many passes as that takes; 100. */
  steps?: number;
  /** Which rule makes the suggestion: the middle of the loss's longest fall (the default), or its steepest point. */
  suggest?: "valley" | "steep";
}

const shared: (keyof Shared)[] = [
  "batchSize",
  "optimizer",
  "weightDecay",
  "seed",
  "flip",
  "augment",
  "variants",
  "transforms",
  "cache",
  "features",
  "clip",
  "labelSmoothing",
  "classWeights",
  "mixup",
  "display",
  "signal",
];

/**
 * Finds a learning rate to train with by a range test (Smith 2015, https://arxiv.org/abs/1506.01186): trains for a few steps
 * with a rate that grows exponentially, until the loss diverges, and suggests a rate from how the loss fell, as fastai's
 * `lr_find` does. What is frozen stays so, and is computed once for each sample where `fit` would do that.
 *
 * Afterwards the network, the optimizer that was given and the random generator are as they were, to the bit, also where the
 * test fails or is stopped. Where the optimizer's groups have rates of their own, those grow alike, and the rates that are
 * told are the first group's.
 *
 * @param data only the training part of a split is looked at
 * @throws {RangeError} where an option cannot be; {TypeError} where network and data do not fit together;
 *   {Error} where the loss is no number at the start, or falls at no rate
 * @throws {DOMException} named `AbortError` where the test is stopped before there is anything to suggest
 *
 * @example
 * ```ts
 * import { data, findLearningRate, fit, manualSeed, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * manualSeed(1);
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]), [0, 1, 0, 1], { name: "points" });
 * const net = new nn.Sequential(new nn.Linear(2, 2));
 * const test = await findLearningRate(net, points, { seed: 1 });
 * console.log(test.suggestion > 1e-3 && test.suggestion < 1); // true
 * await fit(net, points, { learningRate: test.suggestion });
 * ```
 */
export async function findLearningRate(
  model: Module,
  data: Split | Dataset,
  options: FindLearningRateOptions = {},
): Promise<RangeTest> {
  expectModule("find a learning rate", model);
  expectTrainingData(`find a learning rate for ${model.constructor.name}`, data);
  checkNames("find a learning rate", options, ["from", "to", "steps", "suggest", ...shared]);
  const { from = 1e-6, to = 10, steps = 100, suggest = "valley", ...common } = options;
  checkRange({ from, to, steps, suggest });
  const parts = { name: data.name, classes: data.classes, train: "train" in data ? data.train : data };
  const settings = checkOptions(model, parts, common, "find a learning rate");
  const given = common.optimizer instanceof Optimizer;
  const action = "find a learning rate for";
  const optimizer = makeOptimizer(model, given ? common : { ...common, learningRate: 1 }, action);
  const first = optimizer.groups[0].learningRate;
  if (first === 0) {
    throw new RangeError(
      `Cannot ${action} ${model.constructor.name}: expected the optimizer's first group to have a rate above 0, to which ` +
        "those of the others are in proportion, found 0",
    );
  }
  const release = occupy(model, action);
  const restore = rememberAll(model, optimizer);
  const run = new Run(model.constructor.name, data.name, 1, new FreezePlan(model));
  const stop = () => run.stop();
  const forgetInterrupt = onInterrupt(stop);
  common.signal?.addEventListener("abort", stop);
  if (common.signal?.aborted) stop();
  const growing = ({ step }: Moment) => from * (to / from) ** (step / (steps - 1)) / first;
  // One long epoch: the schedule counts the steps from its start.
  const updates = new Updates(optimizer, { epochs: 1, schedule: growing, clip: settings.clip }, steps);
  const curve = { rates: [], losses: [] };
  const watcher = watchRange(run, curve, settings.display);
  try {
    const { state, broken } = await makeSteps(run, model, parts, updates, steps, settings, curve, watcher);
    const found = { model: run.model, dataset: run.dataset, steps, suggest, state, ...curve };
    expectFall(found, broken);
    const test = new RangeTest(found);
    await watcher.end(test.spec());
    return test;
  } finally {
    updates.dispose();
    restore();
    if (!given) optimizer.dispose();
    common.signal?.removeEventListener("abort", stop);
    forgetInterrupt();
    release();
    await watcher.end();
  }
}

function checkRange({ from, to, steps, suggest }: Required<Omit<FindLearningRateOptions, keyof Shared>>): void {
  if (!(from > 0 && from < to && Number.isFinite(to))) {
    throw new RangeError(
      `Cannot find a learning rate: expected from above 0 and below to, found from ${from} and to ${to}`,
    );
  }
  if (!Number.isInteger(steps) || steps < 10) {
    throw new RangeError(`Cannot find a learning rate: expected steps to be a whole number ≥ 10, found ${steps}`);
  }
  if (suggest !== "valley" && suggest !== "steep") {
    throw new RangeError(
      `Cannot find a learning rate: expected suggest "valley" or "steep", found ${JSON.stringify(suggest)}`,
    );
  }
}
