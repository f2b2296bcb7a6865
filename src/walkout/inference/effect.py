"""What a choice does to the past: so many of one product more or fewer with one shopper, or astray at one place.

Everything that a choice does to the past it does to such counts, each by itself, so that the pasts of many are moved
at once. Only an exchange of all that two shoppers hold is told apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from walkout.inference.choice import Move
from walkout.inference.item import Plates

Owner = str | Plates
"""A shopper, or a place where something stands astray."""
Variable = tuple[Owner, str]
"""How many of one product (GTIN) one owner has."""


@dataclass(slots=True)
class Delta:
    """How a count changes."""

    change: int = 0
    least: int = 0
    """How far it falls on the way, at most 0: so many must be there before."""


def order(variable: Variable) -> tuple[bool, Owner, str]:
    """Shoppers first, then places."""
    return isinstance(variable[0], tuple), *variable


def changes(moves: Iterable[Move]) -> dict[Variable, Delta]:
    """What some moves change or ask about, one after the other."""
    found: dict[Variable, Delta] = {}
    for move in moves:
        for variable, count in _counted(move):
            delta = found.setdefault(variable, Delta())
            delta.change += count
            delta.least = min(delta.least, delta.change)
    return found


def giver(move: Move) -> str | None:
    """Who must have held what a move gives or puts back; None where nobody must."""
    if move.shopper is None or move.kind == "swap":
        return None
    gives = move.quantity if move.kind == "hand" else -move.quantity
    return (move.giver or move.shopper) if gives > 0 else None


def exchanged(moves: Iterable[Move]) -> tuple[tuple[str, str], ...]:
    """The pairs of shoppers who exchange all they hold."""
    return tuple((m.shopper or "", m.giver or "") for m in moves if m.kind == "swap")


def _counted(move: Move) -> list[tuple[Variable, int]]:
    if move.kind == "swap":
        return []
    found: list[tuple[Variable, int]] = []
    if move.kind in ("stray", "press"):
        found.append(((move.place, move.gtin), -move.quantity))
    if move.shopper is None or move.quantity == 0:
        return found
    if move.kind == "hand":
        return [((move.giver or "", move.gtin), -move.quantity), ((move.shopper, move.gtin), move.quantity)]
    if move.kind == "away":
        found.append(((move.place, move.gtin), -move.quantity))
    return [*found, ((move.giver or move.shopper, move.gtin), move.quantity)]
