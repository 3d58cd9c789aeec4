/** How a pooling window walks over its input. Every pair is `[vertical, horizontal]`, in pixels. */
export interface PoolGeometry {
  /** Size of the window. */
  kernel: [number, number];
  /** Step between windows. */
  stride: [number, number];
  /** Padding at both ends of an axis. */
  padding: [number, number];
  /** Whether a last window may begin inside the padded input and reach beyond it. */
  ceilMode: boolean;
}

/**
 * The output size of one axis, as torch's `pooling_output_shape`: in ceil mode a last window counts only when it begins
 * inside the input or its left padding.
 */
export function pooledSize(size: number, kernel: number, stride: number, padding: number, ceilMode: boolean): number {
  const steps = (size + 2 * padding - kernel) / stride;
  if (!ceilMode) return Math.floor(steps) + 1;
  const out = Math.ceil(steps) + 1;
  return (out - 1) * stride >= size + padding ? out - 1 : out;
}

/**
 * The padding `[top, bottom, left, right]` after which windows without padding give the same output.
 *
 * @throws {RangeError} where the input is smaller than the window
 */
export function poolPadding(shape: number[], { kernel, stride, padding, ceilMode }: PoolGeometry): number[] {
  return [0, 1].flatMap((axis) => {
    const size = shape[axis + 1];
    const out = pooledSize(size, kernel[axis], stride[axis], padding[axis], ceilMode);
    if (out < 1) {
      throw new RangeError(
        `expected at least ${kernel[axis] - 2 * padding[axis]} pixels of ${["height", "width"][axis]}, ` +
          `found ${size} in [${shape.join(", ")}]`,
      );
    }
    const after = (out - 1) * stride[axis] + kernel[axis] - size - padding[axis];
    return [padding[axis], Math.max(0, after)];
  });
}
