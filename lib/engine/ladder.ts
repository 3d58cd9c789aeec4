import * as tf from "@tensorflow/tfjs";
import { cpu } from "./cpu.ts";
import { keepPrecision } from "./precision.ts";
import { EngineReport, type RungReport } from "./report.ts";
import { type Rung, type RungFacts, type RungName, setBackend } from "./rung.ts";
import type { Miss } from "./tensorflow/library.ts";
import { MissingLibraryError } from "./tensorflow/missing.ts";
import { tensorflow } from "./tensorflow/rung.ts";
import { wasm } from "./wasm.ts";
import { webgpu } from "./webgpu/rung.ts";

/** All rungs, best first. */
export const RUNGS: readonly Rung[] = [tensorflow, webgpu, wasm, cpu];

const started = new Map<RungName, RungFacts>();

/**
 * Takes the best rung that can be had.
 *
 * @throws Error when there is none
 */
export async function climb(): Promise<EngineReport> {
  const failures = new Map<RungName, string>(), unfit = new Map<RungName, string>();
  let misses: readonly Miss[] = [];
  for (const rung of RUNGS) {
    try {
      const reason = await rung.unfit?.();
      if (reason) {
        unfit.set(rung.name, reason);
        continue;
      }
      const facts = await start(rung);
      if (failures.size > 0) console.error(adviseSpeed(rung.name, facts, failures));
      const report = (name: RungName): RungReport => {
        if (name === rung.name) return { name, taken: true, reason: "the best that can be had here" };
        return { name, taken: false, reason: failures.get(name) ?? unfit.get(name) ?? "not needed" };
      };
      return new EngineReport(rung.name, facts, RUNGS.map(({ name }) => report(name)), [...misses, ...facts.misses]);
    } catch (error) {
      const missing = error instanceof MissingLibraryError;
      if (missing) misses = error.misses;
      failures.set(rung.name, missing ? error.summary : (error as Error).message);
    }
  }
  throw new Error(
    "Cannot compute: no engine can be used here. " +
      [...failures].map(([name, reason]) => `${name}: ${reason}`).join("; "),
  );
}

/**
 * Takes one rung, and no other.
 *
 * @param by who asked for it, for the report and the error's text
 * @throws RangeError when no rung has this name, Error when it cannot be used here
 */
export async function take(name: string, by: string): Promise<EngineReport> {
  const rung = RUNGS.find((rung) => rung.name === name);
  if (!rung) {
    const names = RUNGS.map(({ name }) => `"${name}"`).join(", ");
    throw new RangeError(`Cannot use an engine (${by}): expected one of ${names}, found ${JSON.stringify(name)}`);
  }
  try {
    const facts = await start(rung);
    const rungs = RUNGS.map(({ name }) => {
      const taken = name === rung.name;
      return { name, taken, reason: taken ? `asked for (${by})` : `${rung.name} was asked for (${by})` };
    });
    return new EngineReport(rung.name, facts, rungs, facts.misses);
  } catch (error) {
    const advice = rung.name === "tensorflow" ? ` ${HOW_TO_GET_TENSORFLOW}` : "";
    throw new Error(`Cannot use the engine ${name} (${by}): ${(error as Error).message}.${advice}`, { cause: error });
  }
}

/** Starts a rung, or goes back to one that has started. */
async function start(rung: Rung): Promise<RungFacts> {
  const before = RUNGS.find(({ name }) => name === tf.getBackend());
  if (before !== rung) await before?.leave?.();
  const facts = started.get(rung.name);
  if (facts) await setBackend(rung.name);
  else started.set(rung.name, await rung.start());
  keepPrecision(rung);
  return started.get(rung.name)!;
}

/** One line: what computes, why nothing faster, and what to do about it. */
function adviseSpeed(name: RungName, { device, gpu }: RungFacts, failures: Map<RungName, string>): string {
  const reasons = [...failures].map(([name, reason]) => `${name}: ${reason}`).join("; ");
  const how = gpu ? `by tfjs's kernels for ${device}` : "many times slower than TensorFlow";
  return `thaw computes on ${name}, ${how} (${reasons}). ${HOW_TO_GET_TENSORFLOW}`;
}

const HOW_TO_GET_TENSORFLOW =
  "For speed run `deno task setup` in thaw's clone, or set THAW_LIBTENSORFLOW to a folder with TensorFlow's C library";
