"""How long a shop stays in shadow until its own blind labels certify: labels, days, paid hours, before it begins."""

from dataclasses import dataclass
from math import ceil

from scipy.stats import binom

from walkout.evaluation.ladder import needed

LIKELY = 0.9


@dataclass(frozen=True, slots=True)
class Plan:
    """What the shadow phase will take. `labels`: of visits that software would settle alone; `visits`: of all."""

    labels: int
    may_be_wrong: int
    """So many wrong ones among them still certify."""
    visits: int
    days: float
    hours: float
    """Of paid review work, the second look at each visit and the third at those that differ in it."""
    cost: float | None


def labels_needed(alpha: float, rate: float, delta: float = 0.05, likely: float = LIKELY) -> tuple[int, int]:
    """The fewest labels that certify with this probability if the true rate is `rate`, and how many may be wrong.

    The plan is a fixed number of labels decided in advance, tested once by the exact binomial. Raises ValueError where
    the rate is not below the level.
    """
    if not 0.0 <= rate < alpha < 1.0:
        raise ValueError(f"found a rate of {rate} against a level of {alpha}, right: a rate below the level")
    bad = 0
    while True:
        count = needed(bad, alpha, delta)
        if float(binom.cdf(bad, count, rate)) >= likely:
            return count, bad
        bad += 1


def plan(
    *,
    alpha: float,
    rate: float,
    visits_a_day: float,
    share_alone: float = 1.0,
    seconds_a_visit: float = 60.0,
    looks: int = 2,
    differ: float = 0.05,
    hourly: float | None = None,
    delta: float = 0.05,
) -> Plan:
    """The shadow phase of a shop.

    `share_alone`: how many of all visits stand above the threshold one hopes for; every visit is asked about all the
    same. `looks`: people who judge each visit apart; `differ`: share of visits that need one more. `hourly`: what an
    hour of review costs, if it is known. Raises ValueError where a share is none.
    """
    if not 0.0 < share_alone <= 1.0 or visits_a_day <= 0.0:
        raise ValueError(
            f"found a share of {share_alone}, {visits_a_day} visits a day, right: both above 0, a share to 1"
        )
    labels, bad = labels_needed(alpha, rate, delta)
    visits = ceil(labels / share_alone)
    hours = visits * seconds_a_visit * (looks + differ) / 3600.0
    return Plan(labels, bad, visits, visits / visits_a_day, hours, None if hourly is None else hours * hourly)
