"""How a camera does: when its last frame came, how many a second, gaps, reconnects, and what to do about it."""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final, Literal

State = Literal["ok", "late", "silent", "dead"]
LATE_NS: Final = 2_000_000_000
SILENT_NS: Final = 10_000_000_000
GAP_STEPS: Final = 3.0
"""Steps of the usual length without a frame that are a gap."""
_RECENT: Final = 64


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """One camera at one instant; `last_ns` is when its last frame was taken, None before the first."""

    camera: str
    state: State
    last_ns: int | None
    rate_hz: float
    gaps: int
    reconnects: int
    frames: int
    clock_error_ms: float | None
    """One standard error of its clock against the recorder's."""
    detail: str
    advice: str


class Pulse:
    """Collects what a camera's health follows from."""

    def __init__(self, camera: str) -> None:
        self.camera = camera
        self.frames = self.gaps = self.reconnects = 0
        self.trouble = ""
        """Why there is no connection; empty while there is one."""
        self.refused = False
        """Whether trying again is useless until somebody changes the camera."""
        self._times: deque[int] = deque(maxlen=_RECENT)
        self._arrived_ns: int | None = None

    def frame(self, t_ns: int, arrived_ns: int) -> None:
        """A frame came."""
        if len(self._times) > 4 and t_ns - self._times[-1] > GAP_STEPS * self._step_ns():
            self.gaps += 1
        self._times.append(t_ns)
        self._arrived_ns = arrived_ns
        self.frames += 1
        self.trouble, self.refused = "", False

    def lost(self, why: str, *, refused: bool = False) -> None:
        """The connection broke, or could not be made."""
        self.trouble, self.refused = why, refused

    def health(self, now_ns: int, clock_error_ns: int | None = None) -> CameraHealth:
        """How it does now."""
        age_ns = None if self._arrived_ns is None else now_ns - self._arrived_ns
        state, detail, advice = self._state(age_ns)
        return CameraHealth(
            self.camera,
            state,
            self._times[-1] if self._times else None,
            round(1e9 / self._step_ns(), 1) if len(self._times) > 1 else 0.0,
            self.gaps,
            self.reconnects,
            self.frames,
            None if clock_error_ns is None else round(clock_error_ns / 1e6, 1),
            detail,
            advice,
        )

    def _state(self, age_ns: int | None) -> tuple[State, str, str]:
        if self.refused:
            return "dead", self.trouble, "change the camera's settings as it says"
        if age_ns is None:
            return (
                "dead",
                self.trouble or "no frame yet",
                "see that it has power and network and that its address is right",
            )
        since = f"no frame for {age_ns / 1e9:.0f} s"
        if age_ns > SILENT_NS:
            return "silent", f"{since}; {self.trouble}" if self.trouble else since, "see its power and its cable"
        if age_ns > LATE_NS or self.trouble:
            return "late", self.trouble or since, "nothing yet: it is being tried again"
        return "ok", "", ""

    def _step_ns(self) -> float:
        return max(1.0, median(b - a for a, b in pairwise(self._times)))
