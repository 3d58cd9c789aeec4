#!/usr/bin/env python3
"""What torchvision knows about its pretrained weights, as tables for lib/models.

    python tools/make_model_tables.py && deno fmt lib/models/categories.ts lib/models/tables

Needs torch and torchvision 0.28; reads their tables, fetches nothing.
"""
import json
from pathlib import Path

import torch

# torchvision's compiled operations may be missing beside a CPU build of torch; the tables do not need them.
operations = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    try:
        operations.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
import torchvision
from torchvision.models import get_model_weights
from torchvision.models._meta import _IMAGENET_CATEGORIES

MODELS = Path(__file__).parent.parent / "lib" / "models"
HEADER = f"// Written by tools/make_model_tables.py from torchvision {torchvision.__version__.split('+')[0]}: change that instead.\n"
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
FAMILIES = {
    "resnet": [
        "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
        "resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2",
    ],
}


def transforms(weights) -> str:
    preset = weights.transforms()
    if (preset.mean, preset.std) != IMAGENET or len(preset.resize_size) != 1 or len(preset.crop_size) != 1:
        raise ValueError(f"{weights}: expected ImageNet's colours and square sizes, found {preset}")
    return (
        f"{{ resize: {preset.resize_size[0]}, crop: {preset.crop_size[0]}, "
        f"interpolation: {json.dumps(preset.interpolation.value)}, ...imagenetColors }}"
    )


def entry(weights) -> str:
    meta = weights.meta
    if meta["categories"] != _IMAGENET_CATEGORIES:
        raise ValueError(f"{weights}: expected ImageNet's categories")
    accuracy = meta["_metrics"]["ImageNet-1K"]
    return f"""{{
      file: {{ url: {json.dumps(weights.url)}, mebibytes: {meta["_file_size"]} }},
      categories: imagenetCategories,
      transforms: {transforms(weights)},
      accuracy: {{ top1: {accuracy["acc@1"]}, top5: {accuracy["acc@5"]} }},
      parameters: {meta["num_params"]},
      gigaMultiplyAdds: {meta["_ops"]},
      recipe: {json.dumps(meta["recipe"])},
    }}"""


def table(model: str) -> str:
    weights = get_model_weights(model)
    entries = "".join(f"    {one.name}: {entry(one)},\n" for one in weights)
    return f"  {model}: {{\n    default: {json.dumps(weights.DEFAULT.name)},\n    entries: {{\n{entries}    }},\n  }},\n"


for family, names in FAMILIES.items():
    keys = " | ".join(json.dumps(name) for name in names)
    (MODELS / "tables" / f"{family}.ts").write_text(
        HEADER
        + 'import { imagenetCategories } from "../categories.ts";\n'
        + 'import { imagenetColors, type WeightsTable } from "../weights_table.ts";\n\n'
        + f"/** torchvision's weights for the networks of {family}.ts. */\n"
        + f"export const {family}Weights: Record<{keys}, WeightsTable> = {{\n"
        + "".join(table(name) for name in names)
        + "};\n"
    )

(MODELS / "categories.ts").write_text(
    HEADER
    + "\n/** The names of ImageNet's 1000 classes, in the order in which networks trained on it give them. */\n"
    + f"export const imagenetCategories: readonly string[] = {json.dumps(_IMAGENET_CATEGORIES, indent=2)};\n"
)
