import { join } from "node:path";
import { LabelledDataset } from "./dataset.ts";
import { type Emoji, emojiFolder } from "./emoji_files.ts";
import { rememberOrigin } from "./origin.ts";
import { pictureSamples } from "./pictures.ts";
import { sample } from "./stratify.ts";

/** Options of {@linkcode emoji}. */
export interface EmojiOptions {
  /** How many images: of each class its share, the same ones every time; all 1,906 unless given. */
  size?: number;
}

/**
 * Google's emoji as a dataset: 1,906 images of 64×64 pixels in 9 classes, from "Activities" (85) to "People & Body" (386).
 *
 * They are those of the npm package `emoji-datasource-google` 16.0.0 (MIT; the images are Google's, Apache-2.0), without
 * its category "Component". The first call has Deno fetch the package, 74 MB, and keeps the 6 MB it needs below
 * `cacheDir("data")`; every other call reads them from there.
 *
 * @throws {RangeError} where `size` is no number of images with at least one of each class
 * @throws {Error} where the package cannot be had, with the reason that Deno gives
 *
 * @example
 * ```ts
 * import { data } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const { train, validation } = (await data.emoji()).split({ validation: 0.2 });
 * assertEquals([train.length, validation.length], [1525, 381]);
 * ```
 */
export async function emoji({ size }: EmojiOptions = {}): Promise<LabelledDataset> {
  const folder = await emojiFolder();
  const all: Emoji[] = JSON.parse(await Deno.readTextFile(join(folder, "emoji.json")));
  const classes = [...new Set(all.map(({ category }) => category))].sort();
  if (size !== undefined && !(Number.isInteger(size) && size >= classes.length && size <= all.length)) {
    throw new RangeError(
      `Cannot take ${size} emoji: expected size to be a whole number from ${classes.length} (the classes) to ${all.length}`,
    );
  }
  const label = ({ category }: Emoji) => classes.indexOf(category);
  all.sort((a, b) => label(a) - label(b) || a.order - b.order);
  const labels = Int32Array.from(all, label);
  const samples = pictureSamples(all.map(({ image }) => join(folder, "images", image)));
  const dataset = rememberOrigin(new LabelledDataset(samples, { name: "emoji", classes, labels }), { data: "emoji" });
  return size === undefined ? dataset : dataset.subset(sample(labels, classes.length, size, 0));
}
