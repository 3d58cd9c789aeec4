import * as tf from "@tensorflow/tfjs";
import { gelu, hardsigmoid, hardswish, silu } from "../engine/ops/activations.ts";
import { checkOptions } from "./check_options.ts";
import { Module } from "./module.ts";
import { pythonFloat } from "./print.ts";

/** Options of the activations. */
export interface ActivationOptions {
  /** Only what is printed depends on it: results are always new tensors here. */
  inplace?: boolean;
}

abstract class Activation extends Module {
  readonly inplace: boolean;

  /** @throws {TypeError} where the options are not by name */
  constructor(options: ActivationOptions = {}) {
    super();
    checkOptions(`make ${new.target.name}`, options, ["inplace"]);
    this.inplace = options.inplace ?? false;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }
}

/** An activation that has no options in torch either. */
abstract class Unadorned extends Module {
  /** @throws {TypeError} where options are given: there are none */
  constructor(...none: unknown[]) {
    super();
    if (none.length) checkOptions(`make ${new.target.name}`, none[0] as object, []);
  }
}

/**
 * `max(x, 0)`: torch.nn.ReLU.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * console.log(await new nn.ReLU().forward(tf.tensor([-1, 2])).data()); // Float32Array(2) [ 0, 2 ]
 * ```
 */
export class ReLU extends Activation {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.relu(x);
  }
}

/** `min(max(x, 0), 6)`: torch.nn.ReLU6. */
export class ReLU6 extends Activation {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.relu6(x);
  }
}

/**
 * `scale · x` above 0, `scale · α · (eˣ − 1)` below, with the constants that lead mean 0 and variance 1 from layer to layer
 * (Klambauer et al. 2017): torch.nn.SELU. Its dropout is {@linkcode AlphaDropout}.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * console.log((await new nn.SELU().forward(tf.tensor([1])).data())[0].toFixed(4)); // 1.0507
 * ```
 */
export class SELU extends Activation {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.selu(x);
  }
}

/** `1 / (1 + e⁻ˣ)`: torch.nn.Sigmoid. */
export class Sigmoid extends Unadorned {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.sigmoid(x);
  }
}

/** The hyperbolic tangent: torch.nn.Tanh. */
export class Tanh extends Unadorned {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tanh(x);
  }
}

/**
 * `x · sigmoid(x)`, also called swish: torch.nn.SiLU.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * console.log((await new nn.SiLU().forward(tf.tensor([1])).data())[0].toFixed(4)); // 0.7311
 * ```
 */
export class SiLU extends Activation {
  override forward(x: tf.Tensor): tf.Tensor {
    return silu(x);
  }
}

/** `x · relu6(x + 3) / 6`: torch.nn.Hardswish. */
export class Hardswish extends Activation {
  override forward(x: tf.Tensor): tf.Tensor {
    return hardswish(x);
  }

  // torch prints no options for this one
  override extraRepr(): string {
    return "";
  }
}

/** `relu6(x + 3) / 6`: torch.nn.Hardsigmoid. */
export class Hardsigmoid extends Activation {
  override forward(x: tf.Tensor): tf.Tensor {
    return hardsigmoid(x);
  }

  override extraRepr(): string {
    return "";
  }
}

/**
 * `x` above 0, `negativeSlope · x` below: torch.nn.LeakyReLU.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 *
 * console.log(String(new nn.LeakyReLU(0.2))); // LeakyReLU(negative_slope=0.2)
 * ```
 */
export class LeakyReLU extends Activation {
  /** @throws {TypeError} where the slope is no number, or the options are not by name */
  constructor(readonly negativeSlope = 0.01, options: ActivationOptions = {}) {
    super(options);
    if (typeof negativeSlope === "number" && Number.isFinite(negativeSlope)) return;
    throw new TypeError(`Cannot make LeakyReLU: expected negativeSlope to be a number, found ${negativeSlope}`);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.leakyRelu(x, this.negativeSlope);
  }

  override extraRepr(): string {
    return [`negative_slope=${pythonFloat(this.negativeSlope)}`, ...(this.inplace ? ["inplace=True"] : [])].join(", ");
  }
}

/** Options of {@linkcode GELU}. */
export interface GELUOptions {
  /** `"tanh"` computes by the formula with tanh, which differs by up to 5e-4; `"none"` unless given. */
  approximate?: "none" | "tanh";
}

/**
 * `x · Φ(x)`, where Φ is the normal distribution's cumulative one (Hendrycks & Gimpel 2016): torch.nn.GELU.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 *
 * console.log(String(new nn.GELU({ approximate: "tanh" }))); // GELU(approximate='tanh')
 * ```
 */
export class GELU extends Module {
  readonly approximate: "none" | "tanh";

  /** @throws {TypeError} where the options are not by name, {RangeError} where the approximation is another */
  constructor(options: GELUOptions = {}) {
    super();
    checkOptions("make GELU", options, ["approximate"]);
    this.approximate = options.approximate ?? "none";
    if (["none", "tanh"].includes(this.approximate)) return;
    throw new RangeError(
      `Cannot make GELU: expected approximate "none" or "tanh", found ${JSON.stringify(this.approximate)}`,
    );
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return gelu(x, this.approximate);
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}
