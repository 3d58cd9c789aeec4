// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of efficientnet.ts. */
export const efficientnetWeights: Record<
  | "efficientnet_b0"
  | "efficientnet_b1"
  | "efficientnet_b2"
  | "efficientnet_b3"
  | "efficientnet_b4"
  | "efficientnet_b5"
  | "efficientnet_b6"
  | "efficientnet_b7"
  | "efficientnet_v2_l"
  | "efficientnet_v2_m"
  | "efficientnet_v2_s",
  WeightsTable
> = {
  efficientnet_b0: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b0_rwightman-7f5810bc.pth", mebibytes: 20.451 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 77.692, top5: 93.532 },
        parameters: 5288548,
        gigaMultiplyAdds: 0.386,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1",
      },
    },
  },
  efficientnet_b1: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b1_rwightman-bac287d4.pth", mebibytes: 30.134 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 240, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 78.642, top5: 94.186 },
        parameters: 7794184,
        gigaMultiplyAdds: 0.687,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b1-c27df63c.pth", mebibytes: 30.136 },
        categories: imagenetCategories,
        transforms: { resize: 255, crop: 240, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 79.838, top5: 94.934 },
        parameters: 7794184,
        gigaMultiplyAdds: 0.687,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe-with-lr-wd-crop-tuning",
      },
    },
  },
  efficientnet_b2: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b2_rwightman-c35c1473.pth", mebibytes: 35.174 },
        categories: imagenetCategories,
        transforms: { resize: 288, crop: 288, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 80.608, top5: 95.31 },
        parameters: 9109994,
        gigaMultiplyAdds: 1.088,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1",
      },
    },
  },
  efficientnet_b3: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b3_rwightman-b3899882.pth", mebibytes: 47.184 },
        categories: imagenetCategories,
        transforms: { resize: 320, crop: 300, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 82.008, top5: 96.054 },
        parameters: 12233232,
        gigaMultiplyAdds: 1.827,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1",
      },
    },
  },
  efficientnet_b4: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b4_rwightman-23ab8bcd.pth", mebibytes: 74.489 },
        categories: imagenetCategories,
        transforms: { resize: 384, crop: 380, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 83.384, top5: 96.594 },
        parameters: 19341616,
        gigaMultiplyAdds: 4.394,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1",
      },
    },
  },
  efficientnet_b5: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b5_lukemelas-1a07897c.pth", mebibytes: 116.864 },
        categories: imagenetCategories,
        transforms: { resize: 456, crop: 456, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 83.444, top5: 96.628 },
        parameters: 30389784,
        gigaMultiplyAdds: 10.266,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1",
      },
    },
  },
  efficientnet_b6: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b6_lukemelas-24a108a5.pth", mebibytes: 165.362 },
        categories: imagenetCategories,
        transforms: { resize: 528, crop: 528, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 84.008, top5: 96.916 },
        parameters: 43040704,
        gigaMultiplyAdds: 19.068,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1",
      },
    },
  },
  efficientnet_b7: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_b7_lukemelas-c5b4e57e.pth", mebibytes: 254.675 },
        categories: imagenetCategories,
        transforms: { resize: 600, crop: 600, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 84.122, top5: 96.908 },
        parameters: 66347960,
        gigaMultiplyAdds: 37.746,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1",
      },
    },
  },
  efficientnet_v2_l: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_v2_l-59c71312.pth", mebibytes: 454.573 },
        categories: imagenetCategories,
        transforms: { resize: 480, crop: 480, interpolation: "bicubic", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
        accuracy: { top1: 85.808, top5: 97.788 },
        parameters: 118515272,
        gigaMultiplyAdds: 56.08,
        minSize: [33, 33],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v2",
      },
    },
  },
  efficientnet_v2_m: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_v2_m-dc08266a.pth", mebibytes: 208.01 },
        categories: imagenetCategories,
        transforms: { resize: 480, crop: 480, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 85.112, top5: 97.156 },
        parameters: 54139356,
        gigaMultiplyAdds: 24.582,
        minSize: [33, 33],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v2",
      },
    },
  },
  efficientnet_v2_s: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/efficientnet_v2_s-dd5fe13b.pth", mebibytes: 82.704 },
        categories: imagenetCategories,
        transforms: { resize: 384, crop: 384, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 84.228, top5: 96.878 },
        parameters: 21458488,
        gigaMultiplyAdds: 8.366,
        minSize: [33, 33],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v2",
      },
    },
  },
};
