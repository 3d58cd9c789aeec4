// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of squeezenet.ts. */
export const squeezenetWeights: Record<"squeezenet1_0" | "squeezenet1_1", WeightsTable> = {
  squeezenet1_0: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/squeezenet1_0-b66bff10.pth", mebibytes: 4.778 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 58.092, top5: 80.42 },
        parameters: 1248424,
        gigaMultiplyAdds: 0.819,
        minSize: [21, 21],
        recipe: "https://github.com/pytorch/vision/pull/49#issuecomment-277560717",
      },
    },
  },
  squeezenet1_1: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth", mebibytes: 4.729 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 58.178, top5: 80.624 },
        parameters: 1235496,
        gigaMultiplyAdds: 0.349,
        minSize: [17, 17],
        recipe: "https://github.com/pytorch/vision/pull/49#issuecomment-277560717",
      },
    },
  },
};
