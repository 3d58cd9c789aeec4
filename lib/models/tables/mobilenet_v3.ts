// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of mobilenet_v3.ts. */
export const mobilenetV3Weights: Record<"mobilenet_v3_large" | "mobilenet_v3_small", WeightsTable> = {
  mobilenet_v3_large: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/mobilenet_v3_large-8738ca79.pth", mebibytes: 21.114 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 74.042, top5: 91.34 },
        parameters: 5483032,
        gigaMultiplyAdds: 0.217,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#mobilenetv3-large--small",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/mobilenet_v3_large-5c1a4163.pth", mebibytes: 21.107 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 75.274, top5: 92.566 },
        parameters: 5483032,
        gigaMultiplyAdds: 0.217,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe-with-reg-tuning",
      },
    },
  },
  mobilenet_v3_small: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/mobilenet_v3_small-047dcff4.pth", mebibytes: 9.829 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 67.668, top5: 87.402 },
        parameters: 2542856,
        gigaMultiplyAdds: 0.057,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#mobilenetv3-large--small",
      },
    },
  },
};
