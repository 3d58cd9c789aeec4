import type * as tf from "@tensorflow/tfjs";
import { layerNorm } from "./functional.ts";
import { checkOptions } from "./check_options.ts";
import { constant } from "./init.ts";
import { Module } from "./module.ts";
import { checkWhole } from "./pair.ts";
import { Parameter } from "./parameter.ts";
import { pythonBool, pythonFloat } from "./print.ts";

/** Options of {@linkcode LayerNorm}, with torch's defaults. */
export interface LayerNormOptions {
  /** Added to the variance; 1e-5. */
  eps?: number;
  /** Whether each position has a scale, and an offset unless `bias` says otherwise; true. */
  elementwiseAffine?: boolean;
  /** Whether each position has an offset; true. */
  bias?: boolean;
}

/**
 * Layer normalization (Ba, Kiros & Hinton 2016): torch.nn.LayerNorm. Each sample's values along the last axes get mean 0 and
 * variance 1, then a scale and an offset. The channels of feature maps `[N, H, W, C]` and of tokens `[N, L, C]` are the last
 * axis.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const norm = new nn.LayerNorm(4, { eps: 1e-6 });
 * console.log(String(norm)); // LayerNorm((4,), eps=1e-06, elementwise_affine=True, bias=True)
 * console.log(norm.forward(tf.zeros([2, 7, 4])).shape); // [ 2, 7, 4 ]
 * ```
 */
export class LayerNorm extends Module {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;

  /**
   * @param normalizedShape the sizes of the last axes; a number for one
   * @throws {RangeError} where the shape cannot be, {TypeError} where the options are not by name
   */
  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    checkOptions("make LayerNorm", options, ["eps", "elementwiseAffine", "bias"]);
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    if (this.normalizedShape.length === 0) {
      throw new RangeError("Cannot make LayerNorm: expected normalizedShape to have an axis, found []");
    }
    this.normalizedShape.forEach((size) => checkWhole("LayerNorm", "normalizedShape", size, 1));
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(this.normalizedShape, constant(1)) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(this.normalizedShape, constant(0)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return layerNorm(x, this.normalizedShape, {
      weight: this.weight?.value,
      bias: this.bias?.value,
      eps: this.eps,
    });
  }

  override extraRepr(): string {
    const shape = `(${this.normalizedShape.join(", ")}${this.normalizedShape.length === 1 ? "," : ""})`;
    const affine = `elementwise_affine=${pythonBool(this.weight !== null)}, bias=${pythonBool(this.bias !== null)}`;
    return `${shape}, eps=${pythonFloat(this.eps)}, ${affine}`;
  }
}
