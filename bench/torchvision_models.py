"""torchvision's models, also where its compiled ops are missing (beside a CPU build of torch): classifiers need none of them."""
import sys

import torch


def _models():
    from torchvision import models

    return models


try:
    models = _models()
except RuntimeError:  # operator torchvision::nms does not exist
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]  # what was imported half-way
    _ops = torch.library.Library("torchvision", "DEF")
    for _op in ("nms", "qnms"):
        _ops.define(_op + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    models = _models()
