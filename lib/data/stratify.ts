import { permutation } from "./order.ts";

/** The positions of each class's samples. */
export function positionsByClass(labels: Int32Array, classes: number): Int32Array[] {
  const positions = Array.from({ length: classes }, (): number[] => []);
  labels.forEach((label, i) => positions[label].push(i));
  return positions.map((each) => Int32Array.from(each));
}

/**
 * How many samples to take of each class, so that each gives the same share: rounded down, and what the whole lacks
 * is taken from those with the largest remainders (Hare & Niemeyer), the first of them where they are equal.
 *
 * @param limits the most that each class can give
 */
export function allocate(counts: ArrayLike<number>, share: number, limits: ArrayLike<number>): number[] {
  const quotas = Array.from(counts, (count, c) => Math.min(count * share, limits[c]));
  const taken = quotas.map(Math.floor);
  const missing = Math.round(sum(quotas)) - sum(taken);
  const remainder = (c: number) => quotas[c] - taken[c];
  const order = [...quotas.keys()].sort((a, b) => remainder(b) - remainder(a));
  for (const c of order.slice(0, missing)) taken[c]++;
  return taken;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/**
 * Divides samples into parts, each with the same share of every class.
 *
 * The same seed gives the same division. Where a class cannot be divided, its last sample stays in the rest.
 *
 * @param shares of the parts, each from 0 to 1
 * @returns the positions of each part, ascending, then those of the rest
 */
export function stratify(labels: Int32Array, classes: number, shares: readonly number[], seed: number): Int32Array[] {
  const positions = positionsByClass(labels, classes);
  const counts = positions.map((each) => each.length);
  const shuffled = positions.map((each, c) => permutation(each.length, seed, c).map((i) => each[i]));
  const used = counts.map(() => 0);
  const parts = shares.map((share) => {
    const taken = allocate(counts, share, counts.map((count, c) => Math.max(0, count - 1 - used[c])));
    return gather(taken.map((count, c) => shuffled[c].subarray(used[c], used[c] += count)));
  });
  return [...parts, gather(shuffled.map((each, c) => each.subarray(used[c])))];
}

/** As many samples as asked for, of each class its share and at least one; their positions, ascending. */
export function sample(labels: Int32Array, classes: number, size: number, seed: number): Int32Array {
  const positions = positionsByClass(labels, classes);
  const counts = positions.map((each) => each.length - 1);
  const total = sum(counts);
  const taken = allocate(counts, total === 0 ? 0 : (size - classes) / total, counts);
  return gather(
    positions.map((each, c) => permutation(each.length, seed, c).subarray(0, taken[c] + 1).map((i) => each[i])),
  );
}

function gather(parts: readonly Int32Array[]): Int32Array {
  return Int32Array.from(parts.flatMap((part) => [...part])).sort();
}
