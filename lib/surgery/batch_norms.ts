import { BatchNorm2d, type Module } from "../nn/mod.ts";
import { isSelected, selectPaths } from "../nn/select.ts";

/**
 * The batch norms that are meant, by their names: those of or below `where`, all of them unless given, but for those of or
 * below `keep`.
 *
 * @throws {RangeError} where a name is not one of the network's
 */
export function chosenNorms(
  action: string,
  model: Module,
  where: string | readonly string[] | undefined,
  keep: string | readonly string[] = [],
): Map<BatchNorm2d, string> {
  const meant = where === undefined ? undefined : selectPaths(`${action} at`, model, where);
  const kept = selectPaths(`keep batch norm at`, model, keep);
  const found = new Map<BatchNorm2d, string>();
  for (const [path, module] of model.namedModules()) {
    if (!(module instanceof BatchNorm2d) || found.has(module)) continue;
    if ((meant === undefined || isSelected(path, meant)) && !isSelected(path, kept)) found.set(module, path);
  }
  return found;
}
