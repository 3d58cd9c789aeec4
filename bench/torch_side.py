"""PyTorch's side of the comparison: python bench/torch_side.py CASE [FILE] prints the best of several times, in seconds.

Each case runs in both memory formats where that matters, and the better one counts. bench/thaw.ts does the same work.
"""
import json, sys, time

import torch

from torchvision_models import models

FORMATS = (torch.contiguous_format, torch.channels_last)


def best(runs, work):
    work()
    least = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - start)
    return least


def forward(make, shape, runs=15):
    def once(memory_format):
        model = make().eval().to(memory_format=memory_format)
        x = torch.randn(shape).to(memory_format=memory_format)
        with torch.inference_mode():
            return best(runs, lambda: model(x).sum().item())

    return min(once(f) for f in FORMATS)


def step():
    def once(memory_format):
        model = models.resnet18().to(memory_format=memory_format)
        x, y = torch.randn(8, 3, 224, 224).to(memory_format=memory_format), torch.arange(8)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

        def work():
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            loss.item()

        return best(10, work)

    return min(once(f) for f in FORMATS)


def lite0():
    from efficientnet_lite_pytorch import EfficientNet  # pip install --no-deps efficientnet_lite_pytorch==0.1.0

    return EfficientNet.from_name("efficientnet-lite0")


def ready(file):
    model = models.resnet50()
    model.load_state_dict(torch.load(file, weights_only=True))
    return model


def first_prediction(file):
    with torch.inference_mode():
        ready(file).eval()(torch.zeros(1, 3, 224, 224)).sum().item()
    return 0


CASES = {
    "make resnet50": lambda file: torch.save(models.resnet50().state_dict(), file) or 0,
    "resnet18 forward": lambda _: forward(models.resnet18, (8, 3, 224, 224)),
    "resnet18 step": lambda _: step(),
    "lite0 forward": lambda _: forward(lite0, (32, 3, 128, 128)),
    "resnet50 load": lambda file: best(7, lambda: ready(file)),
    "resnet50 first prediction": first_prediction,
}

name, file = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
network = name.removeprefix("zoo ")
seconds = forward(getattr(models, network), (8, 3, 224, 224), 3) if network != name else CASES[name](file)
print(json.dumps({"case": name, "seconds": seconds, "torch": torch.__version__}))
