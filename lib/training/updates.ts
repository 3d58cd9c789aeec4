import * as tf from "@tensorflow/tfjs";
import { clipByNorm, clipByValue, type ClipOptions } from "./clip.ts";
import { describeValue } from "../nn/mod.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Schedule } from "./schedule.ts";

type Slopes = (tf.Tensor | undefined)[];

/** What happens between the gradients of a batch and the optimizer's step. */
export interface UpdateSettings {
  epochs: number;
  /** How many batches make one step. */
  accumulate?: number;
  clip?: ClipOptions;
  schedule?: Schedule;
}

/**
 * Makes optimizer steps of batches' gradients: gathers them, clips them, and sets the rate. `dispose` gives the optimizer
 * its own rates back.
 */
export class Updates {
  readonly #rates: readonly number[];
  readonly #accumulate: number;
  readonly #stepsPerEpoch: number;
  #momentum?: number;
  #losses: readonly number[] = [];
  #step = 0;
  #gathered: Slopes = [];
  #weight = 0;
  #batches = 0;

  constructor(readonly optimizer: Optimizer, readonly settings: UpdateSettings, batchesPerEpoch: number) {
    this.#rates = optimizer.groups.map(({ learningRate }) => learningRate);
    this.#accumulate = settings.accumulate ?? 1;
    this.#stepsPerEpoch = Math.ceil(batchesPerEpoch / this.#accumulate);
  }

  /**
   * @param epoch from 0
   * @param batch how many of its batches have been done already
   * @param losses of the epochs before
   */
  beginEpoch(epoch: number, batch: number, losses: readonly number[]): void {
    this.#step = epoch * this.#stepsPerEpoch + Math.floor(batch / this.#accumulate);
    this.#losses = losses;
  }

  /**
   * Takes a batch's gradients over, and makes a step when enough batches are there.
   *
   * @param weight how much the batch counts beside others: the number of samples, or the sum of their weights
   */
  add(gradients: Slopes, weight: number): void {
    if (this.#accumulate > 1) this.#gather(gradients, weight);
    else this.#gathered = gradients;
    this.#weight += weight;
    if (++this.#batches === this.#accumulate) this.flush();
  }

  /** Whether gradients wait for those of other batches. */
  get pending(): boolean {
    return this.#batches > 0;
  }

  /** Makes a step of what is there: an epoch's last batches may be fewer. */
  flush(): void {
    if (this.#batches === 0) return;
    try {
      this.#setRates();
      const mean = this.#accumulate > 1 ? 1 / this.#weight : 1;
      tf.tidy(() => this.optimizer.step(this.#clip(this.#gathered.map((one) => one && scaled(one, mean)))));
    } finally {
      this.#forget();
    }
    this.#step++;
  }

  dispose(): void {
    this.#forget();
    this.optimizer.groups.forEach((group, i) => group.learningRate = this.#rates[i]);
    if (this.#momentum !== undefined) this.optimizer.moveMomentum(this.#momentum);
  }

  #gather(gradients: Slopes, weight: number): void {
    const before = this.#gathered;
    this.#gathered = gradients.map((one, i) =>
      one && tf.tidy(() => before[i] ? tf.add(before[i], tf.mul(one, weight)) : tf.mul(one, weight))
    ).map((sum, i) => sum ?? before[i]);
    tf.dispose(
      [...gradients, ...before.filter((one) => !this.#gathered.includes(one))].filter((one) => one !== undefined),
    );
  }

  #clip(gradients: Slopes): Slopes {
    const { norm, value } = this.settings.clip ?? {};
    const shortened = norm === undefined ? gradients : clipByNorm(gradients, norm).gradients;
    return value === undefined ? shortened : clipByValue(shortened, value);
  }

  #setRates(): void {
    const { schedule, epochs } = this.settings;
    if (!schedule) return;
    const moment = { step: this.#step, steps: epochs * this.#stepsPerEpoch, losses: this.#losses };
    const share: unknown = schedule(moment);
    if (typeof share !== "number" || !(share >= 0 && Number.isFinite(share))) {
      const found = typeof share === "number" ? share : describeValue(share);
      const hint = typeof share === "function" ? `; write ${schedule.name || "it"}()` : "";
      throw new TypeError(
        `Cannot set the learning rate: expected the schedule to give a share ≥ 0, found ${found}${hint}`,
      );
    }
    this.optimizer.groups.forEach((group, i) => group.learningRate = this.#rates[i] * share);
    if (schedule.momentum) {
      const before = this.optimizer.moveMomentum(schedule.momentum(moment));
      this.#momentum ??= before;
    }
  }

  #forget(): void {
    tf.dispose(this.#gathered.filter((one) => one !== undefined));
    [this.#gathered, this.#weight, this.#batches] = [[], 0, 0];
  }
}

function scaled(gradient: tf.Tensor, factor: number): tf.Tensor {
  return factor === 1 ? gradient : tf.mul(gradient, factor);
}
