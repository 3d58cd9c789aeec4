import type { Batch, Dataset } from "../data/types.ts";
import type { CrossEntropyLoss, Module, Outputs } from "../nn/mod.ts";
import { type AuxiliaryLoss, auxiliaryLosses, runCounted } from "./auxiliary.ts";
import { evaluateBy, type Evaluation } from "./evaluate.ts";
import { FeatureBank, type FeatureSet, type Variation } from "./features.ts";
import { NoRoom } from "./feature_room.ts";
import type { FitSettings, TrainingData } from "./fit_options.ts";
import { divide, type Divided } from "./gradients.ts";
import type { Watcher } from "./progress.ts";
import { criterionOf } from "./refinements.ts";
import type { Run } from "./run.ts";
import { trunkOf } from "./trunk.ts";

/** Where samples come from and what computes them: pictures and the whole network, or features and its trained part. */
export class Source {
  readonly #divided?: Divided;
  /** The loss that is made smaller. */
  readonly criterion: CrossEntropyLoss;
  /** The network's auxiliary heads, and by how much each counts. */
  readonly auxiliary: readonly AuxiliaryLoss[];
  #features: { train?: FeatureSet; validation?: FeatureSet } = {};
  #ownBank?: FeatureBank;
  readonly #held: (() => void)[] = [];

  constructor(readonly model: Module, readonly data: TrainingData, readonly settings: FitSettings) {
    this.#divided = divide(model);
    this.criterion = criterionOf(settings);
    this.auxiliary = auxiliaryLosses(model);
  }

  /** Computes the features of what is frozen, where that is allowed and there is room for them. */
  async prepare(run: Run, watcher: Watcher, seed: number): Promise<void> {
    const { cache, batchSize, transforms, flip, augment, variants, mixup, features } = this.settings;
    const changes = flip || augment !== undefined;
    if (!this.#divided || !cache || mixup || (changes && variants === undefined)) return;
    const bank = features ?? (this.#ownBank = new FeatureBank());
    const { train, validation } = this.data;
    const changed = changes ? { flip, augment, variants, seed } : {};
    const trainCount = train.length * (changes ? variants! : 1);
    const share = trainCount / (trainCount + (validation?.length ?? 0));
    const cuts = [this.#divided.name];
    const trunk = await trunkOf(this.model, cuts);
    const compute = async (part: Dataset, variation: Variation, before: number, weight: number) => {
      const progress = (done: number) => watcher.features(before + weight * done);
      const how = { batchSize, transforms, ...variation };
      const sets = await bank.compute(trunk, cuts, part, how, progress, run.signal);
      if (sets) this.#held.push(bank.hold(sets)); // at once: another training may want the room
      return sets?.[0];
    };
    try {
      const trained = await compute(train, changed, 0, share);
      const validated = validation && trained && await compute(validation, {}, share, 1 - share);
      if (!trained || (validation && !validated)) return;
      this.#features = { train: trained, validation: validated };
      run.cachedAt = this.#divided.name;
      run.cachedOn = trained.place;
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      run.uncached = error.message; // training goes on, only slower
    }
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

  /** From there to the logits, and to those of the auxiliary heads that count. */
  get above(): (x: Batch["images"]) => Outputs {
    if (this.auxiliary.some(({ weight }) => weight > 0)) {
      return runCounted(this.#divided?.stages ?? this.model.stages(), this.auxiliary);
    }
    return (x) => ({ logits: this.#logits(x), auxiliary: [] });
  }

  /** Loss, accuracy and metrics on the validation data, where there is any. */
  async validate(): Promise<Evaluation | undefined> {
    const { batchSize, transforms, metrics } = this.settings;
    const features = this.#features.validation?.datasets[0];
    if (features) return await evaluateBy(this.model, (x) => this.#logits(x), features, { batchSize }, metrics);
    const { validation } = this.data;
    return validation &&
      await evaluateBy(this.model, (x) => this.model.forward(x), validation, { batchSize, transforms }, metrics);
  }

  #logits(x: Batch["images"]): Batch["images"] {
    return this.#divided?.trained(x) ?? this.model.forward(x);
  }

  /** Gives the features' memory back, unless they are another's to keep. */
  dispose(): void {
    this.#held.splice(0).forEach((letGo) => letGo());
    this.#ownBank?.dispose();
  }
}
