"""What a recording or a stream lost: said, never silent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of trouble on one channel, in words a person can act on."""

    kind: str
    """truncated, malformed, duplicate, disorder, clock, gap, nan, unknown"""
    channel: str
    count: int
    detail: str
    start_ns: int | None = None
    end_ns: int | None = None
