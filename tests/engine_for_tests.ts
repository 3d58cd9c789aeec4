/**
 * Starts the engines that the tests compare: TensorFlow where there is one, and tfjs's own plain JavaScript. `THAW_TEST_ENGINE`
 * names one more, such as webgpu, on which all tests run then.
 */
import { engine, type RungName, useEngine } from "../lib/engine/mod.ts";

const hasTensorFlow = engine().backend === "tensorflow";
const named = Deno.env.get("THAW_TEST_ENGINE") as RungName | undefined;
await useEngine("cpu");
if (hasTensorFlow) await useEngine("tensorflow");
if (named) await useEngine(named);

/** The engines that train whatever nn has, the one in use first. */
export const engines: readonly RungName[] = [
  ...new Set([...named ? [named] : [], ...hasTensorFlow ? ["tensorflow" as const] : [], "cpu" as const]),
];
