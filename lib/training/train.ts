import * as tf from "@tensorflow/tfjs";
import { random } from "../engine/random.ts";
import { BatchesAhead } from "../data/batches_ahead.ts";
import { onInterrupt } from "../display/mod.ts";
import type { Module } from "../nn/mod.ts";
import { forget, keepBest, stateOf } from "./best.ts";
import { occupy } from "./busy.ts";
import type { Checkpoints, Position } from "./checkpoints.ts";
import type { FitSettings, TrainingData } from "./fit_options.ts";
import { hasStalled } from "./early_stopping.ts";
import type { Epoch } from "./history.ts";
import type { Optimizer } from "./optimizer.ts";
import { watch, type Watcher } from "./progress.ts";
import type { Run } from "./run.ts";
import { Source } from "./source.ts";
import { expectFinite, trainStep } from "./step.ts";
import { freezeForEpoch, thawsUntil } from "./thaw.ts";
import { Updates } from "./updates.ts";

/**
 * Trains to the end, or until the run is stopped. Where it fails, the network gets its best weights back, or those that it
 * began with, and the error knows the run.
 *
 * @param moving the names of all entries that training may change, in whatever epoch
 */
export async function train(
  run: Run,
  model: Module,
  data: TrainingData,
  optimizer: Optimizer,
  moving: ReadonlySet<string>,
  settings: FitSettings,
  checkpoints?: Checkpoints,
): Promise<Run> {
  const release = occupy(model, "fit");
  const start = stateOf(model, moving);
  const forgetInterrupt = onInterrupt(() => run.stop());
  const watcher = watch(run, settings.display);
  let source = new Source(model, data, settings);
  const updates = new Updates(optimizer, settings, source.batchCount); // knows the rates before a checkpoint changes them
  const stalled = () => settings.earlyStopping !== undefined && hasStalled(run.history, settings.earlyStopping);
  const thaws = (epoch: number) => settings.unfreeze ? thawsUntil(settings.unfreeze, epoch) : [];
  /** Makes network and source ready for the epochs from this one to the next thaw. */
  const enter = async (epoch: number, seed: number) => {
    const last = Math.min(epoch, settings.epochs - 1);
    if (settings.unfreeze) {
      source.dispose();
      freezeForEpoch(model, settings.unfreeze, last);
      source = new Source(model, data, settings);
      run.thaws = thaws(last);
      run.cachedAt = run.cachedOn = run.uncached = undefined;
    }
    run.auxiliary = source.auxiliary;
    if (epoch === last) await source.prepare(run, watcher, seed);
  };
  try {
    const resumed = await checkpoints?.open(); // before anything is computed with the weights
    let position = resumed?.position ?? startOf(0, settings.seed ?? random.bits());
    await enter(position.epoch, position.seed);
    resumed?.restoreRandom();
    for (let { epoch } = position; epoch < settings.epochs && !run.signal.aborted && !stalled(); epoch++) {
      if (thaws(epoch).length > run.thaws.length) {
        await enter(epoch, position.seed);
        if (run.signal.aborted) break;
      }
      const passed = await trainEpoch(run, model, source, updates, position, watcher, checkpoints);
      if (!passed) break;
      run.history.push(passed);
      keepBest(run, model, passed, moving);
      watcher.epoch();
      position = startOf(epoch + 1, position.seed);
      await checkpoints?.epoch(position);
      await settings.onEpoch?.(passed, run);
      await run.tellLoops();
    }
    if (run.signal.aborted) await checkpoints?.stop(position);
    run.state = run.signal.aborted ? "stopped" : "finished";
    if (settings.restoreBest && run.best) model.loadStateDict(run.best.stateDict, { strict: false });
    model.classes = data.classes;
    return run;
  } catch (error) {
    run.state = "failed";
    model.loadStateDict(run.best?.stateDict ?? start, { strict: false });
    throw error instanceof Error ? Object.assign(error, { run }) : error;
  } finally {
    forget(start);
    release();
    forgetInterrupt();
    updates.dispose();
    source.dispose();
    await watcher.end();
  }
}

/** The start of an epoch. */
function startOf(epoch: number, seed: number): Position {
  return { seed, epoch, batch: 0, sums: { loss: 0, right: 0, count: 0 }, seconds: 0 };
}

/** One pass over the training data and one over the validation data; nothing where the run was stopped before any step. */
async function trainEpoch(
  run: Run,
  model: Module,
  source: Source,
  updates: Updates,
  position: Position,
  watcher: Watcher,
  checkpoints?: Checkpoints,
): Promise<Epoch | undefined> {
  const order = { seed: position.seed, epoch: position.epoch };
  const started = performance.now() - 1000 * position.seconds;
  const seconds = () => (performance.now() - started) / 1000;
  const sums = { ...position.sums };
  const learningRate = () => updates.optimizer.groups[0].learningRate;
  updates.beginEpoch(position.epoch, position.batch, run.history.map((epoch) => epoch.validationLoss ?? epoch.loss));
  let [number, stopped] = [0, false];
  const batches = new BatchesAhead(source.trainingBatches(order));
  const meanwhile = () => run.signal.aborted ? Promise.resolve() : batches.makeNext();
  for await (const batch of batches) {
    if (++number <= position.batch) { // done before the run was broken off
      tf.dispose([batch.images, batch.labels]);
      continue;
    }
    const where = { epoch: order.epoch + 1, batch: number };
    const { loss, right } = await trainStep(model, source, batch, updates, { ...where, seed: order.seed }, meanwhile);
    expectFinite(loss, updates.optimizer, where);
    sums.loss += loss * batch.indices.length;
    sums.right += right;
    sums.count += batch.indices.length;
    await watcher.step(order.epoch, sums.count / source.trainingCount, sums.loss / sums.count);
    await source.settings.onStep?.({ ...where, loss, learningRate: learningRate() }, run);
    if (updates.pending) continue; // half a step is no place to stop at
    stopped = run.signal.aborted; // asked once: a stop that comes while files are written counts after the next step
    await checkpoints?.step({ ...order, batch: number, sums, seconds: seconds() }, stopped);
    if (stopped) break;
  }
  updates.flush();
  if (sums.count === 0) return undefined;
  const held = stopped ? undefined : await source.validate();
  return {
    epoch: order.epoch + 1,
    loss: sums.loss / sums.count,
    accuracy: sums.right / sums.count,
    validationLoss: held?.loss,
    validationAccuracy: held?.accuracy,
    metrics: source.settings.metrics && held?.metrics,
    learningRate: learningRate(),
    seconds: seconds(),
  };
}
