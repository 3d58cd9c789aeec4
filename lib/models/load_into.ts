import { LoadReport, type Module } from "../nn/mod.ts";
import { isWithin } from "../nn/select.ts";
import type { StateDict } from "../weights/state_dict.ts";
import type { ModelInfo } from "./info.ts";
import { headsOf } from "./replace_head.ts";

/** Loads everything; what the file has for auxiliary heads that the network was made without is left. */
export function loadAll(model: Module, state: StateDict, info: ModelInfo): LoadReport {
  checkAuxiliary(model, state, info);
  const left = namesWithin(state, absentParts(model, info));
  const { matched } = model.loadStateDict(state.filter((entry) => !left.includes(entry)));
  return new LoadReport(matched, [], [], [], left);
}

/**
 * Loads everything but the heads, which keep their initial values; everything else must fit.
 *
 * @param action what cannot be done otherwise: "make resnet18 with these options"
 */
export function loadBody(action: string, model: Module, state: StateDict, info: ModelInfo): LoadReport {
  checkAuxiliary(model, state, info);
  const heads = headsOf(model, info);
  const left = namesWithin(state, [...absentParts(model, info), ...heads]);
  const loaded = model.loadStateDict(state.filter((entry) => !left.includes(entry)), { strict: false });
  const { matched, missing, unexpected, mismatched } = loaded;
  const lost = missing.filter((entry) => !heads.some((head) => isWithin(entry, head)));
  const report = new LoadReport(matched, lost, unexpected, mismatched, left);
  if (report.complete) return report;
  throw new Error(`Cannot ${action}: the weights do not fit.\n${report}`);
}

/** A network that was made without auxiliary heads is saved without them, and has to be made so again. */
function checkAuxiliary(model: Module, state: StateDict, { name, auxiliaryHeads }: ModelInfo): void {
  const parts = [...new Set(auxiliaryHeads.map((path) => path.split(".")[0]))];
  const there = parts.filter((part) => model.namedChildren().some(([child]) => child === part));
  if (there.length === 0 || namesWithin(state, parts).length > 0) return;
  throw new Error(
    `Cannot load weights into ${name}: expected auxiliary heads (${
      there.join(", ")
    }) in them, found none; make the network ` +
      "with auxLogits: false",
  );
}

function namesWithin(state: StateDict, parts: readonly string[]): string[] {
  return [...state.keys()].filter((entry) => parts.some((part) => isWithin(entry, part)));
}

/** What the network has not got of the ways to its auxiliary heads: `aux1` of `aux1.fc2`. */
function absentParts(model: Module, { auxiliaryHeads }: ModelInfo): string[] {
  const there = new Set(model.namedModules().map(([path]) => path));
  return auxiliaryHeads.flatMap((path) => {
    const names = path.split(".");
    const parts = names.map((_, depth) => names.slice(0, depth + 1).join("."));
    return parts.find((part) => !there.has(part)) ?? [];
  });
}
