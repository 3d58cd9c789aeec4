import { augmentations } from "./augment/augmentation.ts";
import { applyAll, reduced, reducedKey, wantsWhole } from "./augment/augmented.ts";
import { decodeImage } from "./image.ts";
import type { RandomGenerator } from "../engine/random.ts";
import { sampleGenerator } from "./order.ts";
import { mapParallel } from "./parallel.ts";
import { PictureCache } from "./picture_cache.ts";
import type { Pass, Samples } from "./samples.ts";
import { checkTransforms, fit, fitKey, stack } from "./transforms.ts";
import type { ImageSource } from "./types.ts";

/** Images as samples: decoded and resized when they are first asked for, then kept as far as memory is allowed for it. */
export function pictureSamples(sources: readonly ImageSource[]): Samples {
  const cache = new PictureCache();
  return {
    length: sources.length,
    source: (position) => sources[position],
    picture: (position) => decodeImage(sources[position]),
    check({ transforms, augment }) {
      augmentations(augment, "make batches");
      if (transforms) return checkTransforms(transforms);
      throw new TypeError(
        "Cannot make batches of images: expected transforms, found none; give batches({ transforms }), for example " +
          "those of the network's weights",
      );
    },
    async prepare(positions, pass) {
      const transforms = pass.transforms!;
      const steps = augmentations(pass.augment);
      const whole = wantsWhole(steps);
      const key = whole ? reducedKey(transforms) : fitKey(transforms);
      const pictures = await mapParallel([...positions], async (position) => {
        const kept = cache.get(key, position);
        if (kept) return kept;
        const decoded = await decodeImage(sources[position]);
        const picture = whole ? reduced(decoded, transforms) : fit(decoded, transforms);
        cache.put(key, position, picture);
        return picture;
      });
      const mirrored = mirroredOf(positions, pass);
      if (steps.length === 0) return () => stack(pictures, transforms, mirrored);
      const changed = pictures.map((picture, i) =>
        applyAll(picture, steps, generatorOf(positions[i], pass), transforms)
      );
      return () => stack(changed, transforms, mirrored);
    },
  };
}

/** What the random changes of a sample draw from: one of its own, which has been asked for the flip already. */
function generatorOf(position: number, { flip, seed, epoch }: Pass): RandomGenerator {
  const random = sampleGenerator(seed, epoch, position);
  if (flip) random.uniform();
  return random;
}

/** Which samples of a batch are mirrored: a sample's random transforms draw from a generator of its own. */
export function mirroredOf(positions: Int32Array, { flip, seed, epoch }: Pass): boolean[] | undefined {
  if (!flip) return undefined;
  return Array.from(positions, (position) => sampleGenerator(seed, epoch, position).uniform() < 0.5);
}
