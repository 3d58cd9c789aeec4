import { Displayable, type Spec } from "../display/mod.ts";
import type { StateDict } from "../weights/state_dict.ts";
import { learningCurves } from "./curves.ts";
import { type AuxiliaryLoss, auxiliaryNote } from "./auxiliary.ts";
import { EpochLoops } from "./epoch_loops.ts";
import type { FreezePlan } from "./freeze_plan.ts";
import { type Epoch, History } from "./history.ts";
import type { Thaw } from "./thaw.ts";

/** The epoch after which a network was best, and its state then. */
export interface Best extends Epoch {
  stateDict: StateDict;
}

/** How a training run stands. */
export type RunState = "running" | "finished" | "stopped" | "failed";

/** A training run: what `fit` gives. Displays as learning curves. */
export class Run extends Displayable {
  /** What came of each epoch so far. */
  readonly history: History = new History();
  /** The best epoch so far: by validation accuracy, or by training accuracy where there is no validation data. */
  best?: Best;
  state: RunState = "running";
  /** The stage whose input was computed once and kept, where that was possible. */
  cachedAt?: string;
  /** Where that was kept. */
  cachedOn?: "memory" | "disk";
  /** Why it was not kept, where there was no room. */
  uncached?: string;
  /** Where more of the network began to train, by `fit`'s `unfreeze`. */
  thaws: readonly Thaw[] = [];
  /** The network's auxiliary heads, and by how much the loss of each counts as of the last thaw. */
  auxiliary: readonly AuxiliaryLoss[] = [];
  #stop = new AbortController();
  /** `for await` loops over this run's epochs. */
  readonly #loops = new EpochLoops();

  /**
   * @param model the network's class
   * @param dataset the data's name
   * @param epochs how many passes were asked for
   * @param plan what was frozen at the start
   */
  constructor(readonly model: string, readonly dataset: string, readonly epochs: number, readonly plan: FreezePlan) {
    super();
  }

  /** Ends the training after the step that is being computed; what was learnt and recorded is kept. */
  stop(): void {
    this.#stop.abort();
  }

  /** Aborted by {@linkcode stop}. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Tells the loops over this run's epochs of another one, and waits for them. */
  tellLoops(): Promise<void> {
    return this.#loops.tell(this.signal);
  }

  /** The epochs so far and those to come. */
  follow(end: Promise<unknown>): AsyncGenerator<Epoch, void, undefined> {
    return this.#loops.follow(this.history, end);
  }

  /** One line: how far it is and how good. */
  get summary(): string {
    const share = (value: number) => `${(100 * value).toFixed(1)} %`;
    const done = `${this.model} on ${this.dataset}: ${this.history.length} of ${this.epochs} epochs`;
    const state = this.state === "finished" ? "" : `, ${this.state}`;
    const { best } = this;
    if (!best) return done + state;
    const accuracy = best.validationAccuracy === undefined
      ? `training accuracy ${share(best.accuracy)}`
      : `validation accuracy ${share(best.validationAccuracy)}`;
    return `${done}${state}; best ${accuracy} after epoch ${best.epoch}`;
  }

  /** What the run came to, without the network's values. */
  toJSON(): Record<string, unknown> {
    const { stateDict: _, ...best } = this.best ?? { stateDict: undefined };
    return {
      model: this.model,
      dataset: this.dataset,
      state: this.state,
      epochs: this.epochs,
      frozen: this.plan.stages.filter(({ state }) => state === "frozen").map(({ name }) => name),
      trainable: this.plan.trainable,
      cachedAt: this.cachedAt,
      cachedOn: this.cachedOn,
      thaws: this.thaws.length ? this.thaws : undefined,
      auxiliary: this.auxiliary.length ? this.auxiliary : undefined,
      history: this.history.toJSON(),
      best: this.best ? best : undefined,
    };
  }

  override spec(): Spec {
    const place = this.cachedOn === "disk" ? ", and kept on disk" : "";
    const auxiliary = auxiliaryNote(this.auxiliary);
    const notes = [
      ...(this.cachedAt ? [`What is frozen below ${this.cachedAt} was computed once for each picture${place}`] : []),
      ...(this.uncached ? [this.uncached] : []),
      ...(auxiliary ? [auxiliary] : []),
      ...(this.thaws.length ? ["From each vertical line on, the stage that it names trains too"] : []),
    ];
    const curves = learningCurves(this.history, this.best, this.thaws);
    const chart = { ...curves, title: this.summary, subtitle: notes.length ? notes.join(". ") : undefined };
    return this.history.length ? chart : { kind: "text", text: this.summary };
  }
}

/**
 * A training run that goes on by itself: `await` it for its end, or leave it and stop it from another cell.
 */
export class RunningFit implements PromiseLike<Run> {
  readonly #end: Promise<Run>;

  constructor(readonly run: Run, end: Promise<Run>) {
    this.#end = end;
  }

  /** What came of each epoch so far. */
  get history(): History {
    return this.run.history;
  }

  /** The best epoch so far. */
  get best(): Best | undefined {
    return this.run.best;
  }

  /** How the run stands. */
  get state(): RunState {
    return this.run.state;
  }

  /** Ends the training after the step that is being computed, and waits for it. */
  stop(): Promise<Run> {
    this.run.stop();
    return this.#end;
  }

  /**
   * The epochs as they pass. The training waits for the loop's body; leaving the loop early stops the training.
   *
   * @example
   * ```ts
   * import { data, fit, nn } from "thaw";
   * import * as tf from "@tensorflow/tfjs";
   *
   * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1]]), [0, 1]);
   * const training = fit(new nn.Sequential(new nn.Linear(2, 2)), points, { epochs: 50, display: false });
   * for await (const { epoch } of training) if (epoch === 3) break;
   * console.log((await training).history.length); // 3
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Epoch, void, undefined> {
    try {
      yield* this.run.follow(this.#end);
    } finally {
      await this.stop();
    }
  }

  then<A = Run, B = never>(
    fulfilled?: ((run: Run) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.#end.then(fulfilled, rejected);
  }

  /** What to do when the training fails, as a promise's `catch`. */
  catch<B>(rejected: (reason: unknown) => B | PromiseLike<B>): PromiseLike<Run | B> {
    return this.#end.catch(rejected);
  }

  /** What to do at the end, however it comes, as a promise's `finally`. */
  finally(settled: () => void): PromiseLike<Run> {
    return this.#end.finally(settled);
  }

  /** One line: how far it is and how good. */
  get summary(): string {
    return this.run.summary;
  }

  toJSON(): Record<string, unknown> {
    return this.run.toJSON();
  }

  toString(): string {
    return this.run.toString();
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.run.toString();
  }

  [Symbol.for("Jupyter.display")](): Promise<Record<string, unknown>> {
    return Promise.resolve({}); // its curves are on display already
  }
}
