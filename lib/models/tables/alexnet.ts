// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of alexnet.ts. */
export const alexnetWeights: Record<"alexnet", WeightsTable> = {
  alexnet: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth", mebibytes: 233.087 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 56.522, top5: 79.066 },
        parameters: 61100840,
        gigaMultiplyAdds: 0.714,
        minSize: [63, 63],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
    },
  },
};
