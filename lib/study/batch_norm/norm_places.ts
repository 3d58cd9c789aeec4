import { BatchNorm2d, Conv2d, type Module } from "../../nn/mod.ts";

/** Where a network has batch norm, or would have it. */
export interface NormPlace {
  /** The dotted name that it has in every arrangement of the network: that of the batch norm, or of the convolution before. */
  name: string;
  /** What stands there: batch norm, what it was replaced by, or the convolution itself where there never was one. */
  module: Module;
  /** Whether it is in the part that is frozen. */
  below: boolean;
}

// An arranged network no longer tells where its batch norm was.
const known = new WeakMap<Module, readonly NormPlace[]>();

/** Remembers an arranged network's places for whoever looks at it while it is trained. */
export function notePlaces(model: Module, places: readonly NormPlace[]): void {
  known.set(model, places);
}

/** The places of a network that `arrangeBatchNorm` has arranged, in the order of its parts. */
export function placesOf(model: Module): readonly NormPlace[] {
  return known.get(model) ?? [];
}

/**
 * Where a network as it was made has batch norm, found by type; where it has none at all, its convolutions, behind which it
 * can be put. A module in two places is named once.
 *
 * @returns the names, in the order of the network's parts, and whether they are those of batch norms of its own
 */
export function normNames(model: Module): { names: string[]; own: boolean } {
  const find = (type: typeof BatchNorm2d | typeof Conv2d) => {
    const found = new Map<Module, string>();
    for (const [path, module] of model.namedModules()) {
      if (module instanceof type && !found.has(module)) found.set(module, path);
    }
    return [...found.values()];
  };
  const norms = find(BatchNorm2d);
  return norms.length > 0 ? { names: norms, own: true } : { names: find(Conv2d), own: false };
}
