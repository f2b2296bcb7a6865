"""The connection to one camera over RTSP: its packets as they come, again and again, whatever breaks.

A thread of its own reads; every frame goes to a sink in that thread. Nothing is decoded here. TCP, since a lost UDP
packet tears pictures until the next keyframe.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread
from typing import Any, Final
from urllib.parse import urlsplit

from walkout.live.camera_health import CameraHealth, Pulse
from walkout.live.camera_packets import Packets, StreamRefusedError, video_module
from walkout.recording.camera import CameraFrame
from walkout.sensing.camera_clock import CameraClock, Offset

Sink = Callable[[CameraFrame], None]
log = logging.getLogger(__name__)
_STEADY_NS: Final = 10_000_000
_MOST_SETTLING: Final = 6

TCP: Final[Mapping[str, str]] = {"rtsp_transport": "tcp", "analyzeduration": "1000000", "fpsprobesize": "0"}
"""Without FFmpeg's `nobuffer`, which throws away what it read while it looked at the stream: the first keyframe."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: how long to wait for a connection, for the next packet, and between tries (doubling up to the most)."""

    connect_s: float = 5.0
    read_s: float = 5.0
    first_wait_s: float = 0.5
    most_wait_s: float = 30.0
    settle_s: float = 0.5
    """The first frames after a connection come in a burst, all late: they wait until the clock is known, that is until
    the least delay has not fallen for so long."""


class CameraLink:
    """One camera's connection; `start` it, `stop` it. Its health can be asked from any thread.

    Args:
        camera: Its id in the store.
        url: rtsp://...; a password in it is never logged or shown.
        sink: Takes each frame, with the time it was taken by this machine's clock. If it raises, the link ends.
        patience: How long to wait for what.
        options: FFmpeg's options for the connection.
        now_ns: This machine's clock, UTC nanoseconds.
    """

    def __init__(
        self,
        camera: str,
        url: str,
        sink: Sink,
        *,
        patience: Patience | None = None,
        options: Mapping[str, str] = TCP,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._av = video_module()
        self._camera, self._url, self._sink, self._now_ns = camera, url, sink, now_ns
        self._patience, self._options = patience or Patience(), dict(options)
        self._pulse, self._clock = Pulse(camera), CameraClock()
        self._lock, self._stopping = Lock(), Event()
        self._thread = Thread(target=self._run, name=f"camera {camera}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """End it; False where a connection that hangs outlived the time."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def health(self) -> CameraHealth:
        """How it does now."""
        with self._lock:
            offset = self._clock.offset
            return self._pulse.health(self._now_ns(), None if offset is None else offset.error_ns)

    def offset(self) -> Offset | None:
        """What is known of its clock."""
        with self._lock:
            return self._clock.offset

    def _run(self) -> None:
        wait_s, connected = self._patience.first_wait_s, False
        while not self._stopping.is_set():
            before = self._pulse.frames
            try:
                self._read()
                why, refused = "the camera ended the stream", False
            except StreamRefusedError as error:
                why, refused = str(error), True
            except (self._av.error.FFmpegError, OSError) as error:
                why, refused = _said(error), False
            with self._lock:
                came = self._pulse.frames > before
                connected = connected or came
                self._pulse.lost(why, refused=refused)
                self._clock.restart()
            if self._stopping.is_set():
                return
            wait_s = self._patience.first_wait_s if came else min(2 * wait_s, self._patience.most_wait_s)
            log.info("camera %s at %s: %s; trying again in %.1f s", self._camera, host_of(self._url), why, wait_s)
            self._stopping.wait(wait_s)
            with self._lock:
                self._pulse.reconnects += connected

    def _read(self) -> None:
        patience = self._patience
        options = {**self._options, "timeout": str(round(1e6 * patience.read_s))}
        with self._av.open(self._url, options=options, timeout=(patience.connect_s, patience.read_s)) as container:
            waiting: list[tuple[int | None, CameraFrame]] = []
            settling: _Settling | None = _Settling(patience.settle_s)
            try:
                for stamp_ns, frame in Packets(container, self._camera):
                    arrived_ns = self._now_ns()
                    with self._lock:
                        self._clock.observe(stamp_ns, arrived_ns)
                        offset = self._clock.offset
                    waiting.append((stamp_ns, replace(frame, arrived_ns=arrived_ns)))
                    if settling is not None and settling.done(offset, arrived_ns):
                        settling = None
                    if settling is None:
                        self._deliver(waiting)
                    if self._stopping.is_set():
                        return
            finally:
                self._deliver(waiting)

    def _deliver(self, waiting: list[tuple[int | None, CameraFrame]]) -> None:
        for stamp_ns, frame in _stamped(waiting):
            with self._lock:
                t_ns = self._clock.time_of(stamp_ns, frame.arrived_ns)
                self._pulse.frame(t_ns, frame.arrived_ns)
            self._sink(replace(frame, t_ns=t_ns))
        waiting.clear()


def _stamped(waiting: Sequence[tuple[int | None, CameraFrame]]) -> list[tuple[int | None, CameraFrame]]:
    """The same frames; those without a stamp before two that have one (often the first) get it by going on in step."""
    made = list(waiting)
    for k in range(len(made) - 3, -1, -1):
        next_ns, after_ns = made[k + 1][0], made[k + 2][0]
        if made[k][0] is None and next_ns is not None and after_ns is not None:
            made[k] = (2 * next_ns - after_ns, made[k][1])
    return made


class _Settling:
    """Whether a camera's clock is known well enough after a connection."""

    def __init__(self, settle_s: float) -> None:
        self._settle_ns, self._least_ns, self._since_ns, self._first_ns = round(1e9 * settle_s), 0, 0, 0

    def done(self, offset: Offset | None, arrived_ns: int) -> bool:
        """Look at the offset after the next frame."""
        self._first_ns = self._first_ns or arrived_ns
        least_ns = arrived_ns if offset is None else offset.offset_ns
        if not self._since_ns or least_ns < self._least_ns - _STEADY_NS:
            self._least_ns, self._since_ns = least_ns, arrived_ns
        waited_ns = arrived_ns - self._first_ns
        return arrived_ns - self._since_ns >= self._settle_ns or waited_ns >= _MOST_SETTLING * self._settle_ns


def host_of(url: str) -> str:
    """A camera's address without name and password."""
    parts = urlsplit(url)
    return f"{parts.hostname or '?'}:{parts.port}" if parts.port else parts.hostname or "?"


def _said(error: Any) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__).lower()
