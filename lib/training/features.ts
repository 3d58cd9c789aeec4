import * as tf from "@tensorflow/tfjs";
import { BatchesAhead } from "../data/batches_ahead.ts";
import { LabelledDataset } from "../data/dataset.ts";
import type { RowStore } from "../data/row_store.ts";
import type { BatchOptions, Dataset, Transforms } from "../data/types.ts";
import { precision } from "../engine/mod.ts";
import { inMode, runStages, type Stage } from "../nn/mod.ts";
import { type FeatureRoom, makeStore, openRoom } from "./feature_room.ts";
import type { Trunk } from "./trunk.ts";

/** How a dataset's batches are made ready. */
export interface Preparation {
  batchSize: number;
  transforms?: Transforms;
}

/** The random changes of a dataset's pictures, where there are any. */
export type Variation = Pick<BatchOptions, "flip" | "augment" | "variants" | "seed">;

/** Features as a dataset for each variant of the pictures. */
export interface FeatureSet {
  /** The stage whose input they are. */
  readonly cut: string;
  readonly datasets: readonly Dataset[];
  readonly place: "memory" | "disk";
  readonly bytes: number;
}

interface Kept extends FeatureSet {
  readonly of: Dataset;
  /** What the numbers depend on besides the pictures: everything below, the precision, and how the pictures are prepared. */
  readonly key: string;
  readonly augment: unknown;
  readonly stores: readonly RowStore[];
  /** How many trainings use it. */
  users: number;
}

/** Options of {@linkcode FeatureBank}. */
export interface FeatureBankOptions {
  /** How many bytes are kept in memory; `THAW_CACHE_BYTES`, or a quarter of the memory that tensors have (the card's), unless given. */
  bytes?: number;
  /** Where files lie that memory has no room for; below `cacheDir("features")` unless given. */
  folder?: string;
}

/**
 * What a network's first stages make of datasets, computed once and kept for every training that leaves these stages alone:
 * in memory up to a budget, then on disk.
 *
 * `fit` makes one of its own; given with `fit(model, data, { features })` it serves several trainings. Networks are told
 * apart by the bits of their weights: features of other ones are never taken for their own.
 *
 * @example
 * ```ts
 * import { data, FeatureBank, fit, freeze, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]), [0, 1, 0, 1]);
 * const body = new nn.Linear(2, 8);
 * const features = new FeatureBank();
 * for (const learningRate of [0.01, 0.1]) {
 *   const net = new nn.Sequential(body, new nn.ReLU(), new nn.Linear(8, 2));
 *   freeze(net, { until: "2" });
 *   await fit(net, points, { learningRate, features }); // the second time nothing below stage 2 is computed
 * }
 * features.dispose();
 * ```
 */
export class FeatureBank {
  readonly #room: FeatureRoom;
  #kept: Kept[] = [];

  constructor(options: FeatureBankOptions = {}) {
    this.#room = openRoom(options);
  }

  /** How much it keeps at the moment, in bytes. */
  get bytes(): { memory: number; disk: number } {
    const sum = (place: string) =>
      this.#kept.filter((one) => one.place === place).reduce((total, { bytes }) => total + bytes, 0);
    return { memory: sum("memory"), disk: sum("disk") };
  }

  /**
   * The input of each of the stages `cuts` for a whole dataset. What is not there yet is computed in one pass, from the
   * features of the nearest stage below that are there, or from the pictures; what is below the last cut must be frozen.
   *
   * @param trunk of the network, by `trunkOf(model, cuts)`
   * @param progress called with the share that is done
   * @param signal ends the computation early
   * @returns one for each cut; undefined where the signal came
   * @throws {Error} where there is no room left on the disk
   */
  async compute(
    trunk: Trunk,
    cuts: readonly string[],
    dataset: Dataset,
    how: Preparation & Variation,
    progress: (share: number) => Promise<void>,
    signal: AbortSignal,
  ): Promise<FeatureSet[] | undefined> {
    const { stages, digests } = trunk;
    const positions = cuts.map((cut) => stages.findIndex(({ name }) => name === cut));
    const keyAt = (position: number) => keyOf(digests[position], how);
    const find = (position: number) =>
      this.#kept.find(({ of, cut, key, augment }) =>
        of === dataset && cut === stages[position].name && key === keyAt(position) && augment === how.augment
      );
    const missing = [...new Set(positions)].filter((position) => !find(position)).sort((a, b) => a - b);
    if (missing.length) {
      this.#forgetOthers(dataset, missing.map((position) => stages[position].name));
      const below = [...stages.keys()].slice(0, missing[0]).findLast((position) => find(position));
      const start = below === undefined ? undefined : find(below);
      const letGo = this.hold(start ? [start] : []);
      const began = precision();
      const made = await this.#pass(trunk, below ?? 0, missing, dataset, start, how, progress, signal).finally(letGo);
      if (!made) return undefined;
      if (precision() !== began) { // somebody called usePrecision meanwhile: these are some of one kind and some of another
        made.forEach(({ stores }) => stores.forEach((store) => store.dispose()));
        return await this.compute(trunk, cuts, dataset, how, progress, signal);
      }
      made.forEach((one, i) => {
        this.#kept.push({ ...one, of: dataset, key: keyAt(missing[i]), augment: how.augment, users: 0 });
      });
    }
    return positions.map((position) => find(position)!);
  }

  /**
   * Keeps features in place while a training uses them.
   *
   * @returns what ends that
   */
  hold(sets: readonly FeatureSet[]): () => void {
    const held = this.#kept.filter((one) => sets.includes(one));
    held.forEach((one) => one.users++);
    return () => held.forEach((one) => one.users--);
  }

  /** Gives all memory and files back. */
  dispose(): void {
    for (const { stores } of this.#kept) stores.forEach((store) => store.dispose());
    this.#kept = [];
  }

  /** Those of another network or other variants, which are about to be replaced. */
  #forgetOthers(dataset: Dataset, cuts: readonly string[]): void {
    const others = this.#kept.filter(({ of, cut, users }) => of === dataset && cuts.includes(cut) && users === 0);
    others.forEach(({ stores }) => stores.forEach((store) => store.dispose()));
    this.#kept = this.#kept.filter((one) => !others.includes(one));
  }

  /** One pass over a dataset's variants, from the stage `from` on, which keeps the input of the stages `cuts`. */
  async #pass(
    { model, stages }: Trunk,
    from: number,
    cuts: readonly number[],
    dataset: Dataset,
    start: FeatureSet | undefined,
    how: Preparation & Variation,
    progress: (share: number) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Omit<Kept, "of" | "key" | "augment" | "users">[] | undefined> {
    const { variants = 1 } = how;
    const stores: RowStore[][] = cuts.map(() => []); // of each cut, one for each variant
    const total = dataset.length * variants;
    let places: ("memory" | "disk")[] | undefined;
    let done = 0;
    try {
      for (let epoch = 0; epoch < variants; epoch++) {
        // A seed in any case: whether features are there already must not change what is drawn after this.
        const { batchSize, seed = 0 } = how;
        const batches = new BatchesAhead(
          start ? start.datasets[epoch].batches({ batchSize, seed }) : dataset.batches({ ...how, seed, epoch }),
        );
        for await (const { images, labels } of batches) {
          const outputs: tf.Tensor[] = [];
          try {
            outputs.push(...tf.tidy(() => inMode(model, false, () => inputsOf(stages, from, cuts, images))));
            tf.dispose([images, labels]);
            await batches.makeNext(); // what goes to disk is waited for next
            places ??= this.#room.places(outputs.map(({ size, shape }) => 4 * size / shape[0] * total), this.bytes);
            for (const [i, rows] of outputs.entries()) {
              stores[i][epoch] ??= makeStore(places[i], this.#room);
              await stores[i][epoch].append(rows);
            }
          } finally {
            tf.dispose([images, labels, outputs]);
          }
          await progress((done += outputs[0].shape[0]) / total);
          if (signal.aborted) break;
        }
        if (signal.aborted) break;
      }
    } catch (error) { // such as an image that cannot be read
      stores.flat().forEach((store) => store.dispose());
      throw error;
    }
    if (done < total) {
      stores.flat().forEach((store) => store.dispose());
      return undefined;
    }
    const { labels, name, classes } = dataset;
    return cuts.map((cut, i) => ({
      cut: stages[cut].name,
      datasets: stores[i].map(({ samples }) => new LabelledDataset(samples, { labels, name, classes })),
      place: places![i],
      bytes: stores[i].reduce((sum, { bytes }) => sum + bytes, 0),
      stores: stores[i],
    }));
  }
}

/** The inputs of the stages `cuts`, from the input of the stage `from`. */
function inputsOf(stages: readonly Stage[], from: number, cuts: readonly number[], x: tf.Tensor): tf.Tensor[] {
  let at = from;
  return cuts.map((cut) => {
    x = runStages(stages.slice(at, cut), x);
    at = cut;
    return x.clone();
  });
}

function keyOf(
  fingerprint: string,
  { transforms, flip, augment, variants = 1, seed }: Preparation & Variation,
): string {
  const changes = flip || augment !== undefined ? { flip, variants, seed } : undefined;
  return JSON.stringify([fingerprint, precision(), transforms, changes]);
}
