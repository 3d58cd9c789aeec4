import { checkOptions } from "../nn/check_options.ts";
import { Counter, expectModule, IndexBuffer, type Module, type Stored } from "../nn/mod.ts";
import { toFloat32 } from "../weights/convert.ts";
import { expectStateDict } from "../weights/expect_state_dict.ts";
import { arrayEntry, type Entry, type StateDict } from "../weights/state_dict.ts";
import { type Alignment, copyOverlap } from "./overlap.ts";
import { Overlay, type OverlayRow } from "./overlay_result.ts";

/** Options of {@linkcode overlay}. */
export interface OverlayOptions {
  /**
   * What becomes of an entry whose shape is not the network's: the part that both have is copied, from the beginning of each
   * axis (`"slice"`) or from its middle (`"center"`, for filters of another size); unless given, it is left alone.
   */
  partial?: Alignment;
}

/**
 * Lays a state dict over a network that is not quite the one it was saved from: what fits by name and shape is copied, and, where
 * asked for, the overlapping part of what has another shape. Everything else stays as it is, and the result says which is which.
 *
 * @throws {TypeError} where this is no network or no state dict, or the options are others
 *
 * @example
 * ```ts
 * import { nn, overlay, StateDict } from "thaw";
 *
 * const wider = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));
 * const saved = StateDict.from({ "0.weight": { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }, "0.bias": { shape: [4], data: [1, 2, 3, 4] } });
 * const result = await overlay(wider, saved, { partial: "slice" });
 * console.log(result.names("copied"), result.names("partly"), result.names("missing").length); // [ "0.bias" ] [ "0.weight" ] 2
 * ```
 */
export async function overlay(model: Module, source: StateDict, options: OverlayOptions = {}): Promise<Overlay> {
  const action = "overlay a state dict";
  expectModule(action, model);
  expectStateDict(action, source, "overlay(model, other.stateDict())");
  checkOptions(action, options, ["partial"]);
  const { partial } = options;
  if (partial !== undefined && partial !== "slice" && partial !== "center") {
    throw new RangeError(`Cannot ${action}: expected partial "slice" or "center", found ${JSON.stringify(partial)}`);
  }
  const rows: OverlayRow[] = [];
  const state = new Map(model.namedState());
  for (const [name, stored] of state) {
    const entry = source.get(name);
    if (!entry) {
      if (!(stored instanceof Counter)) rows.push({ name, outcome: "missing", expected: stored.shape });
    } else if (String(entry.shape) === String(stored.shape)) {
      stored.load(stored.accepts(entry) ? entry : arrayEntry(entry.shape, entry.dtype, await entry.data()));
      rows.push({ name, outcome: "copied", expected: stored.shape, found: entry.shape });
    } else if (partial && canBePart(stored, entry)) {
      const share = await copyPart(stored, entry, partial) / stored.size;
      rows.push({ name, outcome: "partly", expected: stored.shape, found: entry.shape, share });
    } else rows.push({ name, outcome: "mismatched", expected: stored.shape, found: entry.shape });
  }
  for (const [name, { shape }] of source) {
    if (!state.has(name)) rows.push({ name, outcome: "unexpected", found: shape });
  }
  return new Overlay(model.constructor.name, rows);
}

/** Numbers of as many axes; positions in a table mean nothing in a table of another size. */
function canBePart(stored: Stored, { shape }: Entry): boolean {
  return !(stored instanceof Counter || stored instanceof IndexBuffer) && shape.length === stored.shape.length;
}

async function copyPart(stored: Stored, entry: Entry, alignment: Alignment): Promise<number> {
  const own = stored.entry();
  const into = { shape: stored.shape, data: Float32Array.from(await own.data() as Float32Array) };
  if ("dispose" in own) (own.dispose as () => void)();
  const copied = copyOverlap(into, { shape: entry.shape, data: toFloat32(await entry.data(), entry.dtype) }, alignment);
  stored.load(arrayEntry(stored.shape, "float32", into.data));
  return copied;
}
