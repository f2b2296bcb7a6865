"""The server's clock for paid time: how long from the monotonic clock, which day from the wall clock, never backwards.

A wall clock may be wrong or be set while people work. So each run of the program counts on by the monotonic clock from
where the ledger stands: no setting of the clock lengthens or shortens anybody's hour. The monotonic clock goes on while
the program is down, until the machine itself restarts; only then, and while nobody is on shift (so that a wrong date
can heal), the wall clock says where to begin, never before the ledger's last instant.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Stamp:
    """An instant as the ledger has it, and what the monotonic clock of which start of the machine said then."""

    t_ns: int = 0
    mono_ns: int = 0
    boot: str = ""


def boot_id() -> str:
    """What names this start of the machine; "" where the system has no such name."""
    try:
        return BOOT.read_text("ascii").strip()
    except OSError:
        return ""


class Clock:
    """`stamp()` rises with true time from where the ledger's last stamp stands. `resting`: nobody is on shift."""

    def __init__(
        self,
        last: Stamp | None = None,
        *,
        resting: bool = True,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
        boot: str | None = None,
    ) -> None:
        last = Stamp() if last is None else last
        self._monotonic = monotonic
        self._boot = boot_id() if boot is None else boot
        self._started_ns = monotonic()
        gone_ns = self._started_ns - last.mono_ns
        known = bool(self._boot) and last.boot == self._boot and gone_ns >= 0
        self._anchor_ns = last.t_ns + gone_ns if known else last.t_ns
        if resting or not known:
            self._anchor_ns = max(wall(), self._anchor_ns)

    def stamp(self) -> Stamp:
        """Now, as the ledger writes it down; never less than before."""
        mono_ns = self._monotonic()
        return Stamp(self._anchor_ns + (mono_ns - self._started_ns), mono_ns, self._boot)

    def now_ns(self) -> int:
        """UTC nanoseconds."""
        return self.stamp().t_ns
