#!/usr/bin/env python3
"""Training references from PyTorch for networks with auxiliary heads: what four SGD steps do to them.

    python make_auxiliary_golden.py auxiliary.json.gz [--salt thaw]

As make_training_golden.py, but for three things: the loss is the cross entropy of the logits plus that of each of a case's
heads by its weight (googlenet's paper says 0.3, inception_v3 is trained with 0.4); sizes and batches are the case's own
(inception_v3's auxiliary head takes no pictures below 299 pixels); and the learning rate is 0.001, since larger steps of
these networks are chaotic.

In a 'frozen' case a head that comes off something frozen is frozen too, and its loss is left out.
"""
import argparse, gzip, json
import torch
from make_golden import values, image, models

INCEPTION = ["Mixed_6e", "AuxLogits", "Mixed_7a", "Mixed_7b", "Mixed_7c", "fc"]
GOOGLENET = ["inception4b", "inception4c", "inception4d", "aux2", "inception4e", "inception5a", "inception5b", "fc"]
CASES = [
    dict(model="googlenet", train=None, heads={"aux1": 0.3, "aux2": 0.3}, size=64, batch=8),
    dict(model="googlenet", train=GOOGLENET, heads={"aux2": 0.3}, size=64, batch=8),
    dict(model="inception_v3", train=INCEPTION, heads={"AuxLogits": 0.4}, size=299, batch=4),
]
OUTPUTS = {"aux1": "aux_logits1", "aux2": "aux_logits2", "AuxLogits": "aux_logits"}


def run(case, salt, dtype):
    train = case["train"]
    model = models.get_model(case["model"], weights=None, num_classes=9, init_weights=False)
    for k, t in model.state_dict().items():
        if t.dtype.is_floating_point:
            t.copy_(torch.from_numpy(values(salt, k, tuple(t.shape), 1.0, 1.0)))
    model = model.to(dtype)
    for m in model.modules():
        if type(m).__name__ == "Dropout":
            m.p = 0.0
    model.train()
    inside = lambda n: train is None or any(n == t or n.startswith(t + ".") for t in train)
    for n, q in model.named_parameters():
        q.requires_grad_(inside(n))
    for n, m in model.named_modules():
        if n and not inside(n):
            m.training = False
    opt = torch.optim.SGD([q for q in model.parameters() if q.requires_grad], lr=0.001, momentum=0.9, weight_decay=1e-4)
    x, y = image(salt, case["batch"], case["size"]).to(dtype), torch.tensor([(7 * i) % 9 for i in range(case["batch"])])
    losses, grads = [], {}
    for step in range(4):
        opt.zero_grad()
        outputs = model(x)
        loss = torch.nn.functional.cross_entropy(outputs.logits, y)
        for head, weight in case["heads"].items():
            loss = loss + weight * torch.nn.functional.cross_entropy(getattr(outputs, OUTPUTS[head]), y)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            grads = {n: q.grad.double().norm().item() for n, q in model.named_parameters() if q.grad is not None}
        opt.step()
    after = {k: t.double().norm().item() for k, t in model.state_dict().items()}
    model.eval()
    with torch.no_grad():
        return losses, grads, after, model(x).double().tolist()


def main():
    p = argparse.ArgumentParser(); p.add_argument("out"); p.add_argument("--salt", default="thaw"); a = p.parse_args()
    near = lambda v, w, floor=0.0: abs(v - w) <= 2e-3 * max(abs(v), floor)
    cases = []
    for case in CASES:
        (l64, g64, s64, y64), (l32, g32, s32, y32) = (run(case, a.salt, t) for t in (torch.float64, torch.float32))
        steady = 0
        while steady < 4 and near(l64[steady], l32[steady]):
            steady += 1
        top = max(g64.values())
        row = {**case, "loss": l64[:steady], "grad_l2": {k: v for k, v in g64.items() if v > 1e-6 * top and near(v, g32[k])}}
        if steady == 4 and all(near(s64[k], s32[k], 1e-3) for k in s64):
            row["state_l2"] = s64
            big = max(abs(v) for r in y64 for v in r)
            if all(abs(v - w) <= 2e-3 * big for r, q in zip(y64, y32) for v, w in zip(r, q)):
                row["logits"] = y64
        cases.append(row)
        print(case["model"], case["train"], "loss", l64, l32, "gradients", len(row["grad_l2"]), "of", len(g64), "state", "state_l2" in row, "logits", "logits" in row, flush=True)
    text = json.dumps({"torch": torch.__version__, "salt": a.salt, "cases": cases}, separators=(",", ":"))
    with gzip.GzipFile(a.out, "wb", mtime=0) as out:
        out.write(text.encode())


if __name__ == "__main__":
    main()
