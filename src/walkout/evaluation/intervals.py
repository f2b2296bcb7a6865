"""How far a measured figure may be off: exact binomial bounds for shares, bootstrap for the rest."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from scipy.stats import beta

LEVEL = 0.95
SEED = 20_260_101
"""Of the bootstrap's draws: the same figures give the same interval."""
DRAWS = 2000

Unit = TypeVar("Unit")


def exact_share(part: int, whole: int, level: float = LEVEL) -> tuple[float, float]:
    """Two-sided bounds of a share of independent trials (Clopper and Pearson 1934); (0, 1) where there is none.

    Raises ValueError where the counts are none.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"found {part} of {whole}, right: a part from 0 to the whole")
    tail = (1.0 - level) / 2.0
    low = float(beta.ppf(tail, part, whole - part + 1)) if part else 0.0
    high = float(beta.ppf(1.0 - tail, part + 1, whole - part)) if part < whole else 1.0
    return low, high


def bootstrap_ratio(parts: Sequence[float], wholes: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """Percentile bounds of a sum of parts over a sum of wholes, drawn by unit (Efron and Tibshirani 1993, chapter 13).

    Units are independent of one another, such as recordings; what is inside one need not be. With wholes of 1 it is
    the mean of the parts. One unit says nothing of the spread: both bounds are its ratio; none: NaN.
    """
    part, whole = np.asarray(parts, np.float64), np.asarray(wholes, np.float64)
    if not whole.sum() > 0.0:
        return float("nan"), float("nan")
    drawn = np.random.default_rng(SEED).multinomial(len(part), np.full(len(part), 1.0 / len(part)), DRAWS)
    of = drawn @ whole
    low, high = np.quantile((drawn @ part)[of > 0.0] / of[of > 0.0], [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)


def bootstrap(
    units: Sequence[Unit], figure: Callable[[Sequence[Unit]], float], *, draws: int = 1000, level: float = LEVEL
) -> tuple[float, float]:
    """As `bootstrap_ratio`, of any figure of the units; slower."""
    if len(units) < 2:
        value = figure(units) if units else float("nan")
        return value, value
    drawn = np.random.default_rng(SEED).integers(0, len(units), (draws, len(units)))
    values = [figure([units[int(i)] for i in row]) for row in drawn]
    low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)
