import { LoadReport } from "./load_report.ts";
import { Module } from "./module.ts";

/**
 * Checks that a value is a network. Notebooks check no types, and a forgotten `await` is the likeliest mistake.
 *
 * @param action what cannot be done otherwise: "fit"
 * @throws {TypeError} saying what was found instead
 */
export function expectModule(action: string, value: unknown): asserts value is Module {
  if (value instanceof Module) return;
  const report = value instanceof LoadReport
    ? "; loadStateDict changes the network in place and returns a report: pass the network itself"
    : "";
  throw new TypeError(`Cannot ${action}: expected a network, found ${describeValue(value)}${report}`);
}

/** A value as an error names it; a promise with the question that it raises. */
export function describeValue(value: unknown): string {
  if (value instanceof Promise || typeof (value as PromiseLike<unknown> | undefined)?.then === "function") {
    return "a promise; did you forget await?";
  }
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return !name || name === "Object" ? "a plain object" : `a value of class ${name}`;
}
