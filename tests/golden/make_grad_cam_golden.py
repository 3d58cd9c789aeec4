#!/usr/bin/env python3
"""Grad-CAM (Selvaraju et al. 2017) of a ResNet-18 by torch's autograd, with hooks on a stage.

    python make_grad_cam_golden.py grad_cam.json

Weights and picture are made from names, as in make_golden.py: the picture's bytes are `uniform("thaw/picture")` spread
over 0 to 255, `[64, 64, 3]`.
"""
import json, sys
import numpy as np
import torch
from make_golden import fill, models, uniform

size, classes = 64, 9
model = fill(models.resnet18(num_classes=classes), "thaw", 1.5, 1.0).eval().double()
pixels = np.floor(256 * uniform("thaw/picture", size * size * 3)).reshape(size, size, 3)
x = torch.from_numpy((pixels / 255 - 0.5) / 0.25).permute(2, 0, 1)[None]
out = []
for stage, index in (("layer4", 3), ("layer3", 3), ("layer2", 7)):
    kept = {}
    hook = getattr(model, stage).register_forward_hook(lambda m, i, o: kept.__setitem__("maps", o))
    logits = model(x)
    hook.remove()
    slope = torch.autograd.grad(logits[0, index], kept["maps"])[0]
    heat = torch.relu((slope.mean((2, 3), keepdim=True) * kept["maps"]).sum(1))[0]
    heat = heat / heat.max() if heat.max() > 0 else heat
    out.append({
        "stage": stage,
        "class": index,
        "probability": float(torch.softmax(logits, 1)[0, index]),
        "heat": [round(v, 7) for v in heat.flatten().tolist()],
    })
    print(stage, heat.max(), (heat > 0).float().mean(), file=sys.stderr)
with open(sys.argv[1], "w") as file:
    json.dump({"torch": torch.__version__, "size": size, "classes": classes, "gain": 1.5, "cases": out}, file)
