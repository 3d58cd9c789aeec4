import { type ChartSpec, Displayable, formatNumber, shortened, type Spec, type TableSpec } from "../display/mod.ts";
import type { Epoch } from "./history.ts";
import type { RunData, RunRecord } from "./run_record.ts";
import { settingsOf } from "./run_settings.ts";
import { findRun, type RunReference, runs } from "./runs.ts";

/**
 * Sets runs side by side: their curves in one picture, a table of what differed between them, and which was best.
 *
 * @param references runs, records (of {@linkcode runs} or {@linkcode loadRuns}), numbers or names; all runs unless given
 * @throws {RangeError} where there is no such run, or nothing to compare
 *
 * @example
 * ```ts
 * import { compare, data, fit, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]), [0, 1, 0, 1]);
 * const train = (learningRate: number) => fit(new nn.Sequential(new nn.Linear(2, 2)), points, { learningRate });
 * const comparison = compare(await train(1e-3), await train(0.1));
 * console.log(comparison.differences.map(({ setting }) => setting)); // [ "learning rate" ]
 * ```
 */
export function compare(...references: (RunReference | Iterable<RunRecord>)[]): Comparison {
  const found = references.flatMap((one) => isList(one) ? [...one] : [findRun(one)]);
  const records = [...new Set(references.length ? found : runs())];
  if (records.length === 0) throw new RangeError("Cannot compare runs: expected at least one, found none");
  return new Comparison(records.map((record) => record.toJSON()));
}

function isList(value: RunReference | Iterable<RunRecord>): value is Iterable<RunRecord> {
  return typeof value === "object" && value !== null && Symbol.iterator in value && !("history" in value);
}

/** Runs side by side, as they stood when they were compared. */
export class Comparison extends Displayable {
  /** The runs. */
  readonly runs: readonly RunData[];
  /** What each is called in the curves and the table: its name, with more where two have the same. */
  readonly labels: readonly string[];
  /** The settings in which they differ, each with one text a run. */
  readonly differences: readonly { setting: string; values: readonly string[] }[];

  constructor(all: readonly RunData[]) {
    super();
    this.runs = all;
    this.labels = distinct(all);
    const settings = all.map(settingsOf);
    const names = [...new Set(settings.flatMap((one) => [...one.keys()]))];
    this.differences = names.map((setting) => ({ setting, values: settings.map((one) => one.get(setting) ?? "–") }))
      .filter(({ values }) => new Set(values).size > 1);
  }

  /** One sentence: which run was best, and by how much. */
  get summary(): string {
    const key = this.#measure;
    const what = key === "accuracy" ? "training accuracy" : "validation accuracy";
    const scored = this.runs.flatMap(({ best, seconds }, i) =>
      best?.[key] === undefined ? [] : [{ label: this.labels[i], score: best[key], seconds }]
    ).sort((a, b) => b.score - a.score || a.seconds - b.seconds);
    if (scored.length === 0) return "No run has finished an epoch yet";
    const [best, next] = scored;
    const equal = scored.filter(({ score }) => score === best.score);
    const percent = formatNumber(best.score, "percent");
    const time = (seconds: number) => formatNumber(seconds, "seconds");
    if (!next) return `${best.label} reached ${what} ${percent} in ${time(best.seconds)}`;
    const warning = this.#sameData() ? "" : "; they were not judged by the same data";
    if (equal.length > 1) {
      return `${list(equal.map(({ label }) => label))} were equally good: ${what} ${percent}; ` +
        `${best.label} was the fastest with ${time(best.seconds)}${warning}`;
    }
    const points = (100 * (best.score - next.score)).toFixed(1);
    return `${best.label} was best: ${what} ${percent} in ${time(best.seconds)}, ` +
      `${points} points above ${next.label} (${time(next.seconds)})${warning}`;
  }

  override spec(): Spec {
    return { kind: "stack", items: [this.#curves(), this.#table()] };
  }

  /** By training accuracy only where no run has validation data. */
  get #measure(): "accuracy" | "validationAccuracy" {
    return this.runs.some(({ best }) => best?.validationAccuracy !== undefined) ? "validationAccuracy" : "accuracy";
  }

  #sameData(): boolean {
    const judged = ({ data }: RunData) =>
      JSON.stringify([
        data.name,
        data.classes,
        data.validation ?? data.train,
        data.validationLabels ?? data.trainLabels,
      ]);
    return new Set(this.runs.map(judged)).size === 1;
  }

  #curves(): ChartSpec {
    const validated = this.#measure === "validationAccuracy";
    const panel = (
      yLabel: string,
      key: keyof Epoch & ("loss" | "accuracy" | "validationLoss" | "validationAccuracy"),
    ) => ({
      xLabel: "epoch",
      yLabel,
      series: this.runs.map(({ history }, i) => ({
        name: this.labels[i],
        x: history.map(({ epoch }) => epoch),
        y: history.map((epoch) => epoch[key] ?? null),
        points: true,
      })),
    });
    const accuracy = validated
      ? panel("validation accuracy", "validationAccuracy")
      : panel("training accuracy", "accuracy");
    const loss = validated ? panel("validation loss", "validationLoss") : panel("training loss", "loss");
    return {
      kind: "chart",
      title: this.summary,
      panels: [{ ...accuracy, yRange: [0, 1], yFormat: "percent" }, loss],
    };
  }

  #table(): TableSpec {
    const key = this.#measure;
    const scores = this.runs.map(({ best }) => best?.[key] ?? -1);
    const highest = Math.max(...scores);
    return {
      kind: "table",
      title: this.differences.length ? "What differed" : "Nothing in their settings differed",
      columns: [
        { label: "run" },
        ...this.differences.map(({ setting }) => ({ label: setting })),
        { label: key === "accuracy" ? "best training accuracy" : "best validation accuracy", align: "right" },
        { label: "after epoch", align: "right" },
        { label: "time", align: "right", format: "seconds" },
      ],
      rows: this.runs.map(({ best, seconds }, i) => {
        const accuracy = best?.[key];
        return [
          this.labels[i],
          ...this.differences.map(({ values }) => ({ text: shortened(values[i], 40), title: values[i] })),
          accuracy === undefined ? null : {
            text: formatNumber(accuracy, "percent"),
            tone: scores[i] === highest ? "good" as const : undefined,
          },
          best?.epoch ?? null,
          seconds,
        ];
      }),
    };
  }
}

/** Names that tell the runs apart: where two are the same, with their numbers, and else with when they began. */
function distinct(all: readonly RunData[]): string[] {
  let labels = all.map(({ name }) => name);
  const more = [
    ({ number, name }: RunData) => `${name} (${number})`,
    ({ name, started }: RunData) => `${name} (${started.slice(0, 19).replace("T", " ")})`,
    ({ name, started }: RunData, i: number) => `${name} (${started.slice(0, 19).replace("T", " ")}, ${i + 1})`,
  ];
  for (const label of more) {
    const counts = Map.groupBy(labels, (one) => one);
    labels = labels.map((one, i) => counts.get(one)!.length > 1 ? label(all[i], i) : one);
  }
  return labels;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
