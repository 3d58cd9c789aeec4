import { describeValue } from "../weights/describe_value.ts";

/** What torch calls options that have another name here, beside those that differ in their case alone. */
const torchNames: Record<string, string> = { lr: "learningRate", eps: "epsilon" };

/**
 * Checks that options are a plain object with known names. Notebooks check no types: torch's habit of giving options by their
 * place, or a misspelled name, would otherwise be as good as no option, and silently give another network.
 *
 * @param action what cannot be done otherwise: "make MaxPool2d"
 * @param known the options' names, in the order in which torch takes them by place
 * @throws {TypeError} naming the options and what was found
 */
export function checkOptions<Options extends object>(
  action: string,
  options: Options,
  known: readonly (keyof Options & string)[],
): void {
  const names = known.length ? `options { ${known.join(", ")} }` : "no options";
  const fail = (expected: string, found: string, advice = ""): never => {
    throw new TypeError(`Cannot ${action}: expected ${expected}, found ${found}${advice}`);
  };
  if (!isPlainObject(options)) {
    const value: unknown = options;
    const text = isPlace(value) || typeof value === "string" ? JSON.stringify(value) : describeValue(value);
    const advice = known.length && isPlace(value) ? `; write { ${known[0]}: ${text} }` : "";
    fail(known.length ? `${names} in one object` : names, text, advice);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name as keyof Options & string)) continue;
    fail(names, `"${name}"`, adviceFor(name, known));
  }
}

/** What an error adds where an option has torch's name, or nearly one of these: "; write learningRate". */
export function adviceFor(name: string, known: readonly string[]): string {
  const meant = known.find((one) => one === torchNames[name] || plain(one) === plain(name));
  return meant ? `; write ${meant}` : "";
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether this is a value that torch takes by its place: 2, (2, 2), False. */
function isPlace(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean" || Array.isArray(value);
}

/** The same for `ceil_mode`, `ceilMode` and `ceilmode`, and for `strides` and `stride`. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll("_", "").replace(/s$/, "");
}
