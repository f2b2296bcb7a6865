"""Visits that no sensor can decide, named from the truth alone, before anything is inferred.

Sensors here are scales under the goods and skeletons; a picture of a hand would show more. A visit is named where even
somebody who knew all but one move could not tell that move from another:

* what was taken lay on the same plates as another product of the same mass (as near as a scale's gain is known);
* what came back to a strange place might be another thing of the same mass that the shopper held too;
* something went to somebody of another party while the two were too far apart for a hand-over to be seen;
* it was taken from plates without load cells, or weighs less than what a scale's own noise hides.

Something left on the floor can be decided: a scale shows it being taken, a skeleton the hand at the floor. What the
same shopper undoes at the same place leaves no doubt in the receipt.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot

from walkout.recording.truth import Place, TruthMove, TruthVisit
from walkout.store.shop import Store

SAME_SHARE, SAME_G = 0.02, 3.0
"""Two masses are the same to a scale when they differ by less: gains of 0.2 % and 3.8 % too much were measured at two
real takes, and a plate wanders by 1 to 3 g."""
LIGHT_G = 5.0
"""A change of less is as often the plate's own: at rest the largest change in 17 s of 240 real plates was 6.8 g, 1 in
1,000 above 3.6 g."""
APART_M = 1.5
"""People whose heads are farther apart cannot pass a thing from hand to hand: two arms."""
NEAR_NS = 1_500_000_000


@dataclass(slots=True)
class _Known:
    """What lies and what is held, followed through the truth."""

    store: Store
    strays: dict[tuple[str, int, int], list[str]] = field(default_factory=dict)
    """Plate to products that were left there."""
    held: dict[str, list[str]] = field(default_factory=dict)

    def mass_g(self, gtin: str) -> float | None:
        product = self.store.products.get(gtin)
        return product.masses[0].mass_g if product is not None and product.masses else None

    def same(self, a: str, b: str, mass_g: float) -> bool:
        """Whether two products are one to a scale; `mass_g` stands in for a catalogue without a's mass."""
        mine, other = self.mass_g(a) or mass_g, self.mass_g(b)
        return a != b and other is not None and abs(mine - other) < max(SAME_G, SAME_SHARE * mine)


def undecidable(moves: Sequence[TruthMove], visits: Sequence[TruthVisit], store: Store) -> dict[str, tuple[str, ...]]:
    """Visit to the reasons why no sensor can decide it, in words; visits that can be decided are not in it."""
    visit_of = {shopper: visit for visit in visits for shopper in visit.shoppers}
    known = _Known(store)
    found: dict[str, list[tuple[TruthMove, str]]] = {}
    for move in sorted(moves, key=lambda m: (m.start_ns, m.id)):
        reasons = list(_reasons(move, known, visit_of))
        _follow(move, known)
        parties = {move.shopper, move.source.shopper, move.target.shopper}
        for visit in {visit_of[p].visit for p in parties if p in visit_of}:
            doubts = found.setdefault(visit, [])
            before = next((old for old, _ in doubts if _undoes(move, old)), None)
            if before is None:
                doubts += [(move, reason) for reason in reasons]
            else:
                found[visit] = [(old, reason) for old, reason in doubts if old is not before]
    reasons_of = {visit: tuple(dict.fromkeys(reason for _, reason in doubts)) for visit, doubts in found.items()}
    return {visit: reasons_of[visit] for visit in sorted(reasons_of) if reasons_of[visit]}


def _undoes(move: TruthMove, old: TruthMove) -> bool:
    """Whether as many of the same product go back where they came from, by the same shopper."""
    here, there = (move.target, old.source) if move.target.kind == "plates" else (move.source, old.target)
    same = (move.shopper, move.gtin, move.quantity) == (old.shopper, old.gtin, old.quantity)
    place = here.kind == there.kind == "plates" and (here.fixture, here.shelf) == (there.fixture, there.shelf)
    return same and place and bool(set(here.plates) & set(there.plates))


def _reasons(move: TruthMove, known: _Known, visit_of: Mapping[str, TruthVisit]) -> Iterator[str]:
    each_g = move.mass_g / max(1, move.quantity)
    if move.source.kind == "shopper" and move.target.kind == "shopper":
        giver, receiver = visit_of.get(move.source.shopper), visit_of.get(move.target.shopper)
        if giver is not receiver and (giver is None or receiver is None or _apart(giver, receiver, move.start_ns)):
            yield "something went to another party while the two were apart"
    elif "plates" in (move.source.kind, move.target.kind):
        place = move.source if move.source.kind == "plates" else move.target
        if not any(_has_cell(known.store, place, plate) for plate in place.plates):
            yield "there is no scale where something was taken or put"
        elif move.mass_g < LIGHT_G:
            yield f"{move.mass_g:.0f} g is less than a scale shows"
        elif place is move.source:
            yield from _taken(move, each_g, known)
        else:
            yield from _put(move, each_g, known)


def _taken(move: TruthMove, each_g: float, known: _Known) -> Iterator[str]:
    place = move.source
    here = {gtin for plate in place.plates for gtin in known.strays.get((place.fixture, place.shelf, plate), ())}
    for facing in known.store.facings_on(place.fixture, place.shelf):
        if set(place.plates) & set(facing.plates):
            here.add(facing.gtin)
    for other in sorted(here):
        if known.same(move.gtin, other, each_g):
            yield f"{each_g:.0f} g against {known.mass_g(other):.0f} g from one plate"


def _put(move: TruthMove, each_g: float, known: _Known) -> Iterator[str]:
    place = move.target
    home = any(
        f.gtin == move.gtin and set(f.plates) & set(place.plates)
        for f in known.store.facings_on(place.fixture, place.shelf)
    )
    for other in [] if home else sorted(set(known.held.get(move.shopper, ()))):
        if known.same(move.gtin, other, each_g):
            yield f"one of two things of {each_g:.0f} and {known.mass_g(other):.0f} g came back to a strange place"


def _follow(move: TruthMove, known: _Known) -> None:
    for _ in range(move.quantity):
        if move.source.kind == "plates":
            for plate in move.source.plates:
                lying = known.strays.get((move.source.fixture, move.source.shelf, plate), [])
                if move.gtin in lying:
                    lying.remove(move.gtin)
        elif move.source.kind == "shopper" and move.gtin in known.held.get(move.source.shopper, []):
            known.held[move.source.shopper].remove(move.gtin)
        if move.target.kind == "shopper":
            known.held.setdefault(move.target.shopper, []).append(move.gtin)
        elif move.target.kind == "plates" and move.action != "restock":
            for plate in move.target.plates:
                known.strays.setdefault((move.target.fixture, move.target.shelf, plate), []).append(move.gtin)


def _has_cell(store: Store, place: Place, plate: int) -> bool:
    try:
        return store.plate(place.fixture, place.shelf, plate).cell
    except KeyError:
        return False


def _apart(a: TruthVisit, b: TruthVisit, t_ns: int) -> bool:
    """Whether two visits' paths are too far apart at an instant; also where one of them says nothing of it."""
    at = [
        min((p for p in v.path if abs(p[0] - t_ns) <= NEAR_NS), key=lambda p: abs(p[0] - t_ns), default=None)
        for v in (a, b)
    ]
    if at[0] is None or at[1] is None:
        return True
    return hypot(at[0][1] - at[1][1], at[0][2] - at[1][2]) > APART_M
