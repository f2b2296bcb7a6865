"""Something that no scale tells and that may have changed who holds what, with its explanations ready made.

A shelf event goes through `choice.options`; everything else (a hand-over between two hands, an item put on the floor,
a doubted identity) comes as a `Happening`: choices, each a few moves with a log probability. `hypothesis.advance`
takes either. One choice at least must be allowed whatever was before: usually the one without moves, 'nothing
happened'. Moves of these kinds are understood by `effect.changes`:

* `hand`: `quantity` of `gtin` go from `giver` to `shopper`; the place is not looked at.
* `away` and `stray` with a place of its own (`("floor", 0, (cell,))`, say): put down there, and taken up from there.
* `swap`: all that `shopper` and `giver` hold changes owner; `gtin` "" and quantity 0.
"""

from dataclasses import dataclass

from walkout.inference.choice import Choice


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, or did not, between two instants."""

    id: str
    """Unlike any other happening's or shelf event's."""
    start_ns: int
    end_ns: int
    choices: tuple[Choice, ...]
    """In a fixed order."""
    words: tuple[str, ...]
    """One plain sentence a choice, lower case first, without a full stop: the reasons on a receipt are made of them."""

    def __post_init__(self) -> None:
        if len(self.words) != len(self.choices):
            raise ValueError(f"found {len(self.words)} sentences for {len(self.choices)} choices, right: one each")
        if not any(not choice.moves for choice in self.choices):
            raise ValueError(f"{self.id}: found no choice without moves, right: one, 'nothing happened'")
