import * as tf from "@tensorflow/tfjs";
import type { Module } from "./module.ts";

/** Called after a module's forward, with what went in and what came out. Tensors must not be disposed. */
export type ForwardHook = (module: Module, input: tf.Tensor, output: tf.Tensor) => void;

const hooks = new WeakMap<Module, Set<ForwardHook>>();
const running: Module[] = [];
const explained = new WeakSet<Error>();

/**
 * Calls `hook` whenever `module` has run; torch's `register_forward_hook`.
 *
 * @returns a function that takes the hook away again
 *
 * @example
 * ```ts
 * import { nn, onForward } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU());
 * const remove = onForward(net.get("0"), (_module, x, y) => console.log(x.shape, y.shape));
 * net.forward(tf.ones([1, 4])); // [ 1, 4 ] [ 1, 8 ]
 * remove();
 * ```
 */
export function onForward(module: Module, hook: ForwardHook): () => void {
  const set = hooks.get(module) ?? new Set();
  hooks.set(module, set.add(hook));
  return () => void set.delete(hook);
}

/**
 * Runs one module's forward. Each module gives back what it made on the way, which more than halves what a resnet50 holds
 * at its widest; the outermost one's result is always a tensor of its own; an error names the module it happened in by its
 * path.
 */
export function runForward(module: Module, forward: () => tf.Tensor, [input]: [tf.Tensor]): tf.Tensor {
  running.push(module);
  try {
    const output = tf.tidy(() => running.length === 1 ? own(forward(), input) : forward());
    hooks.get(module)?.forEach((hook) => hook(module, input, output));
    return output;
  } catch (error) {
    if (error instanceof Error && !explained.has(error)) {
      explained.add(error);
      error.message = `Cannot run ${describe()}: ${error.message}`;
    }
    throw error;
  } finally {
    running.pop();
  }
}

/** An error whose message says already what could not run: no module's name is put before it. */
export function fullMessage<E extends Error>(error: E): E {
  explained.add(error);
  return error;
}

/** A module that hands its input on must not hand on the duty to dispose it. */
function own(output: tf.Tensor, input: tf.Tensor): tf.Tensor {
  return output === input ? output.clone() : output;
}

function describe(): string {
  const [root, module] = [running[0], running[running.length - 1]];
  const path = root.namedModules().find(([, candidate]) => candidate === module)?.[0];
  const type = module.constructor.name;
  return path ? `"${path}" (${type})` : type;
}
