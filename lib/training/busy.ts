import type { Module } from "../nn/mod.ts";

// Networks that are being trained at this moment.
const busy = new WeakSet<Module>();

/**
 * Takes a network for one training: two at a time would undo each other's steps.
 *
 * @param action what cannot be done otherwise: "fit"
 * @returns what gives the network back
 * @throws {Error} where it is being trained already
 */
export function occupy(model: Module, action: string): () => void {
  if (busy.has(model)) {
    throw new Error(
      `Cannot ${action} ${model.constructor.name}: it is being trained already; wait for that run's end, or stop() it`,
    );
  }
  busy.add(model);
  return () => void busy.delete(model);
}
