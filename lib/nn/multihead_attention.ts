import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "./check_options.ts";
import { linear, scaledDotProductAttention } from "./functional.ts";
import { constant, xavierUniform } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { checkWhole } from "./pair.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode MultiheadAttention}, with torch's defaults. */
export interface MultiheadAttentionOptions {
  /** The probability with which training drops a weight of the attention; 0. */
  dropout?: number;
  /** Whether the projections have biases; true. */
  bias?: boolean;
}

/** A Linear; torch calls the last layer of its attention so, and prints it. */
export class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Self-attention with several heads over tokens `[N, L, C]` (Vaswani et al. 2017): torch.nn.MultiheadAttention with
 * `batch_first=True` and one input as query, key and value.
 *
 * Each token asks all others with its query, weighs their values by how well their keys fit, and takes the weighted sum.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const attention = new nn.MultiheadAttention(8, 2);
 * console.log([...attention.stateDict().keys()].join(" ")); // in_proj_weight in_proj_bias out_proj.weight out_proj.bias
 * console.log(attention.forward(tf.zeros([1, 5, 8])).shape); // [ 1, 5, 8 ]
 * ```
 */
export class MultiheadAttention extends Module {
  in_proj_weight: Parameter;
  in_proj_bias: Parameter | null;
  out_proj: Linear;
  readonly dropout: number;

  /**
   * @param embedDim channels of a token
   * @param numHeads heads that share the channels
   * @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name
   */
  constructor(readonly embedDim: number, readonly numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    checkOptions("make MultiheadAttention", options, ["dropout", "bias"]);
    checkWhole("MultiheadAttention", "embedDim", embedDim, 1);
    checkWhole("MultiheadAttention", "numHeads", numHeads, 1);
    const { dropout = 0, bias = true } = options;
    if (embedDim % numHeads) {
      throw new RangeError(
        `Cannot make MultiheadAttention: expected embedDim divisible by numHeads ${numHeads}, found ${embedDim}`,
      );
    }
    if (!(dropout >= 0 && dropout <= 1)) {
      throw new RangeError(`Cannot make MultiheadAttention: expected dropout from 0 to 1, found ${dropout}`);
    }
    this.dropout = dropout;
    this.in_proj_weight = new Parameter([3 * embedDim, embedDim], xavierUniform());
    this.in_proj_bias = bias ? new Parameter([3 * embedDim], constant(0)) : null;
    this.out_proj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, biasInit: constant(0) });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [n, length, channels] = x.shape;
    if (x.rank !== 3 || channels !== this.embedDim) {
      throw new TypeError(`expected input [N, L, ${this.embedDim}], found [${x.shape.join(", ")}]`);
    }
    const projected = linear(x, this.in_proj_weight.value, this.in_proj_bias?.value);
    // [N, L, 3, heads, C / heads] to three times [N, heads, L, C / heads]
    const perHead = projected.reshape([n, length, 3, this.numHeads, channels / this.numHeads]);
    const [q, k, v] = tf.unstack(tf.transpose(perHead, [2, 0, 3, 1, 4])) as tf.Tensor4D[];
    const attended = scaledDotProductAttention(q, k, v, { dropout: this.isTraining ? this.dropout : 0 });
    return this.out_proj.forward(tf.transpose(attended, [0, 2, 1, 3]).reshape([n, length, channels]));
  }
}
