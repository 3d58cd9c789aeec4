import { join } from "node:path";
import type { Split } from "../../data/types.ts";
import type { Module } from "../../nn/mod.ts";
import {
  type Epoch,
  evaluate,
  type FeatureBank,
  findLearningRate,
  fit,
  type FitOptions,
  freeze,
  Run,
} from "../../training/mod.ts";
import { evaluateBy } from "../../training/evaluate.ts";
import { divide } from "../../training/gradients.ts";
import { trunkOf } from "../../training/trunk.ts";
import { save } from "../../weights/save.ts";
import { poolRows } from "../transfer/pool_rows.ts";
import { linearProbe } from "../transfer/probe.ts";
import type { Experiment, TrialOptions } from "./experiment.ts";
import { freeValues } from "./free_values.ts";
import type { Kind } from "./kinds.ts";
import type { Trial, TrialEvent, TrialResult } from "./trial.ts";

/** The file in a trial's folder that has the trained part of its best epoch's weights. */
export const BEST = "best.pth";

/** What a trial's task is done with: its network is arranged as its setting says. */
export interface TaskParts {
  experiment: Experiment;
  kind: Kind;
  /** Those of the experiment, with what the setting has of its own. */
  options: TrialOptions;
  /** What is frozen, computed once for all trials. */
  features: FeatureBank;
  model: Module;
  trial: Trial;
  data: Split;
  watch: (event: TrialEvent) => void;
  signal: AbortSignal;
}

type TaskResult = Omit<
  TrialResult,
  "id" | "parameters" | "trainable" | "seconds" | "featureSeconds" | "peakBytes" | "worker"
>;

/** What can be asked of a trial. */
export const tasks: Readonly<Record<Trial["task"], (parts: TaskParts) => Promise<TaskResult>>> = {
  rate: findRate,
  probe,
  train,
};

async function findRate({ model, data, trial, options, signal }: TaskParts): Promise<TaskResult> {
  const { optimizer, batchSize, weightDecay, labelSmoothing } = options;
  const { seed } = trial;
  const how = { optimizer, batchSize, weightDecay, labelSmoothing, seed, display: false, signal };
  return { history: [], learningRate: (await findLearningRate(model, data, how)).suggestion };
}

/** How good a linear head on the features below is. They are there already, so this takes no time to speak of. */
async function probe(parts: TaskParts): Promise<TaskResult> {
  const { model, data, trial, kind } = parts;
  const cut = kind.cut(model, trial.setting);
  if (cut === undefined) throw new TypeError(`Cannot probe ${trial.id}: expected something frozen, found nothing`);
  freeze(model);
  const [train, validation] = await Promise.all([data.train, data.validation].map(async (part) => ({
    features: await poolRows(await featuresOf(part, cut, parts)),
    labels: part.labels,
  })));
  const probe = await linearProbe(train, validation, { classes: data.classes.length, pause });
  return { history: [], probe: probe.accuracy };
}

async function train(parts: TaskParts): Promise<TaskResult> {
  const { experiment, kind, model, trial, data, watch, signal } = parts;
  const { folder, pauseAfter = trial.epochs, seed, epochs } = trial;
  const judgedLast = experiment.judge === "last";
  const watched = await kind.watch?.(model, data, parts.options, experiment.watch);
  await watched?.epoch(0);
  const options: FitOptions = {
    ...parts.options,
    ...(trial.learningRate === undefined ? {} : { learningRate: trial.learningRate }),
    name: trial.id,
    epochs,
    seed,
    features: parts.features,
    restoreBest: !judgedLast,
    display: false,
    signal,
    // A pause is a checkpoint to go on from; a long trial has some between, to lose little where it breaks off. What was
    // measured on the way is in none of them.
    ...(folder && !watched
      ? { checkpoint: join(folder, "checkpoint"), resume: true, checkpointEvery: { epochs: pauseAfter, seconds: 60 } }
      : {}),
    onEpoch: async (epoch, run) => {
      await watched?.epoch(epoch.epoch);
      watch({ kind: "epoch", epoch });
      if (epoch.epoch >= pauseAfter) run.stop();
    },
  };
  const measured = () => watched && { measured: watched.measured() };
  try {
    const run = await fit(model, data, options);
    if (folder && run.best) {
      await Deno.mkdir(folder, { recursive: true });
      await save(run.best.stateDict, join(folder, BEST));
    }
    const training = judgedLast && run.history.length === epochs ? await judgeTraining(run, parts) : undefined;
    return { ...summarized(run), training, ...measured() };
  } catch (error) {
    // A loss that is no number any more is a result too; anything else is a mistake of the study's.
    const run = (error as { run?: Run }).run;
    if (!(run instanceof Run) || !/the loss became/.test((error as Error).message)) throw error;
    return { ...summarized(run), error: (error as Error).message, ...measured() };
  }
}

/** How well the network as it is does on what it was trained on. */
async function judgeTraining(run: Run, parts: TaskParts): Promise<TrialResult["training"]> {
  const { model, data, options: { batchSize = 32, transforms = model.transforms, flip } } = parts;
  const divided = run.cachedAt !== undefined && !flip ? divide(model) : undefined;
  const { loss, accuracy } = divided
    ? await evaluateBy(model, divided.trained, await featuresOf(data.train, divided.name, parts), { batchSize })
    : await evaluate(model, data.train, { batchSize, transforms });
  return { loss, accuracy };
}

/** A stage's input as a dataset: what a training has taken too, and so is there already. */
async function featuresOf(part: Split["train"], cut: string, { model, options, features, signal }: TaskParts) {
  const { batchSize = 32, transforms = model.transforms } = options;
  const trunk = await trunkOf(model, [cut]);
  const sets = await features.compute(trunk, [cut], part, { batchSize, transforms }, () => Promise.resolve(), signal);
  if (!sets) throw new DOMException("The study was ended", "AbortError");
  return sets[0].datasets[0];
}

function summarized(run: Run): TaskResult {
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

/** Lets the kernel see to its messages, and throws nothing at a stop: what is done then is kept. */
export async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}
