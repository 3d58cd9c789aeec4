import { checkOptions } from "../nn/check_options.ts";
import { describeValue, expectModule, type Module } from "../nn/mod.ts";
import { FreezePlan } from "./freeze_plan.ts";
import { asInEpoch } from "./thaw.ts";

/** Which stages of a network train from which epoch on. Plain data, so that it can be written, compared and sent. */
export interface UnfreezeSchedule {
  /** How many epochs there are between two thaws. */
  readonly every: number;
  /** Names as in `freeze(model, { until })`: the first stage to train at the start, after the first thaw, and so on. */
  readonly stages: readonly string[];
  /** What frozen batch norm does, as in `freeze`; `"eval"` unless given. */
  readonly batchNorm?: "eval" | "train";
}

/** Options of {@linkcode unfreezeSchedule}. */
export interface UnfreezeOptions {
  /** How many epochs there are between two thaws; 1. */
  every?: number;
  /** The stage that trains from the start, with all above it; the last one that has parameters. */
  from?: string;
  /** The lowest stage that will train; the first one that has parameters, and with it everything. */
  until?: string;
  /** The first stage to train at the start, after the first thaw, and so on, in place of `from` and `until`. */
  stages?: readonly string[];
  /** What frozen batch norm does, as in `freeze`; `"eval"`. */
  batchNorm?: "eval" | "train";
}

/**
 * Gradual unfreezing (Howard & Ruder 2018, https://arxiv.org/abs/1801.06146), for `fit`'s `unfreeze`: training begins with
 * the head alone, and every few epochs the next stage below it thaws. What is learnt in the stages above by then keeps the
 * first large gradients of a new head away from the pretrained ones.
 *
 * @throws {RangeError} where a stage is not one of the network's, or the stages do not go downward
 *
 * @example
 * ```ts
 * import { data, fit, nn, unfreezeSchedule } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]), [0, 1, 0, 1]);
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * const unfreeze = unfreezeSchedule(net, { every: 2 });
 * console.log(unfreeze); // { every: 2, stages: [ "2", "0" ] }
 * const run = await fit(net, points, { epochs: 4, unfreeze });
 * console.log(run.thaws); // [ { epoch: 3, stage: "0" } ]
 * ```
 */
export function unfreezeSchedule(model: Module, options: UnfreezeOptions = {}): UnfreezeSchedule {
  expectModule("make an unfreeze schedule", model);
  checkOptions("make an unfreeze schedule", options, ["every", "from", "until", "stages", "batchNorm"]);
  const { every = 1, from, until, stages, batchNorm } = options;
  if (stages !== undefined && (from ?? until) !== undefined) {
    throw new TypeError(
      "Cannot make an unfreeze schedule: expected stages, or from and until in their place, found both",
    );
  }
  const schedule = { every, stages: stages ?? downward(model, from, until), ...(batchNorm && { batchNorm }) };
  checkUnfreeze(model, schedule, "make an unfreeze schedule");
  return schedule;
}

/** The stages with parameters from one down to another. */
function downward(model: Module, from?: string, until?: string): string[] {
  const { stages, model: type } = new FreezePlan(model);
  const names = stages.filter(({ parameters }) => parameters > 0).map(({ name }) => name);
  const position = (option: string, name: string | undefined, otherwise: number) => {
    const found = name === undefined ? otherwise : names.indexOf(name);
    if (found >= 0) return found;
    throw new RangeError(
      `Cannot make an unfreeze schedule for ${type}: expected ${option} to be one of the stages ` +
        `${names.join(", ") || "(it has none with parameters)"}, found ${JSON.stringify(name)}`,
    );
  };
  const top = position("from", from, names.length - 1);
  const bottom = position("until", until, 0);
  if (bottom > top) {
    throw new RangeError(
      `Cannot make an unfreeze schedule for ${type}: expected from at or above until, found "${
        names[top]
      }", which is ` +
        `below "${names[bottom]}"`,
    );
  }
  return names.slice(bottom, top + 1).reverse();
}

/**
 * Checks a schedule against the network that is to be trained by it.
 *
 * @param action what cannot be done otherwise
 */
export function checkUnfreeze(model: Module, schedule: UnfreezeSchedule, action = "fit"): void {
  const { every, stages, batchNorm = "eval" } = Object(schedule) as UnfreezeSchedule;
  if (!Array.isArray(stages) || stages.length === 0 || stages.some((name) => typeof name !== "string")) {
    const advice = action === "fit" ? "; write unfreezeSchedule(model, { every: 1 })" : "";
    const [what, found] = action === "fit"
      ? ["unfreeze to be a schedule", describeValue(schedule)]
      : ["stages to be a list of names", describeValue(stages)];
    throw new TypeError(`Cannot ${action}: expected ${what}, found ${found}${advice}`);
  }
  if (!Number.isInteger(every) || every < 1) {
    throw new RangeError(`Cannot ${action}: expected every to be a whole number of epochs ≥ 1, found ${every}`);
  }
  if (batchNorm !== "eval" && batchNorm !== "train") {
    throw new RangeError(`Cannot ${action}: expected batchNorm "eval" or "train", found ${JSON.stringify(batchNorm)}`);
  }
  const counts = stages.map((_, i) => asInEpoch(model, schedule, i * every, () => new FreezePlan(model).trainable));
  const wrong = counts.findIndex((count, i) => count <= (i === 0 ? 0 : counts[i - 1]));
  if (wrong < 0) return;
  throw new RangeError(
    `Cannot ${action}: expected each stage of the unfreeze schedule to let more parameters train, found ` +
      `"${stages[wrong]}" ${
        wrong === 0 ? "with none" : `after "${stages[wrong - 1]}"`
      }; name them from the head downward`,
  );
}
