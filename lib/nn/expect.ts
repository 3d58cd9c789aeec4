import { describeValue } from "../weights/describe_value.ts";
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
