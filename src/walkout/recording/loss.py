"""What a recording or a stream lost: said, never silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of trouble on one channel, in words a person can act on."""

    kind: str
    """truncated, malformed, duplicate, disorder, clock, gap, frozen, nan, unknown"""
    channel: str
    count: int
    detail: str
    start_ns: int | None = None
    end_ns: int | None = None
    source: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What was found there, kept so that an import can be exported again."""
