"""PyTorch's side of the drift: a frozen, pretrained network whose batch norm goes on training while its head does.

    python bench/ablations/torch_drift.py --images FOLDER --start FOLDER --steps 20 --out FILE

START is the folder that thaw_drift.ts has written: the head to begin with, and the images of each step. Every parameter but
the head's has requires_grad False, and model.train() does what it does. Dropout and drop connect are off, as thaw has them off
in a frozen part, or no two runs would see the same activations.
"""
import argparse, json, sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1] / "splits"))
from torch_networks import lite0
from torch_splits import check_network, read_part
from torch_training import batches, sgd, step, validate


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True, type=Path, help="the folder that export_images.ts has written")
    parser.add_argument("--start", required=True, type=Path)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    options.model, options.weights = "lite0", None
    return options


def frozen_lite0(size, head):
    """The pretrained network with this head, which alone is trained."""
    model, _, _ = lite0(size, None)
    model.requires_grad_(False)
    model._fc = nn.Linear(model._fc.in_features, len(head["bias"]))
    model._fc.load_state_dict(head)
    model._dropout.p = 0.0
    model._global_params = model._global_params._replace(drop_connect_rate=0.0)
    return model


def batch_norms(model):
    return [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]


def statistics(model):
    return [(norm.running_mean.clone(), norm.running_var.clone()) for norm in batch_norms(model)]


def drift(now, start, eps):
    """How far the means have gone from where they began, in standard deviations at the start; the mean over the channels."""
    return ((now[0] - start[0]).abs() / (start[1] + eps).sqrt()).mean().item()


def make_steps(model, images, labels, order, batch, rate, train, after_step=lambda: None):
    """train puts the network into the mode that it is to have; gives the loss of each step."""
    optimizer, losses = sgd(model, rate), []
    train()
    for x, y in batches(images, labels, batch, order):
        losses.append(step(model, optimizer, x, y))
        after_step()
    return losses


def main():
    options = arguments()
    about = json.loads((options.images / "meta.json").read_text())
    options.size = about["train"]["shape"][1]
    train, validation = (read_part(options.images, name, about[name]) for name in ("train", "validation"))
    train, validation = [(images.contiguous(), labels) for images, labels in (train, validation)]
    difference = check_network(options, about, validation[0])

    batch, rate = 32, 0.01
    order = torch.from_numpy(np.fromfile(options.start / "order.i32", "<i4")).long()[: options.steps * batch]
    head = torch.load(options.start / "head.pth", weights_only=True)
    judge = lambda: dict(zip(("loss", "accuracy"), validate(model, *validation, batch)))

    model = frozen_lite0(options.size, head)
    judged = {"before": judge()}
    kept_losses = make_steps(model, *train, order, batch, rate, model.eval)  # nothing but batch norm minds the mode
    judged["kept"] = judge()

    model = frozen_lite0(options.size, head)
    first = statistics(model)
    drifts = []
    after_step = lambda: drifts.append(
        [drift(now, start, norm.eps) for now, start, norm in zip(statistics(model), first, batch_norms(model))]
    )
    losses = make_steps(model, *train, order, batch, rate, model.train, after_step)
    judged["moved"] = judge()
    model._fc.load_state_dict(head)
    judged["movedUnderFirstHead"] = judge()

    names = [name for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)]
    layers = [
        {"name": name, "drift": list(drift), "mean": mean.tolist(), "variance": variance.tolist()}
        for name, drift, (mean, variance) in zip(names, zip(*drifts), statistics(model))
    ]
    results = {"steps": len(losses), "batchSize": batch, "learningRate": rate, "differenceToThaw": difference}
    results |= {"validation": judged, "losses": losses, "keptLosses": kept_losses, "layers": layers}
    options.out.write_text(json.dumps(results) + "\n")
    print(judged)


if __name__ == "__main__":
    main()
