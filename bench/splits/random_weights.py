"""Weights for a network whose own cannot be had: python bench/splits/random_weights.py FILE saves a state dict of resnet18.

They are torchvision's initial ones with batch norm's statistics those of smooth random pictures, so that a frozen part's
features have the size that they have in a trained network. They know nothing of pictures: accuracies say how well both
sides agree, not how good a split is.
"""
import sys

import torch
from torch import nn

from torch_networks import models  # torchvision's

torch.manual_seed(0)
model = models.resnet18()
for module in model.modules():
    if isinstance(module, nn.BatchNorm2d):
        module.reset_running_stats()
        module.momentum = None  # the mean over all batches
with torch.no_grad():
    for _ in range(4):
        coarse = torch.randn(16, 3, 14, 14)
        model(nn.functional.interpolate(coarse, size=224, mode="bilinear"))
torch.save(model.state_dict(), sys.argv[1])
