import { Displayable, type Spec } from "../display/mod.ts";
import { type AuxiliaryLoss, auxiliaryNote } from "./auxiliary.ts";
import { learningCurves } from "./curves.ts";
import type { FreezePlan, StagePlan } from "./freeze_plan.ts";
import { type Epoch, History } from "./history.ts";
import type { Plain } from "./plain_value.ts";
import type { Run, RunState } from "./run.ts";
import type { Thaw } from "./thaw.ts";

/** A training run as plain data: what JSON holds of it. */
export interface RunData {
  /** Counted from 1 since the process started. */
  number: number;
  /** What `fit` was told to call it, or `run 3`. */
  name: string;
  /** When it began, in ISO 8601. */
  started: string;
  /** How long it took, in seconds. */
  seconds: number;
  state: RunState;
  /** The network's class. */
  model: string;
  /** The data's name, and how many samples and classes it has. */
  data: {
    name: string;
    train: number;
    validation?: number;
    classes: number;
    /** Digests of the labels in their order. */
    trainLabels: string;
    validationLabels?: string;
  };
  /** What was frozen, at the start. */
  plan: { stages: readonly StagePlan[]; parameters: number; trainable: number; movingBatchNorms: number };
  /** The optimizer's class, what its groups share, and their rates at the start. */
  optimizer: {
    type: string;
    settings: Plain;
    groups: readonly { name?: string; learningRate: number; weightDecay: number }[];
  };
  /** `fit`'s other options. */
  options: { readonly [name: string]: Plain };
  /** The stage whose input was computed once and kept. */
  cachedAt?: string;
  /** Where more of the network began to train. */
  thaws?: readonly Thaw[];
  /** The network's auxiliary heads, and by how much the loss of each counted in the end. */
  auxiliary?: readonly AuxiliaryLoss[];
  history: Epoch[];
  /** The best epoch. */
  best?: Epoch;
}

/**
 * What is kept of a training run: settings, history and result, and nothing of the network. Displays as learning curves.
 *
 * {@linkcode runs} lists those of this process.
 */
export class RunRecord extends Displayable {
  #data: RunData;
  // While it goes on its figures are asked for; afterwards nothing may lead to the best weights that it has.
  #run?: Run;
  #begun = performance.now();

  /** @param run the run that is going on, where it is */
  constructor(data: RunData, run?: Run) {
    super();
    this.#data = data;
    this.#run = run;
  }

  /** All that is known of it, as plain data. */
  toJSON(): RunData {
    const run = this.#run;
    if (!run) return structuredClone(this.#data);
    const { state, cachedAt, thaws, auxiliary, history } = run;
    const seconds = this.#data.seconds + (performance.now() - this.#begun) / 1000;
    return structuredClone({
      ...this.#data,
      state,
      cachedAt,
      thaws: thaws.length ? thaws : undefined,
      auxiliary: auxiliary.length ? auxiliary : undefined,
      history: history.toJSON(),
      best: bestEpoch(run),
      seconds,
    });
  }

  /** Counts time that the run took before it was broken off. */
  addSeconds(seconds: number): void {
    this.#data = { ...this.#data, seconds: this.#data.seconds + seconds };
  }

  /** Takes the result over and lets go of the run. */
  finish(): void {
    const data = this.toJSON();
    this.#data = { ...data, state: data.state === "running" ? "failed" : data.state }; // it never began
    this.#run = undefined;
  }

  /** Counted from 1 since the process started. */
  get number(): number {
    return this.#data.number;
  }

  /** What `fit` was told to call it, or `run 3`. */
  get name(): string {
    return this.#data.name;
  }

  /** How it stands. */
  get state(): RunState {
    return this.#run?.state ?? this.#data.state;
  }

  /** What came of each epoch so far. */
  get history(): History {
    return History.from(this.toJSON().history) as History;
  }

  /** The best epoch so far, without the weights: those are in the run that `fit` gave. */
  get best(): Epoch | undefined {
    return this.toJSON().best;
  }

  /** How long it has taken, in seconds. */
  get seconds(): number {
    return this.toJSON().seconds;
  }

  override spec(): Spec {
    const { name, model, data, history, best, state, thaws, auxiliary = [] } = this.toJSON();
    const title = `${name}: ${model} on ${data.name}, ${state}`;
    if (history.length === 0) return { kind: "text", text: title };
    return { ...learningCurves(history, best, thaws), title, subtitle: auxiliaryNote(auxiliary) };
  }
}

function bestEpoch({ best }: Run): Epoch | undefined {
  if (!best) return undefined;
  const { stateDict: _, ...epoch } = best;
  return epoch;
}

/** A freeze plan as plain data. */
export function planData({ stages, parameters, trainable, movingBatchNorms }: FreezePlan): RunData["plan"] {
  return { stages: stages.map((stage) => ({ ...stage })), parameters, trainable, movingBatchNorms };
}
