// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of resnet.ts. */
export const resnetWeights: Record<
  | "resnet18"
  | "resnet34"
  | "resnet50"
  | "resnet101"
  | "resnet152"
  | "resnext50_32x4d"
  | "resnext101_32x8d"
  | "resnext101_64x4d"
  | "wide_resnet50_2"
  | "wide_resnet101_2",
  WeightsTable
> = {
  resnet18: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/resnet18-f37072fd.pth", mebibytes: 44.661 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 69.758, top5: 89.078 },
        parameters: 11689512,
        gigaMultiplyAdds: 1.814,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#resnet",
      },
    },
  },
  resnet34: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/resnet34-b627a593.pth", mebibytes: 83.275 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 73.314, top5: 91.42 },
        parameters: 21797672,
        gigaMultiplyAdds: 3.664,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#resnet",
      },
    },
  },
  resnet50: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/resnet50-0676ba61.pth", mebibytes: 97.781 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 76.13, top5: 92.862 },
        parameters: 25557032,
        gigaMultiplyAdds: 4.089,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#resnet",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/resnet50-11ad3fa6.pth", mebibytes: 97.79 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 80.858, top5: 95.434 },
        parameters: 25557032,
        gigaMultiplyAdds: 4.089,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#issuecomment-1013906621",
      },
    },
  },
  resnet101: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/resnet101-63fe2227.pth", mebibytes: 170.511 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 77.374, top5: 93.546 },
        parameters: 44549160,
        gigaMultiplyAdds: 7.801,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#resnet",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/resnet101-cd907fc2.pth", mebibytes: 170.53 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 81.886, top5: 95.78 },
        parameters: 44549160,
        gigaMultiplyAdds: 7.801,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe",
      },
    },
  },
  resnet152: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/resnet152-394f9c45.pth", mebibytes: 230.434 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 78.312, top5: 94.046 },
        parameters: 60192808,
        gigaMultiplyAdds: 11.514,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#resnet",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/resnet152-f82ba261.pth", mebibytes: 230.474 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 82.284, top5: 96.002 },
        parameters: 60192808,
        gigaMultiplyAdds: 11.514,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe",
      },
    },
  },
  resnext50_32x4d: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/resnext50_32x4d-7cdf4587.pth", mebibytes: 95.789 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 77.618, top5: 93.698 },
        parameters: 25028904,
        gigaMultiplyAdds: 4.23,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#resnext",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/resnext50_32x4d-1a0047aa.pth", mebibytes: 95.833 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 81.198, top5: 95.34 },
        parameters: 25028904,
        gigaMultiplyAdds: 4.23,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe",
      },
    },
  },
  resnext101_32x8d: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/resnext101_32x8d-8ba56ff5.pth", mebibytes: 339.586 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 79.312, top5: 94.526 },
        parameters: 88791336,
        gigaMultiplyAdds: 16.414,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#resnext",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/resnext101_32x8d-110c445d.pth", mebibytes: 339.673 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 82.834, top5: 96.228 },
        parameters: 88791336,
        gigaMultiplyAdds: 16.414,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe-with-fixres",
      },
    },
  },
  resnext101_64x4d: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/resnext101_64x4d-173b62eb.pth", mebibytes: 319.318 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 83.246, top5: 96.454 },
        parameters: 83455272,
        gigaMultiplyAdds: 15.46,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/pull/5935",
      },
    },
  },
  wide_resnet50_2: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/wide_resnet50_2-95faca4d.pth", mebibytes: 131.82 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 78.468, top5: 94.086 },
        parameters: 68883240,
        gigaMultiplyAdds: 11.398,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/pull/912#issue-445437439",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/wide_resnet50_2-9ba9bcbe.pth", mebibytes: 263.124 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 81.602, top5: 95.758 },
        parameters: 68883240,
        gigaMultiplyAdds: 11.398,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe-with-fixres",
      },
    },
  },
  wide_resnet101_2: {
    default: "IMAGENET1K_V2",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/wide_resnet101_2-32ee1156.pth", mebibytes: 242.896 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 78.848, top5: 94.284 },
        parameters: 126886696,
        gigaMultiplyAdds: 22.753,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/pull/912#issue-445437439",
      },
      IMAGENET1K_V2: {
        file: { url: "https://download.pytorch.org/models/wide_resnet101_2-d733dc28.pth", mebibytes: 484.747 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 82.51, top5: 96.02 },
        parameters: 126886696,
        gigaMultiplyAdds: 22.753,
        minSize: [1, 1],
        recipe: "https://github.com/pytorch/vision/issues/3995#new-recipe",
      },
    },
  },
};
