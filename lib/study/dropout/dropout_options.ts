import {
  checkStudyOptions,
  expectation,
  isWhole,
  type StudyOptions,
  type StudySettings,
} from "../trials/study_options.ts";
import type { DropoutType } from "./dropout_setting.ts";

/** Options of `studyDropout`. Those that are `fit`'s are the same for every training. */
export interface DropoutOptions extends StudyOptions {
  /** The probabilities with which a unit is dropped, from 0 to below 1; 0, 0.2, 0.5 and 0.8. */
  rates?: readonly number[];
  /**
   * Which layers drop, as in `setDropout`: names of dropout layers, of parts that have some, or of layers that get one put
   * before them. Unless given, the network's own dropout layers; where it has none, its last `nn.Linear` gets one.
   */
  where?: string | readonly string[];
  /** What is put in where there is none: `"Dropout"` (the default), `"Dropout2d"` or `"AlphaDropout"`. */
  type?: DropoutType;
  /** How many training pictures to learn from, of each class its share; all of them unless given. Each is tried with each rate. */
  sizes?: readonly number[];
  /** The first stage that trains, as in `freeze(model, { until })`. What is before it drops nothing; all trains unless given. */
  until?: string;
  /** The step size; 0.001 for Adam, 0.01 for SGD. */
  learningRate?: number;
  /** How many times each rate is tried, or the seeds themselves; 3. A seed also says which pictures a size takes. */
  seeds?: number | readonly number[];
}

/** {@linkcode DropoutOptions} with the gaps filled, rates and sizes in order. */
export interface DropoutSettings extends StudySettings, Pick<DropoutOptions, "where" | "type" | "until"> {
  rates: readonly number[];
  sizes?: readonly number[];
}

const own = ["rates", "where", "type", "sizes", "until", "learningRate"] as const;
const types: readonly DropoutType[] = ["Dropout", "Dropout2d", "AlphaDropout"];

/** Fills the gaps and checks what can be checked before network and data are opened. */
export function checkDropoutOptions(options: DropoutOptions): DropoutSettings {
  const settings = checkStudyOptions("study dropout", options, own, 3);
  const { rates = [0, 0.2, 0.5, 0.8], where, type, sizes, until, learningRate } = options;
  const expect = expectation("study dropout");
  const isRate = (rate: unknown) => typeof rate === "number" && rate >= 0 && rate < 1;
  const areRates = Array.isArray(rates) && rates.length > 0 && rates.every(isRate);
  expect(areRates, "rates to be probabilities from 0 to below 1, such as [0, 0.5]", rates);
  const names = Array.isArray(where) ? where : [where];
  const areNames = names.length > 0 && names.every((name) => typeof name === "string" && name !== "");
  expect(where === undefined || areNames, 'where to be the name of a layer, such as "fc", or a list of names', where);
  expect(type === undefined || types.includes(type), 'type to be "Dropout", "Dropout2d" or "AlphaDropout"', type);
  const areSizes = Array.isArray(sizes) && sizes.length > 0 && sizes.every((size) => isWhole(size, 1));
  expect(sizes === undefined || areSizes, "sizes to be numbers of training pictures, such as [100, 400]", sizes);
  expect(until === undefined || typeof until === "string", 'until to be the name of a stage, such as "fc"', until);
  const isStep = learningRate === undefined || (learningRate > 0 && learningRate < Infinity);
  expect(isStep, "learningRate to be a number above 0", learningRate);
  return {
    ...settings,
    rates: ascending(rates),
    where,
    type,
    sizes: sizes && ascending(sizes),
    until,
    trial: { ...settings.trial, ...(learningRate === undefined ? {} : { learningRate }) },
  };
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
