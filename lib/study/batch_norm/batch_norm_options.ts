import {
  checkStudyOptions,
  expectation,
  isWhole,
  type StudyOptions,
  type StudySettings,
} from "../trials/study_options.ts";
import type { Norm } from "./batch_norm_setting.ts";

/** Options of `studyBatchNorm`. Those that are `fit`'s are the same for every training. */
export interface BatchNormOptions extends StudyOptions {
  /**
   * What to compare: `["with", "without"]`, or, where `until` freezes a part, `["frozen", "moving"]`, to which `"without"` can
   * be added: then what trains does so without batch norm.
   */
  norms?: readonly Norm[];
  /** The first stage that trains, as in `freeze(model, { until })`; all trains unless given. */
  until?: string;
  /** How many pictures a step takes, such as `[2, 8, 32]`; `batchSize`, 32, unless given. */
  batchSizes?: readonly number[];
  /** The share of a new batch in the running statistics, of every batch norm that trains; `null` averages over all batches. */
  momenta?: readonly (number | null)[];
  /** The step sizes; 0.001 for Adam, 0.01 for SGD. */
  learningRates?: readonly number[];
  /** The layers whose activations are looked at, by the names of their batch norm; up to eight, spread over the depth. */
  layers?: readonly string[];
  /** How many times each setting is trained, or the seeds themselves; 3. */
  seeds?: number | readonly number[];
}

/** {@linkcode BatchNormOptions} with the gaps filled; of a list that was not given there is only what would be anyway. */
export interface BatchNormSettings extends StudySettings {
  norms: readonly Norm[];
  until?: string;
  batchSizes: readonly (number | undefined)[];
  momenta: readonly (number | null | undefined)[];
  learningRates: readonly (number | undefined)[];
  layers?: readonly string[];
}

const own = ["norms", "until", "batchSizes", "momenta", "learningRates", "layers"] as const;

/** Fills the gaps and checks what can be checked before network and data are opened. */
export function checkBatchNormOptions(options: BatchNormOptions): BatchNormSettings {
  const action = "study batch norm";
  const settings = checkStudyOptions(action, options, own, 3);
  const { until, norms = until === undefined ? ["with", "without"] : ["frozen", "moving"], layers } = options;
  const { batchSizes, momenta, learningRates } = options;
  const expect = expectation(action);
  const isName = (name: unknown) => typeof name === "string" && name !== "";
  expect(until === undefined || isName(until), 'until to be the name of a stage, such as "layer4"', until);
  checkNorms(norms, until, expect);
  const unlessList = <T>(name: string, list: readonly T[] | undefined, holds: (one: T) => boolean, what: string) => {
    const isList = Array.isArray(list) && list.length > 0 && list.every(holds);
    expect(list === undefined || isList, `${name} to be ${what}`, list);
    return list ? [...new Set(list)] : [undefined];
  };
  const isBetween = (low: number, high: number) => (value: unknown) =>
    typeof value === "number" && value > low && value < high;
  const isShare = (value: unknown) => value === null || value === 1 || isBetween(0, 1)(value);
  const sizes = "numbers of pictures, such as [2, 8, 32]";
  expect(
    batchSizes === undefined || options.batchSize === undefined,
    "either batchSize or batchSizes",
    { batchSize: options.batchSize, batchSizes },
  );
  unlessList("layers", layers, isName, 'names of batch norms, such as ["layer1.0.bn1"]');
  return {
    ...settings,
    norms: [...new Set(norms)],
    until,
    batchSizes: unlessList("batchSizes", batchSizes, (size) => isWhole(size, 1), sizes),
    momenta: unlessList("momenta", momenta, isShare, "shares above 0, such as [0.01, 0.1], or null"),
    learningRates: unlessList(
      "learningRates",
      learningRates,
      isBetween(0, Infinity),
      "numbers above 0, such as [0.01, 0.1]",
    ),
    layers,
  };
}

function checkNorms(norms: readonly Norm[], until: string | undefined, expect: ReturnType<typeof expectation>): void {
  const all = ["with", "without", "frozen", "moving"];
  const areNorms = Array.isArray(norms) && norms.length > 0 && norms.every((norm) => all.includes(norm));
  expect(areNorms, 'norms to be some of "with", "without", "frozen" and "moving"', norms);
  const frozen = norms.filter((norm) => norm === "frozen" || norm === "moving");
  expect(
    until !== undefined || frozen.length === 0,
    'until, the first stage that trains, beside norms of what is frozen: { until: "layer4", norms: ["frozen", "moving"] }',
    { norms },
  );
  expect(
    until === undefined || !norms.includes("with"),
    'norms to be some of "frozen", "moving" and "without" beside until: with "frozen" the network is as it is',
    norms,
  );
}
