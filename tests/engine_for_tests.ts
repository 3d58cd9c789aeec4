/** Starts the engines that the tests compare: TensorFlow where there is one, and tfjs's own plain JavaScript. */
import { engine, type RungName, useEngine } from "../lib/engine/mod.ts";

const hasTensorFlow = engine().backend === "tensorflow";
await useEngine("cpu");
if (hasTensorFlow) await useEngine("tensorflow");

/** The engines that train whatever nn has, the one in use first. */
export const engines: readonly RungName[] = hasTensorFlow ? ["tensorflow", "cpu"] : ["cpu"];
