"""Visits: who is in the shop together, from when to when, from gate messages or else from first and last sight."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """A party from entry to exit; `shoppers` are the tracker's ids, in order of entry."""

    id: str
    party: str
    shoppers: tuple[str, ...]
    entered_ns: int
    left_ns: int
