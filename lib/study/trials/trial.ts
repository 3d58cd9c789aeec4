import type { Epoch } from "../../training/mod.ts";

/**
 * A trial: one training of a study, as plain data that can be handed to another process or another machine.
 *
 * @module
 */

/** Anything that JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };

/** One training: how the network is arranged for it, from which seed, and how long. */
export interface Trial {
  /** Its name, unlike any other's in its study, of letters that a file's name may have. */
  id: string;
  /** What this trial is about, in the terms of its study's kind: `{ until: "layer3", start: "pretrained" }`. */
  setting: { readonly [name: string]: Json | undefined };
  /** Decides the new head's first values, the order of the samples and what dropout drops. */
  seed: number;
  /** What is asked for: training, the learning rate to train with, or how good a linear head on frozen features is. */
  task: "train" | "rate" | "probe";
  /** How many epochs a whole training has. */
  epochs: number;
  /** After how many of them this one pauses, to be taken up again with more; all unless given. */
  pauseAfter?: number;
  /** The step size, where it is this trial's own. */
  learningRate?: number;
  /** Where its checkpoint and its best weights are kept; nowhere unless given. */
  folder?: string;
}

/** What came of a trial. */
export interface TrialResult {
  id: string;
  /** The epochs so far, and the best of them. */
  history: Epoch[];
  best?: Epoch;
  /** How many parameters the network has, and how many of them trained. */
  parameters: number;
  trainable: number;
  /** How long it took, in seconds, and how much of that went into features that other trials may use too. */
  seconds: number;
  featureSeconds: number;
  /** The most memory that tensors took at any moment, in bytes. */
  peakBytes: number;
  /** The stage whose input was computed once, and where it was kept. */
  cachedAt?: string;
  cachedOn?: "memory" | "disk";
  /** The learning rate that was found, where that was the task. */
  learningRate?: number;
  /** The validation accuracy of a linear head on the features below, where that was the task. */
  probe?: number;
  /** Loss (nats) and accuracy on the training data in evaluation mode after the last epoch, where trainings are judged by that. */
  training?: { loss: number; accuracy: number };
  /** What its study's kind has measured on the way. */
  measured?: Json;
  /** Why it broke off: a loss that is no number any more, say. What was learnt before counts. */
  error?: string;
  /** Which machine or process computed it, where it was another one. */
  worker?: string;
}

/** What a trial tells while it goes on. */
export type TrialEvent =
  | { kind: "epoch"; epoch: Epoch }
  | { kind: "progress"; label: string; share: number }
  | { kind: "log"; text: string };

/** What computes trials: this process, other processes, or a cluster. */
export interface Runner {
  /** How many trials it takes at the same time. */
  readonly slots: number;
  /** Whether it can write to folders of this machine. Where it cannot, a paused trial is computed anew from its start. */
  readonly sharesFiles: boolean;
  /**
   * Computes one trial.
   *
   * @throws {WorkerLost} where the process or the job broke down, so that another try may help
   */
  run(trial: Trial, watch: (event: TrialEvent) => void, signal: AbortSignal): Promise<TrialResult>;
  /** Ends processes and gives memory back. */
  close(): Promise<void>;
}

/** A worker broke down: not the trial's fault, as far as one can tell. */
export class WorkerLost extends Error {
  override name = "WorkerLost";
}
