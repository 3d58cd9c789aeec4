import { checkOptions } from "../../nn/check_options.ts";
import { describeValue } from "../../nn/mod.ts";
import type { WorkersOption } from "../workers/workers.ts";
import type { TrialOptions } from "./experiment.ts";

/** Options that every study has. Those of {@linkcode TrialOptions} are `fit`'s and the same for every training. */
export interface StudyOptions extends Omit<TrialOptions, "learningRate"> {
  /** Passes over the training data; 5. */
  epochs?: number;
  /** How many times each setting is trained, or the seeds themselves. More of them measure the noise. */
  seeds?: number | readonly number[];
  /** The number of seconds after which no other training begins; none. */
  budget?: number;
  /** Computes in so many other processes of this machine, or on a cluster: `ray("http://head:8265")`; in this one unless given. */
  workers?: WorkersOption;
  /**
   * Where all that is done is kept. The same call with the same folder goes on where it was broken off, even by a kill. Unless
   * given, it is kept until the process ends.
   */
  folder?: string;
  /** Whether there is a display; true. */
  display?: boolean;
  /** Ends the study early, as `stop()` does. */
  signal?: AbortSignal;
}

/** {@linkcode StudyOptions} with the gaps filled. */
export interface StudySettings {
  epochs: number;
  seeds: readonly number[];
  budget: number;
  workers?: WorkersOption;
  folder?: string;
  display: boolean;
  /** What goes to every `fit`. */
  trial: TrialOptions;
}

const trialNames = [
  "optimizer",
  "batchSize",
  "weightDecay",
  "labelSmoothing",
  "flip",
  "variants",
  "transforms",
  "cache",
] as const;
const names = ["epochs", "seeds", "budget", "workers", "folder", "display", "signal", ...trialNames] as const;

/** Refuses what cannot be: `expect(holds, "epochs to be a whole number ≥ 1", epochs)`. */
export type Expect = (holds: boolean, expected: string, found: unknown) => void;

/** The {@linkcode Expect} of a study. */
export function expectation(action: string): Expect {
  return (holds, expected, found) => {
    if (holds) return;
    const text = typeof found === "function" ? describeValue(found) : JSON.stringify(found);
    throw new RangeError(`Cannot ${action}: expected ${expected}, found ${text}`);
  };
}

/** Whether a value is a whole number of at least `least`. */
export function isWhole(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least;
}

/**
 * Fills the gaps and checks what can be checked before anything is computed.
 *
 * @param action what cannot be done otherwise
 * @param own the names of the options that only this study has
 * @param seedCount how many seeds there are unless given
 */
export function checkStudyOptions(
  action: string,
  options: StudyOptions,
  own: readonly string[],
  seedCount = 1,
): StudySettings {
  checkOptions(action, options, [...own, ...names] as (keyof StudyOptions)[]);
  const { epochs = 5, seeds = seedCount, budget = Infinity, folder, display = true, signal, transforms } = options;
  const expect = expectation(action);
  expect(isWhole(epochs, 1), "epochs to be a whole number ≥ 1", epochs);
  const list = typeof seeds === "number" ? Array.from({ length: isWhole(seeds, 1) ? seeds : 0 }, (_, i) => i) : seeds;
  const areSeeds = Array.isArray(list) && list.length > 0 && list.every((one) => isWhole(one, -Infinity));
  expect(areSeeds, "seeds to be how many (≥ 1), or a list of whole numbers", seeds);
  expect(budget > 0, "budget to be a number of seconds above 0", budget);
  expect(folder === undefined || (typeof folder === "string" && folder !== ""), "folder to be a path", folder);
  expect(typeof display === "boolean", "display to be true or false", display);
  expect(signal === undefined || signal instanceof AbortSignal, "signal to be an AbortSignal", signal);
  const isPlan = transforms === undefined || (typeof transforms === "object" && "resize" in transforms);
  expect(isPlan, "transforms to say how a picture becomes input, { resize, interpolation, mean, std }", transforms);
  return {
    epochs,
    seeds: [...new Set(list)],
    budget,
    workers: options.workers,
    folder,
    display,
    trial: Object.fromEntries(
      trialNames.flatMap((name) => options[name] === undefined ? [] : [[name, options[name]]]),
    ),
  };
}
