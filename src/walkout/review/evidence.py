"""Evidence that a rate is at most alpha, good at whatever moment one looks: a beta-mixture e-process.

Under "every visit is wrong with probability alpha or more, whatever came before" the likelihood ratio of any smaller
rate is a supermartingale that starts at 1, and so is a mixture of them; by Ville's inequality it ever reaches 1/delta
with probability delta at most (Howard, Ramdas, McAuliffe and Sekhon 2021). The mixture is a beta distribution cut off
at alpha, with half a pseudo-count of wrong visits and its mean at a fifth of alpha: shops that are worth certifying lie
well below the level. Labels come in the order in which visits were drawn, each draw known before its visit is judged.
"""

from dataclasses import dataclass
from math import exp, log

import numpy as np
from scipy.special import betainc, betaln

DELTA = 0.05
PSEUDO = 0.5
SHARE = 0.2
"""The mixture's mean before it is cut off, as a share of alpha."""


def log_e(bad: int, count: int, alpha: float) -> float:
    """The logarithm of the e-value against "the rate is alpha or more". Raises ValueError for counts that are none."""
    if not 0 <= bad <= count or not 0.0 < alpha < 1.0:
        raise ValueError(f"found {bad} of {count} at {alpha}, right: a part of the whole, and a level from 0 to 1")
    a, b = PSEUDO, PSEUDO / (SHARE * alpha)
    inside = float(betainc(a + bad, b + count - bad, alpha))
    if inside <= 0.0:
        return float("-inf")
    mixed = float(betaln(a + bad, b + count - bad) - betaln(a, b)) + log(inside) - log(float(betainc(a, b, alpha)))
    return mixed - bad * log(alpha) - (count - bad) * float(np.log1p(-alpha))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the labels since the last reset say of one risk. `best`: the highest that the logarithm ever was."""

    alpha: float
    count: int = 0
    bad: int = 0
    best: float = 0.0

    def after(self, bad: bool) -> "Evidence":
        """With one more label."""
        count, k = self.count + 1, self.bad + bad
        return Evidence(self.alpha, count, k, max(self.best, log_e(k, count, self.alpha)))

    def certified(self, delta: float = DELTA) -> bool:
        """The rate is below alpha, with probability 1 - delta over all times at which this may be asked."""
        return self.best >= -log(delta)

    @property
    def e_value(self) -> float:
        """The highest e-value so far."""
        return exp(min(700.0, self.best))


def upper(bad: int, count: int, delta: float = DELTA) -> float:
    """A bound that the rate exceeds with probability delta at most, over all times at which one may look.

    The levels not ruled out are an interval, since evidence against a level grows with it; its end is found on a grid
    of 1 % steps from 0.001 % up. 1.0 where nothing is ruled out.
    """
    if count == 0:
        return 1.0
    low, high = 0, 1158  # 1e-5 * 1.01**1157 is just below 1
    level = [1e-5 * 1.01**k for k in range(high)]
    while low < high:
        middle = (low + high) // 2
        below = bad / count < level[middle]
        low, high = (low, middle) if below and log_e(bad, count, level[middle]) >= -log(delta) else (middle + 1, high)
    return level[low] if low < len(level) else 1.0


def needed(bad: int, alpha: float, delta: float = DELTA) -> int:
    """The fewest labels of which so many bad ones still certify."""
    high = max(1, bad)
    while log_e(bad, high, alpha) < -log(delta):
        high *= 2
    low = high // 2
    while low < high:
        middle = (low + high) // 2
        enough = middle >= bad and log_e(bad, middle, alpha) >= -log(delta)
        low, high = (low, middle) if enough else (middle + 1, high)
    return low
