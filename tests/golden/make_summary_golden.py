#!/usr/bin/env python3
"""torchinfo's figures for some of torchvision's networks: `summary(model, (1, 3, 224, 224))`.

    pip install torchinfo==1.8.0
    python make_summary_golden.py summary.json

Modules are listed by name with their output shape (channels first), parameters and, for those without submodules,
multiply-adds of all their calls. torchinfo's size of the input is left out: it counts a Python object in.
"""
import json, sys
import torch

# torchvision's compiled ops may be missing beside a CPU build of torch; the models do not need them.
_ops = torch.library.Library("torchvision", "DEF")
for _op in ("nms", "qnms"):
    try:
        _ops.define(_op + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
import torchinfo
from torchvision import models

out = {"torchinfo": torchinfo.__version__, "models": {}}
for name in ("resnet18", "resnet50", "resnext50_32x4d"):
    model = getattr(models, name)()
    if name == "resnext50_32x4d":
        model.layer1.requires_grad_(False)
    names = {id(module): path for path, module in model.named_modules()}
    figures = torchinfo.summary(model, (1, 3, 224, 224), depth=9, verbose=0)
    rows = {}
    for layer in figures.summary_list:
        row = rows.setdefault(names[id(layer.module)], {"calls": 0, "multiplyAdds": 0})
        row["calls"] += 1
        row["shape"] = list(layer.output_size)
        row["parameters"] = layer.num_params
        if layer.is_leaf_layer:
            row["multiplyAdds"] += layer.macs
        else:
            del row["multiplyAdds"]
    out["models"][name] = {
        "parameters": figures.total_params,
        "trainable": figures.trainable_params,
        "multiplyAdds": figures.total_mult_adds,
        "activations": figures.total_output_bytes,
        "parameterBytes": figures.total_param_bytes,
        # resnet50's and resnext50's modules are too many for a small file; their totals stand for them
        **({"modules": rows} if name == "resnet18" else {}),
    }
with open(sys.argv[1], "w") as file:
    json.dump(out, file, separators=(",", ":"))
