/**
 * Numbers that PyTorch's side of a comparison makes too, from a name alone: neither weights nor inputs need storing.
 * 32-bit integer arithmetic only, so both sides get the same bits (`values()` in the Python generators).
 */

/** `count` numbers in [0, 1): element i is lowbias32(i · 0x9E3779B9 + fnv1a(name)) / 2³². */
export function uniform(name: string, count: number): Float64Array {
  const seed = fnv1a(name);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = lowbias32((Math.imul(i, 0x9e3779b9) + seed) >>> 0) / 2 ** 32;
  return numbers;
}

/**
 * The values of one state dict entry in torch's layout; what they look like follows from the last part of the name.
 *
 * @param gain and `variance` keep the signal alive through a deep network; 1 does for a shallow one
 */
export function values(salt: string, name: string, shape: readonly number[], gain = 1, variance = 1): Float32Array {
  const leaf = name.slice(name.lastIndexOf(".") + 1);
  return mapped(`${salt}/${name}`, size(shape), spread(leaf, shape, gain, variance));
}

/** A batch of pictures `[n, 3, size, size]` (torch's order) with values in [-2, 2). */
export function image(salt: string, n: number, size: number): Float32Array {
  return mapped(`${salt}/input`, n * 3 * size * size, (u) => 4 * u - 2);
}

/** From torch's order `[n, c, h, w]` to `[n, h, w, c]`. */
export function channelsLast<T extends Float32Array | Float64Array | number[]>(data: T, shape: readonly number[]): T {
  const [n, c, h, w] = shape;
  const moved = data.slice() as T;
  let to = 0;
  for (let i = 0; i < n; i++) {
    for (let pixel = 0; pixel < h * w; pixel++) {
      for (let channel = 0; channel < c; channel++) moved[to++] = data[(i * c + channel) * h * w + pixel];
    }
  }
  return moved;
}

function spread(leaf: string, shape: readonly number[], gain: number, variance: number): (u: number) => number {
  if (leaf === "running_mean") return (u) => 0.2 * u - 0.1;
  if (leaf === "running_var") return (u) => (0.5 + u) * variance;
  if (shape.length === 1 && leaf === "weight") return (u) => 0.5 + u;
  if (shape.length <= 1) return (u) => 0.2 * u - 0.1;
  const scale = Math.sqrt(3 / size(shape.slice(1)));
  return (u) => (2 * u - 1) * scale * gain;
}

/**
 * What `f` makes of the numbers of {@linkcode uniform}, which are not all held at once: a large network's would be gigabytes.
 * (Float32Array.from takes minutes for them.)
 */
function mapped(name: string, count: number, f: (u: number) => number): Float32Array {
  const seed = fnv1a(name);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = f(lowbias32((Math.imul(i, 0x9e3779b9) + seed) >>> 0) / 2 ** 32);
  return values;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

function lowbias32(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
