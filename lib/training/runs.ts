import { Displayable, type Spec, type TableSpec } from "../display/mod.ts";
import { plainText, plainValue } from "./plain_value.ts";
import type { Run } from "./run.ts";
import { type RunData, RunRecord } from "./run_record.ts";
import { frozenText, ratesText } from "./run_settings.ts";
import type { RunningFit } from "./run.ts";

/** What stands for a run: itself, its record, its number or its name. */
export type RunReference = Run | RunningFit | RunRecord | number | string;

// Records hold no tensors: every run is kept as long as the process lives. A run that is forgotten leaves its record.
const kept: RunRecord[] = [];
const recordOf = new WeakMap<Run, RunRecord>();

/**
 * Every run that `fit` has begun since the process started, in order, as a table. Networks and weights are not kept: what
 * {@linkcode RunRecord} says is.
 *
 * @example
 * ```ts
 * import { data, fit, nn, runs } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1]]), [0, 1]);
 * await fit(new nn.Sequential(new nn.Linear(2, 2)), points, { epochs: 2, name: "a line" });
 * console.log(runs().at(-1)!.name); // a line
 * ```
 */
export function runs(): RunList {
  return new RunList(kept);
}

/** Runs as a list that displays as a table. */
export class RunList extends Displayable implements Iterable<RunRecord> {
  readonly #records: readonly RunRecord[];

  constructor(records: Iterable<RunRecord>) {
    super();
    this.#records = [...records];
  }

  /** How many there are. */
  get length(): number {
    return this.#records.length;
  }

  /** The run at a position from 0; negative ones count from the end. */
  at(position: number): RunRecord | undefined {
    return this.#records.at(position);
  }

  [Symbol.iterator](): IterableIterator<RunRecord> {
    return this.#records[Symbol.iterator]();
  }

  /** All of them as plain data. */
  toJSON(): RunData[] {
    return this.#records.map((record) => record.toJSON());
  }

  override spec(): Spec {
    if (this.length === 0) return { kind: "text", text: "No runs yet: fit(model, data) makes one" };
    return runsTable(this.toJSON());
  }
}

/** Keeps a record of a run that begins. */
export function remember(run: Run, data: Omit<RunData, "number" | "name"> & { name?: string }): RunRecord {
  const number = kept.length + 1;
  const record = new RunRecord({ ...data, number, name: data.name ?? `run ${number}` }, run);
  kept.push(record);
  recordOf.set(run, record);
  return record;
}

/**
 * The record that is meant.
 *
 * @throws {RangeError} where there is no such run
 */
export function findRun(reference: RunReference): RunRecord {
  if (reference instanceof RunRecord) return reference;
  if (typeof reference === "object" && reference !== null) {
    const record = recordOf.get("run" in reference ? reference.run : reference);
    if (record) return record;
  }
  const named = kept.findLast(({ number, name }) => reference === number || reference === name);
  if (named) return named;
  const known = kept.length ? kept.map(({ number, name }) => `${number} ("${name}")`).join(", ") : "none";
  throw new RangeError(
    `Cannot find the run ${plainText(plainValue(reference))}: expected a run, or the number or name of one, ` +
      `found these runs: ${known}`,
  );
}

function runsTable(all: readonly RunData[]): TableSpec {
  const validated = all.some(({ best }) => best?.validationAccuracy !== undefined);
  return {
    kind: "table",
    title: "Runs",
    columns: [
      { label: "#", format: "integer" },
      { label: "name" },
      { label: "network and data" },
      { label: "frozen" },
      { label: "trainable", format: "compact", align: "right" },
      { label: "optimizer" },
      { label: "epochs", align: "right" },
      { label: validated ? "best validation accuracy" : "best training accuracy", align: "right", format: "percent" },
      { label: "time", align: "right", format: "seconds" },
      { label: "state" },
    ],
    rows: all.map((run) => [
      run.number,
      run.name,
      `${run.model} on ${run.data.name}`,
      frozenText(run.plan),
      run.plan.trainable,
      `${run.optimizer.type}, ${ratesText(run.optimizer)}`,
      `${run.history.length} of ${plainText(run.options.epochs)}`,
      (validated ? run.best?.validationAccuracy : run.best?.accuracy) ?? null,
      run.seconds,
      run.state,
    ]),
  };
}
