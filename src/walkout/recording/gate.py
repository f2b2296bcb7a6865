"""Somebody passes a gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class GateEvent:
    """An entry opens a visit for a party (people on one payment); an exit ends one shopper's part in it."""

    t_ns: int
    arrived_ns: int
    gate: str
    way: Literal["entry", "exit"]
    visit: str
    party: str
    person: str | None = None
    """The tracker's id of who passed, where the gate's cameras know it."""
    role: Literal["shopper", "staff"] = "shopper"
    source: Mapping[str, Any] = field(default_factory=dict)
