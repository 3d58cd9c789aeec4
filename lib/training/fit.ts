import type { Dataset, Split } from "../data/types.ts";
import { expectModule, type Module } from "../nn/mod.ts";
import { expectTrainingData } from "./expect_data.ts";
import { checkOptions, type FitOptions, makeOptimizer } from "./fit_options.ts";
import { FreezePlan } from "./freeze_plan.ts";
import { movingNames } from "./best.ts";
import { Checkpoints } from "./checkpoints.ts";
import { describeRun } from "./describe_run.ts";
import { Run, RunningFit } from "./run.ts";
import { remember } from "./runs.ts";
import { asInEpoch } from "./thaw.ts";
import { train } from "./train.ts";

/**
 * Trains what is not frozen, shows the curves while it does, and leaves the network with the weights of its best epoch.
 *
 * When a network's frozen part comes first, its output is computed once for each sample and kept (`cache: false` turns that
 * off): the losses are those of the plain way, in a fraction of the time.
 *
 * With `checkpoint`, a folder, all that training depends on is written there at every epoch's end (`checkpointEvery`: within
 * epochs too); a process that was killed goes on by the same call with `resume: true`, and its losses are those of a run that
 * was never broken. Each checkpoint is a folder of its own: `model.pth` and `optimizer.pth`, which torch.load takes,
 * `best.pth`, and `run.json`. {@linkcode runs} and {@linkcode compare} set runs side by side.
 *
 * `learningRate` is one rate for all that trains; `optimizer: new Adam(layerwiseRates(model, { top }))` has one for each
 * stage. {@linkcode findLearningRate} suggests a rate. With `unfreeze`, the network is frozen as the schedule says in each
 * epoch, whatever was frozen before, and stays as it was in the last one; what is frozen is computed once for each thaw.
 *
 * Auxiliary heads (googlenet's, inception_v3's) train too: the loss of each is added to the network's by its weight, unless all
 * below it is frozen, and the training loss that is told is the sum. Validation looks at the network's own output alone.
 *
 * Awaiting the result waits for the end. Without `await` the training goes on while other cells run, and `stop()` ends it.
 *
 * @param data a split, whose validation part tells the best epoch, or a dataset to train on without validation
 * @throws {RangeError} where an option cannot be; {TypeError} where network and data do not fit together;
 *   {Error} where the loss is no longer a number, naming the step: the network then has its best weights back, or those
 *   that it began with, and the error's `run` has the history
 *
 * @example
 * ```ts
 * import { data, fit, manualSeed, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * manualSeed(1);
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]), [0, 1, 0, 1]);
 * const net = new nn.Sequential(new nn.Linear(2, 2));
 * const run = await fit(net, points, { epochs: 30, learningRate: 0.1, batchSize: 2 });
 * console.log(run.history.at(-1)!.accuracy); // 1
 * ```
 *
 * @example Going on after a crash
 * ```ts
 * import { data, fit, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1]]), [0, 1]);
 * const checkpoint = await Deno.makeTempDir();
 * const first = fit(new nn.Sequential(new nn.Linear(2, 2)), points, { epochs: 9, checkpoint });
 * await first.stop(); // or the machine's end
 * const run = await fit(new nn.Sequential(new nn.Linear(2, 2)), points, { epochs: 9, checkpoint, resume: true });
 * console.log(run.history.length); // 9
 * ```
 *
 * @example Rates of their own for each stage, and a network that thaws from its head downward
 * ```ts
 * import { Adam, data, fit, findLearningRate, layerwiseRates, manualSeed, nn, unfreezeSchedule } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * manualSeed(1);
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]), [0, 1, 0, 1]);
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * const { suggestion: top } = await findLearningRate(net, points);
 * const optimizer = new Adam(layerwiseRates(net, { top, decay: 2.6 }));
 * const run = await fit(net, points, { optimizer, epochs: 6, unfreeze: unfreezeSchedule(net, { every: 3 }) });
 * console.log(run.thaws); // [ { epoch: 4, stage: "0" } ]
 * ```
 */
export function fit(model: Module, data: Split | Dataset, options: FitOptions = {}): RunningFit {
  expectModule("fit", model);
  expectTrainingData(`fit ${model.constructor.name}`, data);
  const split = "train" in data ? data : { name: data.name, classes: data.classes, train: data };
  const settings = checkOptions(model, split, options);
  const { epochs, unfreeze } = settings;
  // Whatever trains in the end is in the optimizer and among the best weights from the start.
  const { optimizer, moving } = asInEpoch(model, unfreeze, epochs - 1, () => ({
    optimizer: makeOptimizer(model, options),
    moving: movingNames(model),
  }));
  const plan = asInEpoch(model, unfreeze, 0, () => new FreezePlan(model));
  const run = new Run(model.constructor.name, split.name, epochs, plan);
  const record = remember(run, { ...describeRun(run, split, settings, optimizer), name: options.name });
  const checkpoints = options.checkpoint === undefined ? undefined : asInEpoch(
    model,
    unfreeze,
    0,
    () => new Checkpoints(options.checkpoint!, options, run, record, model, optimizer, split.classes),
  );
  const ended = new AbortController(); // a signal outlives the run, which it must not hold on to
  options.signal?.addEventListener("abort", () => run.stop(), { signal: ended.signal });
  if (options.signal?.aborted) run.stop();
  const end = train(run, model, split, optimizer, moving, settings, checkpoints).finally(() => {
    ended.abort();
    record.finish();
    checkpoints?.close();
    if (optimizer !== options.optimizer) optimizer.dispose();
  });
  return new RunningFit(run, end);
}
