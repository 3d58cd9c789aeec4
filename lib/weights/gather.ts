import type { TypedArray } from "./dtype.ts";

/** Whether elements with these strides lie in C order without gaps. */
export function isContiguous(size: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = size.length - 1; axis >= 0; axis--) {
    if (size[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= size[axis];
  }
  return true;
}

/**
 * Copies the elements of a strided view into C order.
 *
 * @param from the elements from the view's first to its last
 * @param into as many elements as the view has, at least one
 */
export function gather(
  from: TypedArray,
  into: TypedArray,
  size: readonly number[],
  stride: readonly number[],
): void {
  const axes = merge(size, stride);
  const [inner, step] = axes.pop() ?? [1, 1];
  const index = axes.map(() => 0);
  let start = 0;
  for (let at = 0; at < into.length;) {
    for (let i = 0, place = start; i < inner; i++, place += step) into[at++] = from[place];
    // The next row: count up the last axis; one that is full goes back to 0 and the axis before it counts up.
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const [length, stride] = axes[axis];
      start += stride;
      if (++index[axis] < length) break;
      start -= length * stride;
      index[axis] = 0;
    }
  }
}

/** Axes as [size, stride], without those of size 1, and with neighbours that are one run made one. */
function merge(size: readonly number[], stride: readonly number[]): [number, number][] {
  const axes: [number, number][] = [];
  for (let axis = 0; axis < size.length; axis++) {
    if (size[axis] === 1) continue;
    const last = axes[axes.length - 1];
    if (last && last[1] === size[axis] * stride[axis]) axes[axes.length - 1] = [last[0] * size[axis], stride[axis]];
    else axes.push([size[axis], stride[axis]]);
  }
  return axes;
}
