import { elementCount } from "../weights/dtype.ts";

/** Which part of a larger axis meets a smaller one: its beginning, or its middle. */
export type Alignment = "slice" | "center";

/**
 * Copies the part that two arrays have in common into the first, axis by axis.
 *
 * @param into values in C order, changed in place
 * @param from values in C order, of a shape with as many axes
 * @returns how many values were copied
 */
export function copyOverlap(
  into: { shape: readonly number[]; data: Float32Array },
  from: { shape: readonly number[]; data: Float32Array },
  alignment: Alignment,
): number {
  const sizes = into.shape.map((size, axis) => Math.min(size, from.shape[axis]));
  const starts = (shape: readonly number[]) =>
    shape.map((size, axis) => alignment === "center" ? (size - sizes[axis]) >> 1 : 0);
  const [toStarts, fromStarts] = [starts(into.shape), starts(from.shape)];
  const row = sizes.at(-1)!;
  const copy = (axis: number, to: number, at: number): void => {
    if (axis === sizes.length - 1) {
      const [first, source] = [to + toStarts[axis], at + fromStarts[axis]];
      into.data.set(from.data.subarray(source, source + row), first);
      return;
    }
    const [toStep, fromStep] = [into.shape, from.shape].map((shape) => elementCount(shape.slice(axis + 1)));
    for (let i = 0; i < sizes[axis]; i++) {
      copy(axis + 1, to + (toStarts[axis] + i) * toStep, at + (fromStarts[axis] + i) * fromStep);
    }
  };
  copy(0, 0, 0);
  return elementCount(sizes);
}
