import { BatchesAhead } from "../data/batches_ahead.ts";
import { permutation } from "../data/order.ts";
import { random } from "../engine/random.ts";
import type { Module } from "../nn/mod.ts";
import type { FitSettings, TrainingData } from "./fit_options.ts";
import type { Watcher } from "./progress.ts";
import { hasDiverged, type RangeTestData, smooth } from "./range_curve.ts";
import type { Run } from "./run.ts";
import { Source } from "./source.ts";
import { trainStep } from "./step.ts";
import type { Updates } from "./updates.ts";

/**
 * Makes the steps of a range test, at the rates that `updates` sets: all of them, or until the loss diverges or a stop.
 *
 * @param curve the steps' rates and losses are added to it
 * @returns how it ended; `broken` is the last loss, where that was no number and was not added
 */
export async function makeSteps(
  run: Run,
  model: Module,
  data: TrainingData,
  updates: Updates,
  steps: number,
  settings: FitSettings,
  { rates, losses }: { rates: number[]; losses: number[] },
  watcher: Watcher,
): Promise<{ state: RangeTestData["state"]; broken?: number }> {
  const seed = settings.seed ?? random.bits();
  const count = steps * settings.batchSize;
  // Of more samples than there are steps for, only those that will be looked at, each once: none is worth keeping. A bank
  // that was given keeps them all for whoever trains next.
  const once = count <= data.train.length && !settings.features;
  const train = once ? data.train.subset(permutation(data.train.length, seed).subarray(0, count)) : data.train;
  const source = new Source(model, { ...data, train }, { ...settings, cache: settings.cache && !once });
  try {
    await source.prepare(run, watcher, seed);
    updates.beginEpoch(0, 0, []);
    for (let epoch = 0; !run.signal.aborted; epoch++) {
      let number = 0;
      const batches = new BatchesAhead(source.trainingBatches({ seed, epoch }));
      const meanwhile = () => losses.length + 1 < steps ? batches.makeNext() : Promise.resolve();
      for await (const batch of batches) {
        const where = { seed, epoch: epoch + 1, batch: ++number };
        const { loss } = await trainStep(model, source, batch, updates, where, meanwhile);
        if (!Number.isFinite(loss)) return { state: "diverged", broken: loss };
        rates.push(updates.optimizer.groups[0].learningRate);
        losses.push(loss);
        if (hasDiverged(smooth(losses))) return { state: "diverged" };
        if (losses.length === steps) return { state: "finished" };
        await watcher.step(0, losses.length / steps, loss);
        if (run.signal.aborted) break;
      }
    }
    return { state: "stopped" };
  } finally {
    source.dispose();
  }
}
