#!/usr/bin/env python3
"""Reference figures for attention within windows and along grids, from torchvision's own modules, computed in float64.

    python make_window_golden.py window.json.gz

Inputs and weights are not stored: both sides make them from names, as make_layer_golden.py does. Arguments are written as
thaw takes them. Feature maps are [N, H, W, C] for both, but for MaxViT's layers, whose torch side is [N, C, H, W].
"""
import gzip, json, sys
import torch
import make_golden  # noqa: F401  knows what to do where torchvision's compiled ops are missing
from make_layer_golden import between, numbers, values
from torch import nn
from torchvision.models import maxvit, swin_transformer as swin

ATTENTION = [
    # dim, window, shift, heads; then height and width: with and without a shift, padding, and an axis that one window covers
    ("plain", "ShiftedWindowAttention", [8, [4, 3], [0, 0], 2], [8, 6]),
    ("shifted", "ShiftedWindowAttention", [8, [4, 3], [2, 1], 2], [8, 9]),
    ("padded", "ShiftedWindowAttention", [6, [4, 4], [2, 2], 3], [7, 10]),
    ("covered", "ShiftedWindowAttention", [4, [7, 3], [3, 1], 1], [5, 7]),
    ("small", "ShiftedWindowAttention", [4, [7, 7], [3, 3], 2], [2, 2]),
    ("cosine", "ShiftedWindowAttentionV2", [8, [4, 3], [2, 1], 2], [8, 9]),
    ("cosine padded", "ShiftedWindowAttentionV2", [8, [4, 4], [2, 2], 2], [5, 6]),
    ("cosine covered", "ShiftedWindowAttentionV2", [4, [8, 8], [4, 4], 1], [3, 3]),
]
MERGING = [("even", "PatchMerging", 4, [4, 6]), ("odd", "PatchMerging", 3, [5, 3]), ("odd", "PatchMergingV2", 3, [3, 5])]
# in, out channels, stride, the output's height and width, partition
LAYERS = [("halved", 6, 8, 2, 6, 3), ("kept", 8, 8, 1, 8, 4)]


def fill(case, module):
    for key, entry in module.state_dict().items():
        if entry.dtype.is_floating_point:
            entry.copy_(values(f"{case}.{key}", entry.shape).double())
    return module


def gradients(case, module, x, to_torch=lambda t: t, from_torch=lambda t: t):
    x = x.requires_grad_()
    y = from_torch(module(to_torch(x)))
    y.backward(between(f"{case}.slope", y.shape, -1, 1))
    found = {"input": numbers(x.grad)}
    found.update({key: numbers(p.grad) for key, p in module.named_parameters()})
    return {"shape": list(y.shape), "output": numbers(y), "gradients": found}


def attention(name, kind, args, size):
    case = f"{kind} {name}"
    module = getattr(swin, kind)(*args).double()
    made = {"name": case, "type": kind, "args": args, "size": size}
    made["index"] = module.relative_position_index.tolist()
    if kind.endswith("V2"):
        made["coordinates"] = numbers(module.relative_coords_table)
    fill(case, module)
    if kind.endswith("V2"):  # the last head's is beyond what counts
        made["logitScale"] = [1.5 + 4 * (head == args[3] - 1) for head in range(args[3])]
        module.state_dict()["logit_scale"].copy_(torch.tensor(made["logitScale"]).reshape(-1, 1, 1))
    return {**made, **gradients(case, module, between(f"{case}.input", [2, *size, args[0]], -1, 1))}


def merging(name, kind, dim, size):
    case = f"{kind} {name}"
    module = fill(case, getattr(swin, kind)(dim).double())
    made = {"name": case, "type": kind, "args": [dim], "size": size}
    return {**made, **gradients(case, module, between(f"{case}.input", [2, *size, dim], -1, 1))}


def layer(name, inputs, outputs, stride, grid, partition):
    case = f"MaxVitLayer {name}"
    norm = lambda channels: nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
    module = maxvit.MaxVitLayer(inputs, outputs, 0.25, 4, stride, norm, nn.GELU, 4, 2, 0.0, 0.0, 0.0, partition, (grid, grid))
    module = fill(case, module.double())
    x = between(f"{case}.input", [2, grid * stride, grid * stride, inputs], -1, 1)
    last, first = (lambda t: t.permute(0, 2, 3, 1)), (lambda t: t.permute(0, 3, 1, 2))
    made = {"name": case, "inputs": inputs, "outputs": outputs, "stride": stride, "grid": grid, "partition": partition}
    return {**made, "text": str(module), **gradients(case, module.train(), x, first, last)}


if __name__ == "__main__":
    out = {
        "torch": torch.__version__,
        "torchvision": __import__("torchvision").__version__,
        "attention": [attention(*case) for case in ATTENTION],
        "merging": [merging(*case) for case in MERGING],
        "layers": [layer(*case) for case in LAYERS],
    }
    with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as f:
        f.write(json.dumps(out, separators=(",", ":")).encode())
