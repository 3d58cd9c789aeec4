"""PyTorch's side of interop.ts: takes requests, a line of JSON each, and answers likewise.

`{"do": "write", …}` makes a network, saves it in every way and says what it is; `{"do": "read", …}` loads what thaw has
saved of the same network and says what it has found. What is said of a network is report.ts's `Report`.
"""
import collections
import hashlib
import json
import sys
import traceback

import numpy as np
import safetensors.torch
import torch

# torchvision's compiled ops may be missing beside a CPU build of torch; classifiers do not need them.
_ops = torch.library.Library("torchvision", "DEF")
for _op in ("nms", "qnms"):
    try:
        _ops.define(_op + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
import torchvision


def fingerprints(state):
    def one(name, tensor):
        numbers = tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy() if tensor.numel() else b""
        dtype = str(tensor.dtype).removeprefix("torch.")
        return [name, dtype, list(tensor.shape), hashlib.sha256(numbers).hexdigest()]

    return [one(name, tensor) for name, tensor in state.items()]


def report(model, request):
    with torch.inference_mode():
        logits = model(pictures_of(request))
    return {
        "state": fingerprints(model.state_dict()),
        "text": str(model),
        "logits": logits.tolist(),
        "requiresGrad": {name: p.requires_grad for name, p in model.named_parameters()},
        "training": {name: m.training for name, m in model.named_modules(remove_duplicate=False)},
    }


def network(request):
    return torchvision.models.get_model(request["name"], num_classes=request["classes"], **request["options"])


def pictures_of(request):
    size = request["size"]
    return torch.from_numpy(np.fromfile(f"{request['folder']}/pictures.bin", np.float32).reshape(-1, 3, size, size))


@torch.no_grad()
def enliven(model, size):
    """First values, so that logits tell pictures apart: nothing is 0 or 1 throughout, and batch norm knows what it will get."""
    for parameter in model.parameters():
        if parameter.min() == parameter.max():
            parameter.add_(torch.empty_like(parameter).uniform_(-0.1, 0.1))
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    model.eval()
    for norm in norms:
        norm.train()
        momentum, norm.momentum = norm.momentum, 1.0
        norm.kept_momentum = momentum
    if norms:  # of many values, or some would hardly differ and be made large, rounding and all
        model(torch.randn(16, 3, 128, 128) if size <= 128 else torch.randn(4, 3, size, size))
    for norm in norms:
        norm.momentum = norm.__dict__.pop("kept_momentum")
        norm.num_batches_tracked.fill_(7)
        norm.running_var.mul_(1.3)  # of a random network's layers each makes differences larger: those of rounding, too


def write(request):
    torch.manual_seed(0)
    model, folder = network(request), request["folder"]
    enliven(model, request["size"])
    parameters = list(model.parameters())
    for parameter in parameters[: len(parameters) // 2]:
        parameter.requires_grad_(False)
    model.eval()
    list(model.modules())[-1].train()  # a linear layer or a pooling: its output is the same
    state = model.state_dict()
    torch.save(state, f"{folder}/theirs.zip")
    torch.save(state, f"{folder}/theirs.legacy", _use_new_zipfile_serialization=False)
    safetensors.torch.save_file(state, f"{folder}/theirs.safetensors", metadata={"format": "pt", "made by": "torch"})
    torch.save(model, f"{folder}/theirs.whole")
    return report(model, request)


def read(request):
    folder = request["folder"]

    def state_dict(path, load):
        state = load(path)
        model = network(request).eval()
        if not hasattr(state, "_metadata"):  # safetensors keep no versions, without which MNASNet loads nothing
            state = collections.OrderedDict(state)
            state._metadata = model.state_dict()._metadata
        model.load_state_dict(state, strict=True)
        return {**report(model, request), "read": fingerprints(state)}

    def whole():
        model = torch.load(f"{folder}/ours.whole", weights_only=False)
        torch.save(model, f"{folder}/again.whole")
        return {**report(model, request), "expectedText": str(network(request))}

    def attempt(work):
        try:
            return work()
        except Exception as error:
            return {"failed": f"{type(error).__name__}: {str(error)[:300]}"}

    return {
        "zip": attempt(lambda: state_dict(f"{folder}/ours.zip", lambda p: torch.load(p, weights_only=True))),
        "mmap": attempt(lambda: state_dict(f"{folder}/ours.zip", lambda p: torch.load(p, weights_only=True, mmap=True))),
        "safetensors": attempt(lambda: state_dict(f"{folder}/ours.safetensors", safetensors.torch.load_file)),
        "whole": attempt(whole),
    }


for line in sys.stdin:
    try:
        request = json.loads(line)
        if request["do"] == "versions":
            answer = {"torch": torch.__version__, "torchvision": torchvision.__version__, "safetensors": safetensors.__version__}
        else:
            answer = {"write": write, "read": read}[request["do"]](request)
    except Exception:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer), flush=True)
