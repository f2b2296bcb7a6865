"""Whether what was learnt is better, on visits that it was not learnt from: the one rule of promotion.

Both are told the same fresh visits, and each is scored by the log of the probability that it gave to the basket which
people found (a proper scoring rule: whoever says what they believe does best; Gneiting and Raftery 2007). A visit
counts for as many as it stands for, since people see the hard ones more often. The candidate is promoted only if the
95 % interval of the mean difference lies above 0, on `LEAST` visits or more, and if it overcharges no more of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

from walkout.evaluation.intervals import bootstrap_ratio
from walkout.inference.belief import Belief
from walkout.inference.calibrate import Card
from walkout.learning.label import Basket, Label, few

LEAST = 30
"""Fresh visits that people looked at, at least."""
FLOOR = 1e-3
"""No basket is given less: one visit that went wrong in a way nobody thought of does not outweigh all others."""
RULE = (
    "promoted only if, on at least 30 fresh visits that people looked at and that it was not learnt from, the 95 % "
    "interval of the mean gain in log score (of the basket that people found, each visit weighted by one over its "
    "probability of being looked at) lies above 0, and it charges what was not taken on no more of them"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What software says of one visit: its receipt, how sure, and the other baskets."""

    basket: Basket
    p: float
    """Calibrated: that the receipt is exactly right."""
    others: Mapping[Basket, float]
    """The other baskets that it names, with their shares; they need not sum to 1."""

    def log_score(self, true: Basket) -> float:
        """The log of the probability that it gave to what was true."""
        if true == self.basket:
            return log(max(self.p, FLOOR))
        total = sum(self.others.values())
        share = self.others.get(true, 0.0) / total if total > 0.0 else 0.0
        return log(max((1.0 - self.p) * share, FLOOR))

    def overcharges(self, true: Basket) -> bool:
        """Whether something is on the receipt that was not taken."""
        found = dict(true)
        return any(count > found.get(gtin, 0) for gtin, count in self.basket)


@dataclass(frozen=True, slots=True)
class Trial:
    """A candidate held against what is in use."""

    visits: int
    people: str
    """How many people's answers it rests on."""
    gain: float | None
    """The mean gain in log score a visit, in nats, and its 95 % interval; None: there was no visit."""
    low: float | None
    high: float | None
    right_before: int
    right_after: int
    over_before: int
    over_after: int
    promoted: bool
    why: str


def said(belief: Belief, card: Card) -> Said:
    """What a belief says under a card."""
    basket = tuple(sorted((line.gtin, line.quantity) for line in belief.lines))
    others: dict[Basket, float] = {}
    for one in belief.baskets:
        if one.items != basket and not one.unknown:
            others[one.items] = others.get(one.items, 0.0) + one.probability
    rest = max(0.0, 1.0 - belief.p_exact - sum(others.values()))
    others[("?", 0),] = rest  # what is not written down: no basket has this name
    return Said(basket, card.exact(belief.p_right, empty=not basket), others)


def tried(before: Mapping[str, Said], after: Mapping[str, Said], labels: Mapping[str, Label]) -> Trial:
    """The candidate (`after`) against what is in use (`before`) on labelled visits; both by visit.

    A visit that only one of the two has counts with the floor for the other.
    """
    nothing = Said((("?", 0),), 0.0, {})
    names = sorted(labels)
    pairs = [(before.get(n, nothing), after.get(n, nothing), labels[n]) for n in names]
    weights = [label.weight for _, _, label in pairs]
    gains = [new.log_score(label.basket) - old.log_score(label.basket) for old, new, label in pairs]
    people = few(len({who for label in labels.values() for who in label.people}))
    was_right = sum(old.basket == label.basket for old, _, label in pairs)
    is_right = sum(new.basket == label.basket for _, new, label in pairs)
    was_over = sum(old.overcharges(label.basket) for old, _, label in pairs)
    is_over = sum(new.overcharges(label.basket) for _, new, label in pairs)
    if not pairs:
        return Trial(0, "0", None, None, None, 0, 0, 0, 0, promoted=False, why="no fresh visit was looked at")
    parts = [gain * weight for gain, weight in zip(gains, weights, strict=True)]
    low, high = bootstrap_ratio(parts, weights)
    promoted, why = _ruled(len(pairs), low, was_over, is_over)
    mean = sum(parts) / sum(weights)
    return Trial(
        len(pairs), people, mean, low, high, was_right, is_right, was_over, is_over, promoted=promoted, why=why
    )


def _ruled(visits: int, low: float, over_before: int, over_after: int) -> tuple[bool, str]:
    if visits < LEAST:
        return False, f"found {visits} fresh visits that people looked at, right: {LEAST} or more"
    if over_after > over_before:
        return False, f"it charges what was not taken on {over_after} fresh visits, what is in use on {over_before}"
    if not low > 0.0:
        return False, "it is not shown to be better: the interval of its gain reaches down to 0 or below"
    return True, "better on fresh visits: the whole interval of its gain lies above 0"
