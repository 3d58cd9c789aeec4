import { type Cell, Displayable, type MatrixSpec, type TableSpec, type Tone } from "../display/mod.ts";
import { type ClassScore, classScores } from "../training/mod.ts";
import { describeValue } from "../nn/mod.ts";

/** Confusion counts, or what `evaluate` returns: rows are the true classes, columns the predicted ones. */
export type ConfusionSource = readonly (readonly number[])[] | { confusion: readonly (readonly number[])[] };

/** The classes' names, or what has them: a dataset, a split, a network. */
export type ClassesSource = readonly string[] | { classes?: readonly string[] };

/** Options of {@linkcode confusionMatrix}. */
export interface ConfusionOptions {
  /** The most classes that are shown: those with the most mistakes. 30. */
  most?: number;
}

/** How often each class was taken for each; displays as a heat map. */
export class ConfusionMatrix extends Displayable {
  constructor(
    /** The classes' names. */
    readonly classes: readonly string[],
    /** Rows are the true classes, columns the predicted ones. */
    readonly counts: readonly (readonly number[])[],
    private readonly most = 30,
  ) {
    super();
  }

  /** Pairs of classes by how often the first was taken for the second, most often first; none that never were. */
  mistakes(): { actual: string; predicted: string; count: number }[] {
    return this.counts.flatMap((row, i) =>
      row.map((count, j) => ({ actual: this.classes[i], predicted: this.classes[j], count, right: i === j }))
    ).filter(({ right, count }) => !right && count > 0).toSorted((a, b) => b.count - a.count)
      .map(({ actual, predicted, count }) => ({ actual, predicted, count }));
  }

  override spec(): MatrixSpec {
    const all = sum(this.counts.flat());
    const right = sum(this.counts.map((row, i) => row[i]));
    const shown = this.#shown();
    const rest = this.classes.length - shown.length;
    return {
      kind: "matrix",
      title: "Confusion matrix",
      labels: shown.map((i) => this.classes[i]),
      counts: shown.map((i) => shown.map((j) => this.counts[i][j])),
      caption: `${right.toLocaleString("en")} of ${all.toLocaleString("en")} right` +
        (rest ? `; the ${shown.length} classes with the most mistakes, ${rest.toLocaleString("en")} left out` : ""),
    };
  }

  #shown(): number[] {
    const every = this.classes.map((_, i) => i);
    if (every.length <= this.most) return every;
    const wrong = every.map((i) => sum(this.counts[i]) + sum(this.counts.map((row) => row[i])) - 2 * this.counts[i][i]);
    return every.toSorted((a, b) => wrong[b] - wrong[a]).slice(0, this.most).toSorted((a, b) => a - b);
  }
}

/** Precision, recall and F1 of each class; displays as a table. */
export class ClassReport extends Displayable {
  constructor(
    /** The classes' names. */
    readonly classes: readonly string[],
    /** Each class's scores. */
    readonly scores: readonly ClassScore[],
  ) {
    super();
  }

  override spec(): TableSpec {
    const known = this.scores.filter(({ support, predicted }) => support + predicted > 0);
    const mean = (key: "precision" | "recall" | "f1") => sum(known.map((score) => score[key])) / (known.length || 1);
    const worst = known.length > 2 ? Math.min(...known.map(({ f1 }) => f1)) : undefined;
    const best = known.length > 2 ? Math.max(...known.map(({ f1 }) => f1)) : undefined;
    const tone = (f1: number): Tone =>
      worst === best ? "accent" : f1 === worst ? "bad" : f1 === best ? "good" : "accent";
    const rows = this.scores.map(({ precision, recall, f1, support, predicted }, i): Cell[] => [
      this.classes[i],
      precision,
      recall,
      { bar: f1, label: `${(100 * f1).toFixed(1)}%`, tone: tone(f1) },
      support,
      predicted,
    ]);
    const f1 = mean("f1");
    return {
      kind: "table",
      title: "Precision and recall of each class",
      columns: [
        { label: "class" },
        { label: "precision", format: "percent", title: "of those predicted as the class, how many are of it" },
        { label: "recall", format: "percent", title: "of those of the class, how many were found" },
        { label: "F1", title: "the harmonic mean of precision and recall" },
        { label: "samples", title: "how many are of the class" },
        { label: "predicted", title: "how many were predicted as the class" },
      ],
      rows: [...rows, [
        { text: "mean of the classes", tone: "muted" },
        mean("precision"),
        mean("recall"),
        { bar: f1, label: `${(100 * f1).toFixed(1)}%`, tone: "muted" },
        sum(this.scores.map(({ support }) => support)),
        sum(this.scores.map(({ predicted }) => predicted)),
      ]],
    };
  }
}

/**
 * How often each class was taken for each, as a heat map with counts and shares of the true class.
 *
 * @param evaluation what `evaluate` returned, or counts: rows are the true classes, columns the predicted ones
 * @param classes the classes' names, or the dataset that has them
 * @throws {TypeError} where these are no square counts, or not as many names
 *
 * @example
 * ```ts
 * import { confusionMatrix } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const matrix = confusionMatrix([[8, 2], [1, 9]], ["cat", "dog"]);
 * assertEquals(matrix.mistakes()[0], { actual: "cat", predicted: "dog", count: 2 });
 * ```
 */
export function confusionMatrix(
  evaluation: ConfusionSource,
  classes: ClassesSource,
  { most = 30 }: ConfusionOptions = {},
): ConfusionMatrix {
  const counts = countsOf("make a confusion matrix", evaluation);
  return new ConfusionMatrix(namesOf("make a confusion matrix", classes, counts.length), counts, most);
}

/**
 * Precision, recall and F1 of each class, and their means over the classes, as a table.
 *
 * @param evaluation what `evaluate` returned, or counts: rows are the true classes, columns the predicted ones
 * @param classes the classes' names, or the dataset that has them
 * @throws {TypeError} where these are no square counts, or not as many names
 *
 * @example
 * ```ts
 * import { classReport } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const report = classReport([[8, 2], [0, 10]], ["cat", "dog"]);
 * assertEquals(report.scores[0].recall, 0.8);
 * ```
 */
export function classReport(evaluation: ConfusionSource, classes: ClassesSource): ClassReport {
  const counts = countsOf("make a class report", evaluation);
  return new ClassReport(namesOf("make a class report", classes, counts.length), classScores(counts));
}

function countsOf(action: string, source: ConfusionSource): readonly (readonly number[])[] {
  const counts = (source as { confusion?: unknown } | null | undefined)?.confusion ?? source;
  if (Array.isArray(counts) && counts.length && counts.every((row) => row?.length === counts.length)) return counts;
  const found = Array.isArray(counts) ? "rows of other lengths" : describeValue(counts);
  throw new TypeError(`Cannot ${action}: expected what evaluate returns or square counts, found ${found}`);
}

function namesOf(action: string, source: ClassesSource, count: number): readonly string[] {
  const names = Array.isArray(source) ? source : (source as { classes?: readonly string[] } | undefined)?.classes;
  if (names?.length === count) return names;
  const found = names ? `${names.length}` : "none";
  throw new TypeError(`Cannot ${action}: expected the names of ${count} classes, or the dataset, found ${found}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
