"""How true a probability is: what was said against what came, in bins of equal mass, and the error, bounded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkout.evaluation.intervals import SEED, exact_share
from walkout.evaluation.verdict import Verdict

BINS = 15
DRAWS = 300


@dataclass(frozen=True, slots=True)
class Told:
    """One probability and what came of it; `unit` is the recording, whose probabilities stand and fall together."""

    p: float
    right: bool
    unit: str


@dataclass(frozen=True, slots=True)
class Bin:
    """Probabilities next to one another."""

    low: float
    high: float
    count: int
    said: float
    """Their mean."""
    came: float
    """The share that was right, with 95 % bounds."""
    came_low: float
    came_high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """What was said against what came."""

    count: int
    wrong: int
    bins: tuple[Bin, ...]
    """The lowest probabilities first."""
    error: float
    """Expected calibration error: the mean over all of |said - came| of their bin."""
    error_low: float
    error_high: float
    """95 % bounds, by a bootstrap over recordings."""
    brier: float
    """Mean squared difference of probability and outcome."""


def exact_told(verdicts: Iterable[Verdict]) -> list[Told]:
    """P(exactly right) of each verdict."""
    return [Told(v.p_exact, v.exact, v.recording) for v in verdicts]


def line_told(verdicts: Iterable[Verdict]) -> list[Told]:
    """The probability of each line."""
    return [Told(p, right, v.recording) for v in verdicts for p, right in v.lines]


def reliability(told: Sequence[Told], bins: int = BINS) -> Reliability:
    """Bins of equal mass (equal probabilities fill one bin together), and the error over them.

    Raises ValueError where there is nothing to look at.
    """
    if not told:
        raise ValueError("found no probability, right: some visits with truth")
    p, y = _arrays(told)
    number = bin_numbers(p, bins)
    found = []
    for k in range(int(number.max()) + 1):
        of = number == k
        low, high = exact_share(int(y[of].sum()), int(of.sum()))
        found.append(
            Bin(
                float(p[of].min()),
                float(p[of].max()),
                int(of.sum()),
                float(p[of].mean()),
                float(y[of].mean()),
                low,
                high,
            )
        )
    error_low, error_high = _bounds(told, bins)
    return Reliability(
        len(told),
        int((y == 0.0).sum()),
        tuple(found),
        error(p, y, bins),
        error_low,
        error_high,
        float(np.mean((p - y) ** 2)),
    )


def bin_numbers(p: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """Which bin each probability is in, 0 the lowest; ties are never split, so that there may be fewer bins."""
    order = np.sort(p)
    last = order[np.unique(np.ceil(np.arange(1, bins + 1) * len(p) / bins).astype(int) - 1)]
    edges = np.unique(last)  # the greatest probability of each bin
    return np.searchsorted(edges, p).astype(np.int64)


def error(p: NDArray[np.float64], y: NDArray[np.float64], bins: int = BINS) -> float:
    """Expected calibration error in bins of equal mass (Naeini, Cooper, Hauskrecht 2015; adaptive bins)."""
    number = bin_numbers(p, bins)
    count = np.bincount(number)
    gap = np.abs(np.bincount(number, weights=p) - np.bincount(number, weights=y))
    return float(gap.sum() / count.sum())


def _bounds(told: Sequence[Told], bins: int) -> tuple[float, float]:
    """95 % percentile bounds of the error over draws of recordings (Efron and Tibshirani 1993, chapter 13).

    An error is never below what chance makes of a true probability, so the bounds hold for the figure, chance and all.
    """
    by_unit: dict[str, list[Told]] = {}
    for one in told:
        by_unit.setdefault(one.unit, []).append(one)
    units = [_arrays(by_unit[unit]) for unit in sorted(by_unit)]
    rng = np.random.default_rng(SEED)
    values = []
    for drawn in rng.integers(0, len(units), (DRAWS, len(units))):
        p, y = (np.concatenate([units[k][side] for k in drawn]) for side in (0, 1))
        values.append(error(p, y, bins))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _arrays(told: Sequence[Told]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([t.p for t in told], np.float64), np.array([t.right for t in told], np.float64)
