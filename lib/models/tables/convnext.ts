// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of convnext.ts. */
export const convnextWeights: Record<
  "convnext_base" | "convnext_large" | "convnext_small" | "convnext_tiny",
  WeightsTable
> = {
  convnext_base: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/convnext_base-6075fbad.pth", mebibytes: 338.064 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 84.062, top5: 96.87 },
        parameters: 88591464,
        gigaMultiplyAdds: 15.355,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#convnext",
      },
    },
  },
  convnext_large: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/convnext_large-ea097f82.pth", mebibytes: 754.537 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 84.414, top5: 96.976 },
        parameters: 197767336,
        gigaMultiplyAdds: 34.361,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#convnext",
      },
    },
  },
  convnext_small: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/convnext_small-0c510722.pth", mebibytes: 191.703 },
        categories: imagenetCategories,
        transforms: { resize: 230, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 83.616, top5: 96.65 },
        parameters: 50223688,
        gigaMultiplyAdds: 8.684,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#convnext",
      },
    },
  },
  convnext_tiny: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/convnext_tiny-983f1562.pth", mebibytes: 109.119 },
        categories: imagenetCategories,
        transforms: { resize: 236, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 82.52, top5: 96.146 },
        parameters: 28589128,
        gigaMultiplyAdds: 4.456,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#convnext",
      },
    },
  },
};
