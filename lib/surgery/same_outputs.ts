import * as tf from "@tensorflow/tfjs";
import type { Module } from "../nn/mod.ts";
import { runWithHooks } from "./wiring.ts";

/**
 * What a network and its direct children make of an input, in evaluation, in the order in which they ran. Children as well:
 * a new head may be all zeros, and hide whatever came before it.
 *
 * @param inside modules whose own outputs do not count, nor where a child hands them on
 */
export function outputs(model: Module, x: tf.Tensor, inside: ReadonlySet<Module>): Float32Array[] {
  const unseen = new Set<tf.Tensor>();
  const seen: Float32Array[] = [];
  const watched = new Set([...inside, model, ...model.children()]);
  runWithHooks(model, x, watched, (module, _input, output) => {
    for (const tensor of tensorsOf(output)) {
      if (inside.has(module)) unseen.add(tensor);
      else if (!unseen.has(tensor)) seen.push(Float32Array.from(tensor.dataSync()));
    }
  });
  return seen;
}

/** A forward of one's own may give several tensors, in a list or by name. */
function tensorsOf(output: unknown): tf.Tensor[] {
  if (output instanceof tf.Tensor) return [output];
  return typeof output === "object" && output !== null ? Object.values(output).flatMap(tensorsOf) : [];
}

/** The largest difference of two runs' outputs, as a share of the largest value of its output; NaN where there is one. */
export function difference(before: readonly Float32Array[], after: readonly Float32Array[]): number {
  return before.reduce((most, values, i) => {
    let [apart, largest] = [0, 0];
    values.forEach((value, j) => {
      const distance = Math.abs(value - after[i][j]);
      if (!(distance <= apart)) apart = distance; // NaN too
      largest = Math.max(largest, Math.abs(value));
    });
    const share = apart === 0 ? 0 : apart / largest;
    return share <= most ? most : share;
  }, 0);
}
