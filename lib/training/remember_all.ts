import { random } from "../engine/random.ts";
import type { Module } from "../nn/mod.ts";
import { forget, movingNames, stateOf } from "./best.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Remembers all that training changes: the network's weights and buffers, what the optimizer remembers and its rates, and the
 * random generator.
 *
 * @returns what puts everything back, to the bit; to be called once
 */
export function rememberAll(model: Module, optimizer: Optimizer): () => void {
  const weights = stateOf(model, movingNames(model)); // copied only when a step changes them
  const state = optimizer.state(model);
  const generator = random.save();
  return () => {
    model.loadStateDict(weights, { strict: false });
    optimizer.restore(state, model);
    random.restore(generator);
    forget(weights);
    forget(state.tensors);
  };
}
