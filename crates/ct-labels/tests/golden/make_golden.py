#!/usr/bin/env python3
"""Writes golden.json beside it: the statistics of some cases by scikit-learn, scipy and statsmodels.

Set-up:  python3 -m venv VENV && VENV/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 \
             statsmodels==0.15.0 confidenceinterval==1.0.5
Run:     VENV/bin/python crates/ct-labels/tests/golden/make_golden.py

None of the first three has DeLong's variance. It is computed here from the definition of 1988, all pairs of a
positive and a negative, and must agree with the package confidenceinterval.
"""
import json
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
from confidenceinterval.delong import delong_roc_variance
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu, norm
from sklearn.calibration import calibration_curve
from sklearn.metrics import (accuracy_score, average_precision_score, brier_score_loss, confusion_matrix, f1_score,
                             precision_score, recall_score, roc_auc_score, roc_curve)
from statsmodels.stats.proportion import proportion_confint

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
rng = np.random.default_rng(20190911)


def delong(y, p):
    x, z = p[y == 1], p[y == 0]
    psi = (x[:, None] > z) + 0.5 * (x[:, None] == z)
    if min(len(x), len(z)) < 2:
        return None
    variance = psi.mean(1).var(ddof=1) / len(x) + psi.mean(0).var(ddof=1) / len(z)
    other = float(np.asarray(delong_roc_variance(y, p)[1]))
    # Its midranks are of 32 bits.
    assert abs(variance - other) <= 1e-6 * max(variance, 1e-3), (variance, other)
    return variance


def corners(y, p):
    """The ROC curve of scikit-learn without the points inside straight parts."""
    fpr, tpr, thresholds = roc_curve(y, p, drop_intermediate=False)
    n, m = int((y == 0).sum()), int(y.sum())
    counts = [(round(a * n), round(b * m)) for a, b in zip(fpr, tpr)]
    kept = []
    for i, (a, b) in enumerate(counts):
        if len(kept) > 1:
            (a0, b0), (a1, b1) = counts[kept[-2]], counts[kept[-1]]
            if (b1 - b0) * (a - a1) == (a1 - a0) * (b - b1):
                kept.pop()
        kept.append(i)
    return [dict(threshold=None if i == 0 else thresholds[i], fpr=fpr[i], tpr=tpr[i]) for i in kept]


def wilson(n_hits, n_cases):
    low, high = proportion_confint(n_hits, n_cases, method="wilson")
    return dict(low=low, high=high)


def at(y, p, threshold):
    call = (p >= threshold).astype(int)
    tn, fp, fn, tp = (int(n) for n in confusion_matrix(y, call, labels=[0, 1]).ravel())
    ratio = lambda value, hits, n: dict(estimate=value, **wilson(hits, n)) if n else None
    return dict(
        threshold=threshold, tp=tp, fp=fp, tn=tn, fn=fn,
        sensitivity=ratio(recall_score(y, call), tp, tp + fn),
        specificity=ratio(recall_score(y, call, pos_label=0), tn, tn + fp),
        ppv=ratio(precision_score(y, call), tp, tp + fp),
        npv=ratio(precision_score(y, call, pos_label=0), tn, tn + fn),
        accuracy=ratio(accuracy_score(y, call), tp + tn, len(y)),
        f1=f1_score(y, call))


def youden(y, p):
    fpr, tpr, thresholds = roc_curve(y, p, drop_intermediate=False)
    # Exact, so that ties go to the highest threshold.
    n, m = int((y == 0).sum()), int(y.sum())
    index = [Fraction(round(b * m), m) - Fraction(round(a * n), n) for a, b in zip(fpr, tpr)]
    best = max(range(1, len(index)), key=lambda i: (index[i], -i))
    return dict(threshold=thresholds[best], index=tpr[best] - fpr[best])


def bins(y, p):
    table = []
    for k in range(10):
        inside = (p > k / 10) & (p <= (k + 1) / 10) if k else p <= 0.1
        table.append(int(inside.sum()))
    observed, mean = calibration_curve(y, p, n_bins=10, strategy="uniform")
    return dict(n=table, observed=observed.tolist(), mean=mean.tolist())


def case(name, y, p, thresholds=(0.5, 0.25)):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    auc = roc_auc_score(y, p)
    u = mannwhitneyu(p[y == 1], p[y == 0]).statistic / (y.sum() * (1 - y).sum())
    assert abs(auc - u) < 1e-12
    variance, interval = delong(y, p), None
    if variance is not None and variance > 0:
        half = norm.ppf(0.975) * np.sqrt(variance) / (auc * (1 - auc))
        interval = dict(low=expit(logit(auc) - half), high=expit(logit(auc) + half))
    return dict(
        name=name, positive=y.tolist(), probability=p.tolist(), auc=auc, variance=variance, interval=interval,
        roc=corners(y, p), youden=youden(y, p), average_precision=average_precision_score(y, p),
        brier=brier_score_loss(y, p), bins=bins(y, p), at=[at(y, p, t) for t in thresholds])


def drawn(name, n_positives, n_negatives, digits, shift=1.5):
    y = np.array([1] * n_positives + [0] * n_negatives)
    p = expit(rng.normal(size=len(y)) + shift * (y - 0.5)).round(digits)
    order = rng.permutation(len(y))
    return case(name, y[order], p[order])


cases = [
    drawn("few, no ties", 7, 12, 9),
    drawn("many ties", 60, 140, 1),
    drawn("unbalanced", 9, 700, 6),
    drawn("large", 700, 900, 3),
    drawn("worse than chance", 40, 30, 2, shift=-1.0),
    case("one positive", [0, 1, 0, 0], [0.1, 0.4, 0.35, 0.8]),
    case("separated", [0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.9]),
    case("reversed", [1, 1, 0, 0, 0], [0.1, 0.2, 0.3, 0.6, 0.9]),
    case("all equal", [0, 1, 0, 1, 1], [0.5] * 5),
    case("edges of bins", [0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1], [k / 10 for k in range(11)]),
]
proportions = [dict(n_hits=k, n_cases=n, **wilson(k, n))
               for n in (1, 2, 10, 263, 100_000) for k in sorted({0, 1, n // 3, n - 1, n})]

golden = dict(cases=cases, proportions=proportions)
(HERE / "golden.json").write_text(json.dumps(golden, indent=None, allow_nan=False) + "\n")
