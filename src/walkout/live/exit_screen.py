"""The screen at an exit where people pay without an identity: whose basket it shows, and for how long.

It shows the parties that came in with nothing and stand at the gate now, and those that just went out through it. Who
showed a card at the entry is never on it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from walkout.live.stays import Stay
from walkout.store.layout import Gate

NEAR_M: Final = 1.5
"""Whose head is so near to the middle of the gate stands before its screen; chosen."""
AFTER_NS: Final = 30 * 1_000_000_000
"""So long a party that went out is still shown, with the code of its receipt."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The visits on a screen."""

    here: tuple[str, ...]
    left: tuple[str, ...]


def shown_at(
    gate: Gate,
    people: Iterable[Mapping[str, Any]],
    stays: Iterable[Stay],
    left: Mapping[str, tuple[str, int]],
    now_ns: int,
) -> Shown:
    """What the screen of one gate shows.

    `people` as the live view has them (visit, x_m, y_m); `left`: visits that came in with nothing and went out, with
    gate and time. Where no camera places anybody, a party is shown only while it is the only one inside.
    """
    inside = {stay.visit for stay in stays if not stay.gone and not stay.credential}
    placed = [one for one in people if one["role"] == "shopper"]
    if placed:
        near = {one["visit"] for one in placed if math.hypot(one["x_m"] - gate.x_m, one["y_m"] - gate.y_m) <= NEAR_M}
    else:
        near = inside if len(inside) == 1 else set()
    gone = [(at_ns, visit) for visit, (name, at_ns) in left.items() if name == gate.id and now_ns - at_ns <= AFTER_NS]
    return Shown(tuple(sorted(inside & near)), tuple(visit for _, visit in sorted(gone, reverse=True)))
