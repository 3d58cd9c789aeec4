import { decodeImage } from "./image.ts";
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
    check({ transforms }) {
      if (transforms) return checkTransforms(transforms);
      throw new TypeError(
        "Cannot make batches of images: expected transforms, found none; give batches({ transforms }), for example " +
          "those of the network's weights",
      );
    },
    async prepare(positions, pass) {
      const transforms = pass.transforms!;
      const key = fitKey(transforms);
      const pictures = await mapParallel([...positions], async (position) => {
        const kept = cache.get(key, position);
        if (kept) return kept;
        const picture = fit(await decodeImage(sources[position]), transforms);
        cache.put(key, position, picture);
        return picture;
      });
      const mirrored = mirroredOf(positions, pass);
      return () => stack(pictures, transforms, mirrored);
    },
  };
}

/** Which samples of a batch are mirrored: a sample's random transforms draw from a generator of its own. */
export function mirroredOf(positions: Int32Array, { flip, seed, epoch }: Pass): boolean[] | undefined {
  if (!flip) return undefined;
  return Array.from(positions, (position) => sampleGenerator(seed, epoch, position).uniform() < 0.5);
}
