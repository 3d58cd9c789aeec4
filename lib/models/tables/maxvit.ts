// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of maxvit.ts. */
export const maxvitWeights: Record<"maxvit_t", WeightsTable> = {
  maxvit_t: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/maxvit_t-bc5ab103.pth", mebibytes: 118.769 },
        categories: imagenetCategories,
        transforms: { resize: 224, crop: 224, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 83.7, top5: 96.722 },
        parameters: 30919624,
        gigaMultiplyAdds: 5.558,
        minSize: [224, 224],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#maxvit",
      },
    },
  },
};
