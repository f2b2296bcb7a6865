"""A number that is published: what it says, of how many, how far off it may be, how and by which query it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np

from walkout.evaluation.intervals import bootstrap_ratio, exact_share

LEAST = 5
"""Cells about fewer people than this are not published."""
DIGITS = 6
CENSUS = "counted, not sampled: there is no interval"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `value` None: there is nothing to say (`n` 0), or it is about too few people (`suppressed`)."""

    words: str
    value: float | int | str | None
    unit: str
    n: int | None
    denominator: int | None
    low: float | None
    high: float | None
    method: str
    query: str
    """What was counted, in words that anybody can follow; published once under its SHA-256."""
    suppressed: bool = False

    @property
    def query_hash(self) -> str:
        """The name of the query."""
        return sha256(self.query.encode()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """As it stands in the report."""
        return {
            "words": self.words,
            "value": self.value,
            "unit": self.unit,
            "n": self.n,
            "denominator": self.denominator,
            "ci95_low": self.low,
            "ci95_high": self.high,
            "method": self.method,
            "source_query_hash": self.query_hash,
            "suppressed": self.suppressed,
        }


def counted(words: str, n: int, query: str, unit: str = "visits") -> Figure:
    """How many there were."""
    return Figure(words, n, unit, n, None, None, None, CENSUS, query)


def per_1000(words: str, n: int, of: int, query: str, each: Sequence[int] | None = None) -> Figure:
    """So many in each thousand. `each`: how many each visit had, where one may have several.

    The count itself is exact; the interval says how far the month could have come out otherwise by chance.
    """
    if not of:
        return Figure(words, None, "per 1,000 visits", n, of, None, None, "none: there were no visits", query)
    if each is None:
        low, high = exact_share(n, of)
        method = "counted; interval: Clopper and Pearson, for months like this one"
    else:
        low, high = bootstrap_ratio(each, [1.0] * len(each))
        method = "counted; interval: bootstrap by visit, for months like this one"
    value = round(1000.0 * n / of, DIGITS)
    return Figure(words, value, "per 1,000 visits", n, of, _r(1000.0 * low), _r(1000.0 * high), method, query)


def share(words: str, n: int, of: int, query: str) -> Figure:
    """A share of independent cases, with exact bounds."""
    if not of:
        return Figure(words, None, "share", n, of, None, None, "none: there were no cases", query)
    low, high = exact_share(n, of)
    return Figure(words, _r(n / of), "share", n, of, _r(low), _r(high), "interval: Clopper and Pearson", query)


def quantiles(words: str, values: Sequence[float], query: str, unit: str) -> dict[str, Figure]:
    """The median and the 95th percentile, their intervals from the order statistics (binomial)."""
    made = {}
    for name, q in (("p50", 0.5), ("p95", 0.95)):
        said = f"{words}, {'median' if name == 'p50' else '95 of 100 at most'}"
        if not values:
            made[name] = Figure(said, None, unit, 0, 0, None, None, "none: there were none", query)
            continue
        sorted_ = np.sort(np.asarray(values, np.float64))
        n = len(sorted_)
        half = 1.96 * float(np.sqrt(n * q * (1 - q)))
        low, high = int(np.floor(n * q - half)) - 1, int(np.ceil(n * q + half))
        value = float(np.quantile(sorted_, q))
        bounds = [_r(float(sorted_[min(n - 1, max(0, at))])) for at in (low, high)]
        method = "interval: order statistics, normal approximation of their ranks"
        made[name] = Figure(said, _r(value), unit, n, n, bounds[0], bounds[1], method, query)
    return made


def stated(words: str, value: float | int | str | None, unit: str, method: str, query: str) -> Figure:
    """Something that is so, and no share of anything."""
    return Figure(words, value, unit, None, None, None, None, method, query)


def hidden(figure: Figure, people: int) -> Figure:
    """The figure, or that it is about fewer than five people and therefore not told."""
    if people >= LEAST:
        return figure
    method = f"not published: it is about fewer than {LEAST} people"
    return Figure(figure.words, None, figure.unit, None, None, None, None, method, figure.query, suppressed=True)


@dataclass(frozen=True, slots=True)
class Cells:
    """A breakdown by which somebody could be found, small cells left out, so that no sum gives them away."""

    shown: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def cells(counts: Mapping[str, int]) -> Cells:
    """The cells that may be shown beside their total.

    Cells below five are left out; if what is left out could be told from the total (it is one cell, or all of it
    together is below five), the smallest of the others goes too.
    """
    out = {name for name, count in counts.items() if 0 < count < LEAST}
    rest = sorted((count, name) for name, count in counts.items() if name not in out and count)
    while rest and out and (len(out) == 1 or sum(counts[name] for name in out) < LEAST):
        out.add(rest.pop(0)[1])
    return Cells({name: count for name, count in counts.items() if name not in out}, tuple(sorted(out)))


def band(people: int) -> str:
    """A headcount as a band."""
    edges = ((0, "0"), (4, "1 to 4"), (9, "5 to 9"), (19, "10 to 19"), (49, "20 to 49"), (99, "50 to 99"))
    return next((words for most, words in edges if people <= most), "100 or more")


def _r(value: float) -> float:
    return round(value, DIGITS)
