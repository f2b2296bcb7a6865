"""What people found of a visit, and how much it stands for: all that learning is told of people's work.

No picture, no name, no time of work: which basket it was, what was answered of which happening, and the probability
with which the visit came before people at all.
"""

from dataclasses import dataclass
from typing import Literal

from walkout.inference.doubt import Answer, Moved
from walkout.inference.question import KINDS, key_of

Basket = tuple[tuple[str, int], ...]
"""(GTIN, count), sorted, no count below 1."""
How = Literal["answered", "audited", "disputed"]
FEW = 5
"""Fewer people than this are not counted out."""


def few(people: int) -> str:
    """A number of people in words that single nobody out."""
    return str(people) if people >= FEW or people == 0 else f"fewer than {FEW}"


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: of which happening, to which kind of question, and its key."""

    event: str
    kind: str
    key: str

    def allows(self, moved: tuple[Moved, ...]) -> bool:
        """Whether what may have happened is as it was answered; a kind that inference does not ask allows all."""
        kind = next((one for one in KINDS if one == self.kind), None)
        return kind is None or key_of(Answer(tuple(sorted(moved, key=str)), ""), kind) == self.key

    @property
    def named(self) -> str | None:
        """The product that was named, where one was."""
        first, _, rest = self.key.partition(",")
        gtin = rest.partition(",")[0] if first == "other" else first
        return gtin if self.kind in ("what", "whole") and gtin.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Label:
    """What a visit truly took, as people found it."""

    visit: str
    basket: Basket
    how: How
    probability: float
    """With which a visit like this one comes before people: 1 where it was asked about or disputed, the audited share
    where it settled alone. One over it is how many visits it stands for."""
    t_ns: int
    """When the last word on it was said."""
    told: tuple[Told, ...] = ()
    people: frozenset[str] = frozenset()
    """Who answered; counted, never written down."""

    @property
    def weight(self) -> float:
        """So many visits it stands for (Horvitz and Thompson 1952)."""
        return 1.0 / self.probability
