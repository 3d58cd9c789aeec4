import type { ModelInfo } from "./info.ts";

/** Names of weights; `DEFAULT` is the best there is. Any other name is looked up too. */
export type WeightsName = "DEFAULT" | "IMAGENET1K_V1" | "IMAGENET1K_V2" | (string & Record<never, never>);

/** Options that every builder takes. */
export interface BuildOptions {
  /** Which pretrained weights to load; none unless given. */
  weights?: WeightsName | null;
  /** How many classes to tell apart; as many as the weights know, or 1000. */
  numClasses?: number;
  /** `"new"`: weights are loaded into everything but the head, which starts afresh. */
  head?: "new";
}

/**
 * Checks what a builder was given: notebooks check no types, and a misspelled option would otherwise be as good as none.
 *
 * @throws {TypeError | RangeError} naming the option, what it may be and what it was
 */
export function checkOptions(info: ModelInfo, options: object): void {
  const fail = (expected: string, found: unknown): never => {
    throw new TypeError(`Cannot make ${info.name}: expected ${expected}, found ${describe(found)}`);
  };
  if (typeof options !== "object" || options === null || Array.isArray(options)) fail("options in one object", options);
  const known = ["weights", "numClasses", "head", ...Object.keys(info.options)];
  for (const name of Object.keys(options)) if (!known.includes(name)) fail(`options ${known.join(", ")}`, name);
  const { weights, numClasses, head } = options as BuildOptions;
  if (
    weights !== undefined && weights !== null && !(typeof weights === "string" && Object.hasOwn(info.weights, weights))
  ) {
    const names = Object.keys(info.weights).map((name) => `"${name}"`);
    fail(names.length ? `weights ${names.join(" or ")}` : "no weights (there are none for it)", weights);
  }
  if (numClasses !== undefined && !(Number.isInteger(numClasses) && numClasses > 0)) {
    fail("numClasses to be a whole number ≥ 1", numClasses);
  }
  if (head !== undefined && head !== "new") fail('head to be "new" or not given', head);
}

function describe(value: unknown): string {
  return typeof value === "string" || typeof value === "object" ? JSON.stringify(value) : String(value);
}
