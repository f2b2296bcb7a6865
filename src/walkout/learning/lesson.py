"""A visit to learn from: what inference made of each happening, put right by what people found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from walkout.inference.belief import Belief
from walkout.inference.explanation import Candidate, Explanation
from walkout.inference.model import Model
from walkout.learning.label import Basket, Label, Told
from walkout.sensing.event import ShelfEvent

RETURNED = 0.5
"""A product that came back with at least this probability may have been taken though it is not in the basket."""


@dataclass(frozen=True, slots=True)
class Way:
    """What one party may have done at a happening."""

    moved: tuple[tuple[str, int], ...]
    """(GTIN, count that left the shelf; below 0: came back), in no order of meaning; no GTIN is empty."""
    p: float
    two_people: bool = False
    """Another party's hand took part."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One happening at a shelf, as far as one party had a hand in it."""

    event: str
    fixture: str
    shelf: int
    plates: tuple[int, ...]
    """Those that took part, sorted."""
    ways: tuple[Way, ...]
    said: bool
    """A person's answer is in it: to a question about it, or of the whole basket."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One visit. `label` None: nobody looked, and what it teaches is software's own word."""

    visit: str
    t_ns: int
    seen: tuple[Seen, ...]
    label: Label | None
    p_raw: float
    """P(exactly right) before calibration."""
    basket: Basket
    """What the receipt of software alone had."""
    lines: tuple[tuple[str, int, float], ...]
    """(GTIN, count, P(at least so many) before calibration) of each line."""


def lesson(belief: Belief, explanations: Iterable[Explanation], label: Label | None, model: Model) -> Lesson:
    """What a visit teaches, from its belief and the happenings of its time."""
    party = frozenset(belief.visit.shoppers)
    seen = [one for e in explanations if (one := _seen(e, party, label, model)) is not None]
    if label is not None:
        seen = _within(seen, label.basket)
    return Lesson(
        belief.visit.id,
        belief.visit.left_ns,
        tuple(seen),
        label,
        belief.p_right,
        tuple(sorted((line.gtin, line.quantity) for line in belief.lines)),
        tuple((line.gtin, line.quantity, line.probability) for line in belief.lines),
    )


def main_plates(event: ShelfEvent, share: float) -> tuple[int, ...]:
    """The plates that moved by this share, or more, of the one that moved most."""
    most = max(abs(grams) for grams in event.delta_g)
    found = [plate for plate, grams in zip(event.plates, event.delta_g, strict=True) if abs(grams) >= share * most]
    return tuple(sorted(found))


def _seen(explanation: Explanation, party: frozenset[str], label: Label | None, model: Model) -> Seen | None:
    """A happening as it concerns a party; None where they had no hand in it."""
    event = explanation.event
    told = [one for one in label.told if one.event == event.id] if label is not None else []
    ways = [(c, _way(c, party)) for c in explanation.candidates]
    kept = [way for c, way in ways if way.moved and all(one.allows(_moves(c)) for one in told)]
    if told and not kept:
        kept = _named(event, told)
    elif told:
        total = sum(way.p for way in kept)
        kept = [Way(way.moved, way.p / total, way.two_people) for way in kept if total > 0.0]
    if not kept:
        return None
    plates = main_plates(event, model.chief_share)
    return Seen(event.id, event.fixture, event.shelf, plates, tuple(kept), bool(told))


def _way(candidate: Candidate, party: frozenset[str]) -> Way:
    moves = _moves(candidate)
    mine = tuple((gtin, count) for who, gtin, count in moves if who in party and gtin)
    others = any(who is not None and who not in party for who, _, _ in moves)
    return Way(mine, candidate.probability, two_people=bool(mine) and others)


def _moves(candidate: Candidate) -> tuple[tuple[str | None, str, int], ...]:
    return ((candidate.shopper, candidate.gtin, candidate.quantity), *candidate.also)


def _named(event: ShelfEvent, told: Sequence[Told]) -> list[Way]:
    """What a person named that was no candidate: one of it, as the scale went."""
    sign = 1 if sum(event.delta_g) < 0 else -1
    return [Way(((one.named, sign),), 1.0) for one in told[-1:] if one.named is not None]


def _within(seen: Sequence[Seen], basket: Basket) -> list[Seen]:
    """Without what cannot be, once the basket is known: things taken that are not in it and never came back."""
    back = {gtin for one in seen for way in one.ways for gtin, count in way.moved if count < 0 and way.p >= RETURNED}
    allowed = {gtin for gtin, _ in basket} | back
    found = []
    for one in seen:
        ways = [way for way in one.ways if all(count < 0 or gtin in allowed for gtin, count in way.moved)]
        was, total = sum(way.p for way in one.ways), sum(way.p for way in ways)
        if total > 0.0:
            fits = tuple(Way(way.moved, min(1.0, way.p * was / total), way.two_people) for way in ways)
            found.append(Seen(one.event, one.fixture, one.shelf, one.plates, fits, said=True))
    return found
