import { createHash } from "node:crypto";
import type { Dataset } from "../data/types.ts";
import { precisionNote } from "../engine/mod.ts";
import type { FitSettings, TrainingData } from "./fit_options.ts";
import type { Optimizer } from "./optimizer.ts";
import { plainValue } from "./plain_value.ts";
import type { Run } from "./run.ts";
import { planData, type RunData } from "./run_record.ts";

// How a run shows itself changes nothing about it.
const unrecorded = new Set(["display", "signal", "name", "checkpoint", "features", "onEpoch", "onStep"]);

/** A run that begins, as plain data. */
export function describeRun(
  run: Run,
  data: TrainingData,
  settings: FitSettings,
  optimizer: Optimizer,
): Omit<RunData, "number" | "name"> {
  const { type, settings: shared } = optimizer.describe();
  const options = Object.entries(settings).filter(([name, value]) => !unrecorded.has(name) && value !== undefined);
  return {
    started: new Date().toISOString(),
    seconds: 0,
    state: run.state,
    model: run.model,
    data: {
      name: data.name,
      train: data.train.length,
      validation: data.validation?.length,
      classes: data.classes.length,
      trainLabels: digest(data.train),
      validationLabels: data.validation && digest(data.validation),
    },
    plan: planData(run.plan),
    optimizer: {
      type,
      settings: plainValue(shared),
      groups: optimizer.groups.map(({ name, learningRate, weightDecay }) => ({ name, learningRate, weightDecay })),
    },
    options: { ...Object.fromEntries(options.map(([name, value]) => [name, plainValue(value)])), ...precisionNote() },
    history: [],
  };
}

/** Tells two datasets of the same length apart where their labels do. */
export function digest({ labels }: Dataset): string {
  const bytes = new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}
