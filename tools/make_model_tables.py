#!/usr/bin/env python3
"""What torchvision knows about its pretrained weights, as tables for lib/models.

    python tools/make_model_tables.py && deno fmt lib/models/categories.ts lib/models/tables

Needs torch and torchvision 0.28; reads their tables, fetches nothing.
"""
import json
import re
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
from torchvision import models
from torchvision.models import get_model_weights, list_models
from torchvision.models._meta import _IMAGENET_CATEGORIES

MODELS = Path(__file__).parent.parent / "lib" / "models"
HEADER = f"// Written by tools/make_model_tables.py from torchvision {torchvision.__version__.split('+')[0]}: change that instead.\n"
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
# The files of lib/models, and how the names of their networks begin.
FAMILIES = {
    "alexnet": ["alexnet"],
    "convnext": ["convnext"],
    "densenet": ["densenet"],
    "efficientnet": ["efficientnet"],
    "googlenet": ["googlenet"],
    "inception": ["inception"],
    "maxvit": ["maxvit"],
    "mnasnet": ["mnasnet"],
    "mobilenet_v2": ["mobilenet_v2"],
    "mobilenet_v3": ["mobilenet_v3"],
    "regnet": ["regnet"],
    "resnet": ["resnet", "resnext", "wide_resnet"],
    "shufflenet_v2": ["shufflenet_v2"],
    "squeezenet": ["squeezenet"],
    "swin": ["swin"],
    "vgg": ["vgg"],
    "vision_transformer": ["vit"],
}
# What torchvision's builders set by themselves when they load weights.
OPTIONS = {"googlenet": {"transformInput": True}, "inception_v3": {"transformInput": True}}


def natural(name: str) -> list:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def members(prefixes: list[str]) -> list[str]:
    names = [name for prefix in prefixes for name in sorted(list_models(models), key=natural) if name.startswith(prefix)]
    return list(dict.fromkeys(names))


def transforms(weights) -> str:
    preset = weights.transforms()
    if len(preset.resize_size) != 1 or len(preset.crop_size) != 1:
        raise ValueError(f"{weights}: expected square sizes, found {preset}")
    colors = "...imagenetColors" if (preset.mean, preset.std) == IMAGENET else f"mean: {preset.mean}, std: {preset.std}"
    return (
        f"{{ resize: {preset.resize_size[0]}, crop: {preset.crop_size[0]}, "
        f"interpolation: {json.dumps(preset.interpolation.value)}, {colors} }}"
    )


def options(model: str, weights) -> dict:
    """A vision transformer's positions are for one size of picture."""
    return {"imageSize": weights.meta["min_size"][0]} if model.startswith("vit") else OPTIONS.get(model, {})


def entry(model: str, weights) -> str:
    meta = weights.meta
    known = meta["categories"] == _IMAGENET_CATEGORIES
    if not known and meta["categories"] is not None:
        raise ValueError(f"{weights}: expected ImageNet's categories or none")
    accuracy = meta["_metrics"]["ImageNet-1K"]
    set_by_weights = options(model, weights)
    fields = [
        f"file: {{ url: {json.dumps(weights.url)}, mebibytes: {meta['_file_size']} }}",
        f"categories: {'imagenetCategories' if known else 'null'}",
        f"transforms: {transforms(weights)}",
        *([f"options: {json.dumps(set_by_weights)}"] if set_by_weights else []),
        f"accuracy: {{ top1: {accuracy['acc@1']}, top5: {accuracy['acc@5']} }}" if known else "accuracy: null",
        f"parameters: {meta['num_params']}",
        f"gigaMultiplyAdds: {meta['_ops']}",
        f"minSize: {json.dumps(meta['min_size'])}",
        f"recipe: {json.dumps(meta['recipe'])}",
        *([f"license: {json.dumps(meta['license'])}"] if "license" in meta else []),
    ]
    return "{\n" + "".join(f"      {field},\n" for field in fields) + "    }"


def table(model: str) -> str:
    weights = get_model_weights(model)
    entries = "".join(f"    {one.name}: {entry(model, one)},\n" for one in weights)
    return f"  {model}: {{\n    default: {json.dumps(weights.DEFAULT.name)},\n    entries: {{\n{entries}    }},\n  }},\n"


for family, prefixes in FAMILIES.items():
    names = members(prefixes)
    keys = " | ".join(json.dumps(name) for name in names)
    tables = "".join(table(name) for name in names)
    shared = "imagenetColors, type WeightsTable" if "...imagenetColors" in tables else "type WeightsTable"
    camel = re.sub(r"_(\w)", lambda match: match[1].upper(), family)
    (MODELS / "tables" / f"{family}.ts").write_text(
        HEADER
        + 'import { imagenetCategories } from "../categories.ts";\n'
        + f'import {{ {shared} }} from "../weights_table.ts";\n\n'
        + f"/** torchvision's weights for the networks of {family}.ts. */\n"
        + f"export const {camel}Weights: Record<{keys}, WeightsTable> = {{\n"
        + tables
        + "};\n"
    )

(MODELS / "categories.ts").write_text(
    HEADER
    + "\n/** The names of ImageNet's 1000 classes, in the order in which networks trained on it give them. */\n"
    + f"export const imagenetCategories: readonly string[] = {json.dumps(_IMAGENET_CATEGORIES, indent=2)};\n"
)
