import { adviceFor } from "../nn/check_options.ts";
import { describeValue } from "../nn/mod.ts";
import { StateDict } from "../weights/state_dict.ts";
import type { ModelInfo } from "./info.ts";
import type { OwnWeights } from "./weights_table.ts";

/** Names of weights; `DEFAULT` is the best there is. Any other name is looked up too. */
export type WeightsName = "DEFAULT" | "IMAGENET1K_V1" | "IMAGENET1K_V2" | (string & Record<never, never>);

/** Options that every builder takes. */
export interface BuildOptions {
  /**
   * Which pretrained weights to load; none unless given. A name, an entry of the network's table
   * (`models.info("resnet50").weights.IMAGENET1K_V2`), or weights of one's own: `{ file: { url }, categories, transforms }`.
   */
  weights?: WeightsName | OwnWeights | null;
  /** How many classes to tell apart; as many as the weights know, or 1000. */
  numClasses?: number;
  /** `"new"`: weights are loaded into everything but the head, which starts afresh as {@linkcode replaceHead} makes it. */
  head?: "new";
}

/**
 * Checks what a builder was given: notebooks check no types, and a misspelled option would otherwise be as good as none.
 *
 * @throws {TypeError | RangeError} naming the option, what it may be and what it was
 */
export function checkOptions(info: ModelInfo, options: object): void {
  const fail = (expected: string, found: unknown, advice = ""): never => {
    throw new TypeError(`Cannot make ${info.name}: expected ${expected}, found ${describe(found)}${advice}`);
  };
  if (typeof options !== "object" || options === null || Array.isArray(options)) fail("options in one object", options);
  const known = ["weights", "numClasses", "head", ...Object.keys(info.options)];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) fail(`options ${known.join(", ")}`, unknown, adviceFor(unknown, known));
  const { weights, numClasses, head } = options as BuildOptions;
  if (weights !== undefined && weights !== null) checkWeights(info, weights, fail);
  if (numClasses !== undefined && !(Number.isInteger(numClasses) && numClasses > 0)) {
    fail("numClasses to be a whole number ≥ 1", numClasses);
  }
  if (head !== undefined && head !== "new") fail('head to be "new" or not given', head);
}

type Fail = (expected: string, found: unknown, advice?: string) => never;

const ofWeights = ["file", "rename", "options", "categories", "transforms"];

/** What the table says besides. */
const ofEntries = ["accuracy", "parameters", "gigaMultiplyAdds", "minSize", "recipe", "license"];

function checkWeights(info: ModelInfo, weights: unknown, fail: Fail): void {
  const names = Object.keys(info.weights).map((name) => `"${name}"`);
  const expected = names.length ? `weights ${names.join(" or ")}` : "no named weights (there are none for it)";
  const load = "make the network without weights and call model.loadStateDict(";
  if (typeof weights === "string") {
    if (Object.hasOwn(info.weights, weights)) return;
    fail(expected, weights, /[./\\]/.test(weights) ? `; ${load}await load("${weights}"))` : "");
  }
  if (weights instanceof StateDict) fail(expected, weights, `; ${load}sd)`);
  if (typeof weights !== "object") fail(expected, weights);
  const { file, rename, options, categories, transforms } = weights as Partial<OwnWeights>;
  const needs = (what: string, found: unknown, fits: boolean) => fits || fail(`weights.${what}`, found);
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(file)) {
    fail(`${expected} or an object { file: { url }, categories, transforms }`, weights);
  }
  const unknown = Object.keys(weights as object).find((name) => !ofWeights.includes(name) && !ofEntries.includes(name));
  if (unknown !== undefined) fail(`weights { ${ofWeights.join(", ")} }`, unknown);
  const { url, package: python } = file as { url?: unknown; package?: unknown };
  needs('file to be { url: "…" }', file, typeof url === "string" || typeof python === "string");
  needs("rename to be a function", rename, rename === undefined || typeof rename === "function");
  needs("options to be the builder's options in one object", options, options === undefined || isObject(options));
  for (const name of Object.keys(options ?? {})) {
    needs(`options to be among ${Object.keys(info.options).join(", ")}`, name, Object.hasOwn(info.options, name));
  }
  const named = Array.isArray(categories) && categories.every((category) => typeof category === "string");
  needs("categories to be names of classes or null", categories, (categories ?? null) === null || named);
  needs("transforms to be an object", transforms, transforms === undefined || isObject(transforms));
}

function describe(value: unknown): string {
  if (typeof value === "string" || Array.isArray(value) || value === null) return JSON.stringify(value);
  return Object.getPrototypeOf(Object(value)) === Object.prototype && typeof value === "object"
    ? JSON.stringify(value)
    : describeValue(value);
}
