import * as tf from "@tensorflow/tfjs";
import { snapshot } from "../engine/ops/variable.ts";
import { type BatchNorm2d, type Conv2d, Identity, type Module } from "../nn/mod.ts";
import { newBias } from "./new_bias.ts";
import { replaceModule, takeAfter } from "./replace.ts";

/** A batch norm and the convolution whose output it takes. */
export interface Pair {
  norm: BatchNorm2d;
  conv: Conv2d;
}

/** A batch norm that is folded, for now. */
export interface Folded {
  /** Puts everything back as it was, to the bit. */
  undo(): void;
  /** Gives back what `undo` would need. */
  settle(): void;
}

/**
 * Makes a convolution do what it and batch norm, by its running statistics, do one after the other:
 * `weight · factor` and `bias = offset + (bias − mean) · factor` with `factor = scale / √(variance + eps)`, each for an output
 * channel. Batch norm becomes Identity.
 */
export function foldPair(model: Module, { norm, conv }: Pair): Folded {
  const { weight, bias } = folded(norm, conv);
  const [oldWeight, oldBias] = [snapshot(conv.weight.value), conv.bias && snapshot(conv.bias.value)];
  const own = conv.bias ?? newBias(conv);
  take(conv.weight.value, weight);
  take(own.value, bias);
  conv.bias = own;
  const identity = takeAfter(new Identity(), norm);
  replaceModule(model, norm, identity);
  return {
    undo() {
      take(conv.weight.value, oldWeight);
      if (oldBias) take(own.value, oldBias);
      else {
        conv.bias = null;
        own.value.dispose(); // nobody else has seen it
      }
      replaceModule(model, identity, norm);
    },
    settle: () => tf.dispose(oldBias ? [oldWeight, oldBias] : [oldWeight]),
  };
}

function folded(norm: BatchNorm2d, conv: Conv2d): { weight: tf.Tensor; bias: tf.Tensor } {
  return tf.tidy(() => {
    const factor = tf.div(norm.weight.value, tf.sqrt(tf.add(norm.running_var.value, norm.eps)));
    const mean = norm.running_mean.value;
    const shift = conv.bias ? tf.sub(mean, conv.bias.value) : mean;
    // the engine has output channels last, whatever the groups
    return { weight: tf.mul(conv.weight.value, factor), bias: tf.sub(norm.bias.value, tf.mul(shift, factor)) };
  });
}

/** Gives a variable other values, in place: an optimizer that knows it still does. */
function take(variable: tf.Variable, values: tf.Tensor): void {
  variable.assign(values);
  values.dispose();
}
