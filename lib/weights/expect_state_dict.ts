import { describeValue } from "./describe_value.ts";
import { StateDict } from "./state_dict.ts";

/**
 * Checks that a value is a state dict. Notebooks check no types, and a forgotten `await` is the likeliest mistake.
 *
 * @param action what cannot be done otherwise: "save"
 * @param instead what to write where it is a network
 * @throws {TypeError} saying what was found instead
 */
export function expectStateDict(action: string, value: unknown, instead: string): asserts value is StateDict {
  if (value instanceof StateDict) return;
  throw new TypeError(`Cannot ${action}: expected a state dict, found ${describe(value, instead)}`);
}

function describe(value: unknown, instead: string): string {
  if (typeof value === "string") return `${JSON.stringify(value)}; write await load(${JSON.stringify(value)})`;
  const text = describeValue(value);
  if (text === "a plain object") return `${text}; StateDict.from(…) makes a state dict of one`;
  if (typeof (value as { stateDict?: unknown } | undefined)?.stateDict !== "function") return text;
  return `a network (${(value as object).constructor.name}); write ${instead}`;
}
