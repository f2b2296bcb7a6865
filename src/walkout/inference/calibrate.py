"""A calibration card: how often receipts that inference was so sure of were really right, as a shipped map.

The card is fitted on labelled visits (`walkout.evaluation.calibration`) and only applied here. It says which visits
those were, so that nobody measures it on them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from math import exp, log, log1p
from typing import Any, Literal

import orjson

VERSION = 1
DIGITS = 6
"""Probabilities are published to the millionth, so that the last bits of a float never change a receipt's bytes."""
LEAST = 1e-9
"""Raw probabilities are held this far from 0 and 1: search and floats say nothing finer."""
UNSEEN = 0.002
"""Without a card: this share of visits is taken to be wrong in a way that no sensor shows; assumed. An empty visit, in
which nothing was measured, would have probability 1 otherwise."""
SHIPPED = "cards/simulated.json"


class CardError(ValueError):
    """A text that is no card; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Map:
    """cap * logistic(a ln p - b ln(1 - p) + c), with a and b above 0: rising, so that it never changes an order.

    Beta calibration (Kull, Silva Filho, Flach 2017) below a cap: the share that goes wrong however sure inference is.
    """

    a: float = 1.0
    b: float = 1.0
    c: float = 0.0
    cap: float = 1.0 - UNSEEN

    def __call__(self, p: float) -> float:
        """The calibrated probability of a raw one."""
        p = min(max(p, LEAST), 1.0 - LEAST)
        return self.cap / (1.0 + exp(-(self.a * log(p) - self.b * log1p(-p) + self.c)))


@dataclass(frozen=True, slots=True)
class Card:
    """Three maps and where they come from."""

    origin: Literal["real", "simulated", "mixed", "none"]
    store: str
    """The shop that the visits are of."""
    about: str
    """Which visits, in words: suite, seeds, settings."""
    recordings: tuple[str, ...]
    """Names of the recordings that it was fitted on, sorted; nothing is measured on them."""
    visits: int
    wrong: int
    lines: int
    some: Map
    """For a receipt with lines: that it is exactly right."""
    none: Map
    """For a receipt without lines, which rests on nothing having been measured."""
    line: Map
    """For a line: that the party has at least so many."""
    grid: tuple[float, ...] = ()
    """Calibrated probabilities, falling: thresholds that a certificate tries in this order. They come from the
    visits of this card, so that no label of a later test chose them."""

    @property
    def id(self) -> str:
        """The hash of all that it says."""
        return sha256(orjson.dumps(_plain(self), option=orjson.OPT_SORT_KEYS)).hexdigest()

    def exact(self, p_raw: float, *, empty: bool) -> float:
        """P(exactly right) as published, from what inference says; `empty`: the receipt has no line."""
        return round((self.none if empty else self.some)(p_raw), DIGITS)

    def of_line(self, p_raw: float) -> float:
        """P(the party has at least so many) as published."""
        return round(self.line(p_raw), DIGITS)

    def knows(self, recordings: Iterable[str]) -> frozenset[str]:
        """Which of some recordings it was fitted on."""
        return frozenset(recordings) & frozenset(self.recordings)


NO_CARD = Card("none", "", "no card: as inference says, less what no sensor shows", (), 0, 0, 0, Map(), Map(), Map())


def to_json(card: Card) -> bytes:
    """A card as a file: sorted keys, its own hash as `id`."""
    plain = _plain(card) | {"id": card.id}
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def from_json(data: bytes) -> Card:
    """A card from a file. Raises CardError where it is none, or was changed after it was written."""
    try:
        read = orjson.loads(data)
        if read["version"] != VERSION:
            raise CardError(f"found a card of version {read['version']}, right: version {VERSION}")
        card = Card(
            read["origin"],
            read["store"],
            read["about"],
            tuple(read["recordings"]),
            int(read["visits"]),
            int(read["wrong"]),
            int(read["lines"]),
            _map(read["some"]),
            _map(read["none"]),
            _map(read["line"]),
            tuple(map(float, read["grid"])),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, CardError):
            raise
        raise CardError(f"found no calibration card ({error}), right: one written by walkout calibrate") from error
    if card.id != read.get("id"):
        raise CardError("found a card that is not what it was when it was written, right: the file as it was")
    return card


@cache
def shipped(origin: str) -> Card:
    """The card that comes with the package: for simulated shops; real ones have none until they make their own."""
    found = files("walkout.inference").joinpath(SHIPPED)
    if origin != "simulated" or not found.is_file():
        return NO_CARD
    return from_json(found.read_bytes())


def _map(read: Mapping[str, Any]) -> Map:
    found = Map(float(read["a"]), float(read["b"]), float(read["c"]), float(read["cap"]))
    if not (found.a > 0.0 and found.b > 0.0 and 0.0 < found.cap <= 1.0):
        raise CardError(f"found a map with {read}, right: a and b above 0 and a cap above 0, up to 1")
    return found


def _plain(card: Card) -> dict[str, Any]:
    return {"kind": "calibration", "version": VERSION, **asdict(card)}
