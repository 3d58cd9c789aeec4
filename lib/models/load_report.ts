import type { LoadReport, Module } from "../nn/mod.ts";

// Beside the network, as its spec is.
const reports = new WeakMap<Module, LoadReport>();

/** Notes what loading pretrained weights did to a network. */
export function noteReport(model: Module, report: LoadReport): void {
  reports.set(model, report);
}

/**
 * What happened to the names in a weights' file when a builder loaded it: which were taken, and which were left because a new
 * head, or an auxiliary head that the network was made without, has no use for them.
 *
 * @returns undefined for a network that no builder loaded weights into
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const model = await models.efficientnet_lite0({ weights: "DEFAULT", numClasses: 9, head: "new" });
 * console.log(models.loadReport(model)?.left); // [ "classifier.1.weight", "classifier.1.bias" ]
 * ```
 */
export function loadReport(model: Module): LoadReport | undefined {
  return reports.get(model);
}
