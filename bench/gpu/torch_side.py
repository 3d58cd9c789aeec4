"""PyTorch's side: python bench/gpu/torch_side.py CASE DEVICE, where CASE is one of cases.ts as JSON, does what it is asked on
stdin, one word a line, and answers each with a line; see answer.ts. thaw/speed.ts does the same work.

Eager and channels last. float32 has TF32 off for products and for convolutions alike; bfloat16 is autocast's.
"""
import contextlib, json, os, pathlib, sys, time

import torch

asked, device = json.loads(sys.argv[1]), sys.argv[2]
WARM_UP, MOST = 3, 50


def synchronize():
    if device == "cuda":
        torch.cuda.synchronize()


def facts():
    found = {"version": torch.__version__, "threads": torch.get_num_threads()}
    if device != "cuda":
        return found
    if not torch.cuda.is_available():
        raise RuntimeError(f"torch {torch.__version__} finds no card")
    return found | {"cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version(), "card": torch.cuda.get_device_name()}


def network(name):
    if name == "efficientnet_lite0":
        from efficientnet_lite_pytorch import EfficientNet
        from torch_networks import fold_padding

        model = EfficientNet.from_name("efficientnet-lite0", image_size=asked["size"])
        fold_padding(model)
        return model
    from torchvision_models import models

    return getattr(models, name)()


def passes():
    tf32 = asked["precision"] == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = True
    half = asked["precision"] == "bfloat16"
    cast = (lambda: torch.autocast(device, torch.bfloat16)) if half else contextlib.nullcontext
    model = network(asked["network"]).to(device, memory_format=torch.channels_last)
    x = torch.randn(asked["batch"], 3, asked["size"], asked["size"], device=device)
    x, y = x.to(memory_format=torch.channels_last), torch.arange(asked["batch"], device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def forward():
        model.eval()
        with torch.inference_mode(), cast():
            return model(x).sum()

    def step():
        model.train()
        optimizer.zero_grad()
        with cast():
            loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return {"forward": forward, "step": step}


def measure(run, count):
    """One pass alone, then several in a row, which wait for the device once, at their end."""
    synchronize()
    start = time.perf_counter()
    run()
    dispatched = time.perf_counter()
    synchronize()
    alone = time.perf_counter()
    for _ in range(count):
        run()
    synchronize()
    end = time.perf_counter()
    return {"seconds": (end - alone) / count, "latency": alone - start, "dispatch": dispatched - start, "passes": count}


ready, in_row = {}, {}


def prepare():
    ready.update(passes())
    for name, run in ready.items():
        for _ in range(WARM_UP):
            run()
        in_row[name] = min(MOST, max(1, round(asked["seconds"] / measure(run, 1)["latency"])))
    if device != "cuda":
        return {}
    return {"memoryBytes": torch.cuda.max_memory_reserved(), "allocatedBytes": torch.cuda.max_memory_allocated()}


ANSWERS = {
    "run": facts,
    "prepare": prepare,
    "forward": lambda: measure(ready["forward"], in_row["forward"]),
    "step": lambda: measure(ready["step"], in_row["step"]),
}

if __name__ == "__main__":
    bench = pathlib.Path(__file__).resolve().parent.parent
    sys.path += [str(bench), str(bench / "splits")]
    if "THAW_BENCH_PACK" in os.environ:
        sys.path.append(str(pathlib.Path(os.environ["THAW_BENCH_PACK"]) / "python"))  # for what torch's Python does not have
    for question in sys.stdin:
        try:
            answer = {"value": ANSWERS[question.strip()]()}
        except Exception as error:
            answer = {"problem": f"{type(error).__name__}: {error}"}
        print("=> " + json.dumps(answer), flush=True)
