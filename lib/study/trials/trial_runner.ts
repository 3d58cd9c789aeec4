import { join } from "node:path";
import { sample } from "../../data/stratify.ts";
import type { Split } from "../../data/types.ts";
import { watchPeak } from "../../engine/budget.ts";
import { withSeed } from "../../engine/random.ts";
import type { Module } from "../../nn/mod.ts";
import { FeatureBank, freeze, unfreeze } from "../../training/mod.ts";
import { trunkOf } from "../../training/trunk.ts";
import { load } from "../../weights/load.ts";
import { openData } from "./data_source.ts";
import type { Experiment } from "./experiment.ts";
import { freeStored, freeValues } from "./free_values.ts";
import { type Kind, kinds } from "./kinds.ts";
import { makeModel } from "./model_source.ts";
import type { Runner, Trial, TrialEvent, TrialResult } from "./trial.ts";
import { BEST, pause, type TaskParts, tasks } from "./trial_tasks.ts";

/**
 * Runs trials in this process, one at a time. What their networks have in common, frozen, is computed once for all of them.
 */
export class TrialRunner implements Runner {
  readonly slots = 1;
  readonly sharesFiles = true;
  readonly #features = new FeatureBank();
  readonly #made = new WeakSet<Module>();
  readonly #parts = new Map<string, Split["train"]>();
  #data?: Promise<Split>;

  constructor(readonly experiment: Experiment) {}

  get #kind(): Kind {
    return kinds[this.experiment.kind];
  }

  /** The data, opened when it is first needed. */
  data(): Promise<Split> {
    return this.#data ??= openData(this.experiment.data);
  }

  async run(trial: Trial, watch: (event: TrialEvent) => void, signal: AbortSignal): Promise<TrialResult> {
    const started = performance.now();
    const data = await this.#dataOf(trial);
    return await withSeed(trial.seed, async () => {
      const peak = watchPeak();
      const model = await this.#fresh(trial, data);
      try {
        const parts: TaskParts = {
          experiment: this.experiment,
          kind: this.#kind,
          options: { ...this.experiment.options, ...this.#kind.options?.(trial.setting) },
          features: this.#features,
          model,
          trial,
          data,
          watch,
          signal,
        };
        const featureSeconds = await this.#prepare(parts);
        await this.#arrange(model, trial, data);
        const result = await tasks[trial.task](parts);
        const all = model.parameters();
        const sizes = (some: typeof all) => some.reduce((sum, { size }) => sum + size, 0);
        return {
          ...result,
          id: trial.id,
          parameters: sizes(all),
          trainable: sizes(all.filter(({ requiresGrad }) => requiresGrad)),
          seconds: (performance.now() - started) / 1000,
          featureSeconds,
          peakBytes: peak(),
        };
      } finally {
        this.#free(model);
      }
    });
  }

  /** The network of a trial as it was after its best epoch; the weights that were trained are read from its folder. */
  async network(trial: Trial): Promise<Module> {
    const data = await this.data();
    return await withSeed(trial.seed, async () => {
      const model = await this.#fresh(trial, data);
      await this.#arrange(model, trial, data);
      const report = model.loadStateDict(await load(join(trial.folder!, BEST)), { strict: false });
      if (report.unexpected.length + report.mismatched.length > 0) {
        throw new Error(`Cannot load the weights of ${trial.id}: they are of another network.\n${report}`);
      }
      model.classes = data.classes;
      return model.eval();
    });
  }

  /** How much is kept of what is frozen, in bytes. */
  get featureBytes(): { memory: number; disk: number } {
    return this.#features.bytes;
  }

  close(): Promise<void> {
    this.#features.dispose();
    return Promise.resolve();
  }

  /** The data with as many training samples as the trial asks for; the same dataset for the same ones, which features go by. */
  async #dataOf({ setting, seed }: Trial): Promise<Split> {
    const data = await this.data();
    const size = this.#kind.size?.(setting);
    const { train, classes } = data;
    if (size === undefined || size >= train.length) return data;
    const key = `${size} ${seed}`;
    const part = this.#parts.get(key) ?? train.subset(sample(train.labels, classes.length, size, seed));
    part.name = train.name;
    this.#parts.set(key, part);
    const { name, validation } = data;
    return { name, classes, train: part, validation };
  }

  async #fresh(trial: Trial, data: Split): Promise<Module> {
    const { model: source, options } = this.experiment;
    const model = await makeModel(source, data.classes.length);
    if (this.#made.has(model)) {
      throw new TypeError(
        `Cannot run the trial ${trial.id}: expected the function to make another network each time, found the one ` +
          "that an earlier trial has trained",
      );
    }
    this.#made.add(model);
    if (options.transforms) model.transforms = options.transforms;
    return model;
  }

  /** Arranges a network as its trial says, and gives back what has no part in it any more. */
  async #arrange(model: Module, { setting }: Trial, data: Split): Promise<void> {
    const before = model.namedState();
    await this.#kind.arrange(model, setting, data);
    if (typeof this.experiment.model === "function") return; // as in #free
    const kept = new Set(model.namedState().map(([, stored]) => stored));
    freeStored(before.map(([, stored]) => stored).filter((stored) => !kept.has(stored)));
  }

  /** Computes, in one pass over the pictures, all features that this study will want of the frozen network. */
  async #prepare({ model, trial, data, options, watch, signal }: TaskParts): Promise<number> {
    const { cuts = [] } = this.experiment;
    const { batchSize = 32, transforms = model.transforms, flip, variants, cache = true } = options;
    if (!cache || (flip && variants === undefined) || cuts.length === 0) return 0;
    const cut = this.#kind.cut(model, trial.setting);
    if (cut === undefined || model.stages().some(({ forward }) => !forward)) return 0;
    const started = performance.now();
    const wanted = [...new Set([...cuts, cut])];
    freeze(model);
    const trunk = await trunkOf(model, wanted);
    const parts = [[data.train, flip ? { flip, variants, seed: trial.seed } : {}], [data.validation, {}]] as const;
    const total = data.train.length + data.validation.length;
    let done = 0;
    try {
      for (const [part, variation] of parts) {
        const progress = (share: number) => {
          watch({ kind: "progress", label: "computing what is frozen", share: (done + share * part.length) / total });
          return pause();
        };
        await this.#features.compute(trunk, wanted, part, { batchSize, transforms, ...variation }, progress, signal);
        done += part.length;
      }
    } catch (error) {
      if ((error as Error).name !== "NoRoom") throw error; // fit says so, and goes on without
    }
    unfreeze(model);
    return (performance.now() - started) / 1000;
  }

  #free(model: Module): void {
    // What a function has made may share parts with something that lives on.
    if (typeof this.experiment.model !== "function") freeValues(model);
  }
}
