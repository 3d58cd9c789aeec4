import { toFloat64 } from "./convert.ts";
import type { DType, TypedArray } from "./dtype.ts";

/** What there is to say about a tensor's numbers. NaN and infinite ones are counted and left out of the rest. */
export interface Statistics {
  mean: number;
  /** As torch.std: n − 1 in the denominator, NaN for a single number. */
  std: number;
  min: number;
  max: number;
  /** Counts of equally wide bins from min to max. */
  histogram: number[];
  notFinite: number;
}

/** Statistics of a tensor's bits, computed in float64. Undefined where no number is finite. */
export function statistics(data: TypedArray, dtype: DType, bins = 24): Statistics | undefined {
  const values = data instanceof Float32Array ? data : toFloat64(data, dtype);
  let sum = 0, count = 0, min = Infinity, max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value !== 0) continue; // NaN and the infinite ones
    sum += value;
    count++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (count === 0) return undefined;
  const mean = sum / count;
  const histogram = new Array<number>(bins).fill(0);
  const scale = max > min ? bins / (max - min) : 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value !== 0) continue;
    squares += (value - mean) ** 2;
    histogram[Math.min(bins - 1, Math.floor((value - min) * scale))]++;
  }
  return { mean, std: Math.sqrt(squares / (count - 1)), min, max, histogram, notFinite: values.length - count };
}
