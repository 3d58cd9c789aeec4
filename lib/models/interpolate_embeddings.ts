import { describeValue } from "../weights/describe_value.ts";
import { checkOptions } from "../nn/check_options.ts";
import { toFloat32 } from "../weights/convert.ts";
import { expectStateDict } from "../weights/expect_state_dict.ts";
import { arrayEntry, type Entry, StateDict } from "../weights/state_dict.ts";

/** What {@linkcode interpolateEmbeddings} makes embeddings for. */
export interface EmbeddingSize {
  /** Height and width of the new pictures, in pixels. */
  imageSize: number;
  /** Height and width of a patch, in pixels; as the network's. */
  patchSize: number;
}

const name = "encoder.pos_embedding";

/**
 * Fits a Vision Transformer's weights to pictures of another size: what it has learned of places, a grid of embeddings, is
 * enlarged or reduced by bicubic interpolation, corners on corners: torchvision's interpolate_embeddings.
 *
 * @returns a state dict with `encoder.pos_embedding` for the new size, and everything else as it was
 * @throws {TypeError | RangeError} where there are no such embeddings, or the size cannot be
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const size = { patchSize: 8, numLayers: 1, numHeads: 2, hiddenDim: 16, mlpDim: 32 };
 * const small = new models.VisionTransformer(size, { imageSize: 32 });
 * const large = new models.VisionTransformer(size, { imageSize: 48 });
 * large.loadStateDict(await models.interpolateEmbeddings(small.stateDict(), { imageSize: 48, patchSize: 8 }));
 * console.log(large.encoder.pos_embedding.shape); // [ 1, 37, 16 ]
 * ```
 */
export async function interpolateEmbeddings(state: StateDict, size: EmbeddingSize): Promise<StateDict> {
  expectStateDict("interpolate embeddings", state, "interpolateEmbeddings(model.stateDict(), …)");
  const to = newSide(size);
  const entry = state.get(name);
  if (!entry) {
    throw new TypeError(`Cannot interpolate embeddings: expected "${name}" in the state dict, found no such entry`);
  }
  const from = oldSide(entry);
  if (from === to) return state;
  const [, , width] = entry.shape;
  const values = toFloat32(await entry.data(), entry.dtype);
  const resized = new Float32Array((to * to + 1) * width);
  resized.set(values.subarray(0, width)); // the class token is nowhere in the picture
  resized.set(resizeGrid(values.subarray(width), { from, to, width }), width);
  const fitted = arrayEntry([1, to * to + 1, width], "float32", resized);
  return StateDict.from([...state].map(([key, one]) => [key, key === name ? fitted : one] as const), state.metadata);
}

/** A grid of vectors, row by row, of another size. */
function resizeGrid(
  grid: Float32Array,
  { from, to, width }: { from: number; to: number; width: number },
): Float32Array {
  const resized = new Float32Array(to * to * width);
  const taps = Array.from({ length: to }, (_, i) => cubicTaps(to > 1 ? i * (from - 1) / (to - 1) : 0, from));
  taps.forEach((down, row) =>
    taps.forEach((across, column) => {
      const at = (row * to + column) * width;
      for (const [y, v] of down) {
        for (const [x, u] of across) {
          const source = (y * from + x) * width;
          for (let c = 0; c < width; c++) resized[at + c] += u * v * grid[source + c];
        }
      }
    })
  );
  return resized;
}

/**
 * The four places around a point on an axis and what each counts: Keys' cubic convolution (1981) with a = −0.75, as in torch.
 * Beyond the ends the last value goes on.
 */
function cubicTaps(point: number, length: number): [place: number, weight: number][] {
  const a = -0.75;
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  const first = Math.floor(point);
  const t = point - first;
  const weights = [far(t + 1), near(t), near(1 - t), far(2 - t)];
  return weights.map((weight, i) => [Math.min(length - 1, Math.max(0, first - 1 + i)), weight]);
}

function newSide(size: EmbeddingSize): number {
  checkOptions("interpolate embeddings", size, ["imageSize", "patchSize"]);
  const { imageSize, patchSize } = size;
  for (const [option, value] of Object.entries({ imageSize, patchSize })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new RangeError(
      `Cannot interpolate embeddings: expected ${option} to be a whole number ≥ 1, found ${describeValue(value)}`,
    );
  }
  if (imageSize % patchSize === 0) return imageSize / patchSize;
  throw new RangeError(
    `Cannot interpolate embeddings: expected imageSize to be a multiple of patchSize ${patchSize}, found ${imageSize}`,
  );
}

function oldSide({ shape }: Entry): number {
  const [first, length] = shape;
  const side = Math.sqrt(length - 1);
  if (shape.length === 3 && first === 1 && Number.isInteger(side) && side > 0) return side;
  throw new TypeError(
    `Cannot interpolate embeddings: expected "${name}" of the shape [1, side · side + 1, width], found [${
      shape.join(", ")
    }]`,
  );
}
