"""PyTorch's side of the accuracies: the small network is trained in each setting with each seed.

    python bench/ablations/torch_ablations.py --images FOLDER --out FILE --weights FOLDER

FILE (JSON) has a row for each training and is written after each of them; started again, the program goes on where it was.
It also has what PyTorch makes of the weights that thaw's first seed came to, which thaw_ablations.ts has left in a folder.
"""
import argparse, json, os, sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parents[1] / "splits"))
from small_cnn import small_cnn
from torch_splits import read_part
from torch_training import train_epoch, validate


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True, type=Path, help="the folder that export_images.ts has written")
    parser.add_argument("--weights", required=True, type=Path, help="the folder that thaw_ablations.ts has written")
    parser.add_argument("--out", required=True, type=Path)
    return parser.parse_args()


def accuracies(model, parts, batch):
    """In evaluation mode, of the training and the validation part."""
    train, validation = (validate(model, *part, batch)[1] for part in parts)
    return {"trainAccuracy": train, "validationAccuracy": validation}


def train(plan, options, seed, images, labels):
    """Trains a new network; every random number is the seed's."""
    torch.manual_seed(seed)
    model = small_cnn(**options)
    optimizer = torch.optim.Adam(model.parameters(), lr=plan["learningRate"])
    for _ in range(plan["epochs"]):
        train_epoch(model, [], optimizer, images, labels, plan["batchSize"], torch.randperm(len(labels)))
    return model


def main():
    options = arguments()
    plan = json.loads((Path(__file__).parent / "settings.json").read_text())
    about = json.loads((options.images / "meta.json").read_text())
    parts = [read_part(options.images, name, about[name]) for name in ("train", "validation")]
    parts = [(images.contiguous(), labels) for images, labels in parts]
    how = {name: value for name, value in plan.items() if name != "seeds"}  # more seeds may come later
    results = json.loads(options.out.read_text()) if options.out.exists() else {**how, "rows": []}
    if any(results[name] != value for name, value in how.items()):
        raise SystemExit(f"Cannot go on: expected {options.out} to be of settings.json as it is, found another's; remove it")

    results["thawsWeights"] = {}
    for setting in plan["settings"]:
        model = small_cnn(**setting["options"])
        model.load_state_dict(torch.load(options.weights / f"{setting['setting']}.pth", weights_only=True))
        results["thawsWeights"][setting["setting"]] = accuracies(model, parts, plan["batchSize"])

    known = {(row["setting"], row["seed"]) for row in results["rows"]}
    for seed in plan["seeds"]:
        for setting in plan["settings"]:
            if (setting["setting"], seed) in known:
                continue
            model = train(plan, setting["options"], seed, *parts[0])
            row = {"setting": setting["setting"], "seed": seed, **accuracies(model, parts, plan["batchSize"])}
            results["rows"].append(row)
            partial = options.out.with_suffix(".partial")
            partial.write_text(json.dumps(results, indent=1) + "\n")
            os.replace(partial, options.out)
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
