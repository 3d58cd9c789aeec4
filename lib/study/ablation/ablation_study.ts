import { Displayable, formatNumber } from "../../display/mod.ts";
import type { Module } from "../../nn/mod.ts";
import { leadSentences } from "../trials/lead.ts";
import type { AblationSetting } from "./ablation_plan.ts";
import { type AblationRow, bestSetting, judgedRows } from "./ablation_rows.ts";

/** What an ablation knows beside its rows. */
export interface AblationFacts {
  /** The network's name and the data's. */
  model: string;
  dataset: string;
  epochs: number;
  seeds: readonly number[];
  /** How many training samples there are in all, and how many the accuracies are of. */
  trainingCount: number;
  validationCount: number;
  /** How many epochs were trained, of all settings and seeds together. */
  epochsSpent: number;
  /** How long it all took, in seconds; what a study did before it was broken off is part of it. */
  seconds: number;
  /** Whether it was ended early. */
  stopped: boolean;
  /** Where what is done is kept, where a folder was given. */
  folder?: string;
  /** What does not allow other processes to take part. */
  note?: string;
}

/** What an ablation has found: how well a network does in each of its settings. */
export abstract class AblationStudy<S extends AblationSetting = AblationSetting> extends Displayable {
  readonly #network: (row: AblationRow<S>) => Promise<Module>;

  /**
   * @param rows what came of each setting, in the order in which they were asked for
   * @param network makes a setting's trained network
   */
  constructor(
    readonly rows: readonly AblationRow<S>[],
    readonly facts: AblationFacts,
    network: (row: AblationRow<S>) => Promise<Module>,
  ) {
    super();
    this.#network = network;
  }

  /** The best setting: of those that are trained to the end and never broke off the one with the highest mean validation accuracy. */
  get bestSetting(): AblationRow<S> | undefined {
    return bestSetting(this.rows);
  }

  /** What was found, in words. */
  abstract get summary(): string;

  /**
   * A setting's trained network, of its seeds the best one, after its best epoch; of the best setting unless another is given.
   *
   * @throws {Error} where none has been trained
   */
  async best(row: AblationRow<S> | undefined = this.bestSetting): Promise<Module> {
    if (!row?.complete) {
      throw new Error("Cannot give the best network: expected a setting that was trained to the end, found none");
    }
    return await this.#network(row);
  }

  /** All of it as plain data. */
  toJSON(): Record<string, unknown> {
    const { facts, summary, rows, bestSetting: best } = this;
    return structuredClone({ ...facts, summary, best: best?.label, settings: rows });
  }

  /** One line per setting below a line of names, comma separated; what is not known is empty. */
  toCSV(): string {
    const varied = [...new Set(this.rows.flatMap(({ setting }) => Object.keys(setting)))];
    const lines = this.rows.map((row) => [
      ...varied.map((name) => quoted(row.setting[name])),
      row.trainable,
      ...[row.accuracy, row.training, row.gap].flatMap(({ mean, deviation, count }): unknown[] =>
        count ? [mean, deviation] : ["", ""]
      ),
      row.accuracy.count,
      row.broken,
      row.seconds,
      row.peakBytes,
    ]);
    const names =
      "trainable,accuracy,accuracyDeviation,training,trainingDeviation,gap,gapDeviation,seeds,broken,seconds";
    return [[...varied, names, "peakBytes"], ...lines].map((line) => line.join(",")).join("\n") + "\n";
  }
}

/**
 * Whether the best of some settings is ahead of the others by more than noise, in words: "p = 0.5 is best: 81.2 % right …".
 *
 * @param rows those that are compared: on the same data
 * @param validationCount how many pictures the accuracies are of
 */
export function bestSentence(rows: readonly AblationRow[], validationCount: number): string | undefined {
  const best = bestSetting(rows);
  if (!best) return undefined;
  const judged = judgedRows(rows);
  const { mean, count } = best.accuracy;
  const percent = formatNumber(mean, "percent").replace("%", " %");
  const seeds = count > 1 ? ` (mean of ${count} seeds)` : "";
  const head = `${best.label}: ${percent} right on the validation pictures${seeds}`;
  const others = judged.filter((row) => row !== best);
  return [head, ...leadSentences(best, others, judged, validationCount)].join(". ") + ".";
}

/** Which settings broke off, and how many of their trainings; undefined where none did. */
export function brokenSentence(rows: readonly AblationRow[]): string | undefined {
  const broken = rows.filter((row) => row.broken > 0).map(({ label, broken, runs }) =>
    `${label} (${broken} of ${runs.length} trainings)`
  );
  return broken.length ? `Broke off, since the loss was no number any more: ${broken.join("; ")}.` : undefined;
}

function quoted(value: unknown): string {
  const text = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
