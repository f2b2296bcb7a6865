"""What is measured of a trained looks network on invented products that it never saw: axes, scatters, log odds."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from walkout.sensing.vision.looks import Measure, enrol, score

Floats = NDArray[np.float64]

SIZES_PX = (24.0, 34.0, 48.0, 68.0, 96.0)
LEAST_BETWEEN = 0.1
"""Directions in which products differ by less than this share of a picture's own variance are left out."""
SHRINK = 0.02
"""Of the scatter within products toward a ball, since it comes from few pictures."""
SHOWS = 0.8
"""How often a crop shows the product at all. Chosen."""
TRUSTS = (8.0, 32.0)


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """How unit vectors become coordinates: (vector - mean) @ axes; `between` is the variance of products' places."""

    mean: Floats
    axes: Floats
    between: Floats


def axes_of(vectors: Floats, products: NDArray[np.int64]) -> Axes:
    """Axes along which pictures of one product scatter by 1 and products differ most first (linear discriminants)."""
    found, counts = np.unique(products, return_counts=True)
    means = np.stack([vectors[products == p].mean(axis=0) for p in found])
    rest = vectors - means[np.searchsorted(found, products)]
    within = rest.T @ rest / (len(vectors) - len(found))
    within += SHRINK * np.trace(within) / len(within) * np.eye(len(within))
    mean = means.mean(axis=0)
    spread = (means - mean).T @ (means - mean) / (len(found) - 1) - within / counts.mean()
    values, columns = eigh(spread, within)
    kept = np.argsort(values)[::-1]
    kept = kept[values[kept] > LEAST_BETWEEN]
    return Axes(mean, columns[:, kept], values[kept])


def scatters(coordinates: Floats, products: NDArray[np.int64], across: Floats) -> tuple[Floats, Floats]:
    """Sizes (pixels, rising) and the variance about a product's place at each, no less for a smaller one.

    The place is the mean of the product's own other pictures, whose own doubt is taken off.
    """
    sums, counts = np.zeros((int(products.max()) + 1, coordinates.shape[1])), np.bincount(products)
    np.add.at(sums, products, coordinates)
    n = counts[products] - 1
    others = (sums[products] - coordinates) / n[:, None]
    apart = ((coordinates - others) ** 2).mean(axis=1) * n / (n + 1)
    nearest = np.abs(np.log(across[:, None]) - np.log(np.array(SIZES_PX))).argmin(axis=1)
    there = [k for k in range(len(SIZES_PX)) if (nearest == k).any()]
    raw = np.array([apart[nearest == k].mean() for k in there])
    return np.array(SIZES_PX)[there], np.maximum.accumulate(raw[::-1])[::-1]


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Log density ratios of queries against prototypes, shape (n, candidates), the true one first; NaN: unknown."""

    ratios: Floats
    unknown: Floats
    """The same for queries whose product is not among the candidates, shape (n, candidates)."""


def trials(
    coordinates: Floats,
    products: NDArray[np.int64],
    across: Floats,
    measure: Measure,
    rng: np.random.Generator,
    *,
    count: int = 800,
    candidates: int = 6,
    family: int = 1,
) -> Trials:
    """Queries with 1 to 5 pictures a product; in half of them kinds of one maker (`family` products each)."""
    rows = [np.flatnonzero(products == p) for p in range(int(products.max()) + 1)]
    known, unknown = [], []
    for _ in range(count):
        true = int(rng.integers(len(rows)))
        kin = [p for p in range(true - true % family, true - true % family + family) if p != true]
        kin = kin[: candidates // 2] if rng.random() < 0.5 else []
        others = [int(p) for p in rng.choice(len(rows), 2 * candidates, replace=False) if p != true and p not in kin]
        shots = int(rng.choice([1, 2, 3, 5]))
        mixed = rng.permutation(rows[true])
        query, own = int(mixed[0]), mixed[1 : 1 + shots]
        sets = [own, *(rng.permutation(rows[p])[:shots] for p in (*kin, *others)[:candidates])]
        prototypes = {f"{k:02d}": enrol(coordinates[s], list(across[s]), measure) for k, s in enumerate(sets)}
        found = score(coordinates[query], float(across[query]), prototypes, measure).log_ratios
        ordered = [found[key] for key in sorted(found)]
        known.append(ordered[:candidates])
        unknown.append(ordered[1:])
    return Trials(np.array(known), np.array(unknown))


def calibrated(found: Trials) -> tuple[float, float]:
    """Slope and offset of log odds that make the choice among candidates and the refusal of all both honest.

    Least sum of the two log losses; "something else" has log ratio 0 and a prior of one half.
    """
    n = found.ratios.shape[1]

    def loss(at: NDArray[np.float64]) -> float:
        slope, offset = np.exp(at[0]), at[1]
        known = slope * found.ratios + offset - np.log(n)
        unknown = slope * found.unknown + offset - np.log(n)
        all_known = np.concatenate([known, np.zeros((len(known), 1))], axis=1)
        all_unknown = np.concatenate([unknown, np.zeros((len(unknown), 1))], axis=1)
        return float((logsumexp(all_known, axis=1) - known[:, 0]).mean() + logsumexp(all_unknown, axis=1).mean())

    best = minimize(loss, np.zeros(2), method="Nelder-Mead")
    return float(np.exp(best.x[0])), float(best.x[1])


def log_loss(found: Trials) -> float:
    """Of the choice among the candidates, after the best slope."""
    slope, _ = calibrated(found)
    return float((logsumexp(slope * found.ratios, axis=1) - slope * found.ratios[:, 0]).mean())


def measured(coordinates: Floats, products: NDArray[np.int64], across: Floats, between: Floats, family: int) -> Measure:
    """All that scores need, from pictures of products that neither network nor axes saw."""
    sizes, scatter = scatters(coordinates, products, across)
    tried = []
    for trust in TRUSTS:
        raw = Measure(between, sizes, scatter, trust, 1.0, 0.0, 1.0)
        tried.append(trials(coordinates, products, across, raw, np.random.default_rng(0), family=family))
    best = int(np.argmin([log_loss(found) for found in tried]))
    slope, offset = calibrated(tried[best])
    return Measure(between, sizes, scatter, TRUSTS[best], slope, offset, SHOWS)


def figures(found: Trials) -> dict[str, Any]:
    """How well it does: right among 6, its log loss, calibration by tenths, and how well unknown ones are told."""
    ratios = found.ratios
    p = np.exp(ratios - logsumexp(ratios, axis=1, keepdims=True))
    right = ratios.argmax(axis=1) == 0
    known, unknown = ratios.max(axis=1), found.unknown.max(axis=1)
    sure = p.max(axis=1)
    tenths = [
        {"said": round(float(sure[m].mean()), 3), "right": round(float(right[m].mean()), 3), "of": int(m.sum())}
        for low in np.arange(0.1, 1.0, 0.1)
        if (m := (sure >= low) & (sure < low + 0.1 + (low > 0.85))).sum() >= 20
    ]
    return {
        "right_of_6": round(float(right.mean()), 4),
        "log_loss": round(float(-np.log(p[:, 0]).mean()), 4),
        "auroc": round(auroc(known, unknown), 4),
        "said_known": round(float(expit(known).mean()), 3),
        "calibration": tenths,
    }


def auroc(positive: Floats, negative: Floats) -> float:
    """The share of pairs in which the positive is higher, ties half (Mann and Whitney, 1947)."""
    both = np.concatenate([positive, negative])
    ranks = np.empty(len(both))
    order = np.argsort(both, kind="stable")
    ordered = both[order]
    _, first, counts = np.unique(ordered, return_index=True, return_counts=True)
    ranks[order] = np.repeat(first + (counts + 1) / 2, counts)
    n = len(positive)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * len(negative)))
