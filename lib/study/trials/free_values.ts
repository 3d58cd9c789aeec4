import { EngineEntry, Module, type Stored } from "../../nn/mod.ts";
import type { StateDict } from "../../weights/state_dict.ts";

/** Gives the memory of a network, or of a state dict, back at once. Neither can be used any more. */
export function freeValues(owner: Module | StateDict): void {
  if (!(owner instanceof Module)) {
    for (const entry of owner.values()) if (entry instanceof EngineEntry) entry.dispose();
    return;
  }
  freeStored(owner.namedState().map(([, stored]) => stored));
}

/** Gives the memory of single parameters and buffers back. */
export function freeStored(list: Iterable<Stored>): void {
  for (const stored of list) {
    if (!("initialized" in stored) || !stored.initialized) continue;
    const { value } = stored as unknown as { value: { isDisposed: boolean; dispose(): void } };
    if (!value.isDisposed) value.dispose(); // two names may stand for one
  }
}
