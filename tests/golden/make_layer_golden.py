#!/usr/bin/env python3
"""Reference figures for single layers, losses and optimizers, from PyTorch, computed in float64.

    python make_layer_golden.py layers.json.gz

Inputs and weights are not stored: both sides make them from names (tests/golden/values.ts). A layer's weights are
`values("thaw", "CASE.weight", shape)`; its input, and the slope that its output is multiplied by before everything is
summed and differentiated, are `uniform("thaw/CASE.input")` and `uniform("thaw/CASE.slope")` spread over a range.
Arguments and options are written as thaw takes them (camelCase) and turned into PyTorch's here.
"""
import gzip, json, math, re, sys
import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)


def fnv1a(text):
    h = 0x811C9DC5
    for byte in text.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def uniform(name, n):
    with np.errstate(over="ignore"):
        x = np.arange(n, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(fnv1a(name))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x7FEB352D)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x846CA68B)
        x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 4294967296.0


def values(name, shape):
    u = uniform(f"thaw/{name}", math.prod(shape))
    leaf = name.rsplit(".", 1)[-1]
    if leaf == "running_mean":
        v = 0.2 * u - 0.1
    elif leaf == "running_var":
        v = 0.5 + u
    elif len(shape) == 1 and leaf == "weight":
        v = 0.5 + u
    elif len(shape) <= 1:
        v = 0.2 * u - 0.1
    else:
        v = (2.0 * u - 1.0) * math.sqrt(3.0 / math.prod(shape[1:]))
    return tensor(v, shape)


def between(name, shape, low, high, whole=False):
    v = low + (high - low) * uniform(f"thaw/{name}", math.prod(shape))
    return tensor(np.floor(v) if whole else v, shape)


def tensor(v, shape):  # both sides start from float32 numbers
    return torch.from_numpy(v.astype(np.float32).astype(np.float64).reshape(tuple(shape)))


def numbers(t):
    return [float(f"{v:.7g}") for v in t.detach().reshape(-1).tolist()]


def snake(options):
    return {re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), k): tuple(v) if isinstance(v, list) else v for k, v in options.items()}


def build(spec):
    if "children" in spec:
        children = spec["children"]
        if isinstance(children, dict):
            return getattr(nn, spec["type"])(__import__("collections").OrderedDict((k, build(v)) for k, v in children.items()))
        made = [build(child) for child in children]
        return nn.ModuleList(made) if spec["type"] == "ModuleList" else nn.Sequential(*made)
    args = [tuple(a) if isinstance(a, list) else a for a in spec.get("args", [])]
    always = {"batch_first": True} if spec["type"] == "MultiheadAttention" else {}
    return getattr(nn, spec["type"])(*args, **snake(spec.get("options", {})), **always)


def filled(case, spec):
    layer = build(spec).double()
    for name, t in layer.state_dict().items():
        if t.dtype.is_floating_point:
            t.copy_(values(f"{case}.{name}", tuple(t.shape)))
    return layer


def layer(case, spec, shape, low=-2, high=2, whole=False):
    """Output and all gradients. Images go in as [N, C, H, W]; the other side moves the channels."""
    module = filled(case, spec)
    x = between(f"{case}.input", shape, low, high, whole).requires_grad_()
    y = module(x, x, x, need_weights=False)[0] if isinstance(module, nn.MultiheadAttention) else module(x)
    (y * between(f"{case}.slope", tuple(y.shape), -1, 1)).sum().backward()
    gradients = {"input": numbers(x.grad)} | {name: numbers(p.grad) for name, p in module.named_parameters()}
    return {"name": case, **spec, "input": {"shape": list(shape), "low": low, "high": high, "whole": whole},
            "text": repr(module), "shape": list(y.shape), "output": numbers(y), "gradients": gradients}


def conv(case, args, options, shape):
    return layer(case, {"type": "Conv2d", "args": args, "options": options}, shape)


def pool(case, type, args, options, shape, **input):
    return layer(case, {"type": type, "args": args, "options": options}, shape, **input)


LAYERS = [
    conv("conv plain", [3, 4, 3], {}, (2, 3, 5, 6)),
    conv("conv 1x1 batch 1", [3, 2, 1], {"bias": False}, (1, 3, 4, 3)),
    conv("conv stride 2 padding 3", [3, 4, 5], {"stride": 2, "padding": 3, "bias": False}, (2, 3, 7, 6)),
    conv("conv unequal", [2, 3, [3, 2]], {"stride": [2, 1], "padding": [0, 1], "dilation": [1, 2]}, (2, 2, 7, 6)),
    conv("conv dilation 3", [2, 3, 3], {"padding": 3, "dilation": 3}, (1, 2, 7, 8)),
    conv("conv groups 2", [4, 6, 3], {"groups": 2, "padding": 1}, (2, 4, 4, 5)),
    conv("conv groups 4 stride 2 dilation 2", [4, 8, 3], {"groups": 4, "stride": 2, "padding": 2, "dilation": 2}, (1, 4, 7, 7)),
    conv("conv depthwise", [4, 4, 3], {"groups": 4, "stride": 2, "padding": 1, "bias": False}, (2, 4, 6, 5)),
    conv("conv depthwise multiplier", [3, 6, 3], {"groups": 3, "padding": 1}, (2, 3, 4, 4)),
    conv("conv depthwise unequal stride", [3, 6, 3], {"groups": 3, "stride": [2, 1], "padding": 1}, (1, 3, 6, 5)),
    conv("conv depthwise dilation", [3, 3, 3], {"groups": 3, "padding": 2, "dilation": 2}, (1, 3, 5, 5)),
    conv("conv same even", [2, 3, [2, 4]], {"padding": "same"}, (1, 2, 5, 6)),
    conv("conv same dilation", [2, 3, 3], {"padding": "same", "dilation": [1, 2]}, (1, 2, 5, 6)),
    conv("conv valid", [2, 3, 3], {"padding": "valid"}, (1, 2, 5, 6)),
    pool("max pool", "MaxPool2d", [3], {"stride": 2, "padding": 1}, (2, 3, 6, 7), low=-3, high=-1),
    pool("max pool ceil", "MaxPool2d", [2], {"ceilMode": True}, (1, 3, 5, 7)),
    pool("max pool ceil padding", "MaxPool2d", [3], {"stride": 2, "padding": 1, "ceilMode": True}, (1, 2, 6, 8)),
    pool("max pool ceil wide", "MaxPool2d", [[2, 3]], {"stride": [3, 2], "padding": [1, 0], "ceilMode": True}, (1, 2, 8, 8)),
    pool("max pool overlapping ties", "MaxPool2d", [3], {"stride": 1}, (1, 2, 6, 6), low=0, high=4, whole=True),
    pool("avg pool", "AvgPool2d", [2], {}, (2, 3, 5, 6)),
    pool("avg pool padding", "AvgPool2d", [3], {"stride": 2, "padding": 1}, (1, 2, 6, 7)),
    pool("avg pool without padding's zeros", "AvgPool2d", [3], {"stride": 2, "padding": 1, "countIncludePad": False}, (1, 2, 6, 7)),
    pool("avg pool ceil", "AvgPool2d", [3], {"stride": 2, "padding": 1, "ceilMode": True}, (1, 2, 6, 8)),
    pool("avg pool ceil without", "AvgPool2d", [[3, 2]], {"stride": [2, 3], "padding": 1, "ceilMode": True, "countIncludePad": False}, (1, 2, 6, 8)),
    pool("avg pool divisor", "AvgPool2d", [2], {"stride": 2, "ceilMode": True, "divisorOverride": 3}, (1, 2, 5, 6)),
    pool("adaptive to 1", "AdaptiveAvgPool2d", [1], {}, (2, 3, 4, 5)),
    pool("adaptive divisible", "AdaptiveAvgPool2d", [[2, 3]], {}, (1, 3, 4, 6)),
    pool("adaptive odd", "AdaptiveAvgPool2d", [[3, 5]], {}, (2, 2, 7, 8)),
    pool("adaptive one axis divisible", "AdaptiveAvgPool2d", [[2, 3]], {}, (1, 2, 4, 7)),
    pool("adaptive upsampling", "AdaptiveAvgPool2d", [7], {}, (1, 2, 3, 4)),
    pool("adaptive same size", "AdaptiveAvgPool2d", [[3, 4]], {}, (1, 2, 3, 4)),
    pool("adaptive keeps the width", "AdaptiveAvgPool2d", [[1, None]], {}, (1, 2, 3, 4)),
    pool("adaptive keeps the height", "AdaptiveAvgPool2d", [[None, 3]], {}, (1, 2, 3, 4)),
    pool("relu at 0", "ReLU", [], {"inplace": False}, (1, 4, 3, 4), low=-2, high=3, whole=True),
    pool("relu6 at 0 and 6", "ReLU6", [], {}, (1, 4, 5, 4), low=-2, high=9, whole=True),
    pool("leaky relu at 0", "LeakyReLU", [0.2], {}, (1, 4, 3, 4), low=-2, high=3, whole=True),
    pool("leaky relu", "LeakyReLU", [0.01], {}, (2, 3, 2, 4)),
    pool("sigmoid", "Sigmoid", [], {}, (2, 3, 4, 5), low=-9, high=9),
    pool("tanh", "Tanh", [], {}, (2, 3, 4, 5), low=-5, high=5),
    pool("silu", "SiLU", [], {}, (2, 3, 4, 5), low=-9, high=9),
    pool("hardswish", "Hardswish", [], {}, (2, 3, 4, 5), low=-5, high=5),
    pool("hardswish at -3 and 3", "Hardswish", [], {}, (1, 4, 3, 4), low=-5, high=6, whole=True),
    pool("hardsigmoid", "Hardsigmoid", [], {}, (2, 3, 4, 5), low=-5, high=5),
    pool("hardsigmoid at -3 and 3", "Hardsigmoid", [], {}, (1, 4, 3, 4), low=-5, high=6, whole=True),
    pool("gelu", "GELU", [], {}, (2, 3, 4, 5), low=-5, high=5),
    pool("gelu tanh", "GELU", [], {"approximate": "tanh"}, (2, 3, 4, 5), low=-3, high=3),
    layer("layer norm", {"type": "LayerNorm", "args": [5]}, (2, 3, 5)),
    layer("layer norm of rows", {"type": "LayerNorm", "args": [6], "options": {"eps": 1e-3}}, (4, 6), low=-1, high=4),
    layer("layer norm over two axes", {"type": "LayerNorm", "args": [[3, 4]]}, (2, 3, 4)),
    layer("layer norm without affine", {"type": "LayerNorm", "args": [4], "options": {"elementwiseAffine": False}}, (3, 2, 4)),
    layer("layer norm without bias", {"type": "LayerNorm", "args": [[2, 4]], "options": {"bias": False}}, (3, 2, 4)),
    layer("attention", {"type": "MultiheadAttention", "args": [6, 2]}, (2, 5, 6)),
    layer("attention without bias", {"type": "MultiheadAttention", "args": [4, 1], "options": {"bias": False}}, (1, 3, 4)),
    layer("mlp", {"type": "Sequential", "children": [{"type": "Linear", "args": [4, 8]}, {"type": "GELU"}, {"type": "Linear", "args": [8, 3]}]}, (2, 5, 4)),
    layer("linear over tokens", {"type": "Linear", "args": [5, 3]}, (2, 4, 5)),
    layer("linear", {"type": "Linear", "args": [5, 3]}, (4, 5)),
    layer("linear without bias", {"type": "Linear", "args": [5, 3], "options": {"bias": False}}, (2, 5)),
    layer("flatten", {"type": "Flatten"}, (2, 3, 2, 4)),
    layer("flatten and linear", {"type": "Sequential", "children": [{"type": "Flatten"}, {"type": "Linear", "args": [12, 2]}]}, (2, 3, 2, 2)),
]


def batch_norm(case, options, shape, batches=3):
    """Three batches in training, then one in evaluation, each with its output and gradients."""
    module = filled(case, {"type": "BatchNorm2d", "args": [shape[1]], "options": options})
    steps = []
    for i in range(batches + 1):
        module.train(i < batches)
        module.zero_grad()
        x = between(f"{case}.input{i}", shape, -2, 2 + i).requires_grad_()
        y = module(x)
        (y * between(f"{case}.slope{i}", shape, -1, 1)).sum().backward()
        steps.append({"output": numbers(y), "input": numbers(x.grad), "weight": numbers(module.weight.grad),
                      "bias": numbers(module.bias.grad), "running_mean": numbers(module.running_mean),
                      "running_var": numbers(module.running_var), "num_batches_tracked": int(module.num_batches_tracked)})
    return {"name": case, "options": options, "shape": list(shape), "batches": batches, "text": repr(module), "steps": steps}


BATCH_NORMS = [
    batch_norm("batch norm", {}, (2, 3, 3, 4)),
    batch_norm("batch norm momentum", {"momentum": 0.3, "eps": 1e-3}, (3, 2, 2, 3)),
    batch_norm("batch norm cumulative", {"momentum": None}, (2, 2, 3, 2)),
    batch_norm("batch norm four values", {}, (4, 3, 1, 1)),
]


def cross_entropy(case, rows, classes, low, high):
    x = between(f"{case}.input", (rows, classes), low, high).requires_grad_()
    labels = [(3 * i) % classes for i in range(rows)]
    loss = nn.CrossEntropyLoss()(x, torch.tensor(labels))
    loss.backward()
    return {"name": case, "shape": [rows, classes], "low": low, "high": high, "labels": labels, "loss": loss.item(),
            "input": numbers(x.grad), "text": repr(nn.CrossEntropyLoss())}


LOSSES = [cross_entropy("cross entropy", 5, 7, -3, 3), cross_entropy("cross entropy steep", 4, 3, -60, 60), cross_entropy("cross entropy one", 1, 9, -1, 1)]

SHAPES = [(3, 4), (5,), (2, 3, 3, 3)]


def optimizer(case, type, options, steps=5, groups=None, missing=None):
    """Parameter values after each step, under gradients that both sides make from names.

    `groups`: options of one group for each parameter. `missing`: [step, parameter] that gets no gradient.
    """
    parameters = [nn.Parameter(values(f"{case}.{i}.p", shape)) for i, shape in enumerate(SHAPES)]
    rename = {"learningRate": "lr", "epsilon": "eps"}
    own = lambda o: {rename.get(k) or list(snake({k: v}))[0]: tuple(v) if isinstance(v, list) else v for k, v in o.items()}
    trained = [{"params": [p], **own(o)} for p, o in zip(parameters, groups)] if groups else parameters
    made = getattr(torch.optim, type)(trained, **own(options))
    after = []
    for step in range(steps):
        for i, p in enumerate(parameters):
            p.grad = None if missing == [step, i] else between(f"{case}.{i}.gradient{step}", p.shape, -1, 1)
        made.step()
        after.append([numbers(p) for p in parameters])
    return {"name": case, "type": type, "options": options, "groups": groups, "missing": missing, "shapes": [list(s) for s in SHAPES], "after": after}


OPTIMIZERS = [
    optimizer("sgd", "SGD", {"learningRate": 0.1}, 2),
    optimizer("sgd decay", "SGD", {"learningRate": 0.1, "weightDecay": 0.05}, 2),
    optimizer("momentum", "SGD", {"learningRate": 0.1, "momentum": 0.9}),
    optimizer("momentum decay", "SGD", {"learningRate": 0.1, "momentum": 0.9, "weightDecay": 0.05}),
    optimizer("nesterov", "SGD", {"learningRate": 0.1, "momentum": 0.8, "nesterov": True}),
    optimizer("nesterov decay", "SGD", {"learningRate": 0.1, "momentum": 0.8, "nesterov": True, "weightDecay": 0.05}),
    optimizer("momentum groups", "SGD", {"learningRate": 0.1, "momentum": 0.9}, 3,
              [{"learningRate": 0.01}, {"weightDecay": 0.1}, {"learningRate": 0.2, "weightDecay": 0.02}]),
    optimizer("momentum missing", "SGD", {"learningRate": 0.1, "momentum": 0.9}, 3, None, [1, 1]),
    optimizer("adam", "Adam", {}),
    optimizer("adam rates", "Adam", {"learningRate": 0.05, "betas": [0.8, 0.95], "epsilon": 1e-3}),
    optimizer("adam decay", "Adam", {"learningRate": 0.05, "weightDecay": 0.1}),
    optimizer("adam missing", "Adam", {"learningRate": 0.05}, 3, None, [0, 1]),
    optimizer("adamw", "AdamW", {"learningRate": 0.05}),
    optimizer("adamw decay", "AdamW", {"learningRate": 0.05, "weightDecay": 0.2, "betas": [0.7, 0.9]}, 3),
]



def pooled_size(size, kernel, stride, padding, ceil):
    """The output's height, or 0 where PyTorch refuses the geometry."""
    x = torch.zeros(1, 1, size, 1)
    try:
        return nn.functional.max_pool2d(x, (kernel, 1), (stride, 1), (padding, 0), ceil_mode=ceil).shape[2]
    except RuntimeError:
        return 0


_windows = [(2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 1), (3, 2, 0), (5, 3, 2), (4, 4, 2)]
POOLED_SIZES = [[size, *window, ceil, pooled_size(size, *window, ceil)]
                for size in (1, 2, 4, 5, 7, 8, 13) for window in _windows for ceil in (False, True)]

_linear = {"type": "Linear", "args": [4, 4]}
_block = {"type": "Sequential", "children": {"conv": {"type": "Conv2d", "args": [3, 4, 3], "options": {"bias": False}}, "relu": {"type": "ReLU", "options": {"inplace": True}}}}
TEXTS = [
    {"type": "Conv2d", "args": [3, 8, 1]},
    {"type": "Conv2d", "args": [4, 8, [3, 5]], "options": {"stride": [2, 1], "padding": [1, 0], "dilation": [1, 3], "groups": 2, "bias": False}},
    {"type": "Conv2d", "args": [4, 8, 3], "options": {"padding": "same", "dilation": 2}},
    {"type": "Conv2d", "args": [4, 8, 3], "options": {"padding": "valid"}},
    {"type": "Linear", "args": [3, 2], "options": {"bias": False}},
    {"type": "Linear", "args": [3, 2]},
    {"type": "BatchNorm2d", "args": [8], "options": {"eps": 1e-3, "momentum": 0.01}},
    {"type": "BatchNorm2d", "args": [8], "options": {"eps": 1e-7, "momentum": None}},
    {"type": "BatchNorm2d", "args": [8], "options": {"eps": 1.5e-10, "momentum": 1.0}},
    {"type": "ReLU"},
    {"type": "ReLU", "options": {"inplace": True}},
    {"type": "ReLU6", "options": {"inplace": True}},
    {"type": "MaxPool2d", "args": [3]},
    {"type": "MaxPool2d", "args": [[3, 2]], "options": {"stride": [2, 1], "padding": [1, 0], "ceilMode": True}},
    {"type": "MaxPool2d", "args": [3], "options": {"stride": 2, "padding": 1}},
    {"type": "AvgPool2d", "args": [3]},
    {"type": "AvgPool2d", "args": [[2, 3]], "options": {"stride": 1, "padding": 1, "ceilMode": True, "countIncludePad": False}},
    {"type": "AdaptiveAvgPool2d", "args": [1]},
    {"type": "AdaptiveAvgPool2d", "args": [[7, 5]]},
    {"type": "Dropout"},
    {"type": "Dropout", "args": [0.25], "options": {"inplace": True}},
    {"type": "Dropout", "args": [1.0]},
    {"type": "Flatten"},
    {"type": "Identity"},
    {"type": "Sequential", "children": []},
    {"type": "Sequential", "children": [_linear, {"type": "ReLU"}]},
    _block,
    {"type": "ModuleList", "children": []},
    {"type": "ModuleList", "children": [_linear]},
    {"type": "ModuleList", "children": [_linear, _linear, {"type": "ReLU"}, _linear, _linear, _linear]},
    {"type": "ModuleList", "children": [_block, _block, {"type": "Sequential", "children": [_block]}]},
    {"type": "Sequential", "children": {"blocks": {"type": "ModuleList", "children": [_linear, _linear]}, "head": {"type": "Sequential", "children": []}}},
]

if __name__ == "__main__":
    out = {"torch": torch.__version__, "layers": LAYERS, "batchNorms": BATCH_NORMS, "losses": LOSSES, "optimizers": OPTIMIZERS, "pooledSizes": POOLED_SIZES,
           "texts": [{**spec, "text": repr(build(spec))} for spec in TEXTS]}
    text = json.dumps(out, separators=(",", ":"))
    with open(sys.argv[1], "wb") as file:
        file.write(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(LAYERS)} layers, {len(OPTIMIZERS)} optimizers, {len(TEXTS)} texts, {len(text)} characters")
