"""What a person has agreed to look at, one purpose at a time, knowing its rate and how long its questions take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np

from walkout.labour.money import HOUR_NS
from walkout.labour.rate import RateCard

PURPOSES = ("settle", "audit", "dispute", "adjudicate", "gold", "training", "annotate")
LEAST = 20
"""From fewer units than this no estimate is made: it says so instead."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of a purpose before somebody accepts it: time and pay a question, typical and slow (p50, p90)."""

    purpose: str
    hourly: Decimal
    currency: str
    card: str
    units: int
    seconds_p50: float | None
    seconds_p90: float | None
    pay_p50: Decimal | None
    """At the hourly rate, for orientation; what is paid is the time."""
    pay_p90: Decimal | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A purpose accepted or given up again, at the rate of a card."""

    worker: str
    purpose: str
    action: Literal["accepted", "withdrawn"]
    card: str
    t_ns: int


def estimate(purpose: str, card: RateCard, lengths_ns: Sequence[int]) -> Estimate:
    """The estimate shown before accepting, from the time that recent units took."""
    hourly = card.rate(purpose)
    if len(lengths_ns) < LEAST:
        return Estimate(purpose, hourly, card.currency, card.hash, len(lengths_ns), None, None, None, None)
    p50, p90 = (int(q) for q in np.quantile(np.asarray(lengths_ns, np.float64), [0.5, 0.9]))
    pays = [(hourly * Decimal(ns) / HOUR_NS).quantize(Decimal("0.0001")) for ns in (p50, p90)]
    return Estimate(purpose, hourly, card.currency, card.hash, len(lengths_ns), p50 / 1e9, p90 / 1e9, pays[0], pays[1])


def accepted(choices: Iterable[Choice], worker: str, cards: Sequence[RateCard], card: RateCard) -> frozenset[str]:
    """The purposes that a person may be given questions of now.

    A purpose counts if it was accepted, not given up since, and at a rate that is no higher than the card in force
    pays: where a later card pays less, it has to be accepted again.
    """
    by_hash = {one.hash: one for one in cards}
    last: dict[str, Choice] = {}
    for choice in choices:
        if choice.worker == worker:
            last[choice.purpose] = choice
    return frozenset(
        purpose
        for purpose, choice in last.items()
        if choice.action == "accepted"
        and choice.card in by_hash
        and by_hash[choice.card].rate(purpose) <= card.rate(purpose)
    )
