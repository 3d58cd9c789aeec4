#!/usr/bin/env python3
"""Reference figures for what training may do besides plain steps, from PyTorch, computed in float64:

    python make_training_features_golden.py training_features.json && gzip -9n training_features.json

Schedules: the rate before each step. Clipping: gradients afterwards and their norm. Losses: cross entropy with label
smoothing and class weights, and its gradient. Optimizers: parameters after each of 20 steps.
"""
import argparse, json
import numpy as np
import torch
from torch.optim import lr_scheduler as lrs
from make_golden import uniform

STEPS, WARMUP = 40, 8
PLATEAU = [1.0, 0.8, 0.79995, 0.8, 0.81, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.6, 0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66]


def between(name, shape, low, high):
    return torch.from_numpy(np.float32(low + (high - low) * uniform(name, int(np.prod(shape)))).astype(np.float64).reshape(shape))


def sgd(rate=0.1):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate, momentum=0.9)


def momenta(make, steps=STEPS - 1):
    optimizer = sgd()
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        scheduler.step()
    return found


def rates(make, steps=STEPS):
    optimizer = sgd()
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def warm(make):
    return lambda o: lrs.SequentialLR(o, [lrs.LinearLR(o, start_factor=0.25, total_iters=WARMUP), make(o)], [WARMUP])


def plateau(**options):
    optimizer = sgd()
    scheduler = lrs.ReduceLROnPlateau(optimizer, **options)
    found = []
    for loss in PLATEAU:
        scheduler.step(loss)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def schedules():
    step = lambda o: lrs.StepLR(o, 7, gamma=0.5)
    cosine = lambda o: lrs.CosineAnnealingLR(o, STEPS)
    return [
        {"schedule": "stepDecay", "options": {"every": 7, "factor": 0.5}, "rates": rates(step)},
        {"schedule": "stepDecay", "options": {"every": 7, "factor": 0.5, "warmup": WARMUP, "warmupFrom": 0.25}, "rates": rates(warm(step))},
        {"schedule": "cosine", "options": {}, "rates": rates(cosine)},
        {"schedule": "cosine", "options": {"floor": 0.05}, "rates": rates(lambda o: lrs.CosineAnnealingLR(o, STEPS, eta_min=0.005))},
        {"schedule": "cosine", "options": {"warmup": WARMUP, "warmupFrom": 0.25},
         "rates": rates(warm(lambda o: lrs.CosineAnnealingLR(o, STEPS - WARMUP)))},
        {"schedule": "constant", "options": {"warmup": WARMUP, "warmupFrom": 0.25},
         "rates": rates(lambda o: lrs.LinearLR(o, start_factor=0.25, total_iters=WARMUP))},
        {"schedule": "oneCycle", "options": {}, "rates": rates(lambda o: lrs.OneCycleLR(o, 0.1, total_steps=STEPS), STEPS - 1) },
        {"schedule": "oneCycle", "options": {"rise": 0.25, "from": 0.1, "to": 0.01, "anneal": "linear"},
         "rates": rates(lambda o: lrs.OneCycleLR(o, 0.1, total_steps=STEPS, pct_start=0.25, div_factor=10, final_div_factor=100, anneal_strategy="linear"), STEPS - 1)},
    ]


def plateaus():
    return [
        {"options": {"patience": 1}, "rates": plateau(patience=1)},
        {"options": {"factor": 0.5, "patience": 2, "cooldown": 2, "floor": 0.3}, "rates": plateau(factor=0.5, patience=2, cooldown=2, min_lr=0.03)},
        {"options": {"factor": 0.5, "patience": 0, "threshold": 0.1}, "rates": plateau(factor=0.5, patience=0, threshold=0.1)},
    ]


SHAPES = [[4, 3], [5], [2, 2, 2]]


def clips():
    found = []
    for kind, limit in [("norm", 1.5), ("norm", 100.0), ("value", 0.4)]:
        parameters = [torch.nn.Parameter(torch.zeros(s, dtype=torch.float64)) for s in SHAPES]
        for i, p in enumerate(parameters):
            p.grad = between(f"clip.{i}", SHAPES[i], -1, 1)
        norm = None
        if kind == "norm":
            norm = torch.nn.utils.clip_grad_norm_(parameters, limit).item()
        else:
            torch.nn.utils.clip_grad_value_(parameters, limit)
        found.append({"kind": kind, "limit": limit, "norm": norm, "gradients": [p.grad.flatten().tolist() for p in parameters]})
    return found


LABELS, WEIGHTS = [0, 3, 1, 1, 2, 3], [0.5, 2.0, 1.0, 0.25]


def losses():
    found = []
    for options in [{}, {"labelSmoothing": 0.1}, {"weight": WEIGHTS}, {"labelSmoothing": 0.2, "weight": WEIGHTS}]:
        logits = between("logits", [6, 4], -4, 4).requires_grad_()
        weight = torch.tensor(options["weight"], dtype=torch.float64) if "weight" in options else None
        loss = torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=options.get("labelSmoothing", 0.0))(logits, torch.tensor(LABELS))
        loss.backward()
        found.append({"options": options, "loss": loss.item(), "gradient": logits.grad.flatten().tolist()})
    return found


OPTIMIZERS = [
    ("SGD", {"learningRate": 0.05}, dict(lr=0.05)),
    ("SGD", {"learningRate": 0.05, "momentum": 0.9, "weightDecay": 0.01}, dict(lr=0.05, momentum=0.9, weight_decay=0.01)),
    ("SGD", {"learningRate": 0.05, "momentum": 0.9, "nesterov": True}, dict(lr=0.05, momentum=0.9, nesterov=True)),
    ("Adam", {"learningRate": 0.02}, dict(lr=0.02)),
    ("Adam", {"learningRate": 0.02, "weightDecay": 0.05}, dict(lr=0.02, weight_decay=0.05)),
    ("AdamW", {"learningRate": 0.02, "weightDecay": 0.1}, dict(lr=0.02, weight_decay=0.1)),
]


def optimizers():
    found = []
    for type, options, given in OPTIMIZERS:
        parameters = [torch.nn.Parameter(between(f"start.{i}", s, -1, 1)) for i, s in enumerate(SHAPES)]
        optimizer = getattr(torch.optim, type)(parameters, **given)
        after = []
        for step in range(20):
            for i, p in enumerate(parameters):
                p.grad = between(f"step{step}.{i}", SHAPES[i], -1, 1)
            optimizer.step()
            after.append([p.detach().flatten().tolist() for p in parameters])
        found.append({"type": type, "options": options, "after": after})
    return found


def main():
    parser = argparse.ArgumentParser(); parser.add_argument("out"); out = parser.parse_args().out
    figures = {"torch": torch.__version__, "rate": 0.1, "steps": STEPS, "schedules": schedules(), "plateauLosses": PLATEAU, "plateaus": plateaus(),
               "momentum": momenta(lambda o: lrs.OneCycleLR(o, 0.1, total_steps=STEPS, base_momentum=0.8, max_momentum=0.95)),
               "shapes": SHAPES, "clips": clips(), "labels": LABELS, "losses": losses(), "optimizers": optimizers()}
    rounded = json.loads(json.dumps(figures), parse_float=lambda text: float(f"{float(text):.10g}"))
    json.dump(rounded, open(out, "w"), separators=(",", ":"))


if __name__ == "__main__":
    main()
