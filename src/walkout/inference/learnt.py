"""What a shop's answers have taught about it: places that the planogram lacks or should not name, and rates.

A value, never a change of anything: `shop_of` and `model_of` give the shop and the numbers that the engine is to work
with, and the operator's own planogram stays as it is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from typing import Any, Final

import orjson

from walkout.inference.model import Model
from walkout.store.planogram import Facing
from walkout.store.shop import Store

VERSION: Final = 1
RATES: Final = ("put_back", "more_of_it", "yet_more", "put_back_elsewhere", "two_products", "two_shoppers")
"""The rates of `Model` that answers may move: each is a share that events count out by themselves."""
LEAST_RATE, MOST_RATE = 0.001, 0.9
"""A rate stays between these: nothing that people do is impossible, or certain."""


class LearntError(ValueError):
    """Something that was not learnt so; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A product on a run of plates of one shelf."""

    fixture: str
    shelf: int
    plates: tuple[int, ...]
    gtin: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is believed beyond the planogram and the numbers that ship. Equal contents have equal hashes."""

    there: tuple[Place, ...] = ()
    """Products that also stand here, sorted."""
    gone: tuple[Place, ...] = ()
    """Facings of the planogram that hold nothing of theirs any more, sorted."""
    rates: tuple[tuple[str, float], ...] = ()
    """(name of a field of `Model`, its value), sorted; one of `RATES`."""

    def __post_init__(self) -> None:
        for name, value in self.rates:
            if name not in RATES or not LEAST_RATE <= value <= MOST_RATE:
                right = f"one of {', '.join(RATES)} from {LEAST_RATE:g} to {MOST_RATE:g}"
                raise LearntError(f"found the rate {name} = {value:g}, right: {right}")

    @property
    def id(self) -> str:
        """The hash of all that it says."""
        return sha256(orjson.dumps(plain(self), option=orjson.OPT_SORT_KEYS)).hexdigest()


NOTHING: Final = Learnt()
"""The planogram as the operator wrote it, and the numbers that ship."""


def shop_of(store: Store, learnt: Learnt) -> Store:
    """The shop as it is believed to be. A place on a fixture, shelf or plate that the shop has not is left out."""
    if not learnt.there and not learnt.gone:
        return store
    gone = {(place.fixture, place.shelf, place.plates, place.gtin) for place in learnt.gone}
    kept = [f for f in store.planogram if (f.fixture, f.shelf, f.plates, f.gtin) not in gone]
    known = {(f.fixture, f.shelf, f.plates, f.gtin) for f in kept}
    for place in learnt.there:
        key = (place.fixture, place.shelf, place.plates, place.gtin)
        if key not in known and place.gtin in store.products and _has(store, place):
            kept.append(Facing(*key))
    return replace(store, planogram=tuple(kept))


def model_of(model: Model, learnt: Learnt) -> Model:
    """The numbers with the learnt rates in their places."""
    rates: dict[str, Any] = dict(learnt.rates)
    return replace(model, **rates)


def plain(learnt: Learnt) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "kind": "learnt",
        "version": VERSION,
        "there": [asdict(place) for place in learnt.there],
        "gone": [asdict(place) for place in learnt.gone],
        "rates": dict(learnt.rates),
    }


def from_plain(read: Mapping[str, Any]) -> Learnt:
    """From plain JSON values. Raises LearntError where they are none, or of another version."""
    try:
        if (read["kind"], read["version"]) != ("learnt", VERSION):
            raise LearntError(f"found {read['kind']!r} of version {read['version']}, right: learnt, {VERSION}")
        rates = tuple(sorted((str(name), float(value)) for name, value in read["rates"].items()))
        return Learnt(_places(read["there"]), _places(read["gone"]), rates)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, LearntError):
            raise
        raise LearntError(f"found nothing that was learnt ({error}), right: as walkout review learn writes") from error


def _places(read: Any) -> tuple[Place, ...]:
    names = {field.name for field in fields(Place)}
    found = []
    for row in read:
        if set(row) != names:
            raise LearntError(f"found a place with {sorted(row)}, right: {sorted(names)}")
        plates = tuple(int(plate) for plate in row["plates"])
        found.append(Place(str(row["fixture"]), int(row["shelf"]), plates, str(row["gtin"])))
    return tuple(sorted(found))


def _has(store: Store, place: Place) -> bool:
    try:
        shelf = store.shelf(place.fixture, place.shelf)
    except KeyError:
        return False
    return set(place.plates) <= {plate.id for plate in shelf.plates} and bool(place.plates)
