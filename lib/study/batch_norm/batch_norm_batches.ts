import * as tf from "@tensorflow/tfjs";
import type { Dataset, Split, Transforms } from "../../data/types.ts";
import { inMode, type Module, onForward } from "../../nn/mod.ts";
import type { BatchNormSettings } from "./batch_norm_options.ts";
import type { PlannedPlaces } from "./batch_norm_plan.ts";
import type { BatchNormSetting } from "./batch_norm_setting.ts";
import { samplesOf } from "./samples.ts";

/**
 * Checks that every batch has statistics: a single picture has none where a map has a single value, and training would break
 * off there, perhaps at the last step of the first epoch.
 *
 * @param scout runs once
 * @throws {RangeError} naming the layer and a batch size that does
 */
export async function checkBatches(
  scout: Module,
  { train }: Split,
  settings: readonly BatchNormSetting[],
  { above, below }: PlannedPlaces,
  { trial }: BatchNormSettings,
): Promise<void> {
  const asked = settings.map(({ norm, batchSize = trial.batchSize ?? 32 }) => ({
    batchSize,
    layers: norm === "without" ? [] : norm === "moving" ? [...below, ...above] : above,
  }));
  const lonely = asked.filter(({ batchSize, layers }) => layers.length > 0 && hasLonely(train.length, batchSize));
  if (lonely.length === 0) return;
  const single = await singleValues(scout, train, trial.transforms ?? scout.transforms);
  for (const { batchSize, layers } of lonely) {
    const layer = layers.find((name) => single.has(name));
    if (layer === undefined) continue;
    const last = batchSize === 1
      ? "batches of 1 picture"
      : `a last batch of 1 picture (${train.length} in batches of ${batchSize})`;
    const larger = nextSize(train.length, batchSize);
    throw new RangeError(
      `Cannot study batch norm: expected more than one value per channel in every step, found ${last} and maps of 1 × 1 at ` +
        `"${layer}"; ${larger === undefined ? "take more pictures" : `take batches of ${larger}`}`,
    );
  }
}

/** Whether a pass over the samples has a batch of one. */
function hasLonely(count: number, batchSize: number): boolean {
  return Math.min(batchSize, count) === 1 || count % batchSize === 1;
}

/** The next batch size with which none is alone. */
function nextSize(count: number, batchSize: number): number | undefined {
  for (let size = batchSize + 1; size <= count; size++) if (!hasLonely(count, size)) return size;
  return undefined;
}

/** The names of the modules whose output is a single value per channel and picture. */
async function singleValues(scout: Module, dataset: Dataset, transforms?: Transforms): Promise<Set<string>> {
  const found = new Set<string>();
  const removers = scout.namedModules().map(([name, module]) =>
    onForward(module, (_module, _x, { shape }) => {
      if (shape.length === 4 && shape[1] * shape[2] === 1) found.add(name);
    })
  );
  const { images, labels } = await samplesOf(dataset, 1, transforms);
  try {
    inMode(scout, false, () => tf.tidy(() => void scout.forward(images)));
    return found;
  } finally {
    tf.dispose([images, labels]);
    removers.forEach((remove) => remove());
  }
}
