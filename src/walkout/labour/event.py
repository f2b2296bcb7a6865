"""What happens to a reviewer's working time, as the server's clock saw it."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "shift_started",
    "shift_ended",
    "leased",
    "heartbeat",
    "submitted",
    "skipped",
    "expired",
    "returned",
    "break_started",
    "break_ended",
    "session_started",
    "session_ended",
    "fault_started",
    "fault_ended",
    "restarted",
    "ticked",
    "idle_answered",
    "granted",
]
KINDS: tuple[str, ...] = get_args(Kind)

CLOSES: frozenset[str] = frozenset({"submitted", "skipped", "expired", "returned"})
"""What ends the work on a unit. All of it is paid alike."""
FROM_SYSTEM: frozenset[str] = frozenset({"expired", "fault_started", "fault_ended", "restarted", "ticked", "granted"})
"""What the server says by itself: no sign that the person is there."""
OPENS: frozenset[str] = frozenset(
    {"shift_started", "leased", "submitted", "skipped", "session_started", "break_started"}
)
"""What opens a shift where none is open: nobody works outside one."""

BREAKS = ("rest", "recovery", "meal")
"""Rest from the screen and recovery from what was seen are paid; a meal is not."""
SESSIONS = ("meeting", "training", "appeal")


@dataclass(frozen=True, slots=True)
class Event:
    """One happening.

    `id` is the same for every copy of it; `t_ns` comes from the server (`clock.py`), never from a browser.
    """

    id: str
    worker: str
    kind: Kind
    t_ns: int
    unit: str = ""
    purpose: str = ""
    card: str = ""
    """Leased: the hash of the rate card that the unit is paid by."""
    detail: str = ""
    """Which break or session; idle answered: "worked" or "away"; granted: why."""
    of: int = 0
    """Idle answered: the number of the interval; granted: how many paid nanoseconds."""
    by: str = ""
    """Granted: the person who decided it."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"found an event {self.kind!r}, right: one of {', '.join(KINDS)}")
        allowed = {"break_started": BREAKS, "session_started": SESSIONS, "idle_answered": ("worked", "away")}
        if self.kind in allowed and self.detail not in allowed[self.kind]:
            raise ValueError(f"found {self.kind} of {self.detail!r}, right: one of {', '.join(allowed[self.kind])}")
        if self.kind == "leased" and not (self.unit and self.purpose and self.card):
            raise ValueError("found a lease without unit, purpose or rate card, right: all three")
        if self.kind == "granted" and not (self.of > 0 and self.by and self.by != self.worker and self.detail):
            raise ValueError("found a grant without time, reason or another person's name, right: all three")
