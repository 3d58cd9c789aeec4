// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of mobilenet_v2.ts. */
export const mobilenetV2Weights: Record<"mobilenet_v2", WeightsTable> = {
  mobilenet_v2: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/mobilenet_v2-b0353104.pth", mebibytes: 13.555 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 71.878, top5: 90.286 },
        parameters: 3504872,
        gigaMultiplyAdds: 0.301,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#mobilenetv2",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/mobilenet_v2-7ebf99e0.pth", mebibytes: 13.598 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 72.154, top5: 90.822 },
        parameters: 3504872,
        gigaMultiplyAdds: 0.301,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe-with-reg-tuning",
      },
    },
  },
};
