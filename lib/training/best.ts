import { EngineEntry, type Module, Parameter } from "../nn/mod.ts";
import { StateDict } from "../weights/state_dict.ts";
import type { Epoch } from "./history.ts";
import type { Run } from "./run.ts";

/**
 * Remembers the network's state when this epoch is the best one so far: the most accurate, of equal ones the later.
 *
 * @param moving the entries that training changes in any epoch, not only in this one
 */
export function keepBest(run: Run, model: Module, epoch: Epoch, moving: ReadonlySet<string>): void {
  if (run.best && !isBetter(epoch, run.best)) return;
  if (run.best) forget(run.best.stateDict);
  run.best = { ...epoch, stateDict: stateOf(model, moving) };
}

/** An epoch that was stopped before its validation says nothing against one that was validated. */
function isBetter(epoch: Epoch, best: Epoch): boolean {
  if (best.validationAccuracy === undefined) return epoch.accuracy >= best.accuracy;
  return epoch.validationAccuracy !== undefined && epoch.validationAccuracy >= best.validationAccuracy;
}

/** The names of the entries that training may change as the network is frozen now; the others need no second copy. */
export function movingNames(model: Module): Set<string> {
  const frozen = new Set(model.namedModules().filter(([, module]) => module.frozen).map(([path]) => path));
  const entries = model.namedState().filter(([path, stored]) =>
    stored instanceof Parameter ? stored.requiresGrad : !frozen.has(path.slice(0, Math.max(0, path.lastIndexOf("."))))
  );
  return new Set(entries.map(([path]) => path));
}

/** These entries as they are now. */
export function stateOf(model: Module, names: ReadonlySet<string>): StateDict {
  const entries = model.namedState().filter(([path]) => names.has(path));
  return StateDict.from(entries.map(([path, stored]) => [path, stored.entry()] as const));
}

/** Gives a state dict's memory back now. */
export function forget(state: StateDict): void {
  for (const entry of state.values()) if (entry instanceof EngineEntry) entry.dispose();
}
