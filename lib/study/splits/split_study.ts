import { Displayable, type Spec } from "../../display/mod.ts";
import type { Module } from "../../nn/mod.ts";
import type { FreezePlan } from "../../training/mod.ts";
import { accuracyChart, curvesChart, leftOutText, splitTable } from "./split_displays.ts";
import type { SplitRow } from "./split_rows.ts";
import { bestRow, splitSentence } from "./split_sentence.ts";

/** What a split study knows beside its rows. */
export interface SplitFacts {
  /** The network's name and the data's. */
  model: string;
  dataset: string;
  search: "grid" | "halving";
  epochs: number;
  seeds: readonly number[];
  /** How many pictures the accuracies are of. */
  validationCount: number;
  /** How many epochs were trained, of all splits and seeds together. */
  epochsSpent: number;
  /** How long it all took, in seconds; what a study did before it was broken off is part of it. */
  seconds: number;
  /** How much of that went into the features that the splits share. */
  featureSeconds: number;
  /** How many bytes these took. */
  featureBytes: { memory: number; disk: number };
  /** Whether it was ended early. */
  stopped: boolean;
  /** Where what is done is kept, where a folder was given. */
  folder?: string;
  /** What does not allow other processes to take part. */
  note?: string;
}

/** What {@linkcode studySplits} has found: which layers to freeze. */
export class SplitStudy extends Displayable {
  readonly #network: (row: SplitRow) => Promise<Module>;
  readonly #plan?: FreezePlan;

  /**
   * @param rows what came of each split, in the order in which the stages run
   * @param network makes a split's trained network
   * @param plan what the best split freezes
   */
  constructor(
    readonly rows: readonly SplitRow[],
    readonly facts: SplitFacts,
    network: (row: SplitRow) => Promise<Module>,
    plan?: FreezePlan,
  ) {
    super();
    this.#network = network;
    this.#plan = plan;
  }

  /** The best split: of those trained to the end the one with the highest mean validation accuracy. */
  get bestSplit(): SplitRow | undefined {
    return bestRow(this.rows);
  }

  /** Which split is best, and whether its neighbours are worse by more than the noise. */
  get summary(): string {
    return splitSentence(this.rows, this.facts.validationCount);
  }

  /**
   * The trained network of the best split, frozen as it was trained: of its seeds the best one, after its best epoch.
   *
   * @throws {Error} where no split has been trained
   */
  async best(): Promise<Module> {
    const row = this.bestSplit;
    if (!row) throw new Error("Cannot give the best network: expected a split that was trained, found none");
    return await this.#network(row);
  }

  /** All of it as plain data. */
  toJSON(): Record<string, unknown> {
    return structuredClone({ ...this.facts, summary: this.summary, best: this.bestSplit?.label, splits: this.rows });
  }

  /** One line per split below a line of names, comma separated. */
  toCSV(): string {
    const lines = this.rows.map((row) => [
      row.until,
      row.start,
      row.trainable,
      row.accuracy.mean,
      row.accuracy.deviation,
      row.accuracy.count,
      row.epochs,
      row.complete,
      row.seconds,
      row.peakBytes,
      row.learningRate ?? "",
      row.probe ?? "",
    ]);
    const names = "until,start,trainable,accuracy,deviation,seeds,epochs,complete,seconds,peakBytes,learningRate,probe";
    return [names, ...lines.map((line) => line.join(","))].join("\n") + "\n";
  }

  override spec(): Spec {
    const { rows, facts, bestSplit: best } = this;
    if (!best) return { kind: "text", text: `${facts.model} on ${facts.dataset}: ${this.summary}` };
    return {
      kind: "stack",
      items: [
        { kind: "text", text: this.summary },
        accuracyChart(rows, best, facts),
        splitTable(rows, best, facts),
        ...leftOutText(rows),
        curvesChart(rows),
        ...(this.#plan ? [{ ...this.#plan.spec(), title: `The best split: what trains in ${facts.model}` }] : []),
      ],
    };
  }
}
