"""Whether people who answered apart from one another agree, beyond what chance would give.

Krippendorff's alpha: 1 - D_o / D_e over the values of all units with two answers or more (Krippendorff 2011,
"Computing Krippendorff's Alpha-Reliability"). Where nearly all answers are the same, alpha collapses though people
agree; so the plain agreement on each value stands beside it.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from walkout.evaluation.intervals import DRAWS, LEVEL, SEED

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
Unit = Sequence[Hashable | None]
"""The answers to one question; None: no answer."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Alpha with 95 % bounds by bootstrap over units, and the plain agreement on each value with how often it came."""

    alpha: float
    low: float
    high: float
    units: int
    on_value: tuple[tuple[str, float, int], ...]
    """(value, share of pairs with it that agree, answers with it), the rarest first."""


def alpha(units: Sequence[Unit], metric: Metric = "nominal") -> float:
    """Krippendorff's alpha; 1.0 where all answers are the same, NaN where no unit has two answers."""
    pairable = _pairable(units)
    if not pairable:
        return float("nan")
    values, coincidences = _coincidences(pairable)
    return _alpha(coincidences.sum(axis=0), values, metric)


def agreement(units: Sequence[Unit], metric: Metric = "nominal") -> Agreement:
    """Alpha with its bounds, and the agreement on each value."""
    used = _pairable(units)
    if not used:
        nan = float("nan")
        return Agreement(nan, nan, nan, 0, ())
    values, coincidences = _coincidences(used)
    weights = np.random.default_rng(SEED).multinomial(len(used), np.full(len(used), 1.0 / len(used)), DRAWS)
    drawn = np.einsum("du,uij->dij", weights.astype(np.float64), coincidences)
    found = [_alpha(one, values, metric) for one in drawn]
    low, high = np.quantile(found, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    whole = _alpha(coincidences.sum(axis=0), values, metric)
    return Agreement(whole, float(low), float(high), len(used), _on_value(used))


def _pairable(units: Sequence[Unit]) -> list[list[Hashable]]:
    return [kept for unit in units if len(kept := [v for v in unit if v is not None]) > 1]


def _coincidences(units: Sequence[Sequence[Hashable]]) -> tuple[list[Hashable], Floats]:
    """The values, sorted, and each unit's table of pairs, shape (units, values, values)."""
    values = sorted({v for unit in units for v in unit}, key=_order)
    place = {v: k for k, v in enumerate(values)}
    count = np.zeros((len(units), len(values)))
    for row, unit in zip(count, units, strict=True):
        np.add.at(row, [place[v] for v in unit], 1.0)
    pairs = count[:, :, None] * count[:, None, :] - count[:, :, None] * np.eye(len(values))
    found: Floats = pairs / (count.sum(axis=1) - 1.0)[:, None, None]
    return values, found


def _alpha(coincidence: Floats, values: Sequence[Hashable], metric: Metric) -> float:
    of = coincidence.sum(axis=1)
    far = METRICS[metric](of, values)
    expected = float((np.outer(of, of) * far).sum()) / (float(of.sum()) - 1.0)
    return 1.0 if expected <= 0.0 else 1.0 - float((coincidence * far).sum()) / expected


def _on_value(units: Sequence[Unit]) -> tuple[tuple[str, float, int], ...]:
    agree, pairs, count = Counter[Hashable](), Counter[Hashable](), Counter[Hashable]()
    for unit in units:
        kept = [v for v in unit if v is not None]
        count.update(kept)
        for k, v in enumerate(kept):
            pairs[v] += len(kept) - 1
            agree[v] += sum(w == v for j, w in enumerate(kept) if j != k)
    ranked = sorted(count.items(), key=lambda item: (item[1], str(item[0])))
    return tuple((str(v), agree[v] / pairs[v], n) for v, n in ranked)


def _order(value: Hashable) -> tuple[int, float, str]:
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, str(value))


def _nominal(of: Floats, _values: Sequence[Hashable]) -> Floats:
    return 1.0 - np.eye(len(of))


def _ordinal(of: Floats, _values: Sequence[Hashable]) -> Floats:
    sums = np.concatenate(([0.0], np.cumsum(of)))
    low, high = np.minimum.outer(range(len(of)), range(len(of))), np.maximum.outer(range(len(of)), range(len(of)))
    between = sums[high + 1] - sums[low]
    found: Floats = (between - (of[:, None] + of[None, :]) / 2.0) ** 2
    return found * (1.0 - np.eye(len(of)))


def _interval(_of: Floats, values: Sequence[Hashable]) -> Floats:
    x = _numbers(values)
    found: Floats = np.subtract.outer(x, x) ** 2
    return found


def _ratio(_of: Floats, values: Sequence[Hashable]) -> Floats:
    x = _numbers(values)
    whole = np.add.outer(x, x)
    found: Floats = np.divide(np.subtract.outer(x, x), whole, out=np.zeros_like(whole), where=whole != 0.0) ** 2
    return found


def _numbers(values: Sequence[Hashable]) -> Floats:
    if not all(isinstance(v, int | float) for v in values):
        raise ValueError("found answers that are no numbers, right: nominal or ordinal agreement")
    return np.array(values, np.float64)


METRICS: Mapping[Metric, Callable[[Floats, Sequence[Hashable]], Floats]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}
