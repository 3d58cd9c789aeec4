#!/usr/bin/env python3
"""How torchvision's networks start: the spread of their initial values, one small network of each family.

    python make_init_golden.py init.json.gz [--only resnet18,vgg11_bn]

Values that belong to the same kind of layer, have the same name in it and the same shape are one group, such as
"Conv2d.weight [64, 64, 3, 3]". Of each there are the number of values in one network, and, over DRAWS networks, their mean,
standard deviation and kurtosis, which tells how far a sample's deviation may be off. Tensors of more than LARGEST values are
left out, and a group takes no more tensors once it has ENOUGH values: the others of the family stand for them.
"""
import argparse, gzip, json, math, sys, time, warnings
import torch

# torchvision's compiled operations may be missing beside a CPU build of torch; the networks do not need them.
operations = torch.library.Library("torchvision", "DEF")
for operation in ("nms", "qnms"):
    try:
        operations.define(operation + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
from torchvision import models

DRAWS, LARGEST, ENOUGH = 4, 5_000_000, 1_000_000
NETWORKS = [
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "inception_v3", "maxvit_t",
    "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_400mf", "resnet18", "resnext50_32x4d",
    "shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "swin_v2_t", "vgg11_bn", "vit_b_32",
]


def groups(model):
    found = {}
    for module in model.modules():
        own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        for name, tensor in own:
            if not tensor.dtype.is_floating_point or tensor.numel() > LARGEST:
                continue
            group = found.setdefault(f"{type(module).__name__}.{name} {json.dumps(list(tensor.shape))}", [])
            if sum(one.numel() for one in group) < ENOUGH:
                group.append(tensor.detach().reshape(-1).double())
    return {name: torch.cat(tensors) for name, tensors in found.items()}


def spread(draws):
    values = torch.cat(draws)
    mean = values.mean()
    centred = values - mean
    variance = (centred**2).mean()
    kurtosis = (centred**4).mean() / variance**2 if variance > 0 else 0.0
    return [draws[0].numel(), *(float(f"{float(x):.7g}") for x in (mean, math.sqrt(variance), kurtosis))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    networks = {}
    for name in arguments.only.split(",") if arguments.only else NETWORKS:
        started = time.time()
        drawn = []
        for seed in range(DRAWS):
            torch.manual_seed(seed)
            drawn.append(groups(models.get_model(name, weights=None)))
        networks[name] = {group: spread([one[group] for one in drawn]) for group in drawn[0]}
        print(f"{name:20s} {len(networks[name]):4d} groups {time.time() - started:6.1f} s", file=sys.stderr, flush=True)
    golden = {"torchvision": __import__("torchvision").__version__, "draws": DRAWS, "largest": LARGEST, "enough": ENOUGH, "networks": networks}
    with gzip.GzipFile(arguments.out, "wb", mtime=0) as file:
        file.write(json.dumps(golden, separators=(",", ":")).encode())


if __name__ == "__main__":
    main()
