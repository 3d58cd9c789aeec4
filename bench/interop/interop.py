"""Checks thaw's files against PyTorch itself, both ways, bit for bit.

python bench/interop/interop.py [DENO ...]        (PyTorch 2.x; DENO is the command, "deno" unless given)

Saves state dicts in both of torch's formats, lets thaw load and save them, and loads what it has saved with
torch.load(weights_only=True), plainly and memory-mapped, and into a module with load_state_dict(strict=True).
"""

import collections
import pathlib
import subprocess
import sys
import tempfile

import torch
import torch.utils.serialization
from torch import nn

deno = sys.argv[1:] or ["deno"]
root = pathlib.Path(__file__).resolve().parents[2]
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
    "network": network().state_dict(),
    "types": of_all_types(),
    "views": collections.OrderedDict(
        all=base, tied=base, part=base[2:4], turned=base.permute(2, 0, 1), stepped=base[::2, 1::3], wide=base[0, :1].expand(5, 10)
    ),
    "many": collections.OrderedDict((f"layer{i}.weight", torch.full((2,), float(i))) for i in range(2500)),
    "large": collections.OrderedDict(weight=torch.randn(5000, 5000)),
}


def same(one, other):
    """Equal in name, order, shape, type and bits."""
    bits = lambda t: t.contiguous().reshape(-1).view(torch.uint8) if t.numel() else t
    return list(one) == list(other) and all(
        one[k].dtype == other[k].dtype and one[k].shape == other[k].shape and torch.equal(bits(one[k]), bits(other[k]))
        for k in one
    )


failed = 0
with tempfile.TemporaryDirectory() as folder:
    pairs = []
    for name, tensors in cases.items():
        for kind, zipped in (("zip", True), ("legacy", False)):
            path = f"{folder}/{name}.{kind}.pth"
            torch.save(tensors, path, _use_new_zipfile_serialization=zipped)
            pairs += [path, f"{path}.thaw.pth"]
    subprocess.run([*deno, "run", "-A", "--config", str(root / "deno.json"), str(root / "bench/interop/copy.ts"), *pairs], check=True)
    for name, tensors in cases.items():
        for kind in ("zip", "legacy"):
            path = f"{folder}/{name}.{kind}.pth.thaw.pth"
            checks = {"load": same(torch.load(path, weights_only=True), tensors)}
            checks["mmap"] = same(torch.load(path, weights_only=True, mmap=True), tensors)
            with torch.utils.serialization.config.patch({"load.calculate_storage_offsets": True}):
                checks["computed places"] = same(torch.load(path, weights_only=True, mmap=True), tensors)
            if name == "network":
                fresh = network()
                fresh.load_state_dict(torch.load(path, weights_only=True), strict=True)
                checks["strict"] = same(fresh.state_dict(), tensors)
            failed += sum(not ok for ok in checks.values())
            print(f"{name:8} {kind:7}", ", ".join(f"{what}: {'same' if ok else 'DIFFERENT'}" for what, ok in checks.items()))
sys.exit(failed > 0)
