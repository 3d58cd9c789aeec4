import * as tf from "@tensorflow/tfjs";
import type { RungName } from "./rung.ts";

/**
 * Says what a rung of the ladder cannot do, in place of tfjs's `Kernel 'X' not registered for backend 'wasm'`.
 *
 * @param error anything that was thrown
 * @returns an error that names the step and the rungs that can do it, or `error` itself when it says something else
 *
 * @example
 * ```ts
 * import { explainUnsupported } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const error = explainUnsupported(new Error("Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'"));
 * assertEquals(
 *   (error as Error).message,
 *   'Cannot compute Conv2DBackpropFilter on wasm: this rung has no such kernel; useEngine("tensorflow"), or "cpu" (slow), can',
 * );
 * ```
 */
export function explainUnsupported(error: unknown): unknown {
  const [, kernel, backend] = error instanceof Error ? error.message.match(MISSING_KERNEL) ?? [] : [];
  if (!kernel) return error;
  return new Error(`Cannot compute ${kernel} on ${backend}: this rung has no such kernel; ${whoCan(kernel, backend)}`, {
    cause: error,
  });
}

const MISSING_KERNEL = /^Kernel '(.+)' not registered for backend '(.+)'/;

function whoCan(kernel: string, backend: string): string {
  // TensorFlow's kernels are known only once it has started; it has nearly all of them.
  const started = tf.findBackend("tensorflow") !== null;
  const can = (name: RungName) =>
    name !== backend && (tf.getKernel(kernel, name) || (name === "tensorflow" && !started));
  const ways = [
    can("tensorflow") && '"tensorflow"',
    can("webgpu") && '"webgpu"',
    can("wasm") && '"wasm"',
    can("cpu") && '"cpu" (slow)',
  ];
  const [first, ...others] = ways.filter((way) => typeof way === "string");
  if (!first) return "no other rung has it either";
  const [name, note = ""] = first.split(/(?= \()/);
  return `useEngine(${name})${note}${others.map((way) => `, or ${way},`).join("")} can`;
}
