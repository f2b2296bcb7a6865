"""The shop's own eyes, running: cameras' streams in, frames of people out, ten a second; no picture is kept.

A thread a camera reads and decodes (frames of H.264 lean on those before them), and only what is to be looked at is
made a picture of. Whoever looks always takes the newest frame of the camera that waited longest; one that was not
looked at in time is dropped, so that what is told is late by no more than one look. What people look like stays here.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock, Thread
from typing import Any

from walkout.live.camera_health import CameraHealth
from walkout.live.camera_link import CameraLink, Patience
from walkout.live.inbox import FPS, Inbox, Pace, Waiting
from walkout.recording.camera import CameraFrame
from walkout.recording.people import PeopleFrame
from walkout.recording.video import Decoder
from walkout.sensing.vision.eyes import Steps
from walkout.sensing.vision.model import PersonModel
from walkout.sensing.vision.posture import warm
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.tracker import Tracker
from walkout.store.shop import Store

log = logging.getLogger(__name__)
Tell = Callable[[PeopleFrame, Sequence[int]], None]
"""Takes a frame of people, and when the pictures that it is the first to tell of arrived, UTC nanoseconds."""


@dataclass(frozen=True, slots=True)
class EyesFigures:
    """How the eyes did since the start."""

    looked: int
    """Pictures that the network saw."""
    dropped: int
    """Pictures that were due and dropped for a newer one."""
    told: int
    """Frames of people."""
    late: int
    """Pictures that the tracker could not use any more."""


class Eyes:
    """The eyes of one shop; `start` and `stop` them, from one thread.

    Args:
        store: The shop; its cameras must be calibrated.
        urls: rtsp://... of each camera, by its id in the store.
        model: Who finds people in a picture; called from as many threads as there are `lookers`.
        tell: Takes each frame of people, one at a time, from any thread.
        fps: Pictures a second that are looked at of each camera, at most.
        seed: What people's ids are drawn from; a secret.
        lookers: So many pictures are looked at at once.
        patience: How long to wait for a camera.
    """

    def __init__(
        self,
        store: Store,
        urls: Mapping[str, str],
        model: PersonModel,
        tell: Tell,
        *,
        fps: float = FPS,
        seed: bytes,
        lookers: int = 1,
        patience: Patience | None = None,
    ) -> None:
        known = {camera.id for camera in store.cameras}
        if unknown := sorted(set(urls) - known):
            raise ValueError(f"found the cameras {', '.join(unknown)}, right: some of {', '.join(sorted(known))}")
        self._model, self._tell = model, tell
        self._steps = Steps(Tracker(store, seed), prompt=True)
        self._inbox = Inbox(urls)
        self._links = {name: CameraLink(name, urls[name], _Eye(fps, self._inbox), patience=patience) for name in urls}
        self._lookers = [Thread(target=self._look_on, name=f"look {k}", daemon=True) for k in range(lookers)]
        self._lock = Lock()
        self._arrivals: list[tuple[int, int]] = []
        """When the pictures that no frame was told of yet were taken, and when they arrived."""
        self._looked = self._told = 0
        self.trouble = ""
        """Why nobody looks any more; "" while all is well."""

    def start(self) -> None:
        """Begin; returns when everything that is compiled at its first use is there."""
        for lens in self._steps.tracker.lenses.values():
            warm(lens)
        for thread in self._lookers:
            thread.start()
        for link in self._links.values():
            link.start()

    def stop(self) -> bool:
        """End it; False where a connection or a look hung."""
        ended = [link.stop() for link in self._links.values()]
        self._inbox.close()
        for thread in self._lookers:
            if thread.ident is not None:
                thread.join(10.0)
        return all(ended) and not any(thread.is_alive() for thread in self._lookers)

    def health(self) -> tuple[CameraHealth, ...]:
        """How each camera does now, by id."""
        return tuple(link.health() for _, link in sorted(self._links.items()))

    def words(self) -> str:
        """Which cameras are dark, in plain words; "" while none is."""
        dark = [f"{one.camera} ({one.detail or one.state})" for one in self.health() if one.state != "ok"]
        return f"{len(dark)} of {len(self._links)} cameras are dark: {'; '.join(dark)}" if dark else ""

    def figures(self) -> EyesFigures:
        """How it did so far."""
        with self._lock:
            return EyesFigures(self._looked, self._inbox.dropped, self._told, self._steps.tracker.late)

    def _look_on(self) -> None:
        try:
            while (one := self._inbox.take()) is not None:
                self._look(one)
                self._inbox.done(one.decoded.camera)
        except Exception as error:  # whoever watches over us starts us again
            log.exception("nobody looks any more")
            self.trouble = f"{type(error).__name__}: {error}"

    def _look(self, one: Waiting) -> None:
        picture = one.decoded.picture()
        if picture is None:
            return
        persons = self._model(picture.rgb)
        with self._lock:
            self._looked += 1
            self._arrivals.append((picture.t_ns, one.arrived_ns))
            for frame in self._steps.push(Sighting(picture.camera, picture.t_ns, persons)):
                self._say(frame)

    def _say(self, frame: PeopleFrame) -> None:
        seen = [arrived_ns for t_ns, arrived_ns in self._arrivals if t_ns <= frame.t_ns]
        self._arrivals = [pair for pair in self._arrivals if pair[0] > frame.t_ns]
        self._told += 1
        source = {**frame.source, "by": self._model.name}
        self._tell(replace(frame, arrived_ns=time.time_ns(), source=source), seen)


class _Eye:
    """One camera's frames, from its link's thread into the inbox: all that lean on each other are decoded."""

    def __init__(self, fps: float, inbox: Inbox) -> None:
        self._pace, self._inbox, self._decoder = Pace(fps), inbox, Decoder()

    def __call__(self, frame: CameraFrame) -> None:
        due = self._pace.due(frame.t_ns)
        if not due and not frame.needed:
            return
        for decoded in self._decoder.push(frame):
            if due:
                self._inbox.put(Waiting(decoded, frame.arrived_ns))


def figures_json(figures: EyesFigures, health: tuple[CameraHealth, ...]) -> dict[str, Any]:
    """Figures and cameras as plain values."""
    cameras = {one.camera: {"state": one.state, "frames": one.frames, "reconnects": one.reconnects} for one in health}
    return {**{name: getattr(figures, name) for name in EyesFigures.__slots__}, "cameras": cameras}
