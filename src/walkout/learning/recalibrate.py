"""A shop's own calibration card, from what people found of its visits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from walkout.evaluation.calibration import fit_map, grid_of
from walkout.inference.calibrate import Card
from walkout.learning.label import Label
from walkout.learning.lesson import Lesson


def recalibrated(lessons: Sequence[Lesson], card: Card, *, store: str, origin: Literal["real", "simulated"]) -> Card:
    """The card in use moved towards what people found; it stays where too few were looked at.

    Each visit counts for as many as it stands for: those that were asked about are the hard ones. Days stand for
    recordings, so that nobody measures the card on a day that it was fitted on.
    """
    known = [(lesson, lesson.label) for lesson in lessons if lesson.label is not None]
    some = [one for one in known if one[0].basket]
    none = [one for one in known if not one[0].basket]
    lines = [
        (p, dict(label.basket).get(gtin, 0) >= count, label.weight)
        for lesson, label in known
        for gtin, count, p in lesson.lines
    ]
    made = Card(
        origin,
        store,
        f"{len(known)} visits that people looked at",
        tuple(sorted({f"{datetime.fromtimestamp(lesson.t_ns / 1e9, UTC):%Y-%m-%d}" for lesson, _ in known})),
        len(known),
        sum(lesson.basket != label.basket for lesson, label in known),
        len(lines),
        fit_map(*_told(some), weights=[label.weight for _, label in some], around=card.some),
        fit_map(*_told(none), weights=[label.weight for _, label in none], around=card.none),
        fit_map(
            [p for p, _, _ in lines],
            [right for _, right, _ in lines],
            weights=[weight for _, _, weight in lines],
            around=card.line,
        ),
    )
    return replace(made, grid=grid_of([made.exact(one.p_raw, empty=not one.basket) for one, _ in known] or [1.0]))


def _told(known: Sequence[tuple[Lesson, Label]]) -> tuple[list[float], list[bool]]:
    return [lesson.p_raw for lesson, _ in known], [lesson.basket == label.basket for lesson, label in known]
