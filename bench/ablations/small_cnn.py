"""The network of small_cnn.ts in PyTorch, under the same names."""
from torch import nn


def small_cnn(classes=9, side=24, dropout=0.0, batchNorm=True):
    """Options are called as in settings.json."""
    channels = [3, 16, 32, 64]
    model = nn.Sequential()
    for i in range(1, len(channels)):
        model.add_module(f"conv{i}", nn.Conv2d(channels[i - 1], channels[i], 3, padding=1))
        model.add_module(f"norm{i}", nn.BatchNorm2d(channels[i]) if batchNorm else nn.Identity())
        model.add_module(f"relu{i}", nn.ReLU())
        model.add_module(f"pool{i}", nn.MaxPool2d(2))
    model.add_module("flatten", nn.Flatten())
    model.add_module("dropout", nn.Dropout(dropout))
    model.add_module("fc", nn.Linear(64 * (side // 8) ** 2, classes))
    return model
