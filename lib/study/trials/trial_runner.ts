import { join } from "node:path";
import type { Split } from "../../data/types.ts";
import { watchPeak } from "../../engine/budget.ts";
import type { Module } from "../../nn/mod.ts";
import {
  type Epoch,
  FeatureBank,
  findLearningRate,
  fit,
  type FitOptions,
  freeze,
  Run,
  unfreeze,
} from "../../training/mod.ts";
import { trunkOf } from "../../training/trunk.ts";
import { load } from "../../weights/load.ts";
import { save } from "../../weights/save.ts";
import { openData } from "./data_source.ts";
import type { Experiment } from "./experiment.ts";
import { freeValues } from "./free_values.ts";
import { kinds } from "./kinds.ts";
import { makeModel } from "./model_source.ts";
import { linearProbe } from "../transfer/probe.ts";
import { poolRows } from "../transfer/pool_rows.ts";
import { withSeed } from "./with_seed.ts";
import type { Runner, Trial, TrialEvent, TrialResult } from "./trial.ts";

/** The file in a trial's folder that has the trained part of its best epoch's weights. */
const BEST = "best.pth";

/**
 * Runs trials in this process, one at a time. What their networks have in common, frozen, is computed once for all of them.
 */
export class TrialRunner implements Runner {
  readonly slots = 1;
  readonly sharesFiles = true;
  readonly #features = new FeatureBank();
  readonly #made = new WeakSet<Module>();
  #data?: Promise<Split>;

  constructor(readonly experiment: Experiment) {}

  /** The data, opened when it is first needed. */
  data(): Promise<Split> {
    return this.#data ??= openData(this.experiment.data);
  }

  async run(trial: Trial, watch: (event: TrialEvent) => void, signal: AbortSignal): Promise<TrialResult> {
    const started = performance.now();
    const data = await this.data();
    return await withSeed(trial.seed, async () => {
      const peak = watchPeak();
      const model = await this.#fresh(trial, data);
      try {
        const featureSeconds = await this.#prepare(model, trial, data, watch, signal);
        kinds[this.experiment.kind].arrange(model, trial.setting);
        const tasks = { rate: this.#findRate, probe: this.#probe, train: this.#train };
        const result = await tasks[trial.task].call(this, model, trial, data, watch, signal);
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
      kinds[this.experiment.kind].arrange(model, trial.setting);
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

  /** Computes, in one pass over the pictures, all features that this study will want of the frozen network. */
  async #prepare(
    model: Module,
    trial: Trial,
    data: Split,
    watch: (event: TrialEvent) => void,
    signal: AbortSignal,
  ): Promise<number> {
    const { cuts = [], options, kind } = this.experiment;
    const { batchSize = 32, transforms = model.transforms, flip, variants, cache = true } = options;
    if (!cache || (flip && variants === undefined) || cuts.length === 0) return 0;
    const cut = kinds[kind].cut(model, trial.setting);
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
          return breathe();
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

  async #findRate(
    model: Module,
    trial: Trial,
    data: Split,
    _watch: (event: TrialEvent) => void,
    signal: AbortSignal,
  ): Promise<RunPart> {
    const { optimizer, batchSize, weightDecay, labelSmoothing } = this.experiment.options;
    const found = await findLearningRate(model, data, {
      optimizer,
      batchSize,
      weightDecay,
      labelSmoothing,
      seed: trial.seed,
      display: false,
      signal,
    });
    return { history: [], learningRate: found.suggestion };
  }

  /** How good a linear head on the features below is. They are there already, so this takes no time to speak of. */
  async #probe(model: Module, trial: Trial, data: Split): Promise<RunPart> {
    const { kind, options: { batchSize = 32, transforms = model.transforms } } = this.experiment;
    const cut = kinds[kind].cut(model, trial.setting);
    if (cut === undefined) throw new TypeError(`Cannot probe ${trial.id}: expected something frozen, found nothing`);
    freeze(model);
    const trunk = await trunkOf(model, [cut]);
    const progress = () => Promise.resolve();
    const [train, validation] = await Promise.all([data.train, data.validation].map(async (part) => {
      const how = { batchSize, transforms };
      const sets = await this.#features.compute(trunk, [cut], part, how, progress, new AbortController().signal);
      return { features: await poolRows(sets![0].datasets[0]), labels: part.labels };
    }));
    const probe = await linearProbe(train, validation, { classes: data.classes.length, pause: breathe });
    return { history: [], probe: probe.accuracy };
  }

  async #train(
    model: Module,
    trial: Trial,
    data: Split,
    watch: (event: TrialEvent) => void,
    signal: AbortSignal,
  ): Promise<RunPart> {
    const { folder, pauseAfter = trial.epochs, seed, epochs } = trial;
    const options: FitOptions = {
      ...this.experiment.options,
      ...(trial.learningRate === undefined ? {} : { learningRate: trial.learningRate }),
      name: trial.id,
      epochs,
      seed,
      features: this.#features,
      display: false,
      signal,
      // A pause is a checkpoint to go on from; a long trial has some between, to lose little where it breaks off.
      ...(folder
        ? { checkpoint: join(folder, "checkpoint"), resume: true, checkpointEvery: { epochs: pauseAfter, seconds: 60 } }
        : {}),
      onEpoch: (epoch, run) => {
        watch({ kind: "epoch", epoch });
        if (epoch.epoch >= pauseAfter) run.stop();
      },
    };
    try {
      const run = await fit(model, data, options);
      if (folder && run.best) await save(run.best.stateDict, join(folder, BEST));
      return summarized(run);
    } catch (error) {
      // A loss that is no number any more is a result too; anything else is a mistake of the study's.
      const run = (error as { run?: Run }).run;
      if (!(run instanceof Run) || !/the loss became/.test((error as Error).message)) throw error;
      return { ...summarized(run), error: (error as Error).message };
    }
  }

  #free(model: Module): void {
    // What a function has made may share parts with something that lives on.
    if (typeof this.experiment.model !== "function") freeValues(model);
  }
}

type RunPart = Pick<TrialResult, "history" | "best" | "cachedAt" | "cachedOn" | "learningRate" | "probe" | "error">;

function summarized(run: Run): RunPart {
  const { stateDict, ...best } = run.best ?? { stateDict: undefined };
  const part = {
    // An epoch that was broken off has no validation, and is done again by whoever goes on.
    history: run.history.toJSON().filter(({ validationAccuracy }) => validationAccuracy !== undefined),
    best: run.best ? best as Epoch : undefined,
    cachedAt: run.cachedAt,
    cachedOn: run.cachedOn,
  };
  if (stateDict) freeValues(stateDict);
  return part;
}

/** Lets the kernel see to its messages. */
async function breathe(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}
