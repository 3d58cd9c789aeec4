import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/types.ts";
import { random } from "../engine/random.ts";
import { onInterrupt } from "../display/mod.ts";
import type { Module } from "../nn/mod.ts";
import { forget, keepBest, movingState } from "./best.ts";
import type { Checkpoints, Position } from "./checkpoints.ts";
import { evaluateBy } from "./evaluate.ts";
import { computeFeatures, featureBudget, type FeatureSet } from "./features.ts";
import type { FitSettings, TrainingData } from "./fit_options.ts";
import { divide, type Divided } from "./gradients.ts";
import type { Epoch } from "./history.ts";
import type { Optimizer } from "./optimizer.ts";
import { watch, type Watcher } from "./progress.ts";
import type { Run } from "./run.ts";
import { trainStep } from "./step.ts";

// Networks that are being trained at this moment.
const busy = new WeakSet<Module>();

/**
 * Trains to the end, or until the run is stopped. Where it fails, the network gets its best weights back, or those that it
 * began with, and the error knows the run.
 */
export async function train(
  run: Run,
  model: Module,
  data: TrainingData,
  optimizer: Optimizer,
  settings: FitSettings,
  checkpoints?: Checkpoints,
): Promise<Run> {
  if (busy.has(model)) {
    throw new Error(
      `Cannot fit ${model.constructor.name}: it is being trained already; wait for that run's end, or stop() it`,
    );
  }
  busy.add(model);
  const start = movingState(model);
  const forgetInterrupt = onInterrupt(() => run.stop());
  const watcher = watch(run, settings.display);
  const source = new Source(model, data, settings);
  try {
    const resumed = await checkpoints?.open(); // before anything is computed with the weights
    let position = resumed?.position ?? startOf(0, settings.seed ?? random.bits());
    await source.prepare(run, watcher, position.seed);
    resumed?.restoreRandom();
    for (let { epoch } = position; epoch < settings.epochs && !run.signal.aborted; epoch++) {
      const passed = await trainEpoch(run, model, source, optimizer, position, watcher, checkpoints);
      if (!passed) break;
      run.history.push(passed);
      keepBest(run, model, passed);
      watcher.epoch();
      position = startOf(epoch + 1, position.seed);
      await checkpoints?.write(position);
    }
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
    busy.delete(model);
    forgetInterrupt();
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
  optimizer: Optimizer,
  position: Position,
  watcher: Watcher,
  checkpoints?: Checkpoints,
): Promise<Epoch | undefined> {
  const order = { seed: position.seed, epoch: position.epoch };
  const started = performance.now() - 1000 * position.seconds;
  const seconds = () => (performance.now() - started) / 1000;
  const sums = { ...position.sums };
  let number = 0;
  for await (const batch of source.trainingBatches(order)) {
    if (++number <= position.batch) { // done before the run was broken off
      tf.dispose([batch.images, batch.labels]);
      continue;
    }
    const where = { epoch: order.epoch + 1, batch: number };
    const { loss, right } = await trainStep(model, source, batch, optimizer, where);
    sums.loss += loss * batch.indices.length;
    sums.right += right;
    sums.count += batch.indices.length;
    await watcher.step(order.epoch, sums.count / source.trainingCount, sums.loss / sums.count);
    await checkpoints?.step({ ...order, batch: number, sums, seconds: seconds() });
    if (run.signal.aborted) break;
  }
  if (sums.count === 0) return undefined;
  const held = run.signal.aborted ? undefined : await source.validate();
  return {
    epoch: order.epoch + 1,
    loss: sums.loss / sums.count,
    accuracy: sums.right / sums.count,
    validationLoss: held?.loss,
    validationAccuracy: held?.accuracy,
    learningRate: optimizer.groups[0].learningRate,
    seconds: seconds(),
  };
}

/** Where samples come from and what computes them: pictures and the whole network, or features and its trained part. */
export class Source {
  readonly #divided?: Divided;
  #features: { train?: FeatureSet; validation?: FeatureSet } = {};

  constructor(readonly model: Module, readonly data: TrainingData, readonly settings: FitSettings) {
    this.#divided = divide(model);
  }

  /** Computes the features of what is frozen, where that is allowed and there is room for them. */
  async prepare(run: Run, watcher: Watcher, seed: number): Promise<void> {
    const { cache, batchSize, transforms, flip, augment, variants } = this.settings;
    const changes = flip || augment !== undefined;
    if (!this.#divided || !cache || (changes && variants === undefined)) return;
    const { train } = this.data;
    const trainVariants = changes ? variants! : 1;
    const parts = [train, this.data.validation].filter((part) => part !== undefined);
    const counts = parts.map(({ length }, i) => i === 0 ? length * trainVariants : length);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const sets: FeatureSet[] = [];
    let before = 0;
    for (const [i, part] of parts.entries()) {
      const budget = featureBudget() * counts[i] / total;
      const variation = i === 0 ? { flip, augment, variants: trainVariants, seed } : { seed };
      const how = { batchSize, transforms, ...variation };
      const set = await computeFeatures(this.#divided, part, how, budget, async (done) => {
        await watcher.features((before + done) / total);
      }, run.signal);
      if (!set) {
        sets.forEach((made) => made.dispose());
        return;
      }
      sets.push(set);
      before += counts[i];
    }
    this.#features = { train: sets[0], validation: sets[1] };
    run.cachedAt = this.#divided.name;
  }

  /** How many samples an epoch has. */
  get trainingCount(): number {
    return this.data.train.length;
  }

  /** The training samples in the order of this epoch. */
  trainingBatches(order: { seed: number; epoch: number }): AsyncIterable<Batch> {
    const { batchSize, transforms, flip, augment, variants } = this.settings;
    const features = this.#features.train?.datasets;
    if (features) return features[order.epoch % features.length].batches({ batchSize, shuffle: true, ...order });
    return this.data.train.batches({ batchSize, shuffle: true, ...order, transforms, flip, augment, variants });
  }

  /** What a batch's samples become before anything trains, without a tape; the tape starts after it. */
  get below(): ((x: Batch["images"]) => Batch["images"]) | undefined {
    return this.#features.train ? undefined : this.#divided?.frozen;
  }

  /** From there to the logits. */
  get above(): (x: Batch["images"]) => Batch["images"] {
    return this.#divided?.trained ?? ((x) => this.model.forward(x));
  }

  /** Loss and accuracy on the validation data, where there is any. */
  async validate(): Promise<{ loss: number; accuracy: number } | undefined> {
    const { batchSize, transforms } = this.settings;
    const features = this.#features.validation?.datasets[0];
    if (features) return await evaluateBy(this.model, this.above, features, { batchSize });
    const { validation } = this.data;
    return validation &&
      await evaluateBy(this.model, (x) => this.model.forward(x), validation, { batchSize, transforms });
  }

  /** Gives the features' memory back. */
  dispose(): void {
    this.#features.train?.dispose();
    this.#features.validation?.dispose();
  }
}
