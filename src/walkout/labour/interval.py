"""A stretch of a shift: what it was, and whether it is paid."""

from dataclasses import dataclass
from typing import Literal, get_args

IntervalKind = Literal[
    "active",
    "waiting_paid",
    "break_paid",
    "break_unpaid",
    "training",
    "gold",
    "fault_paid",
    "meeting",
    "appeal",
    "idle_query",
]
INTERVAL_KINDS: tuple[str, ...] = get_args(IntervalKind)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start_ns` to `end_ns`, the end left out. The intervals of a shift meet without gap or overlap."""

    worker: str
    number: int
    """Counted from 1 over all that this person ever worked."""
    shift: int
    kind: IntervalKind
    start_ns: int
    end_ns: int
    paid: bool
    """Of an idle query: until the person answers."""
    unit: str = ""
    purpose: str = ""
    card: str = ""

    @property
    def length_ns(self) -> int:
        """How long it was."""
        return self.end_ns - self.start_ns

    @property
    def shown_kind(self) -> IntervalKind:
        """What the person sees while the period runs: a gold question looks like any other until it is over."""
        return "active" if self.kind == "gold" else self.kind
