import { expectStateDict } from "../weights/expect_state_dict.ts";
import { quoted } from "../weights/quoted.ts";
import { StateDict } from "../weights/state_dict.ts";
import { checkOptions } from "./check_options.ts";
import { LoadReport, shapeText } from "./load_report.ts";
import type { Module } from "./module.ts";
import { Counter, type Stored } from "./parameter.ts";

const linesShown = 50; // of what does not fit: a file may have any number of names

/** Options of `loadStateDict`. */
export interface LoadStateDictOptions {
  /** Whether names and shapes must fit exactly; true unless said otherwise. */
  strict?: boolean;
}

/** A snapshot of everything that a network's behaviour depends on, in torch's names, order and layouts. */
export function stateDict(model: Module): StateDict {
  const versions = model.namedModules().map(([path, module]) =>
    [path, (module.constructor as typeof Module).stateVersion] as const
  );
  return StateDict.from(
    model.namedState().map(([name, stored]) => [name, stored.entry()] as const),
    {},
    new Map(versions),
  );
}

/** Copies a state dict's values into a network; see `Module.loadStateDict`. */
export function loadStateDict(model: Module, source: StateDict, options: LoadStateDictOptions): LoadReport {
  expectStateDict("load a state dict", source, "loadStateDict(other.stateDict())");
  checkOptions("load a state dict", options, ["strict"]);
  const { strict = true } = options;
  const report = compare(model, source);
  if (strict && !report.complete) throw new Error(complaint(model, report));
  const state = new Map(model.namedState());
  const unreadable = report.matched.find((name) => !state.get(name)!.accepts(source.get(name)!));
  if (unreadable !== undefined) {
    throw new TypeError(
      `Cannot load "${unreadable}": expected an entry that can be read at once, found one without dataSync(); ` +
        "await its data() and make a StateDict of it with StateDict.from",
    );
  }
  for (const name of report.matched) state.get(name)!.load(source.get(name)!);
  return report;
}

function compare(model: Module, source: StateDict): LoadReport {
  const state = model.namedState();
  const known = new Set(state.map(([name]) => name));
  const present = state.filter(([name]) => source.has(name));
  const fits = ([name, { shape }]: typeof state[number]) => shapeText(shape) === shapeText(source.get(name)!.shape);
  return new LoadReport(
    present.filter(fits).map(([name]) => name),
    state.filter(([name, stored]) => !source.has(name) && !isOptional(stored)).map(([name]) => name),
    [...source.keys()].filter((name) => !known.has(name)),
    present.filter((pair) => !fits(pair)).map(([name, { shape }]) => ({
      name,
      expected: shape,
      found: source.get(name)!.shape,
    })),
  );
}

/** Batch norm's counter of batches came with PyTorch 0.4.1; files from before do without, and torch loads them too. */
function isOptional(stored: Stored): boolean {
  return stored instanceof Counter;
}

function complaint(model: Module, { missing, unexpected, mismatched }: LoadReport): string {
  const lines = [
    ...mismatched.map(({ name, expected, found }) =>
      `Cannot load ${quoted(name)}: expected ${shapeText(expected)}, found ${shapeText(found)}`
    ),
    ...missing.map((name) => `Cannot load ${quoted(name)}: expected it in the state dict, found no such entry`),
    ...unexpected.map((name) => `Cannot load ${quoted(name)}: ${model.constructor.name} has no such entry`),
  ];
  const prefix = superfluousPrefix(unexpected, missing);
  const advice = prefix === undefined
    ? "loadStateDict(sd, { strict: false }) loads what fits"
    : `Names begin with ${quoted(prefix)}: sd.rename({ strip: ${quoted(prefix)} }) takes it off`;
  if (lines.length === 1) return `${lines[0]}. ${advice}`;
  return [
    `Cannot load the state dict into ${model.constructor.name}: ${missing.length} entries missing, ` +
    `${unexpected.length} unexpected, ${mismatched.length} of another shape. ${advice}`,
    ...lines.slice(0, linesShown),
    ...(lines.length > linesShown ? [`… and ${lines.length - linesShown} more`] : []),
  ].join("\n  ");
}

/**
 * The prefix that every unexpected name has and without which it is expected: DataParallel's `module.`, Lightning's `model.`,
 * torch.compile's `_orig_mod.`.
 */
function superfluousPrefix(unexpected: readonly string[], missing: readonly string[]): string | undefined {
  const lacking = new Set(missing);
  const parts = unexpected[0]?.split(".") ?? [];
  return parts.slice(0, -1)
    .map((_, i) => parts.slice(0, i + 1).join(".") + ".")
    .find((prefix) =>
      unexpected.every((name) => name.startsWith(prefix)) &&
      unexpected.some((name) => lacking.has(name.slice(prefix.length)))
    );
}
