"""What becomes of labelled visits under a card and a threshold: settled alone, asked, and what is given away.

All is worked out from verdicts, so that a day need not be played again for another card or another threshold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from walkout.evaluation.given_away import CAUSES, causes
from walkout.evaluation.intervals import bootstrap_ratio
from walkout.evaluation.tables import by_recording, share
from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import Card


@dataclass(frozen=True, slots=True)
class Outcome:
    """One labelled visit, decided."""

    verdict: Verdict
    p_exact: float
    """Calibrated."""
    settled: bool
    """By software, alone."""
    due_over: Decimal
    """Charged though not taken, as long as nobody answers."""
    given: Decimal
    """Taken but not charged, as long as nobody answers."""
    unshown: Decimal
    """Of that: right lines that were held back because they were not shown."""
    questions: int | None
    """Answers until the visit settles; 0 where it settles alone; None where the questions run out before."""
    asked: int
    """Answers that were given, whether it settled by them or not."""
    ends_exact: bool
    """Exactly right once it is settled by software or by answers; where a person looks at all of it, right."""


def outcome(verdict: Verdict, card: Card, settle_at: float | None, shown_at: float) -> Outcome:
    """One visit decided by a card, a threshold (None: nothing settles alone) and the bar from which lines are shown."""
    p_exact = card.exact(verdict.p_exact, empty=not verdict.charged)
    receipt = verdict.tags.get("matched", "both") != "visit alone"
    settled = receipt and settle_at is not None and p_exact >= settle_at
    right = over = unshown = Decimal(0)
    for (p, _), (charged, true) in zip(verdict.lines, verdict.worth, strict=False):
        if settled or card.of_line(p) >= shown_at:
            right += true
            over += charged - true
        else:
            unshown += true
    questions, asked, ends = _asked(verdict, card, settle_at, settled=settled)
    return Outcome(verdict, p_exact, settled, over, verdict.taken_value - right, unshown, questions, asked, ends)


def outcomes(verdicts: Iterable[Verdict], card: Card, settle_at: float | None, shown_at: float) -> list[Outcome]:
    """Visits decided; receipts of no visit among them."""
    return [outcome(v, card, settle_at, shown_at) for v in verdicts]


def _asked(verdict: Verdict, card: Card, settle_at: float | None, *, settled: bool) -> tuple[int | None, int, bool]:
    if settled:
        return 0, 0, verdict.exact
    for n, (p, exact, _, _) in enumerate(verdict.answers, 1):
        if settle_at is not None and card.exact(p, empty=False) >= settle_at:
            return n, n, exact
    return None, len(verdict.answers), True


def summary(found: Sequence[Outcome]) -> dict[str, Any]:
    """The figures of a shop's day, each with a 95 % interval that knows of recordings."""
    rows = [one.verdict for one in found]
    of = {id(one.verdict): one for one in found}
    units = by_recording(rows)
    alone = [one.verdict for one in found if one.settled]
    return {
        "visits": len(rows),
        "recordings": len(units),
        "exact": share(rows, lambda v: v.exact),
        "settled_alone": share(rows, lambda v: of[id(v)].settled),
        "settled_wrong": share(alone, lambda v: not v.exact),
        "settled_overcharged": share(alone, lambda v: v.over),
        "settled_undercharged": share(alone, lambda v: v.under),
        "ends_exact": share(rows, lambda v: of[id(v)].ends_exact),
        "seen_whole_per_1000": _per_1000(units, lambda v: float(of[id(v)].questions is None)),
        "questions_per_1000": _per_1000(units, lambda v: float(of[id(v)].asked)),
        "taken_per_1000": _per_1000(units, lambda v: float(v.taken_value)),
        "given_away_per_1000": _per_1000(units, lambda v: float(of[id(v)].given)),
        "given_away_by_cause_per_1000": {
            cause: _per_1000(
                units, lambda v, c=cause: float(causes(of[id(v)].verdict, of[id(v)].given, of[id(v)].unshown)[c])
            )
            for cause in CAUSES
        },
        "overcharged_while_unanswered_per_1000": _per_1000(
            units, lambda v: float(of[id(v)].due_over) if not of[id(v)].settled else 0.0
        ),
    }


def _per_1000(units: Sequence[Sequence[Verdict]], value: Any) -> dict[str, Any]:
    """A mean a visit times 1,000, its interval drawn by recording."""
    parts = [sum(value(v) for v in unit) for unit in units]
    wholes = [float(len(unit)) for unit in units]
    low, high = bootstrap_ratio(parts, wholes)
    mean = float(np.sum(parts) / np.sum(wholes)) if np.sum(wholes) else float("nan")
    return {"mean": 1000.0 * mean, "interval": [1000.0 * low, 1000.0 * high]}
