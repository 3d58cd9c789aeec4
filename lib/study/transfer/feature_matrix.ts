import { describeValue } from "../../nn/mod.ts";

/** A matrix `[rows, columns]` outside any engine, row by row: one sample a row, one feature a column. */
export interface FeatureMatrix {
  rows: number;
  columns: number;
  values: Float32Array;
}

/**
 * Checks that there are features and a label for each of their rows.
 *
 * @param action what cannot be done otherwise: "compute LogME"
 * @throws {TypeError} where these are no features or not as many labels, {RangeError} where a label is no class's number
 */
export function checkFeatures(action: string, features: FeatureMatrix, labels: ArrayLike<number>): void {
  const { rows, columns, values } = features ?? {};
  if (!(rows > 0 && columns > 0 && values?.length === rows * columns)) {
    const found = values === undefined ? describeValue(features) : `${values.length} values for [${rows}, ${columns}]`;
    throw new TypeError(
      `Cannot ${action}: expected features { rows, columns, values } of some samples, found ${found}`,
    );
  }
  if (labels?.length !== rows) {
    const found = labels?.length === undefined ? describeValue(labels) : `${labels.length}`;
    throw new TypeError(`Cannot ${action}: expected ${rows} labels, one for each row of the features, found ${found}`);
  }
  const wrong = Array.from(labels).find((label) => !Number.isInteger(label) || label < 0);
  if (wrong === undefined) return;
  throw new RangeError(`Cannot ${action}: expected labels that are whole numbers from 0, found ${wrong}`);
}

/** These rows of a matrix, in this order. */
export function takeRows({ columns, values }: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  const taken = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    taken.set(values.subarray(rows[i] * columns, (rows[i] + 1) * columns), i * columns);
  }
  return { rows: rows.length, columns, values: taken };
}

/** The rows of one matrix and, below them, those of another. */
export function joinRows(upper: FeatureMatrix, lower: FeatureMatrix): FeatureMatrix {
  const values = new Float32Array(upper.values.length + lower.values.length);
  values.set(upper.values);
  values.set(lower.values, upper.values.length);
  return { rows: upper.rows + lower.rows, columns: upper.columns, values };
}

/** Whether two matrices hold the same numbers. */
export function sameRows(a: FeatureMatrix, b: FeatureMatrix): boolean {
  return a.columns === b.columns && a.rows === b.rows && a.values.every((value, i) => value === b.values[i]);
}
