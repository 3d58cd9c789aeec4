import type * as tf from "@tensorflow/tfjs";
import { adaptiveAvgPool2d, avgPool2d } from "../engine/ops/avg_pool.ts";
import { maxPool2d } from "../engine/ops/max_pool.ts";
import type { PoolGeometry } from "../engine/ops/pool_geometry.ts";
import { checkImages } from "./check_input.ts";
import { checkOptions } from "./check_options.ts";
import { Module } from "./module.ts";
import { checkSize, checkWhole, outputPair, type OutputSize, pair, type Size2d } from "./pair.ts";
import { pythonBool, pythonSize } from "./print.ts";

/** Options of the pooling layers, with torch's defaults. */
export interface PoolOptions {
  /** Step between windows, in pixels; as large as the window. */
  stride?: Size2d;
  /** Padding at both ends of each axis, in pixels, at most half the window; 0. */
  padding?: Size2d;
  /** Whether a last window may reach beyond the input; false. */
  ceilMode?: boolean;
}

const poolOptions = ["stride", "padding", "ceilMode"] as const;

abstract class Pool extends Module {
  readonly stride: Size2d;
  readonly padding: Size2d;
  readonly ceilMode: boolean;

  constructor(readonly kernelSize: Size2d, options: PoolOptions) {
    super();
    const type = new.target.name;
    const { stride = kernelSize, padding = 0, ceilMode = false } = options;
    checkSize(type, "kernelSize", kernelSize, 1);
    checkSize(type, "stride", stride, 1);
    checkSize(type, "padding", padding, 0);
    if (pair(padding).some((p, axis) => p > pair(kernelSize)[axis] / 2)) {
      throw new RangeError(
        `Cannot make ${type}: expected padding of at most half the window ${pythonSize(kernelSize)}, ` +
          `found ${pythonSize(padding)}`,
      );
    }
    this.stride = stride;
    this.padding = padding;
    this.ceilMode = ceilMode;
  }

  protected get geometry(): PoolGeometry {
    return {
      kernel: pair(this.kernelSize),
      stride: pair(this.stride),
      padding: pair(this.padding),
      ceilMode: this.ceilMode,
    };
  }
}

/**
 * The largest value of each window of `[N, H, W, C]`: torch.nn.MaxPool2d. Padding never wins.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const pool = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
 * console.log(pool.forward(tf.zeros([1, 112, 112, 64])).shape); // [ 1, 56, 56, 64 ]
 * ```
 */
export class MaxPool2d extends Pool {
  /** @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name */
  constructor(kernelSize: Size2d, options: PoolOptions = {}) {
    checkOptions("make MaxPool2d", options, poolOptions);
    super(kernelSize, options);
  }

  override forward(x: tf.Tensor): tf.Tensor4D {
    return maxPool2d(checkImages(x), this.geometry);
  }

  override extraRepr(): string {
    return `kernel_size=${pythonSize(this.kernelSize)}, stride=${pythonSize(this.stride)}, ` +
      `padding=${pythonSize(this.padding)}, dilation=1, ceil_mode=${pythonBool(this.ceilMode)}`;
  }
}

/** Options of {@linkcode AvgPool2d}. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether the padding's zeros count as pixels; true. */
  countIncludePad?: boolean;
  /** Divide every sum by this whole number instead. */
  divisorOverride?: number;
}

/** The mean of each window of `[N, H, W, C]`: torch.nn.AvgPool2d. */
export class AvgPool2d extends Pool {
  readonly countIncludePad: boolean;
  readonly divisorOverride?: number;

  /** @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name */
  constructor(kernelSize: Size2d, options: AvgPoolOptions = {}) {
    checkOptions("make AvgPool2d", options, [...poolOptions, "countIncludePad", "divisorOverride"]);
    super(kernelSize, options);
    this.countIncludePad = options.countIncludePad ?? true;
    this.divisorOverride = options.divisorOverride;
    if (this.divisorOverride !== undefined) checkWhole("AvgPool2d", "divisorOverride", this.divisorOverride, 1);
  }

  override forward(x: tf.Tensor): tf.Tensor4D {
    const { countIncludePad, divisorOverride } = this;
    return avgPool2d(checkImages(x), { ...this.geometry, countIncludePad, divisorOverride });
  }

  override extraRepr(): string {
    const [kernel, stride, padding] = [this.kernelSize, this.stride, this.padding].map(pythonSize);
    return `kernel_size=${kernel}, stride=${stride}, padding=${padding}`;
  }
}

/**
 * Means over a grid of cells, so that the output has the given size: torch.nn.AdaptiveAvgPool2d.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const x = tf.zeros([1, 8, 6, 64]);
 * console.log(new nn.AdaptiveAvgPool2d(1).forward(x).shape); // [ 1, 1, 1, 64 ]
 * console.log(new nn.AdaptiveAvgPool2d([1, null]).forward(x).shape); // [ 1, 1, 6, 64 ]
 * ```
 */
export class AdaptiveAvgPool2d extends Module {
  /**
   * @param outputSize height and width of the output, in pixels; `null` keeps the input's
   * @throws {RangeError} where there can be no such size
   */
  constructor(readonly outputSize: OutputSize) {
    super();
    const size = Array.isArray(outputSize) ? outputPair(outputSize as OutputSize, [1, 1, 1]) : outputSize;
    checkSize("AdaptiveAvgPool2d", "outputSize", size as Size2d, 1);
  }

  override forward(x: tf.Tensor): tf.Tensor4D {
    const images = checkImages(x);
    return adaptiveAvgPool2d(images, outputPair(this.outputSize, images.shape));
  }

  override extraRepr(): string {
    return `output_size=${pythonSize(this.outputSize)}`;
  }
}
