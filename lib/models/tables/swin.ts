// Written by tools/make_model_tables.py from torchvision 0.28.0: change that instead.
import { imagenetCategories } from "../categories.ts";
import { imagenetColors, type WeightsTable } from "../weights_table.ts";

/** torchvision's weights for the networks of swin.ts. */
export const swinWeights: Record<
  "swin_b" | "swin_s" | "swin_t" | "swin_v2_b" | "swin_v2_s" | "swin_v2_t",
  WeightsTable
> = {
  swin_b: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/swin_b-68c6b09e.pth", mebibytes: 335.364 },
        categories: imagenetCategories,
        transforms: { resize: 238, crop: 224, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 83.582, top5: 96.64 },
        parameters: 87768224,
        gigaMultiplyAdds: 15.431,
        minSize: [224, 224],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#swintransformer",
      },
    },
  },
  swin_s: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/swin_s-5e29d889.pth", mebibytes: 189.786 },
        categories: imagenetCategories,
        transforms: { resize: 246, crop: 224, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 83.196, top5: 96.36 },
        parameters: 49606258,
        gigaMultiplyAdds: 8.741,
        minSize: [224, 224],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#swintransformer",
      },
    },
  },
  swin_t: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/swin_t-704ceda3.pth", mebibytes: 108.19 },
        categories: imagenetCategories,
        transforms: { resize: 232, crop: 224, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 81.474, top5: 95.776 },
        parameters: 28288354,
        gigaMultiplyAdds: 4.491,
        minSize: [224, 224],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#swintransformer",
      },
    },
  },
  swin_v2_b: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/swin_v2_b-781e5279.pth", mebibytes: 336.372 },
        categories: imagenetCategories,
        transforms: { resize: 272, crop: 256, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 84.112, top5: 96.864 },
        parameters: 87930848,
        gigaMultiplyAdds: 20.325,
        minSize: [256, 256],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#swintransformer-v2",
      },
    },
  },
  swin_v2_s: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/swin_v2_s-637d8ceb.pth", mebibytes: 190.675 },
        categories: imagenetCategories,
        transforms: { resize: 260, crop: 256, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 83.712, top5: 96.816 },
        parameters: 49737442,
        gigaMultiplyAdds: 11.546,
        minSize: [256, 256],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#swintransformer-v2",
      },
    },
  },
  swin_v2_t: {
    default: "IMAGENET1K_V1",
    entries: {
      IMAGENET1K_V1: {
        file: { url: "https://download.pytorch.org/models/swin_v2_t-b137f0e2.pth", mebibytes: 108.626 },
        categories: imagenetCategories,
        transforms: { resize: 260, crop: 256, interpolation: "bicubic", ...imagenetColors },
        accuracy: { top1: 82.072, top5: 96.132 },
        parameters: 28351570,
        gigaMultiplyAdds: 5.94,
        minSize: [256, 256],
        recipe: "https://github.com/pytorch/vision/tree/main/references/classification#swintransformer-v2",
      },
    },
  },
};
