import * as tf from "@tensorflow/tfjs";
import { takeRows } from "../../engine/ops/take_rows.ts";
import { checkOptions } from "../../nn/check_options.ts";
import * as nn from "../../nn/mod.ts";
import { checkWhole } from "../../nn/pair.ts";
import { checkProbability } from "../check_values.ts";
import { mergeHeads, splitHeads } from "./heads.ts";
import { relativePositionBias, relativePositionIndex } from "./relative_position.ts";
import { regionMask, shiftedWindows, type Sides } from "./shifted_windows.ts";

/** Options of {@linkcode ShiftedWindowAttention}, in torchvision's order. */
export interface ShiftedWindowAttentionOptions {
  /** Whether queries, keys and values have biases; true. */
  qkvBias?: boolean;
  /** Whether the projection behind the attention has a bias; true. */
  projBias?: boolean;
  /** The probability with which training drops a weight of the attention; 0. */
  attentionDropout?: number;
  /** The probability with which training drops a feature of the result; 0. */
  dropout?: number;
}

// How all linear layers of a Swin network start.
const init = nn.init.truncatedNormal(0.02);
const biasInit = nn.init.constant(0);

/** Queries and keys as attention multiplies them, and what by. */
interface Compared {
  query: tf.Tensor4D;
  key: tf.Tensor4D;
  scale?: number;
}

/**
 * Self-attention within windows of feature maps `[N, H, W, C]`: what the attention of both versions of Swin has in common. Its
 * cost grows with the number of pixels and not with its square, and shifting the windows from one block to the next connects
 * them.
 */
export abstract class WindowAttention extends nn.Module {
  qkv: nn.Linear;
  proj: nn.Linear;
  abstract relative_position_index: nn.IndexBuffer;
  readonly windowSize: Sides;
  readonly shiftSize: Sides;
  readonly attentionDropout: number;
  readonly dropout: number;

  /**
   * @param dim channels of input and output
   * @param windowSize height and width of a window, in pixels
   * @param shiftSize how far up and left the map is moved before it is cut, in pixels
   * @param numHeads heads that share the channels
   * @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name
   */
  constructor(
    dim: number,
    windowSize: Sides,
    shiftSize: Sides,
    readonly numHeads: number,
    options: ShiftedWindowAttentionOptions = {},
  ) {
    super();
    const name = new.target.name;
    checkOptions(`make ${name}`, options, ["qkvBias", "projBias", "attentionDropout", "dropout"]);
    checkSides(name, "windowSize", windowSize, 1);
    checkSides(name, "shiftSize", shiftSize, 0);
    checkWhole(name, "dim", dim, 1);
    checkWhole(name, "numHeads", numHeads, 1);
    if (dim % numHeads) {
      throw new RangeError(`Cannot make ${name}: expected dim divisible by numHeads ${numHeads}, found ${dim}`);
    }
    const { qkvBias = true, projBias = true, attentionDropout = 0, dropout = 0 } = options;
    checkProbability(name, "attentionDropout", attentionDropout);
    checkProbability(name, "dropout", dropout);
    this.attentionDropout = attentionDropout;
    this.dropout = dropout;
    this.windowSize = [...windowSize];
    this.shiftSize = [...shiftSize];
    this.qkv = new nn.Linear(dim, 3 * dim, { bias: qkvBias, init, biasInit });
    this.proj = new nn.Linear(dim, dim, { bias: projBias, init, biasInit });
  }

  /** What is added for how far apart two pixels of a window are, `[1, heads, L, L]`. */
  protected abstract relativeBias(): tf.Tensor4D;

  /** Queries, keys and values of rows `[…, C]`: `[…, 3 · C]`. */
  protected project(rows: tf.Tensor): tf.Tensor {
    return this.qkv.forward(rows);
  }

  /** Queries and keys `[N, heads, L, C / heads]` as they are multiplied, and what by; 1 / √(C / heads) unless given. */
  protected compared(query: tf.Tensor4D, key: tf.Tensor4D): Compared {
    return { query, key };
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [n, height, width, channels] = x.shape;
    const [dim, heads] = [this.qkv.inFeatures, this.numHeads];
    if (x.rank !== 4 || channels !== dim) {
      throw new TypeError(`expected input [N, H, W, ${dim}], found [${x.shape.join(", ")}]`);
    }
    const { count, order, inverse, regions } = shiftedWindows([height, width], this.windowSize, this.shiftSize);
    const length = order.length / count;
    const rows = takeRows(x.reshape([n, height * width, dim]), order, inverse);
    const [q, k, v] = splitHeads(this.project(rows).reshape([n * count, length, 3 * dim]), heads);
    // Where windows differ in which pixels may see each other, they count as further heads: four axes are enough.
    const apart = regions ? count : 1;
    const byWindow = (one: tf.Tensor4D) => one.reshape<tf.Tensor4D>([-1, apart * heads, length, dim / heads]);
    const position = this.relativeBias();
    const bias = regions ? tf.add(position, regionMask(regions, count)).reshape([1, -1, length, length]) : position;
    const { query, key, scale } = this.compared(q, k);
    const attended = nn.functional.scaledDotProductAttention(byWindow(query), byWindow(key), byWindow(v), {
      bias,
      scale,
      dropout: this.isTraining ? this.attentionDropout : 0,
    });
    const windows = mergeHeads(attended.reshape([n * count, heads, length, dim / heads]));
    const pixels = takeRows(windows.reshape([n, order.length, dim]), inverse, order);
    const y = nn.functional.dropout(this.proj.forward(pixels), this.dropout, this.isTraining);
    return y.reshape(x.shape);
  }
}

/**
 * The attention of Swin (Liu et al. 2021): a learned table says what is added for each relative position of two pixels.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const attention = new models.ShiftedWindowAttention(8, [7, 7], [3, 3], 2);
 * console.log(attention.relative_position_bias_table.shape); // [ 169, 2 ]
 * console.log(attention.forward(tf.zeros([1, 10, 16, 8])).shape); // [ 1, 10, 16, 8 ]
 * ```
 */
export class ShiftedWindowAttention extends WindowAttention {
  relative_position_bias_table: nn.Parameter;
  relative_position_index: nn.IndexBuffer;

  constructor(
    dim: number,
    windowSize: Sides,
    shiftSize: Sides,
    numHeads: number,
    options: ShiftedWindowAttentionOptions = {},
  ) {
    super(dim, windowSize, shiftSize, numHeads, options);
    this.relative_position_bias_table = new nn.Parameter([distances(windowSize), numHeads], init);
    this.relative_position_index = indexOf(windowSize);
  }

  protected override relativeBias(): tf.Tensor4D {
    return relativePositionBias(this.relative_position_bias_table.value, this.relative_position_index);
  }
}

/**
 * The attention of Swin V2 (Liu et al. 2022), made for larger networks and for windows of other sizes than those trained
 * with: the cosine of query and key in their product's place, at a learned scale for each head, and a small network that
 * makes what is added of the distance itself, on a logarithmic scale.
 */
export class ShiftedWindowAttentionV2 extends WindowAttention {
  logit_scale: nn.Parameter;
  cpb_mlp: nn.Sequential;
  relative_coords_table: nn.Buffer;
  relative_position_index: nn.IndexBuffer;

  constructor(
    dim: number,
    windowSize: Sides,
    shiftSize: Sides,
    numHeads: number,
    options: ShiftedWindowAttentionOptions = {},
  ) {
    super(dim, windowSize, shiftSize, numHeads, options);
    this.logit_scale = new nn.Parameter([numHeads, 1, 1], nn.init.constant(Math.log(10)));
    this.cpb_mlp = new nn.Sequential(
      new nn.Linear(2, 512, { init, biasInit }),
      new nn.ReLU({ inplace: true }),
      new nn.Linear(512, numHeads, { bias: false, init }),
    );
    const [rows, columns] = windowSize.map((side) => 2 * side - 1);
    this.relative_coords_table = new nn.Buffer([1, rows, columns, 2], () => relativeCoordinates(windowSize));
    this.relative_position_index = indexOf(windowSize);
  }

  protected override relativeBias(): tf.Tensor4D {
    const table = this.cpb_mlp.forward(this.relative_coords_table.value).reshape([-1, this.numHeads]);
    return relativePositionBias(tf.mul(tf.sigmoid(table), 16), this.relative_position_index);
  }

  /** Keys have no bias: the part of the layer's bias that would be theirs counts as 0. */
  protected override project(rows: tf.Tensor): tf.Tensor {
    const { weight, bias } = this.qkv;
    if (!bias) return this.qkv.forward(rows);
    const third = bias.value.size / 3;
    const [queries, values] = [0, 2].map((part) => tf.slice(bias.value, part * third, third));
    return nn.functional.linear(rows, weight.value, tf.concat([queries, tf.zerosLike(queries), values]));
  }

  protected override compared(query: tf.Tensor4D, key: tf.Tensor4D): Compared {
    const scale = tf.exp(tf.minimum(this.logit_scale.value, Math.log(100)));
    return { query: tf.mul(unit(query), scale) as tf.Tensor4D, key: unit(key), scale: 1 };
  }
}

/** Rows of length 1, as torch's `normalize`; the bound is under the root, since the root has no slope at 0. */
function unit(x: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), -1, true), 1e-24)));
}

/** How many ways two pixels of a window can lie to each other. */
function distances([height, width]: Sides): number {
  return (2 * height - 1) * (2 * width - 1);
}

function indexOf(window: Sides): nn.IndexBuffer {
  const index = relativePositionIndex(window);
  return new nn.IndexBuffer([index.length], index);
}

/** All distances within a window, vertical and horizontal, from −1 to 1 on a logarithmic scale. */
function relativeCoordinates([height, width]: Sides): Float32Array {
  const logarithm = (distance: number, side: number) => {
    const eighths = 8 * distance / Math.max(1, side - 1);
    return Math.sign(eighths) * Math.log2(Math.abs(eighths) + 1) / 3;
  };
  const columns = 2 * width - 1;
  return Float32Array.from({ length: 2 * distances([height, width]) }, (_, i) => {
    const [row, column] = [Math.floor(i / 2 / columns), Math.floor(i / 2) % columns];
    return i % 2 === 0 ? logarithm(row - height + 1, height) : logarithm(column - width + 1, width);
  });
}

function checkSides(module: string, argument: string, sides: Sides, least: number): void {
  if (Array.isArray(sides) && sides.length === 2 && sides.every((side) => Number.isInteger(side) && side >= least)) {
    return;
  }
  throw new RangeError(
    `Cannot make ${module}: expected ${argument} to be two whole numbers ≥ ${least}, found ${JSON.stringify(sides)}`,
  );
}
