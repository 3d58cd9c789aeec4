/** Starts the engines that the tests compare: the best one that there is, and tfjs's own plain JavaScript. */
import { engine, useEngine } from "../lib/engine/mod.ts";

const best = engine().backend;
if (best !== "cpu") {
  await useEngine("cpu");
  await useEngine(best);
}

/** The engines that there are, the one in use first. */
export const engines: readonly string[] = [...new Set([best, "cpu"])];
