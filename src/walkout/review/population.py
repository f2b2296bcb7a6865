"""How many of a month's receipts can be wrong, given the ones that were looked at: a finite number of them, exactly.

One stratum: of N receipts, n were drawn, each set of n as likely as any other, and k of them were wrong. The bound is
the largest W under which so few would be seen with probability above delta (hypergeometric, Buonaccorsi 1987).

Several strata, drawn at different rates: for each, the prior over W divided by the posterior is a martingale under the
true W, also while the sample grows (Waudby-Smith and Ramdas 2020, "Confidence sequences for sampling without
replacement"; the bets of Stark's ALPHA are of this kind). The product over strata is one too. The bound is the largest
total that some way of spreading it over the strata leaves with a product below 1/delta.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln
from scipy.stats import hypergeom

PRIOR = (0.5, 50.0)
"""Beta-binomial prior of a stratum's wrong receipts: about 1 %, weakly held."""
MOST = 4000
"""Totals up to this are looked through for several strata."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stratum:
    """`size` receipts, `drawn` of them looked at, `bad` of those wrong."""

    size: int
    drawn: int
    bad: int

    def __post_init__(self) -> None:
        if not 0 <= self.bad <= self.drawn <= self.size:
            raise ValueError(f"found {self.bad} of {self.drawn} of {self.size}, right: each a part of the next")


def most_wrong(stratum: Stratum, delta: float) -> int:
    """The largest number of wrong receipts that the sample does not rule out at 1 - delta."""
    low, high = stratum.bad, stratum.size - (stratum.drawn - stratum.bad)
    while low < high:
        middle = (low + high + 1) // 2
        possible = hypergeom.cdf(stratum.bad, stratum.size, middle, stratum.drawn) > delta
        low, high = (middle, high) if possible else (low, middle - 1)
    return low


def most_wrong_together(strata: Sequence[Stratum], delta: float) -> int:
    """The same of several strata together. One stratum gets the exact bound of a fixed sample."""
    used = [one for one in strata if one.size]
    if len(used) < 2:
        return most_wrong(used[0], delta) if used else 0
    least = np.zeros(1)
    for one in used:
        least = _least_sum(least, _log_ratio(one))
    last = int(np.flatnonzero(least < -log(delta))[-1])
    if last < len(least) - 1 or len(least) > sum(one.size for one in used):
        return last
    return sum(most_wrong(one, delta / len(used)) for one in used)  # beyond the table: each apart, with its share


def needed(size: int, bad: int, most: int, delta: float) -> int:
    """The fewest to draw so that `bad` wrong ones among them show `most` or fewer among all."""
    low, high = bad, size
    while low < high:
        middle = (low + high) // 2
        enough = most_wrong(Stratum(size, middle, bad), delta) <= most
        low, high = (low, middle) if enough else (middle + 1, high)
    return low


def _log_ratio(stratum: Stratum) -> Floats:
    """The logarithm of prior over posterior for each possible W; infinite where the sample rules it out."""
    w = np.arange(stratum.size + 1, dtype=np.float64)
    unseen_bad, unseen_good = w - stratum.bad, stratum.size - w - (stratum.drawn - stratum.bad)
    possible = (unseen_bad >= 0) & (unseen_good >= 0)
    a, b = PRIOR
    prior = _beta_binomial(w, stratum.size, a, b)
    rest = float(stratum.size - stratum.drawn)
    after = _beta_binomial(np.maximum(unseen_bad, 0.0), rest, a + stratum.bad, b + stratum.drawn - stratum.bad)
    return np.where(possible, prior - after, np.inf)


def _beta_binomial(k: Floats, n: float, a: float, b: float) -> Floats:
    """Log probabilities of a beta-binomial; k above n is left to the caller to rule out."""
    k = np.minimum(k, n)
    chosen = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    found: Floats = chosen + betaln(a + k, b + n - k) - betaln(a, b)
    return found


def _least_sum(left: Floats, right: Floats, most: int = MOST) -> Floats:
    """For each total the least sum over the ways to split it; totals above `most` are not needed and left out."""
    length = min(len(left) + len(right) - 1, most)
    found = np.full(length, np.inf)
    for k, value in enumerate(left[:length]):
        if np.isfinite(value):
            part = right[: length - k]
            found[k : k + len(part)] = np.minimum(found[k : k + len(part)], value + part)
    return found
