import type { ImageItem, Spec } from "../display/mod.ts";
import { augmentations } from "./augment/augmentation.ts";
import { applyAll, type Fitting, reduced, wantsWhole } from "./augment/augmented.ts";
import { encodePng } from "./image.ts";
import { permutation, sampleGenerator } from "./order.ts";
import { positionsByClass } from "./stratify.ts";
import { fit } from "./transforms.ts";
import type { Dataset, ShowOptions } from "./types.ts";

/** What a network takes where nothing is said about it: small enough for many to be shown. */
const usual = { resize: 128, crop: 128, interpolation: "bilinear" } as const;

/**
 * One picture of each of the first classes: as it is, and beside it as a network sees it in the first epochs of a training
 * with this seed.
 *
 * @param position a sample's position among those that its dataset was made of: what its random changes depend on
 */
export async function variantsSpec(
  dataset: Dataset,
  options: ShowOptions,
  position: (index: number) => number,
  most = 6,
): Promise<Spec> {
  const { samples = 8, seed = 0 } = options;
  const transforms: Fitting = options.transforms ?? usual;
  const steps = augmentations(options.augment, "show augmented pictures");
  if (!dataset.picture) {
    throw new TypeError(`Cannot show augmented pictures: expected a dataset of pictures, found ${dataset.name}`);
  }
  const items: Spec[] = [];
  const classes = positionsByClass(dataset.labels, dataset.classes.length);
  for (const [c, indices] of classes.entries()) {
    if (indices.length === 0) continue;
    if (items.length === most) break;
    const index = indices[permutation(indices.length, 0, c)[0]];
    const decoded = await dataset.picture(index);
    const fitted = fit(decoded, transforms);
    const start = wantsWhole(steps) ? reduced(decoded, transforms) : fitted;
    const pictures = Array.from(
      { length: samples },
      (_, epoch) => applyAll(start, steps, sampleGenerator(seed, epoch, position(index)), transforms),
    );
    const title = `${dataset.classes[c]}, sample ${index}`;
    const row = await Promise.all([fitted, ...pictures].map(async (picture, i): Promise<ImageItem> => {
      const caption = i === 0 ? "as it is" : `variant ${i}`;
      return { png: await encodePng(picture, 192), caption, title: `${title}, ${caption}` };
    }));
    items.push({ kind: "images", title, size: 72, items: row });
  }
  return { kind: "stack", items };
}
