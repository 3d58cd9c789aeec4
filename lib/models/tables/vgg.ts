// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of vgg.ts. */
export const vggWeights: Record<
  "vgg11" | "vgg11_bn" | "vgg13" | "vgg13_bn" | "vgg16" | "vgg16_bn" | "vgg19" | "vgg19_bn",
  WeightsTable
> = {
  vgg11: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/vgg11-8a719046.pth", mebibytes: 506.84 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 69.02, top5: 88.628 },
        parameters: 132863336,
        gigaMultiplyAdds: 7.609,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
    },
  },
  vgg11_bn: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/vgg11_bn-6002323d.pth", mebibytes: 506.881 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 70.37, top5: 89.81 },
        parameters: 132868840,
        gigaMultiplyAdds: 7.609,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
    },
  },
  vgg13: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/vgg13-19584684.pth", mebibytes: 507.545 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 69.928, top5: 89.246 },
        parameters: 133047848,
        gigaMultiplyAdds: 11.308,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
    },
  },
  vgg13_bn: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/vgg13_bn-abd245e5.pth", mebibytes: 507.59 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 71.586, top5: 90.374 },
        parameters: 133053736,
        gigaMultiplyAdds: 11.308,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
    },
  },
  vgg16: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/vgg16-397923af.pth", mebibytes: 527.796 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 71.592, top5: 90.382 },
        parameters: 138357544,
        gigaMultiplyAdds: 15.47,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
      IMAGENET1K_FEATURES: {
        file: { url: "https://download.pytorch.org/models/vgg16_features-amdegroot-88682ab5.pth", mebibytes: 527.802 },
        categories: null,
        transforms: {
          resize: 256,
          crop: 224,
          interpolation: "bilinear",
          mean: [0.48235, 0.45882, 0.40784],
          std: [0.00392156862745098, 0.00392156862745098, 0.00392156862745098],
        },
        accuracy: null,
        parameters: 138357544,
        gigaMultiplyAdds: 15.47,
        minSize: [32, 32],
        recipe: "https://github.com/amdegroot/ssd.pytorch#training-ssd",
      },
    },
  },
  vgg16_bn: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/vgg16_bn-6c64b313.pth", mebibytes: 527.866 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 73.36, top5: 91.516 },
        parameters: 138365992,
        gigaMultiplyAdds: 15.47,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
    },
  },
  vgg19: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", mebibytes: 548.051 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 72.376, top5: 90.876 },
        parameters: 143667240,
        gigaMultiplyAdds: 19.632,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
    },
  },
  vgg19_bn: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/vgg19_bn-c79401a0.pth", mebibytes: 548.143 },
        categories: imagenetCategories,
        transforms: { resize: 256, crop: 224, interpolation: "bilinear", ...imagenetColors },
        accuracy: { top1: 74.218, top5: 91.842 },
        parameters: 143678248,
        gigaMultiplyAdds: 19.632,
        minSize: [32, 32],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg",
      },
    },
  },
};
