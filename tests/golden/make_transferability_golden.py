#!/usr/bin/env python3
"""How good features are for labels, without the shortcuts that lib/study takes, in float64:

    python make_transferability_golden.py transferability.json

with numpy, scipy and scikit-learn beside what make_golden.py needs. Features and logits are made from names, as there.

LogME: the evidence itself is maximised. For a class's indicator y, p(y | alpha, beta) is the density of N(0, F F^T / alpha +
I / beta): its N x N matrix is built and factored, and Nelder-Mead looks for log alpha and log beta from many starts. There is
no singular value and no fixed point in it. LEEP: sums over samples and classes, one by one. Linear probe: scikit-learn's
LogisticRegression behind its StandardScaler. Rank correlations: scipy's.
"""
import json, math, sys
import numpy as np
import scipy, sklearn
from scipy import linalg, optimize, special, stats
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from make_golden import uniform

# repeat: column j is column j mod repeat; signal: what is added where the label is the column's, mod classes
CASES = [
    {"name": "tall", "rows": 60, "columns": 5, "classes": 3, "signal": 0.8, "offset": 0.3},
    {"name": "strong", "rows": 90, "columns": 24, "classes": 4, "signal": 1.5, "offset": 1.0},
    {"name": "useless", "rows": 50, "columns": 4, "classes": 2, "signal": 0.0, "offset": 0.5},
    {"name": "wide", "rows": 40, "columns": 100, "classes": 3, "signal": 0.5, "offset": 0.0},
    {"name": "repeated", "rows": 70, "columns": 30, "classes": 3, "signal": 0.7, "offset": 0.2, "repeat": 9},
    {"name": "scaled", "rows": 60, "columns": 8, "classes": 3, "signal": 0.8, "offset": 0.3, "scale": 1000.0},
    {"name": "tiny", "rows": 60, "columns": 8, "classes": 3, "signal": 0.8, "offset": 0.3, "scale": 1e-4},
]


def labels_of(name, rows, classes):
    """The smaller numbers are the more frequent ones; every class has a sample."""
    drawn = np.floor(classes * uniform(f"{name}.labels", rows) ** 1.5).astype(int)
    drawn[:classes] = np.arange(classes)
    return drawn


def features_of(case, part=""):
    name, rows, columns = case["name"] + part, case["rows"], case["columns"]
    labels = labels_of(name, rows, case["classes"])
    u = uniform(f"{name}.features", rows * columns).reshape(rows, columns)
    at = np.arange(columns) % case.get("repeat", columns)
    own = labels[:, None] == at[None, :] % case["classes"]
    return np.float32(case.get("scale", 1.0) * (2 * u[:, at] - 1 + case["offset"] + case["signal"] * own)), labels


def log_density(logs, gram, y):
    """log N(y; 0, F F^T / alpha + I / beta)."""
    with np.errstate(over="ignore"):
        alpha, beta = np.exp(logs)
    covariance = gram / alpha + np.eye(len(y)) / beta
    if not np.isfinite(covariance).all():
        return -np.inf
    try:
        factor = linalg.cho_factor(covariance, lower=True)
    except linalg.LinAlgError:
        return -np.inf
    determinant = 2 * np.log(np.diag(factor[0])).sum()
    return -0.5 * (determinant + y @ linalg.cho_solve(factor, y) + len(y) * math.log(2 * math.pi))


def log_me(features, labels):
    f = features.astype(np.float64)
    gram = f @ f.T
    size = math.log(np.trace(gram) / len(f))
    found = []
    for label in np.unique(labels):
        y = (labels == label).astype(np.float64)
        best = -np.inf
        for ratio in (-12, -8, -4, -1, 1, 4, 8):  # log t = log alpha / beta, as a share of the features' size
            for beta in (0, 2, 5):
                start = [beta + size + ratio, beta]
                options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
                result = optimize.minimize(lambda logs: -log_density(logs, gram, y), start, method="Nelder-Mead", options=options)
                best = max(best, -result.fun)
        found.append(best / len(y))
    return found


def leep(logits, labels):
    probabilities = special.softmax(logits.astype(np.float64), axis=1)
    rows, old = probabilities.shape
    share = np.zeros((labels.max() + 1, old))
    for z in range(old):
        for y in range(len(share)):
            share[y, z] = sum(probabilities[i, z] for i in range(rows) if labels[i] == y) / sum(probabilities[:, z])
    return sum(math.log(sum(share[labels[i], z] * probabilities[i, z] for z in range(old))) for i in range(rows)) / rows


def probe(case, l2):
    (train, labels), (validation, expected) = features_of(case), features_of(case, ".validation")
    scaler = StandardScaler().fit(train.astype(np.float64))
    x, v = scaler.transform(train.astype(np.float64)), scaler.transform(validation.astype(np.float64))
    model = LogisticRegression(C=1 / (l2 * len(x)), tol=1e-12, max_iter=100000).fit(x, labels)
    chosen = model.predict_proba(x)[np.arange(len(x)), labels]
    weights = model.coef_ if case["classes"] > 2 else np.concatenate([-model.coef_, model.coef_]) / 2
    return {"l2": l2, "loss": -np.log(chosen).mean() + l2 / 2 * (weights**2).sum(),
            "accuracy": model.score(v, expected), "trainAccuracy": model.score(x, labels)}


def ranks():
    lists = [[0.1, 0.2, 0.4, 0.3, 0.9], [1, 1, 2, 2, 3], [5, 4, 3, 2, 1], [0.71, 0.77, 0.75, 0.75, 0.56]]
    return [{"a": a, "b": b, "spearman": stats.spearmanr(a, b)[0], "kendall": stats.kendalltau(a, b)[0]}
            for i, a in enumerate(lists) for b in lists[i:]]


def main():
    cases = []
    for case in CASES:
        features, labels = features_of(case)
        evidences = log_me(features, labels)
        found = {**case, "evidences": evidences, "logME": sum(evidences) / len(evidences), "leep": leep(features, labels),
                 "probes": [probe(case, l2) for l2 in (0.01, 0.3)] if case["classes"] > 2 else []}
        cases.append(found)
        print(case["name"], found["logME"], found["leep"], found["probes"], file=sys.stderr, flush=True)
    versions = {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__}
    with open(sys.argv[1], "w") as file:
        json.dump({**versions, "cases": cases, "ranks": ranks()}, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
