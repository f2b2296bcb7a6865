"""One device's stream: what is missing, doubled, out of order or late, and how its clock runs against ours.

Clock: the least of (arrival - device time) over the last minute is the clock's offset and the shortest way together
(the minimum filter of NTP, RFC 5905 section 10, one way only). A clock that calls itself UTC is believed as long as
that least difference is possible for one.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from walkout.live.payload import Clock, Mark, Status

SECOND_NS = 1_000_000_000
RECENT = 512
"""Sequence numbers that are remembered: a minute and a half at 6 a second."""
SLOT_NS, SLOTS = 10 * SECOND_NS, 6
EARLY_NS = 250 * 1_000_000
"""A UTC clock may be this far ahead of ours."""
LATE_NS = 5 * SECOND_NS
"""The least delay of a device whose clock is right; one that is more behind is not UTC."""
STEP_NS = 100 * 1_000_000
"""A correction changes only by more than this: event time must not swim."""
SILENT_NS = 10 * SECOND_NS
State = Literal["ok", "late", "silent", "dead"]
Kind = Literal["plates", "gate", "camera", "people", "looks", "tags", "latch"]


@dataclass(slots=True)
class Device:
    """What is known of one device."""

    id: str
    kind: Kind
    status: Status | None = None
    boot: str = ""
    last_seq: int | None = None
    last_ns: int | None = None
    """Event time of the newest that it said."""
    last_arrived_ns: int | None = None
    messages: int = 0
    gaps: int = 0
    missing: int = 0
    duplicates: int = 0
    reordered: int = 0
    malformed: int = 0
    restarts: int = 0
    clock_steps: int = 0
    correction_ns: int = 0
    """What is added to its times."""
    noise_g: float | None = None
    last_malformed: str = ""
    _seen: deque[int] = field(default_factory=lambda: deque(maxlen=RECENT))
    _least: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=SLOTS))
    """(slot, least difference)."""

    def hear(self, mark: Mark) -> bool:
        """Count a message by its number; False: it came before."""
        boot = mark.boot or self.boot
        if self.boot and boot != self.boot:
            self.restarts += 1
            self.last_seq = None
            self._seen.clear()
        self.boot = boot
        if mark.seq is not None:
            if mark.seq in self._seen:
                self.duplicates += 1
                return False
            if self.last_seq is not None and mark.seq < self.last_seq - RECENT:  # it began anew without a word
                self.restarts += 1
                self._seen.clear()
                self.last_seq = None
            if self.last_seq is not None and mark.seq > self.last_seq + 1:
                self.gaps += 1
                self.missing += mark.seq - self.last_seq - 1
            elif self.last_seq is not None and mark.seq < self.last_seq:
                self.reordered += 1
                self.missing = max(0, self.missing - 1)
            self._seen.append(mark.seq)
            self.last_seq = mark.seq if self.last_seq is None else max(mark.seq, self.last_seq)
        self.messages += 1
        return True

    def remember(self, seq: int | None, boot: str, t_ns: int) -> None:
        """A message that is in the journal from before a restart: it is not taken again."""
        if seq is not None:
            self._seen.append(seq)
            self.last_seq = seq if self.last_seq is None else max(seq, self.last_seq)
        self.boot = boot or self.boot
        self.last_ns = t_ns if self.last_ns is None else max(self.last_ns, t_ns)

    def correct(self, t_ns: int, arrived_ns: int) -> int:
        """What to add to a device time to have event time; learns from this message."""
        self.last_arrived_ns = arrived_ns
        clock: Clock = "utc" if self.status is None else self.status.clock
        if clock == "simulated":
            return 0
        slot, difference = arrived_ns // SLOT_NS, arrived_ns - t_ns
        if self._least and self._least[-1][0] == slot:
            self._least[-1] = (slot, min(self._least[-1][1], difference))
        else:
            self._least.append((slot, difference))
        least = min(value for _, value in self._least)
        lag_ns = round(1e6 * (self.status.lag_ms if self.status is not None else 0.0))
        wanted = least - lag_ns
        if clock == "utc" and -EARLY_NS <= least <= LATE_NS + lag_ns:
            wanted = 0
        if abs(wanted - self.correction_ns) > STEP_NS or (wanted == 0 and self.correction_ns):
            self.clock_steps += self.messages > 1
            self.correction_ns = wanted
        return self.correction_ns

    @property
    def skew_ms(self) -> float | None:
        """The least difference between our clock and its times in the last minute; None: nothing came."""
        return min(value for _, value in self._least) / 1e6 if self._least else None

    def state(self, now_ns: int) -> State:
        """How it is: dead by its last will, silent, late, or well."""
        if self.status is not None and self.status.state == "down":
            return "dead"
        if self.kind in ("gate", "latch"):  # nobody may pass for hours
            return "ok" if self.status is not None or self.last_arrived_ns is not None else "silent"
        if self.last_arrived_ns is None or now_ns - self.last_arrived_ns > SILENT_NS:
            return "silent"
        return "late" if self.correction_ns else "ok"

    def words(self, now_ns: int) -> tuple[str, str]:
        """What is the matter and what to do, in plain words; both "" where all is well."""
        state = self.state(now_ns)
        if state == "dead":
            return f"{self.id} is gone: its connection ended", "Is it powered, and is its network up?"
        if state == "silent":
            if self.last_arrived_ns is None:
                return (
                    f"{self.id} has not been heard since the shop opened",
                    "Is it on, with the right password?",
                )
            seconds = (now_ns - self.last_arrived_ns) / SECOND_NS
            return f"{self.id} has been silent for {seconds:.0f} s", "Is it powered, and is its network up?"
        if state == "late":
            return f"{self.id}'s clock is {self.correction_ns / 1e9:.1f} s off; corrected", "Point it to a time server."
        if self.malformed:
            return (
                f"{self.malformed} messages of {self.id} could not be read: {self.last_malformed}",
                "Is it set up for this shop?",
            )
        if self.status is not None and self.status.detail:
            return f"{self.id} says: {self.status.detail}", ""
        return "", ""
