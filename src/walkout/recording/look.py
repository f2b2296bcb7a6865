"""What a classifier of products sees in or under a hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Look:
    """A hand reached into a shelf at `t_ns`: how likely the picture is for each product, in the order of GTINs."""

    t_ns: int
    arrived_ns: int
    person: str
    """The tracker's id of whose hand it is."""
    hand: Literal["left", "right"]
    fixture: str
    shelf: int
    likelihoods: Mapping[str, float]
    """GTIN to likelihood, 0 or more; only their ratios mean anything. Products that are not named were not compared."""
    source: Mapping[str, Any] = field(default_factory=dict)
