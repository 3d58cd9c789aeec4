// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of googlenet.ts. */
export const googlenetWeights: Record<"googlenet", WeightsTable> = {
  googlenet: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/googlenet-1378be20.pth", mebibytes: 49.731 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        options: { "transformInput": true },
        accuracy: { top1: 69.778, top5: 89.53 },
        parameters: 6624904,
        gigaMultiplyAdds: 1.498,
        minSize: [15, 15],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#googlenet",
      },
    },
  },
};
