"""What people do in PyTorch to find the best split, for comparison with studySplits: a loop that trains each of them.

    python bench/splits/torch_splits.py --images FOLDER --model lite0 --size 128 --splits classifier,features.8 --out FILE

FOLDER is what export_images.ts has written. For each split the pretrained network is made anew with a new head, everything
below the split gets requires_grad False and its batch norm stays in evaluation mode, and SGD with momentum trains the rest:
the whole network forward in every step, nothing kept from one step to the next. The images are in memory, preprocessed,
before any clock runs, and each split runs in the memory format that is faster for it.

FILE (JSON) is written after every epoch. Started again with the same arguments, the program skips the splits that are
finished and begins the one it was killed in anew, with the same result. Times are in seconds.
"""
import argparse, json, os, time
from pathlib import Path

import numpy as np
import torch

from memory import peak_bytes, reset_peak
from torch_networks import NETWORKS, divided, pretrained
from torch_training import FORMATS, format_times, sgd, train_epoch, validate


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True, type=Path, help="the folder that export_images.ts has written")
    parser.add_argument("--model", required=True, choices=NETWORKS)
    parser.add_argument("--size", required=True, type=int, help="of the images, in pixels")
    parser.add_argument("--splits", required=True, help="stages, with commas between: the first that trains in each run")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0, help="decides head, order of the samples and dropout")
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--weights", help="a state dict; for lite0 that of its package unless given")
    parser.add_argument("--head", choices=("linear", "network"), default="linear", help="how the new head starts")
    return parser.parse_args()


def read_part(folder, name, about):
    """Images [N, 3, H, W] (channels last in memory, as the file has them) and labels."""
    images = np.fromfile(folder / f"{name}.f32", "<f4").reshape(about["shape"])
    labels = np.fromfile(folder / f"{name}.i32", "<i4")
    return torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels).long()


def check_network(options, about, images):
    """Compares the pretrained network's logits with thaw's; gives the largest difference, by the largest logit."""
    expected = torch.from_numpy(np.fromfile(options.images / "logits.f32", "<f4").reshape(about["logits"]))
    with torch.inference_mode():
        found = pretrained(options.model, options.size, options.weights).eval()(images[: len(expected)])
    difference = ((found - expected).abs().max() / expected.abs().max()).item()
    if not difference <= 1e-3:
        raise SystemExit(f"Cannot compare: expected the logits of {options.images}, found others, by {difference:.2g}")
    return difference


def run_split(options, classes, split, train, validation, record, save):
    """Trains one split and fills its record, saving after each epoch."""

    def make():
        torch.manual_seed(options.seed)
        return divided(options.model, options.size, options.weights, classes, split, options.head)

    record["stepSeconds"] = format_times(make, *train, options.batch)
    record["memoryFormat"] = min(record["stepSeconds"], key=record["stepSeconds"].get)
    memory_format = FORMATS[record["memoryFormat"]]
    train, validation = [(x.contiguous(memory_format=memory_format), y) for x, y in (train, validation)]
    reset_peak()
    start = time.perf_counter()
    model, frozen = make()
    model.to(memory_format=memory_format)
    optimizer = sgd(model, options.rate)
    record["makeSeconds"] = time.perf_counter() - start
    record["trainableParameters"] = sum(p.numel() for p in model.parameters() if p.requires_grad)
    for epoch in range(options.epochs):
        order = torch.randperm(len(train[1]), generator=torch.Generator().manual_seed(1000 * options.seed + epoch))
        start = time.perf_counter()
        loss = train_epoch(model, frozen, optimizer, *train, options.batch, order)
        trained = time.perf_counter()
        validation_loss, accuracy = validate(model, *validation, options.batch)
        record["epochs"].append({
            "trainSeconds": trained - start,
            "validationSeconds": time.perf_counter() - trained,
            "loss": loss,
            "validationLoss": validation_loss,
            "validationAccuracy": accuracy,
        })
        record["peakBytes"] = peak_bytes()
        save()
        print(f"{split} {epoch + 1}/{options.epochs}", json.dumps(record["epochs"][-1]), flush=True)
    record["done"] = True
    save()


def main():
    options = arguments()
    about = json.loads((options.images / "meta.json").read_text())
    if about["model"] != options.model or about["train"]["shape"][1] != options.size:
        found = f"{about['model']}'s of {about['train']['shape'][1]}"
        raise SystemExit(f"Cannot train: expected {options.model}'s images of {options.size} pixels, found {found}")
    start = time.perf_counter()
    train, validation = (read_part(options.images, name, about[name]) for name in ("train", "validation"))
    seconds = time.perf_counter() - start

    settings = {name: value for name, value in vars(options).items() if name not in ("images", "splits", "out")}
    settings["weights"] = options.weights and Path(options.weights).name
    settings |= {"transforms": about["transforms"], "division": about["division"], "images": len(train[1]) + len(validation[1])}
    settings |= {"torch": torch.__version__, "threads": torch.get_num_threads()}
    results = json.loads(options.out.read_text()) if options.out.exists() else {"settings": settings, "splits": []}
    if results["settings"] != settings:
        raise SystemExit(f"Cannot go on: expected {options.out} to have {settings}, found {results['settings']}")
    results["splits"] = [record for record in results["splits"] if record["done"]]
    results["data"] = {
        "readSeconds": seconds,
        "preprocessSeconds": about["train"]["seconds"] + about["validation"]["seconds"],
        "bytes": train[0].nbytes + validation[0].nbytes,
    }
    results["differenceToThaw"] = check_network(options, about, validation[0])

    def save():
        partial = options.out.with_suffix(".partial")
        partial.write_text(json.dumps(results, indent=1) + "\n")
        os.replace(partial, options.out)

    finished = {record["split"] for record in results["splits"]}
    for split in options.splits.split(","):
        if split in finished:
            continue
        record = {"split": split, "done": False, "epochs": []}
        results["splits"].append(record)
        run_split(options, len(about["classes"]), split, train, validation, record, save)


if __name__ == "__main__":
    main()
