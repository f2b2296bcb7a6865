"""Goods that were taken and not charged, by cause."""

from decimal import Decimal
from typing import Literal

from walkout.evaluation.verdict import Verdict

Cause = Literal["unanswered", "missed", "wrong product", "unknown item", "fault", "no receipt"]
CAUSES: tuple[Cause, ...] = ("unanswered", "missed", "wrong product", "unknown item", "fault", "no receipt")
"""Why goods were not charged: a line was not shown and nobody answered; an event was not seen or not taken for a
sale; another product was charged instead; the goods are not in the catalogue; a sensor failed; there was no receipt at
all. A fault is named where the recording says that one was there."""


def causes(v: Verdict, given: Decimal, unshown: Decimal) -> dict[Cause, Decimal]:
    """What was given away in one visit, by cause; sums to `given`, of which `unshown` is right lines held back."""
    by: dict[Cause, Decimal] = dict.fromkeys(CAUSES, Decimal(0))
    by["unanswered"] = unshown
    left = given - unshown
    if left <= 0:
        return by
    if v.tags.get("matched") == "visit alone":
        by["no receipt"] = left
    elif v.tags.get("fault", "none") not in ("", "none"):
        by["fault"] = left
    elif "unknown item" in v.tags.get("undecidable", ""):
        by["unknown item"] = left
    else:
        swapped = min(left, sum((charged - true for charged, true in v.worth), Decimal(0)))
        by["wrong product"] = swapped
        by["missed"] = left - swapped
    return by
