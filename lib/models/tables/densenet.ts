// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of densenet.ts. */
export const densenetWeights: Record<"densenet121" | "densenet161" | "densenet169" | "densenet201", WeightsTable> = {
  densenet121: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/densenet121-a639ec97.pth", mebibytes: 30.845 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 74.434, top5: 91.972 },
        parameters: 7978856,
        gigaMultiplyAdds: 2.834,
        minSize: [29, 29],
        recipe: "https://github.com/pytorch/vision/pull/116",
      },
    },
  },
  densenet161: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/densenet161-8d451a50.pth", mebibytes: 110.369 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 77.138, top5: 93.56 },
        parameters: 28681000,
        gigaMultiplyAdds: 7.728,
        minSize: [29, 29],
        recipe: "https://github.com/pytorch/vision/pull/116",
      },
    },
  },
  densenet169: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/densenet169-b2777c0a.pth", mebibytes: 54.708 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 75.6, top5: 92.806 },
        parameters: 14149480,
        gigaMultiplyAdds: 3.36,
        minSize: [29, 29],
        recipe: "https://github.com/pytorch/vision/pull/116",
      },
    },
  },
  densenet201: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/densenet201-c1103571.pth", mebibytes: 77.373 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 76.896, top5: 93.37 },
        parameters: 20013928,
        gigaMultiplyAdds: 4.291,
        minSize: [29, 29],
        recipe: "https://github.com/pytorch/vision/pull/116",
      },
    },
  },
};
