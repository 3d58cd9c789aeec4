import type { Batch } from "../data/types.ts";
import type { CrossEntropyLoss, Module } from "../nn/mod.ts";
import { evaluateBy, type Evaluation } from "./evaluate.ts";
import { computeFeatures, featureBudget, type FeatureSet } from "./features.ts";
import type { FitSettings, TrainingData } from "./fit_options.ts";
import { divide, type Divided } from "./gradients.ts";
import type { Watcher } from "./progress.ts";
import { criterionOf } from "./refinements.ts";
import type { Run } from "./run.ts";

/** Where samples come from and what computes them: pictures and the whole network, or features and its trained part. */
export class Source {
  readonly #divided?: Divided;
  /** The loss that is made smaller. */
  readonly criterion: CrossEntropyLoss;
  #features: { train?: FeatureSet; validation?: FeatureSet } = {};

  constructor(readonly model: Module, readonly data: TrainingData, readonly settings: FitSettings) {
    this.#divided = divide(model);
    this.criterion = criterionOf(settings);
  }

  /** Computes the features of what is frozen, where that is allowed and there is room for them. */
  async prepare(run: Run, watcher: Watcher, seed: number): Promise<void> {
    const { cache, batchSize, transforms, flip, augment, variants, mixup } = this.settings;
    const changes = flip || augment !== undefined;
    if (!this.#divided || !cache || mixup || (changes && variants === undefined)) return;
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

  /** How many batches it has. */
  get batchCount(): number {
    return Math.ceil(this.trainingCount / this.settings.batchSize);
  }

  /** Mixup's α, where samples are mixed. */
  get mixup(): number | undefined {
    return this.settings.mixup;
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

  /** Loss, accuracy and metrics on the validation data, where there is any. */
  async validate(): Promise<Evaluation | undefined> {
    const { batchSize, transforms, metrics } = this.settings;
    const features = this.#features.validation?.datasets[0];
    if (features) return await evaluateBy(this.model, this.above, features, { batchSize }, metrics);
    const { validation } = this.data;
    return validation &&
      await evaluateBy(this.model, (x) => this.model.forward(x), validation, { batchSize, transforms }, metrics);
  }

  /** Gives the features' memory back. */
  dispose(): void {
    this.#features.train?.dispose();
    this.#features.validation?.dispose();
  }
}
