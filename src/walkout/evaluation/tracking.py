"""How well a tracker keeps people apart: HOTA and IDF1, from truth and told places frame by frame.

HOTA: Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking", IJCV 129 (2021), equations 7 to
17: matches at each threshold are chosen for the whole sequence's alignment first, then for similarity; detection and
association are averaged over thresholds 0.05 to 0.95. IDF1: Ristani et al., "Performance Measures and a Data Set for
Multi-Target, Multi-Camera Tracking", ECCV workshops 2016, equations 1 to 11: one assignment of whole tracks that makes
false positives and misses fewest.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]
ALPHAS = np.arange(0.05, 0.99, 0.05)
"""Thresholds of similarity over which HOTA is averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One frame: who is truly there, who was told, and how alike each pair is, 0..1 of shape (true, told)."""

    true: tuple[Hashable, ...]
    told: tuple[Hashable, ...]
    alike: Floats


@dataclass(frozen=True, slots=True)
class Hota:
    """All in 0..1, means over thresholds; 1 where there is nothing to find and nothing was told."""

    hota: float
    detection: float
    association: float
    localisation: float


@dataclass(frozen=True, slots=True)
class Identity:
    """Frames by whole tracks: rightly told, told wrongly, missed; `f1` is 1 where there is nothing."""

    right: int
    false: int
    missed: int

    @property
    def f1(self) -> float:
        """2 right / (2 right + false + missed)."""
        whole = 2 * self.right + self.false + self.missed
        return 2 * self.right / whole if whole else 1.0


def moment(true: Mapping[Hashable, Floats], told: Mapping[Hashable, Floats], zero_m: float) -> Moment:
    """A frame of points: likeness falls from 1 to 0 over `zero_m` metres."""
    t, p = tuple(true), tuple(told)
    alike = np.zeros((len(t), len(p)))
    for i, a in enumerate(t):
        for j, b in enumerate(p):
            alike[i, j] = max(0.0, 1.0 - float(np.linalg.norm(true[a] - told[b])) / zero_m)
    return Moment(t, p, alike)


def hota(moments: Sequence[Moment]) -> Hota:
    """HOTA with its parts."""
    trues, tolds, true_n, told_n = _counts(moments)
    potential = np.zeros((len(trues), len(tolds)))
    for one in moments:
        rows, columns = [trues[name] for name in one.true], [tolds[name] for name in one.told]
        if rows and columns:
            # each pair's likeness against all that either could be matched with
            both = one.alike.sum(axis=1)[:, None] + one.alike.sum(axis=0)[None] - one.alike
            potential[np.ix_(rows, columns)] += np.divide(one.alike, both, out=np.zeros_like(both), where=both > 1e-12)
    if not true_n.sum() and not told_n.sum():
        return Hota(1.0, 1.0, 1.0, 1.0)
    align = potential / np.maximum(true_n[:, None] + told_n[None] - potential, 1e-12)
    matched = np.zeros((len(ALPHAS), len(trues), len(tolds)))
    likeness = np.zeros(len(ALPHAS))
    for one in moments:
        rows, columns = [trues[name] for name in one.true], [tolds[name] for name in one.told]
        if not rows or not columns:
            continue
        i, j = linear_sum_assignment(align[np.ix_(rows, columns)] * one.alike, maximize=True)
        for a, alpha in enumerate(ALPHAS):
            good = one.alike[i, j] >= alpha - 1e-12
            matched[a, np.array(rows)[i[good]], np.array(columns)[j[good]]] += 1
            likeness[a] += one.alike[i[good], j[good]].sum()
    hits = matched.sum(axis=(1, 2))
    detection = hits / np.maximum(true_n.sum() + told_n.sum() - hits, 1e-12)
    each = matched / np.maximum(true_n[:, None] + told_n[None] - matched, 1e-12)
    association = (matched * each).sum(axis=(1, 2)) / np.maximum(hits, 1.0)
    localisation = np.where(hits > 0, likeness / np.maximum(hits, 1.0), 1.0)
    means = (np.sqrt(detection * association), detection, association, localisation)
    return Hota(*(float(part.mean()) for part in means))


def identity(moments: Sequence[Moment], least: float = 0.5) -> Identity:
    """IDF1's counts; a pair of one frame may be one where it is at least so alike."""
    trues, tolds, true_n, told_n = _counts(moments)
    together = np.zeros((len(trues), len(tolds)))
    for one in moments:
        for i, j in np.argwhere(one.alike >= least - 1e-12):
            together[trues[one.true[i]], tolds[one.told[j]]] += 1
    i, j = linear_sum_assignment(together, maximize=True)
    right = int(together[i, j].sum())
    return Identity(right, int(told_n.sum()) - right, int(true_n.sum()) - right)


def switches(moments: Sequence[Moment], least: float = 0.5) -> int:
    """How often somebody is told under another id than the time before (frame by frame, the best matches)."""
    last: dict[Hashable, Hashable] = {}
    count = 0
    for one in moments:
        i, j = linear_sum_assignment(one.alike, maximize=True)
        for a, b in zip(i, j, strict=True):
            if one.alike[a, b] >= least:
                true, told = one.true[a], one.told[b]
                count += last.get(true, told) != told
                last[true] = told
    return count


def resampled(
    parts: Sequence[Sequence[Moment]], figure: Callable[[Sequence[Moment]], float], seed: int = 1, times: int = 400
) -> tuple[float, float]:
    """The 95 % interval of a figure by drawing whole recordings anew, each one's figure weighted by its frames."""
    values = np.array([figure(part) for part in parts])
    weights = np.array([max(len(part), 1) for part in parts], float)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(parts), size=(times, len(parts)))
    means = (values[drawn] * weights[drawn]).sum(axis=1) / weights[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _counts(
    moments: Sequence[Moment],
) -> tuple[dict[Hashable, int], dict[Hashable, int], Floats, Floats]:
    trues: dict[Hashable, int] = {}
    tolds: dict[Hashable, int] = {}
    for one in moments:
        for name in one.true:
            trues.setdefault(name, len(trues))
        for name in one.told:
            tolds.setdefault(name, len(tolds))
    true_n, told_n = np.zeros(len(trues)), np.zeros(len(tolds))
    for one in moments:
        for name in one.true:
            true_n[trues[name]] += 1
        for name in one.told:
            told_n[tolds[name]] += 1
    return trues, tolds, true_n, told_n
