// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of shufflenet_v2.ts. */
export const shufflenetV2Weights: Record<
  "shufflenet_v2_x0_5" | "shufflenet_v2_x1_0" | "shufflenet_v2_x1_5" | "shufflenet_v2_x2_0",
  WeightsTable
> = {
  shufflenet_v2_x0_5: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/shufflenetv2_x0.5-f707e7126e.pth", mebibytes: 5.282 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 60.552, top5: 81.746 },
        parameters: 1366792,
        gigaMultiplyAdds: 0.04,
        minSize: [1, 1],
        recipe: "https://github.com/ericsun99/Shufflenet-v2-Pytorch",
      },
    },
  },
  shufflenet_v2_x1_0: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/shufflenetv2_x1-5666bf0f80.pth", mebibytes: 8.791 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 69.362, top5: 88.316 },
        parameters: 2278604,
        gigaMultiplyAdds: 0.145,
        minSize: [1, 1],
        recipe: "https://github.com/ericsun99/Shufflenet-v2-Pytorch",
      },
    },
  },
  shufflenet_v2_x1_5: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/shufflenetv2_x1_5-3c479a10.pth", mebibytes: 13.557 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 72.996, top5: 91.086 },
        parameters: 3503624,
        gigaMultiplyAdds: 0.296,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/pull/5906",
      },
    },
  },
  shufflenet_v2_x2_0: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/shufflenetv2_x2_0-8be3c8ee.pth", mebibytes: 28.433 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 76.23, top5: 93.006 },
        parameters: 7393996,
        gigaMultiplyAdds: 0.583,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/pull/5906",
      },
    },
  },
};
