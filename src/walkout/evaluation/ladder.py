"""Learn then Test: from which probability up may software decide alone, so that few enough of those are wrong?

For a threshold t let R(t) be the share that is wrong among the visits at or above t. Under "R(t) is above alpha" the
count of wrong ones among n has at least a binomial's chance to be as low as it was: that is its p-value, exact. The
thresholds are tried from the safest down, each at the full level, until one fails (fixed-sequence testing); all that
passed hold with probability 1 - delta (Angelopoulos, Bates, Candes, Jordan, Lei 2022, "Learn then Test").

Three things make that honest here. The thresholds come from other visits (the calibration card's), and where to start
from how many of the tested visits stand there, never from how any of them came out. Starting too strict would certify
nothing at all, since too few visits stand there: one walk starts at the first threshold with room for `ROOM` times the
fewest that can certify, a second at half of all visits, which needs more of them but forgives more, each with half of
delta. And visits of one recording are not independent: counts are divided by the design effect 1 + (m - 1) rho, m the
mean size of a recording and rho the intra-class correlation of being wrong (Kish 1965), before the p-value is taken.
What makes whole recordings go wrong, but came in none of the tested ones, no such test can see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from walkout.evaluation.certificate import Rung
from walkout.evaluation.verdict import Verdict

RISKS: dict[str, Callable[[Verdict], bool]] = {
    "wrong": lambda v: not v.exact,
    "overcharged": lambda v: v.over,
    "undercharged": lambda v: v.under,
}
"""What may go wrong with a receipt that software settles alone; the names are those of `certificate.RISKS`."""
HALF = 0.5
"""The second walk starts where this share of visits stands at or above."""
LEVELS = (0.01, 0.005, 0.001)
DELTA = 0.05
ROOM = 1.6
"""The first threshold has room for one wrong visit: n at k = 1 is 1.6 times n at k = 0, for every small alpha."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Labelled visits as arrays: calibrated probabilities, and what of each risk came."""

    p: NDArray[np.float64]
    unit: NDArray[np.int64]
    """The recording of each, as a number."""
    bad: dict[str, NDArray[np.bool_]]


def sample(verdicts: Sequence[Verdict]) -> Sample:
    """Verdicts, already calibrated, for testing."""
    names = {name: k for k, name in enumerate(sorted({v.recording for v in verdicts}))}
    return Sample(
        np.array([v.p_exact for v in verdicts], np.float64),
        np.array([names[v.recording] for v in verdicts], np.int64),
        {risk: np.array([of(v) for v in verdicts], np.bool_) for risk, of in RISKS.items()},
    )


def p_value(bad: float, count: float, alpha: float) -> float:
    """P(at most `bad` of `count` | each bad with probability alpha), by the beta function: counts may be fractions."""
    if count <= 0.0 or bad >= count:
        return 1.0
    return float(betainc(count - bad, bad + 1.0, 1.0 - alpha))


def upper(bad: float, count: float, delta: float) -> float:
    """Upper bound of a share at 1 - delta (Clopper and Pearson 1934), one-sided."""
    return 1.0 if count <= 0.0 or bad >= count else float(betaincinv(bad + 1.0, count - bad, 1.0 - delta))


def needed(bad: float, alpha: float, delta: float) -> int:
    """The fewest visits among which so many bad ones still certify."""
    low, high = 1, max(2, ceil(bad))
    while p_value(bad, high, alpha) > delta:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if p_value(bad, middle, alpha) <= delta else (middle + 1, high)
    return low


def correlation(bad: NDArray[np.bool_], unit: NDArray[np.int64]) -> float:
    """Intra-class correlation of being bad within recordings: the one-way analysis of variance, never below 0."""
    size = np.bincount(unit).astype(np.float64)
    groups, n = len(size), float(size.sum())
    if groups < 2 or n <= groups or not bad.any():
        return 0.0
    share = np.bincount(unit, weights=bad) / size
    between = float((size * (share - bad.mean()) ** 2).sum()) / (groups - 1)
    within = float((size * share * (1.0 - share)).sum()) / (n - groups)
    typical = (n - float((size**2).sum()) / n) / (groups - 1)
    whole = between + (typical - 1.0) * within
    return max(0.0, (between - within) / whole) if whole > 0.0 else 0.0


def design_effect(bad: NDArray[np.bool_], unit: NDArray[np.int64]) -> float:
    """By how much visits of one recording count for fewer than as many independent ones; at least 1."""
    if not len(unit):
        return 1.0
    size = np.bincount(unit).astype(np.float64)
    return 1.0 + (float((size**2).sum() / size.sum()) - 1.0) * correlation(bad, unit)


def climb(tested: Sample, risk: str, alpha: float, grid: Sequence[float], delta: float = DELTA) -> Rung:
    """Fixed-sequence testing of one risk over a falling grid of thresholds.

    Raises ValueError where alpha or delta is no probability.
    """
    if not (0.0 < alpha < 1.0 and 0.0 < delta < 1.0):
        raise ValueError(f"found alpha {alpha} and delta {delta}, right: both between 0 and 1")
    bad = tested.bad[risk]
    total = len(tested.p)
    effect = design_effect(bad, tested.unit)
    counts = [int((tested.p >= threshold).sum()) for threshold in grid]
    starts = _starts(counts, total, alpha, delta, effect)
    best: tuple[float, int, int] | None = None
    first = (0, 0)
    for start in starts:
        for threshold in grid[start:]:
            among = tested.p >= threshold
            n, k = int(among.sum()), int(bad[among].sum())
            first = (n, k) if threshold == grid[start] else first
            if p_value(k / effect, n / effect, alpha) > delta / len(starts):
                break
            if best is None or threshold < best[0]:
                best = (threshold, n, k)
    n, k = first if best is None else best[1:]
    bound = upper(k / effect, n / effect, delta)
    if best is None:
        seen = [(n, int(bad[tested.p >= t].sum())) for n, t in zip(counts, grid, strict=True)]
        short = _short(seen, total, alpha, delta / len(starts), effect)
        return Rung(risk, alpha, delta, None, 0.0, n, k, bound, short)
    return Rung(risk, alpha, delta, best[0], n / total, n, k, bound, 0)


def ladder(
    tested: Sample, grid: Sequence[float], *, levels: Sequence[float] = LEVELS, delta: float = DELTA
) -> tuple[Rung, ...]:
    """Every risk at every level, apart: each rung holds with probability 1 - delta, not all of them together."""
    return tuple(climb(tested, risk, alpha, grid, delta) for risk in RISKS for alpha in levels)


def _starts(counts: Sequence[int], total: int, alpha: float, delta: float, effect: float) -> tuple[int, ...]:
    """Where in the grid the walks start, rising; `counts`: visits at or above each threshold."""
    last = max(0, len(counts) - 1)
    room = ROOM * effect * log(delta) / log(1.0 - alpha)
    first = next((k for k, count in enumerate(counts) if count >= room), last)
    half = next((k for k, count in enumerate(counts) if count >= HALF * total), last)
    return (first, half) if half > first else (first,)


def _short(counts: Sequence[tuple[int, int]], total: int, alpha: float, delta: float, effect: float) -> int:
    """How many more visits, of all kinds, would certify some threshold if wrong ones stayed as rare as they are."""
    found = []
    for n, k in counts:
        if n and k / n < alpha:
            count = _enough(k / n, n, alpha, delta, effect)
            found.append(max(1, ceil((count - n) * total / n)))
    if found:
        return min(found)
    none_yet = not counts or min(k for _, k in counts) == 0
    return ceil(ROOM * effect * needed(0.0, alpha, delta)) if none_yet else -1


def _enough(rate: float, least: int, alpha: float, delta: float, effect: float) -> int:
    """The fewest visits from `least` up that certify at this rate of bad ones; the rate is below alpha."""

    def fails(count: int) -> bool:
        return p_value(rate * count / effect, count / effect, alpha) > delta

    high = least
    while fails(high):
        high *= 2
    low = max(least, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if fails(middle) else (low, middle)
    return low
