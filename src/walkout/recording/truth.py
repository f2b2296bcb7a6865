"""What really happened, where somebody knows: labels or the simulator. Only `evaluation` reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """Where items are: on plates, on the floor, in a shopper's hands, or outside."""

    kind: Literal["plates", "floor", "shopper", "outside"]
    fixture: str = ""
    shelf: int = 0
    plates: tuple[int, ...] = ()
    shopper: str = ""


@dataclass(frozen=True, slots=True)
class TruthMove:
    """Items of one product move from a place to a place between two instants; grams is their true mass."""

    id: str
    start_ns: int
    end_ns: int
    shopper: str
    action: str
    gtin: str
    quantity: int
    mass_g: float
    source: Place
    target: Place


@dataclass(frozen=True, slots=True)
class TruthVisit:
    """A party's visit and what it left with, GTIN to count."""

    visit: str
    party: str
    shoppers: tuple[str, ...]
    entered_ns: int
    left_ns: int
    basket: Mapping[str, int]
    path: tuple[tuple[int, float, float], ...] = ()
    """(t_ns, x_m, y_m) of the first shopper's head, a point a second or so, for matching by place."""


@dataclass(frozen=True, slots=True)
class TruthNote:
    """A named fact about the whole recording, such as `consistent: false` or a seed."""

    name: str
    value: str
