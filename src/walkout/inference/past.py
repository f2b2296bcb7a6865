"""A past: who holds what and what is astray; and what moves make of it."""

from dataclasses import dataclass
from math import log

from walkout.inference.choice import Choice
from walkout.inference.item import Plates


@dataclass(frozen=True, slots=True)
class State:
    """One past: sorted holdings and sorted strays, every count at least 1."""

    held: tuple[tuple[str, str, int], ...] = ()
    """(shopper, GTIN, count)."""
    strays: tuple[tuple[Plates, str, int], ...] = ()
    """(place, GTIN, count)."""


def apply(state: State, choice: Choice) -> tuple[State, float] | None:
    """The past after some moves and the log probability that the past adds; None where it does not allow them."""
    held = {(shopper, gtin): count for shopper, gtin, count in state.held}
    strays = {(place, gtin): count for place, gtin, count in state.strays}
    log_p = 0.0
    for move in choice.moves:
        if move.kind == "stray":
            left = strays.get((move.place, move.gtin), 0) - move.quantity
            if left < 0:
                return None
            strays[move.place, move.gtin] = left
        if move.kind == "swap":
            names = {move.shopper: move.giver or "", move.giver: move.shopper or ""}
            held = {(names.get(shopper, shopper), gtin): n for (shopper, gtin), n in held.items()}
            continue
        if move.kind == "press" and move.quantity < 0:
            strays[move.place, move.gtin] = strays.get((move.place, move.gtin), 0) - move.quantity
        if move.shopper is None or move.quantity == 0:
            continue
        if move.kind == "hand":
            giver = move.giver or ""
            count = held.get((giver, move.gtin), 0) - move.quantity
            if count < 0:
                return None
            log_p -= log(sum(1 for (shopper, _), n in held.items() if shopper == giver and n))
            held[giver, move.gtin] = count
            held[move.shopper, move.gtin] = held.get((move.shopper, move.gtin), 0) + move.quantity
            continue
        key = (move.giver or move.shopper, move.gtin)
        count = held.get(key, 0) + move.quantity
        if count < 0:
            return None
        if move.quantity < 0:  # any of what they hold could be what comes back
            log_p -= log(sum(1 for (shopper, _), n in held.items() if shopper == key[0] and n))
            if move.kind == "away":
                strays[move.place, move.gtin] = strays.get((move.place, move.gtin), 0) - move.quantity
        held[key] = count
    return State(
        tuple((s, g, n) for (s, g), n in sorted(held.items()) if n),
        tuple((p, g, n) for (p, g), n in sorted(strays.items()) if n),
    ), log_p
