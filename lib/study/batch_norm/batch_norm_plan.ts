import type { Split } from "../../data/types.ts";
import { BatchNorm2d, type Module } from "../../nn/mod.ts";
import { isPlain } from "../../surgery/wiring.ts";
import { freeze, unfreeze } from "../../training/mod.ts";
import type { AblationPlan } from "../ablation/ablation_plan.ts";
import { checkBatches } from "./batch_norm_batches.ts";
import type { BatchNormSettings } from "./batch_norm_options.ts";
import type { BatchNormSetting, Norm } from "./batch_norm_setting.ts";
import { normNames } from "./norm_places.ts";

/** What each way is called. */
export const normLabels: Readonly<Record<Norm, string>> = {
  with: "with batch norm",
  without: "without batch norm",
  frozen: "frozen statistics",
  moving: "moving statistics",
};

/**
 * What a batch norm study is to try on a network: every combination of what is varied. The momentum is varied only where
 * running statistics move.
 *
 * @param scout a network that no trial trains; it stays as it is
 * @throws {RangeError | TypeError} where there is no such stage or layer, there is nothing to compare, or a batch is too small
 */
export async function planBatchNorm(
  scout: Module,
  data: Split,
  settings: BatchNormSettings,
): Promise<AblationPlan<BatchNormSetting>> {
  const { norms, until, batchSizes, momenta, learningRates, seeds, epochs } = settings;
  const places = findPlaces(scout, settings);
  const moves = (norm: Norm) => norm === "with" || norm === "moving" || (norm === "frozen" && places.above.length > 0);
  const list = norms.flatMap((norm) =>
    learningRates.flatMap((learningRate) =>
      batchSizes.flatMap((batchSize) =>
        (moves(norm) ? momenta : [undefined]).map((momentum): BatchNormSetting => ({
          norm,
          ...(until === undefined ? {} : { until }),
          ...(learningRate === undefined ? {} : { learningRate }),
          ...(batchSize === undefined ? {} : { batchSize }),
          ...(momentum === undefined ? {} : { momentum }),
        }))
      )
    )
  );
  await checkBatches(scout, data, list, places, settings);
  const varied = { learningRate: learningRates, batchSize: batchSizes, momentum: momenta };
  const named = dimensions.filter(({ key }) => varied[key].length > 1);
  const labelOf = (setting: BatchNormSetting) => [normLabels[setting.norm], ...detailsOf(setting, named)].join(", ");
  return { settings: list, seeds, epochs, labelOf };
}

/** What may be varied beside the norm, in the order in which it is named. */
export const dimensions = [
  { key: "learningRate", label: "learning rate", text: (value: unknown) => `learning rate ${value}` },
  { key: "batchSize", label: "batch size", text: (value: unknown) => `batches of ${value}` },
  { key: "momentum", label: "momentum", text: (value: unknown) => `momentum ${momentumName(value)}` },
] as const;

/** One of the {@linkcode dimensions}. */
export type Dimension = typeof dimensions[number];

/** A setting's place in some dimensions, in words. */
export function detailsOf(setting: BatchNormSetting, named: readonly Dimension[]): string[] {
  return named.filter(({ key }) => setting[key] !== undefined).map(({ key, text }) => text(setting[key]));
}

/** How a momentum is written; without one the running statistics are the average over all batches. */
export function momentumName(value: unknown): string {
  return value === null ? "none (average)" : String(value);
}

/** Where a network's batch norm is, or would be: in the part that trains, and in the one that is frozen. */
export interface PlannedPlaces {
  above: readonly string[];
  below: readonly string[];
  /** Whether the network has batch norm of its own. */
  own: boolean;
}

function findPlaces(scout: Module, { norms, until, layers }: BatchNormSettings): PlannedPlaces {
  const { names, own } = normNames(scout);
  const fail = (kind: typeof RangeError | typeof TypeError, expected: string, found: string): never => {
    throw new kind(`Cannot study batch norm of ${scout.constructor.name}: expected ${expected}, found ${found}`);
  };
  if (names.length === 0) fail(TypeError, "batch norm, or convolutions that it can be put behind", "neither");
  if (until !== undefined) freeze(scout, { until }); // throws where there is no such stage
  const below = names.filter((name) => scout.get(name).frozen);
  if (until !== undefined) unfreeze(scout);
  const above = names.filter((name) => !below.includes(name));
  if (until !== undefined && !own) fail(TypeError, "a network with batch norm where a part is frozen", "one without");
  if (norms.includes("moving") && below.length === 0) fail(TypeError, `batch norm before "${until}"`, "none there");
  if (until !== undefined && norms.includes("without") && above.length === 0) {
    fail(TypeError, `batch norm from "${until}" on, where the network trains, to leave out`, "none there");
  }
  const odd = own && norms.includes("without")
    ? above.find((name) => !isPlain(scout.get(name), BatchNorm2d))
    : undefined;
  if (odd !== undefined) {
    const found = `"${odd}" (${scout.get(odd).constructor.name}), whose class has a forward of its own`;
    fail(TypeError, "batch norm that can be taken out", found);
  }
  const unknown = layers?.find((layer) => !names.includes(layer));
  if (unknown !== undefined) fail(RangeError, `layers to be some of ${names.join(", ")}`, JSON.stringify(unknown));
  return { above, below, own };
}
