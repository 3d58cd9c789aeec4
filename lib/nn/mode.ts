import type { Module } from "./module.ts";

/**
 * Runs `use` with a network in training or evaluation mode and puts every module back into the mode that it was in.
 *
 * `use` must not wait for anything: in a notebook other cells run while it waits, and would find the network in its mode.
 */
export function inMode<T>(model: Module, training: boolean, use: () => T): T {
  const modes = model.modules().map((module) => [module, module.training] as const);
  for (const [module] of modes) module.training = training; // as train() does, without a second walk
  try {
    return use();
  } finally {
    for (const [module, before] of modes) module.training = before;
  }
}
