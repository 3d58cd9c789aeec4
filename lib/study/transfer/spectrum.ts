/**
 * Eigenvalues of a symmetric matrix, and where a few vectors lie among its eigenvectors.
 *
 * The eigenvectors themselves are never made: Householder's reflections and QL's rotations (Bowdler, Martin, Reinsch &
 * Wilkinson 1968) act on the few vectors alone, which leaves about a seventh of a whole decomposition's work.
 *
 * @module
 */

/** A symmetric matrix's spectrum. */
export interface Spectrum {
  /** The eigenvalues, in no order. */
  values: Float64Array;
  /** Of each vector that was given: its components along the eigenvectors, in the eigenvalues' order. */
  components: readonly Float64Array[];
}

/** Called often enough for a stop button; a long computation waits for it. */
export type Pause = () => Promise<void>;

/**
 * The spectrum of a symmetric matrix `[size, size]`.
 *
 * @param matrix its lower triangle is read; it is overwritten
 * @param vectors the vectors whose components are wanted, each of length `size`; they are overwritten
 */
export async function spectrum(
  matrix: Float64Array,
  size: number,
  vectors: readonly Float64Array[],
  pause: Pause,
): Promise<Spectrum> {
  const values = new Float64Array(size);
  const beside = new Float64Array(size); // beside[k] couples k and k + 1
  const mirror = new Float64Array(size);
  const image = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    values[k] = matrix[k * size + k];
    if (k + 1 < size) beside[k] = reflect(matrix, size, k, vectors, mirror, image);
    if (k % 16 === 0) await pause();
  }
  for (let k = 0; k < size; k++) {
    rotate(values, beside, k, vectors);
    if (k % 16 === 0) await pause();
  }
  return { values, components: vectors };
}

/**
 * The products of all pairs of rows, `[rows, rows]`, in float64: the lower triangle alone.
 *
 * @param values row by row
 */
export async function rowProducts(values: Float64Array, rows: number, pause: Pause): Promise<Float64Array> {
  const length = values.length / rows;
  const products = new Float64Array(rows * rows);
  const row = Array.from({ length: rows }, (_, i) => values.subarray(i * length, (i + 1) * length));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j += 4) {
      if (j + 3 <= i) fourProducts(row[i], row[j], row[j + 1], row[j + 2], row[j + 3], products, i * rows + j);
      else for (let k = j; k <= i; k++) products[i * rows + k] = product(row[i], row[k]);
    }
    if (i % 16 === 0) await pause();
  }
  return products;
}

/** Four at a time: each number of `a` is read once for them. */
function fourProducts(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
  e: Float64Array,
  to: Float64Array,
  at: number,
): void {
  let ab = 0, ac = 0, ad = 0, ae = 0;
  for (let k = 0; k < a.length; k++) {
    const x = a[k];
    ab += x * b[k];
    ac += x * c[k];
    ad += x * d[k];
    ae += x * e[k];
  }
  to[at] = ab;
  to[at + 1] = ac;
  to[at + 2] = ad;
  to[at + 3] = ae;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/**
 * Reflects everything so that column `k` has nothing below its second number, which is returned.
 *
 * @param mirror and `image` are scratch: the direction that is mirrored, and what the matrix makes of it
 */
function reflect(
  matrix: Float64Array,
  size: number,
  k: number,
  vectors: readonly Float64Array[],
  mirror: Float64Array,
  image: Float64Array,
): number {
  const first = k + 1;
  let squares = 0;
  for (let i = first; i < size; i++) squares += (mirror[i] = matrix[i * size + k]) ** 2;
  const norm = Math.sqrt(squares);
  if (norm === 0) return 0;
  const kept = mirror[first] > 0 ? -norm : norm; // away from what there is, so that nothing cancels
  const scale = 1 / (norm * (norm + Math.abs(mirror[first])));
  mirror[first] -= kept;

  image.fill(0, first);
  for (let i = first; i < size; i++) {
    const row = i * size, own = mirror[i];
    let sum = 0;
    for (let j = first; j < i; j++) {
      sum += matrix[row + j] * mirror[j];
      image[j] += matrix[row + j] * own;
    }
    image[i] += sum + matrix[row + i] * own;
  }
  let along = 0;
  for (let i = first; i < size; i++) along += mirror[i] * (image[i] *= scale);
  for (let i = first; i < size; i++) image[i] -= scale * along / 2 * mirror[i];
  for (let i = first; i < size; i++) {
    const row = i * size, a = mirror[i], b = image[i];
    for (let j = first; j <= i; j++) matrix[row + j] -= a * image[j] + b * mirror[j];
  }
  for (const vector of vectors) {
    let sum = 0;
    for (let i = first; i < size; i++) sum += mirror[i] * vector[i];
    for (let i = first; i < size; i++) vector[i] -= scale * sum * mirror[i];
  }
  return kept;
}

/** Rotates planes until the tridiagonal matrix has an eigenvalue at `k`: implicit QL with Wilkinson's shift. */
function rotate(values: Float64Array, beside: Float64Array, k: number, vectors: readonly Float64Array[]): void {
  for (;;) {
    let m = k;
    const isCoupled = () => Math.abs(beside[m]) > Number.EPSILON * (Math.abs(values[m]) + Math.abs(values[m + 1]));
    while (m < values.length - 1 && isCoupled()) m++;
    if (m === k) return;
    const half = (values[k + 1] - values[k]) / (2 * beside[k]);
    const root = Math.sqrt(half * half + 1);
    let g = values[m] - values[k] + beside[k] / (half + (half < 0 ? -root : root));
    let sine = 1, cosine = 1, shift = 0, i = m - 1;
    for (; i >= k; i--) {
      const f = sine * beside[i], b = cosine * beside[i];
      const r = beside[i + 1] = Math.sqrt(f * f + g * g);
      if (r === 0) { // the matrix falls apart here: what is above goes on by itself
        values[i + 1] -= shift;
        beside[m] = 0;
        break;
      }
      sine = f / r;
      cosine = g / r;
      g = values[i + 1] - shift;
      const turned = (values[i] - g) * sine + 2 * cosine * b;
      shift = sine * turned;
      values[i + 1] = g + shift;
      g = cosine * turned - b;
      for (const vector of vectors) {
        const upper = vector[i], lower = vector[i + 1];
        vector[i + 1] = sine * upper + cosine * lower;
        vector[i] = cosine * upper - sine * lower;
      }
    }
    if (i >= k) continue;
    values[k] -= shift;
    beside[k] = g;
    beside[m] = 0;
  }
}
