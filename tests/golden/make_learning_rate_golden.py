#!/usr/bin/env python3
"""Reference figures for the learning rate finder:

    python make_learning_rate_golden.py learning_rate.json && gzip -9n learning_rate.json

Range tests: the losses of a plain PyTorch loop over a tiny network while the rate grows, until the smoothed loss is above
four times its lowest. Computed in float64; a step is written as long as float32 comes to the same loss within 1e-5 of it,
since what diverges is no reference; `made` is how many steps both made. Weights and pictures come from make_golden.py; batches are in the samples' order.

Suggestions: the positions that fastai's two rules (`valley` and `steep` in fastai/callback/schedule.py, 2.7) choose on
curves made here, by an implementation of its own in numpy.
"""
import argparse, json, math
import numpy as np
import torch
from make_golden import image, uniform, values

SALT, SAMPLES, SIZE, CLASSES, BATCH = "range", 40, 6, 3, 8
CASES = [
    {"optimizer": "sgd", "from": 1e-3, "to": 1e5, "steps": 40, "weightDecay": 0.0},
    {"optimizer": "sgd", "from": 1e-5, "to": 1, "steps": 43, "weightDecay": 0.01},
    {"optimizer": "adam", "from": 1e-5, "to": 1, "steps": 50, "weightDecay": 0.0},
]


def network(dtype):
    nn = torch.nn
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
                        nn.Flatten(), nn.Linear(16, CLASSES))
    for name, entry in net.state_dict().items():
        if entry.dtype.is_floating_point:
            entry.copy_(torch.from_numpy(values(SALT, name, tuple(entry.shape), 1.0, 1.0)))
    return net.to(dtype).train()


def make_optimizer(case, net):
    if case["optimizer"] == "sgd":
        return torch.optim.SGD(net.parameters(), lr=1, momentum=0.9, weight_decay=case["weightDecay"])
    return torch.optim.Adam(net.parameters(), lr=1, weight_decay=case["weightDecay"])


def range_test(case, dtype):
    net = network(dtype)
    optimizer = make_optimizer(case, net)
    pictures = image(SALT, SAMPLES, SIZE).to(dtype)
    labels = torch.arange(SAMPLES) % CLASSES
    pictures[torch.arange(SAMPLES), labels] += 1  # each class has its channel, so there is something to learn
    rates, losses, smoothed, average = [], [], [], 0.0
    for step in range(case["steps"]):
        rate = case["from"] * (case["to"] / case["from"]) ** (step / (case["steps"] - 1))
        for group in optimizer.param_groups:
            group["lr"] = rate
        first = step * BATCH % SAMPLES
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(pictures[first:first + BATCH]), labels[first:first + BATCH])
        loss.backward()
        optimizer.step()
        rates.append(rate)
        losses.append(loss.item())
        average = 0.98 * average + 0.02 * loss.item()
        smoothed.append(average / (1 - 0.98 ** (step + 1)))
        if smoothed[-1] > 4 * min(smoothed):
            break
    return rates, losses, smoothed


def range_tests():
    found = []
    for case in CASES:
        (rates, exact, smoothed), (_, rough, _) = range_test(case, torch.float64), range_test(case, torch.float32)
        steady = 0
        while steady < min(len(exact), len(rough)) and abs(exact[steady] - rough[steady]) <= 1e-5 * exact[steady]:
            steady += 1
        print(case, "steps made", len(exact), "and", len(rough), "steady", steady)
        assert len(exact) == len(rough)
        judged = slice(case["steps"] // 10, -5)  # fastai looks at no others
        chosen = {"valley": rates[judged][valley(np.array(smoothed[judged]))], "steep": rates[judged][steep(rates[judged], smoothed[judged])]}
        found.append({**case, "made": len(exact), "rates": rates[:steady], "losses": exact[:steady], "smoothed": smoothed[:steady], **chosen})
    return found


def longest_fall(losses):
    """(length, end) of the longest strictly decreasing subsequence, the earliest end of equal ones."""
    length = np.zeros(len(losses), int)
    for i in range(len(losses)):
        above = length[:i][losses[:i] > losses[i]]
        length[i] = 1 + (above.max() if above.size else 0)
    return int(length.max()), int(np.argmax(length))


def valley(losses):
    length, end = longest_fall(losses)
    if length == 1:
        return 0
    third = length / 3
    return end - length + math.trunc(third) + math.trunc(third / 2)


def steep(rates, losses):
    return int(np.argmin(np.diff(losses) / np.diff(np.log(rates))))


def curves():
    count = 85
    x = np.linspace(0, 1, count)
    noise = lambda name, size: size * (2 * uniform(f"curve/{name}", count) - 1)
    fall = 2.2 / (1 + np.exp(14 * (x - 0.55)))
    return {
        "fall and rise": 0.3 + fall + 6 * np.maximum(0, x - 0.85) ** 2,
        "noisy fall and rise": 0.3 + fall + 9 * np.maximum(0, x - 0.8) ** 2 + noise("a", 0.08),
        "two falls": 1 + np.cos(9 * x) + 0.6 * x + noise("b", 0.03),
        "fall alone": 2 - 1.5 * x ** 1.5,
        "rise alone": 0.5 + x ** 2,
        "steps": np.floor(8 * (1 - x)) ** 1.5 + 1,
        "noise": 1 + noise("c", 0.3),
        "bump first": 1 + 0.4 * np.exp(-((x - 0.1) / 0.05) ** 2) + fall / 3 + noise("d", 0.01),
    }


def suggestions():
    rates = np.geomspace(1e-6, 1, 85)
    return [{"name": name, "rates": rates.tolist(), "losses": losses.tolist(), "valley": valley(losses), "steep": steep(rates, losses)}
            for name, losses in curves().items()]


def main():
    parser = argparse.ArgumentParser(); parser.add_argument("out"); out = parser.parse_args().out
    figures = {"torch": torch.__version__, "salt": SALT, "samples": SAMPLES, "size": SIZE, "classes": CLASSES, "batch": BATCH,
               "tests": range_tests(), "suggestions": suggestions()}
    json.dump(figures, open(out, "w"), separators=(",", ":"))


if __name__ == "__main__":
    main()
