"""From lessons to a candidate: what lies where, how often people do what, and how sure software may be."""

from collections.abc import Sequence
from typing import Literal

from walkout.inference.calibrate import Card
from walkout.inference.learnt import Learnt
from walkout.inference.model import Model
from walkout.learning.habits import counted, rates
from walkout.learning.label import few
from walkout.learning.lesson import Lesson
from walkout.learning.places import found_places, gone_places
from walkout.learning.recalibrate import recalibrated
from walkout.learning.register import Source
from walkout.store.shop import Store


def learnt(lessons: Sequence[Lesson], store: Store, model: Model) -> Learnt:
    """Places and rates, worked out anew from all lessons.

    `store` and `model` are as the operator and the release have them: nothing is learnt from what was learnt before.
    """
    found = found_places(lessons, store, model)
    there = tuple(sorted(one.place for one in found))
    return Learnt(there, gone_places(lessons, found, store), rates(counted(lessons, store), model))


def card(lessons: Sequence[Lesson], before: Card, *, store: str, origin: Literal["real", "simulated"]) -> Card:
    """The card moved towards what people found; the same one where too few were looked at."""
    made = recalibrated(lessons, before, store=store, origin=origin)
    return before if (made.some, made.none, made.line) == (before.some, before.none, before.line) else made


def source(lessons: Sequence[Lesson]) -> Source:
    """What some lessons rest on."""
    labels = [lesson.label for lesson in lessons if lesson.label is not None]
    count = {how: sum(label.how == how for label in labels) for how in ("answered", "audited", "disputed")}
    times = [lesson.t_ns for lesson in lessons]
    people = {who for label in labels for who in label.people}
    return Source(
        len(lessons),
        count["answered"],
        count["audited"],
        count["disputed"],
        few(len(people)),
        min(times, default=0),
        max(times, default=0),
    )


def words(before: Learnt, after: Learnt) -> str:
    """What a candidate says, in a sentence: how many places, which rates."""
    parts = []
    if after.there != before.there:
        parts.append(f"{_count(len(after.there), 'place')} beside the planogram")
    if after.gone != before.gone:
        parts.append(f"{_count(len(after.gone), 'facing')} that hold their product no more")
    if after.rates != before.rates:
        parts.append("how often people " + _said(dict(before.rates), dict(after.rates)))
    return "; ".join(parts) or "nothing new"


HABITS = {
    "put_back": "put back",
    "more_of_it": "take two",
    "yet_more": "take a third",
    "put_back_elsewhere": "misplace",
    "two_products": "take two products at once",
    "two_shoppers": "reach in together",
}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _said(before: dict[str, float], after: dict[str, float]) -> str:
    changed = [name for name in after if after[name] != before.get(name)]
    return ", ".join(f"{HABITS[name]} ({after[name]:.1%})" for name in changed)
