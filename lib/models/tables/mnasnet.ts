// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of mnasnet.ts. */
export const mnasnetWeights: Record<"mnasnet0_5" | "mnasnet0_75" | "mnasnet1_0" | "mnasnet1_3", WeightsTable> = {
  mnasnet0_5: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/mnasnet0.5_top1_67.823-3ffadce67e.pth", mebibytes: 8.591 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 67.734, top5: 87.49 },
        parameters: 2218512,
        gigaMultiplyAdds: 0.104,
        minSize: [1, 1],
        recipe: "https://github.com/1e100/mnasnet_trainer",
      },
    },
  },
  mnasnet0_75: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/mnasnet0_75-7090bc5f.pth", mebibytes: 12.303 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 71.18, top5: 90.496 },
        parameters: 3170208,
        gigaMultiplyAdds: 0.215,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/pull/6019",
      },
    },
  },
  mnasnet1_0: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/mnasnet1.0_top1_73.512-f206786ef8.pth", mebibytes: 16.915 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 73.456, top5: 91.51 },
        parameters: 4383312,
        gigaMultiplyAdds: 0.314,
        minSize: [1, 1],
        recipe: "https://github.com/1e100/mnasnet_trainer",
      },
    },
  },
  mnasnet1_3: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/mnasnet1_3-a4c69d6f.pth", mebibytes: 24.246 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 76.506, top5: 93.522 },
        parameters: 6282256,
        gigaMultiplyAdds: 0.526,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/pull/6019",
      },
    },
  },
};
