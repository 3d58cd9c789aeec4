"""PyTorch's side: python bench/interop/loading/torch_loading.py CASE NETWORK FILE [OUT] prints one case's seconds and memory as JSON.

Cases: make (a file of random weights), load, load mmap, load assign, save. thaw_loading.ts does the same work.
"""
import json
import re
import sys
import time

import torch

# torchvision's compiled ops may be missing beside a CPU build of torch; classifiers do not need them.
_ops = torch.library.Library("torchvision", "DEF")
for _op in ("nms", "qnms"):
    try:
        _ops.define(_op + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
from torchvision import models


def status(field):
    return int(re.search(field + r":\s*(\d+) kB", open("/proc/self/status").read())[1]) * 1024


def measured(work):
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    before = status("VmRSS")
    start = time.perf_counter()
    made = work()
    seconds = time.perf_counter() - start
    peak, after = status("VmHWM"), status("VmRSS")
    del made
    return {"seconds": seconds, "peakBytes": peak - before, "keptBytes": after - before}


def load(mmap):
    model = models.get_model(network)
    model.load_state_dict(torch.load(file, weights_only=True, mmap=mmap))
    return model


def assigned():
    """Without first values, and with the file's pages as weights: they are read when they are first used."""
    with torch.device("meta"):
        model = models.get_model(network)
    model.load_state_dict(torch.load(file, weights_only=True, mmap=True), assign=True)
    return model


case, network, file, *out = sys.argv[1:]
if case == "make":
    torch.manual_seed(0)
    torch.save(models.get_model(network).state_dict(), file)
elif case == "save":
    model = load(mmap=False)
    print(json.dumps(measured(lambda: torch.save(model.state_dict(), out[0]))))
else:
    work = {"load": lambda: load(False), "load mmap": lambda: load(True), "load assign": assigned}[case]
    print(json.dumps(measured(work)))
