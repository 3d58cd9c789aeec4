/** A function's value at a point and how it changes there. */
export interface Slope {
  value: number;
  gradient: Float64Array;
}

/** Options of {@linkcode minimize}. */
export interface MinimizeOptions {
  /** The most steps; 500. */
  steps?: number;
  /** The search ends where no component of the gradient is larger than this; 3e-5. */
  tolerance?: number;
  /** How many steps' curvature is kept; 10. */
  memory?: number;
}

/** What {@linkcode minimize} came to. */
export interface Minimum extends Slope {
  point: Float64Array;
  /** How many steps it took. */
  steps: number;
}

/**
 * The minimum of a smooth convex function: L-BFGS (Liu & Nocedal 1989). Each step goes along the gradient as the curvature
 * of the last steps corrects it, and is halved until the value falls as it should (Armijo).
 *
 * @param evaluate gives value and gradient at a point; it may compute in float32
 */
export async function minimize(
  evaluate: (point: Float64Array) => Promise<Slope>,
  start: Float64Array,
  { steps = 500, tolerance = 3e-5, memory = 10 }: MinimizeOptions = {},
): Promise<Minimum> {
  const pairs: { step: Float64Array; change: Float64Array; product: number }[] = [];
  let point = start;
  let { value, gradient } = await evaluate(point);
  let step = 0;
  while (step < steps && largest(gradient) > tolerance) {
    const direction = corrected(gradient, pairs);
    const descent = -dot(gradient, direction);
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let next: Slope | undefined, there = point;
    // where rounding hides any further descent, this is the minimum that can be told
    for (let tries = 0; tries < 20; tries++, length /= 2) {
      there = point.map((x, i) => x - length * direction[i]);
      const slope = await evaluate(there);
      if (slope.value <= value + 1e-4 * length * descent) {
        next = slope;
        break;
      }
    }
    if (!next) break;
    const moved = there.map((x, i) => x - point[i]);
    const change = next.gradient.map((g, i) => g - gradient[i]);
    const product = dot(moved, change);
    if (product > 1e-10 * dot(change, change)) pairs.push({ step: moved, change, product });
    if (pairs.length > memory) pairs.shift();
    [point, value, gradient] = [there, next.value, next.gradient];
    step++;
  }
  return { point, value, gradient, steps: step };
}

/** The gradient times an estimate of the inverse Hessian: the two loops over the last steps. */
function corrected(
  gradient: Float64Array,
  pairs: readonly { step: Float64Array; change: Float64Array; product: number }[],
): Float64Array {
  const direction = gradient.slice();
  const shares = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    shares[i] = dot(pairs[i].step, direction) / pairs[i].product;
    add(direction, pairs[i].change, -shares[i]);
  }
  const last = pairs.at(-1);
  const scale = last ? last.product / dot(last.change, last.change) : 1;
  for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  pairs.forEach(({ step, change, product }, i) => add(direction, step, shares[i] - dot(change, direction) / product));
  return direction;
}

function add(to: Float64Array, vector: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * vector[i];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function largest(vector: Float64Array): number {
  return vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}
