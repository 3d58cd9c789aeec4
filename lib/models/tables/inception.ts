// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of inception.ts. */
export const inceptionWeights: Record<"inception_v3", WeightsTable> = {
  inception_v3: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth", mebibytes: 103.903 },
        categories: imagenetCategories,
        transforms: { resize: 342, crop: 299, interpolation: "bilinear", ...imagenetColors },
        options: { "transformInput": true },
        accuracy: { top1: 77.294, top5: 93.45 },
        parameters: 27161264,
        gigaMultiplyAdds: 5.713,
        minSize: [75, 75],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#inception-v3",
      },
    },
  },
};
