import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "./check_options.ts";
import { Module } from "./module.ts";

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
