"""What lies where, learnt: products that stand where the planogram has none of them, and facings they left.

A product that leaves a place which is not its own was either left there by somebody, or it stands there. Each visit
that takes one away, less each that brings one, is weighed between the two: by what a facing's share of all takes is,
and by what inference expects of strays (`Model.stray`). No place is believed in before people looked at three
visits that say so, so that software cannot talk itself into one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log, log1p

from walkout.inference.learnt import Place
from walkout.inference.model import Model
from walkout.learning.lesson import Lesson, Seen
from walkout.store.planogram import Facing
from walkout.store.shop import Store

MOVED = 0.02
"""Before anything is seen: the share of products that stand somewhere beside what the planogram says; assumed."""
SURE = log(20.0)
"""Log odds from which a place is believed in: 95 %."""
LEAST_SAID = 3
"""So many visits that people looked at must have taken it there: goods of one mass look alike to software."""
EMPTY = 0.05
"""A facing is believed empty of its product when nothing was taken from it though, standing at both places alike, that
had a chance below this."""
BESIDE = 1
"""Goods reach a plate beyond their facing (`Model.over`)."""
EDGE = 0.25
"""A place ends where a plate took part in less than this share of what its busiest plate did."""

Shelf = tuple[str, int]


@dataclass(slots=True)
class _Away:
    """One product on one shelf away from its facings."""

    by_plate: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    taken: list[tuple[str, tuple[int, ...], float, bool]] = field(default_factory=list)
    """(visit, plates, items that left less those that came, a person said so)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place that is believed in, with what speaks for it."""

    place: Place
    visits: int
    said: int
    """Visits that took it there, and how many of those people looked at."""
    log_odds: float


def found_places(lessons: Iterable[Lesson], store: Store, model: Model) -> tuple[Found, ...]:
    """The places that are not in the planogram and are believed in, sorted."""
    away: dict[tuple[str, Shelf], _Away] = defaultdict(_Away)
    for lesson in lessons:
        for one in lesson.seen:
            _add(away, lesson, one, store)
    found = [_found(gtin, shelf, one, store, model) for (gtin, shelf), one in sorted(away.items())]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.place))


def gone_places(lessons: Sequence[Lesson], found: Sequence[Found], store: Store) -> tuple[Place, ...]:
    """Facings of the planogram that hold nothing of their product any more, sorted.

    Only where its goods are taken elsewhere now, or other goods from there: from an empty shelf nothing is learnt.
    """
    takes = _takes_at_home(lessons, store)
    gone = []
    for facing in store.planogram:
        if takes.get(_key(facing), 0.0) >= 0.5:
            continue
        instead = max((one.visits for one in found if _replaces(one.place, facing)), default=0)
        if 0.5**instead <= EMPTY:
            gone.append(Place(facing.fixture, facing.shelf, facing.plates, facing.gtin))
    return tuple(sorted(gone))


def _add(away: dict[tuple[str, Shelf], _Away], lesson: Lesson, seen: Seen, store: Store) -> None:
    net: dict[str, float] = defaultdict(float)
    for way in seen.ways:
        for gtin, count in way.moved:
            if store.products.get(gtin) is not None and not _at_home(gtin, seen, store):
                net[gtin] += way.p * (1.0 if count > 0 else -1.0)
    for gtin, items in net.items():
        one = away[gtin, (seen.fixture, seen.shelf)]
        one.taken.append((lesson.visit, seen.plates, items, seen.said))
        for plate in seen.plates:
            one.by_plate[plate] += max(0.0, items)


def _found(gtin: str, shelf: Shelf, away: _Away, store: Store, model: Model) -> Found | None:
    run = _run(away.by_plate)
    net: dict[str, float] = defaultdict(float)
    said: set[str] = set()
    for visit, plates, items, told in away.taken:
        if set(plates) & set(run):
            net[visit] += items
            if told and items > 0.5:
                said.add(visit)
    takers = [visit for visit, items in net.items() if items > 0.5]
    bringers = sum(items < -0.5 for items in net.values())
    visits = len(takers) - bringers
    if min(visits, len(said & set(takers))) < LEAST_SAID:
        return None
    odds = log(MOVED) - log1p(-MOVED) + visits * (-log(max(1, len(store.planogram))) - _log_stray(store, model))
    if odds < SURE:
        return None
    return Found(Place(*shelf, run, gtin), visits, len(said & set(takers)), odds)


def _log_stray(store: Store, model: Model) -> float:
    """The log share of takes that are of one given product at one given plate where it does not stand, at most."""
    products = max(1, len(store.products))
    plates = min(max(1, len(shelf.plates)) for fixture in store.fixtures for shelf in fixture.shelves)
    return log(model.stray) - log(products) + log(model.stray_shelf) - log(plates)


def _run(by_plate: Mapping[int, float]) -> tuple[int, ...]:
    """The plates around the busiest one that took part often enough, without a gap."""
    if not by_plate:
        return ()
    best = min(by_plate, key=lambda plate: (-by_plate[plate], plate))
    least = EDGE * by_plate[best]
    run = [best]
    for step in (-1, 1):
        plate = best + step
        while by_plate.get(plate, 0.0) >= least > 0.0:
            run.append(plate)
            plate += step
    return tuple(sorted(run))


def _takes_at_home(lessons: Sequence[Lesson], store: Store) -> dict[tuple[str, int, tuple[int, ...], str], float]:
    """By facing: the likeliest that any visit took something of its product from it."""
    found: dict[tuple[str, int, tuple[int, ...], str], float] = {}
    for lesson in lessons:
        for seen in lesson.seen:
            for facing in store.facings_on(seen.fixture, seen.shelf):
                if not _near(facing.plates, seen.plates):
                    continue
                p = sum(way.p for way in seen.ways if any(g == facing.gtin and n > 0 for g, n in way.moved))
                found[_key(facing)] = max(found.get(_key(facing), 0.0), p)
    return found


def _replaces(place: Place, facing: Facing) -> bool:
    """Whether a place that was found takes a facing's part: its product stands there now, or another stands here."""
    if place.gtin == facing.gtin:
        return True
    return (place.fixture, place.shelf) == (facing.fixture, facing.shelf) and set(facing.plates) <= set(place.plates)


def _at_home(gtin: str, seen: Seen, store: Store) -> bool:
    return any(
        (f.fixture, f.shelf) == (seen.fixture, seen.shelf) and _near(f.plates, seen.plates)
        for f in store.facings_of(gtin)
    )


def _near(plates: Sequence[int], others: Sequence[int]) -> bool:
    return min(plates) - BESIDE <= max(others) and min(others) <= max(plates) + BESIDE


def _key(facing: Facing) -> tuple[str, int, tuple[int, ...], str]:
    return facing.fixture, facing.shelf, facing.plates, facing.gtin
