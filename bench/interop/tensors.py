"""State dicts of every element type, of views, of many and of large tensors: made and checked for check_tensors.ts.

python bench/interop/tensors.py make FOLDER     saves each with PyTorch (both formats) and with safetensors
python bench/interop/tensors.py check FOLDER    loads what thaw saved again of each, and prints a line of JSON for each

Checked: torch.load(weights_only=True), plainly, memory-mapped, and with computed places; a module's
load_state_dict(strict=True); safetensors' own load_file; that every bit is the same.
"""

import collections
import json
import sys

import safetensors.torch
import torch
import torch.utils.serialization
from torch import nn

torch.manual_seed(0)


def network():
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, bias=False), nn.BatchNorm2d(64), nn.Conv2d(64, 64, 3, groups=64), nn.Flatten(), nn.Linear(64, 9)
    )


def of_all_types():
    numbers = torch.randn(1000) * 50
    types = (
        torch.float64, torch.float32, torch.float16, torch.bfloat16,
        torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
    )  # fmt: skip
    tensors = collections.OrderedDict((str(t), numbers.to(t).reshape(10, 100)) for t in types)
    tensors["special"] = torch.tensor([float("nan"), float("inf"), -0.0, 1e-45])
    tensors["scalar"] = torch.tensor(7)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


base = torch.randn(6, 8, 10)
cases = {
    "a network": network().state_dict(),
    "element types": of_all_types(),
    "views": collections.OrderedDict(
        all=base, tied=base, part=base[2:4], turned=base.permute(2, 0, 1), stepped=base[::2, 1::3], wide=base[0, :1].expand(5, 10)
    ),
    "2500 tensors": collections.OrderedDict((f"layer{i}.weight", torch.full((2,), float(i))) for i in range(2500)),
    "100 MB": collections.OrderedDict(weight=torch.randn(5000, 5000)),
}


def same(one, other, ordered=True):
    """Equal in name, order, shape, type and bits."""
    bits = lambda t: t.contiguous().reshape(-1).view(torch.uint8) if t.numel() else t
    return (list(one) == list(other) if ordered else set(one) == set(other)) and all(
        one[k].dtype == other[k].dtype and one[k].shape == other[k].shape and torch.equal(bits(one[k]), bits(other[k]))
        for k in one
    )


def make(path, tensors):
    torch.save(tensors, f"{path}.zip")
    torch.save(tensors, f"{path}.legacy", _use_new_zipfile_serialization=False)
    # safetensors wants each tensor to lie by itself and whole
    safetensors.torch.save_file({k: t.contiguous().clone() for k, t in tensors.items()}, f"{path}.safetensors")


def check(path, tensors, is_network):
    if path.endswith(".safetensors"):
        return {"load_file": same(safetensors.torch.load_file(path), tensors, ordered=False)}
    checks = {"load": same(torch.load(path, weights_only=True), tensors)}
    checks["mmap"] = same(torch.load(path, weights_only=True, mmap=True), tensors)
    with torch.utils.serialization.config.patch({"load.calculate_storage_offsets": True}):
        checks["computed places"] = same(torch.load(path, weights_only=True, mmap=True), tensors)
    if is_network:
        fresh = network()
        fresh.load_state_dict(torch.load(path, weights_only=True), strict=True)
        checks["strict"] = same(fresh.state_dict(), tensors)
    return checks


action, folder = sys.argv[1:]
for i, (name, tensors) in enumerate(cases.items()):
    path = f"{folder}/{i}"
    if action == "make":
        make(path, tensors)
        print(json.dumps({"name": name, "path": path}))
        continue
    for format in ("zip", "legacy", "safetensors"):
        again = f"{path}.{format}.again" + (".safetensors" if format == "safetensors" else "")
        failed = [what for what, ok in check(again, tensors, name == "a network").items() if not ok]
        print(json.dumps({"name": name, "format": format, "failed": failed}))
