"""What the process that makes clips does: learns what each camera sees without people, and makes clips when told to.

It is told everything (`Setting`, `Look`, `Wanted`) and answers (`Learnt`, `Answer`); it reads the journal and raw
video, writes nothing, and has no keys but those of the stretch that it is told of. Backdrops live in its memory alone:
one that a person crept into must not outlive raw video, and learning one again takes minutes.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import dist
from pathlib import Path
from typing import Final

import numpy as np

from walkout.live.clip import AROUND_NS, WRISTS, Clip, Event, film, format_of
from walkout.live.clip_view import best_cameras, crop_of, sights_at, view_of
from walkout.live.past import BEFORE_NS, moving, named
from walkout.privacy.backdrop import Backdrop, Learning, begin, taught
from walkout.privacy.bodies import REACH_M, Point
from walkout.privacy.keys import DataKey
from walkout.privacy.redact import covered
from walkout.privacy.sealed import SealedError
from walkout.privacy.segments import Ring, read_raw
from walkout.recording.camera import CameraFrame
from walkout.recording.people import PeopleFrame, Person
from walkout.recording.video import pictures
from walkout.store.layout import Camera, Gate

PEOPLE_NS: Final = 6_500_000_000
"""People are wanted from so long before an event to so long after it: 3 s of pictures, 3 s in which they are lost."""
HAND_BEFORE_NS, HAND_AFTER_NS = 1_500_000_000, 1_000_000_000
"""The hand may have been there so long before the weight changed, and so long after."""
KNOWN: Final = 0.5
"""Of what a clip would show, so much must be known; the rest is filled."""
ABSORB: Final = 10
"""Pictures, half a minute apart: five minutes until goods that came or went are part of the backdrop."""
SILENT = "the cameras' people were not told of at that time"
UNSEEN = "nobody of this visit was seen near it at that time"
NO_REACH = "no hand of this visit was seen at any shelf that changed"
HIDDEN = "no camera has that place in its picture"
GONE = "the video of that time is not there any more, or the camera was away"
EMPTY = "the camera has not seen that place empty yet, so all of it would be filled"
WITHHELD = "nothing of it may be shown"


@dataclass(frozen=True, slots=True)
class Setting:
    """The shop: its cameras that send video, its gates, and where journal and raw video lie."""

    cameras: tuple[Camera, ...]
    gates: tuple[Gate, ...]
    journal: str
    raw: str


@dataclass(frozen=True, slots=True)
class Look:
    """A camera's frame that decodes alone, and the people from 3 s before to 3 s after it, as far as they were told."""

    camera: str
    t_ns: int
    data: bytes
    people: tuple[PeopleFrame, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    """How much of a camera's backdrop is known, 0 to 1; `empty`: whether the frame had nobody in it."""

    camera: str
    share: float
    empty: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """A change of weight: when, the middle of its facing, and how much it was."""

    event: str
    start_ns: int
    end_ns: int
    target: Point
    mass_g: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """Clips of one visit: of its one happening, or of those of many where one of its hands was.

    `shoppers` by the engine's names; `keys`: of the raw video around the happenings.
    """

    shoppers: tuple[str, ...]
    entered_ns: int
    happenings: tuple[Happening, ...]
    keys: tuple[DataKey, ...]
    cameras: int
    """Of each happening at most."""
    most: int
    """Happenings at most, the heaviest first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The clips, or why there are none; `later`: it may be otherwise in some minutes."""

    clips: tuple[Clip, ...] = ()
    why: str = ""
    later: bool = False
    read: bool = False
    """Whether raw video was read for it."""
    cpu_s: float = 0.0


class Maker:
    """One shop's maker of clips."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._cameras = {camera.id: camera for camera in setting.cameras}
        self._doors = [(gate.x_m, gate.y_m) for gate in setting.gates]
        self._learning: dict[str, Learning] = {}

    def look(self, look: Look) -> Learnt:
        """Learn from a frame with nobody in it; one with anybody, or of which that is not known, teaches nothing."""
        camera = self._cameras[look.camera]
        before = self._learning.get(look.camera) or begin(camera.height_px, camera.width_px)
        sights = sights_at(look.people, look.t_ns, self._doors)
        if sights is None or covered(view_of(camera), sights).any():
            return Learnt(look.camera, before.share, empty=False)
        frame = CameraFrame(look.camera, look.t_ns, look.t_ns, format_of(look.data), look.data)
        for picture in pictures([frame]):
            if picture.rgb.shape[:2] == (camera.height_px, camera.width_px):
                before = self._learning[look.camera] = taught(before, picture.rgb, ABSORB)
        return Learnt(look.camera, before.share, empty=True)

    def make(self, wanted: Wanted) -> Answer:
        """The clips that are wanted.

        Raises:
            VideoMissingError, RedactionMissingError: PyAV or OpenCV is not installed.
        """
        began_s = time.process_time()
        answer = self._made(wanted)
        return Answer(answer.clips, answer.why, answer.later, answer.read, time.process_time() - began_s)

    def _made(self, wanted: Wanted) -> Answer:
        last_ns = max(one.end_ns for one in wanted.happenings)
        found = moving(Path(self._setting.journal), wanted.entered_ns - BEFORE_NS, last_ns + HAND_AFTER_NS + PEOPLE_NS)
        people = named(found, self._setting.gates)
        asked = sorted(wanted.happenings, key=lambda one: (-abs(one.mass_g), one.start_ns))
        events = [event_of(one, people, wanted.shoppers) for one in asked]
        alone = len(asked) == 1
        chosen = [found[0] for found in events if found is not None and (alone or found[1])]
        if not chosen:
            return Answer(why=_silence(asked, people) or (UNSEEN if alone else NO_REACH))
        ring, clips, why, later, read = Ring(wanted.keys), list[Clip](), list[str](), False, False
        for event in chosen[: wanted.most]:
            frames = [frame for frame in people if abs(frame.t_ns - event.t_ns) <= PEOPLE_NS]
            seeing = best_cameras(self._setting.cameras, event.hand, event.head, len(self._setting.cameras))
            best = [(camera, known) for camera in seeing if (known := self._known(camera, event)) is not None]
            if not best:  # all of it would be filled: raw video is not even read
                why.append(EMPTY if seeing else HIDDEN)
                later |= bool(seeing)
            for camera, known in best[: wanted.cameras]:
                clip, read = self._film(ring, camera, event, frames, known), True
                if clip is not None and clip.made.withheld < clip.made.pictures:
                    clips.append(clip)
                else:
                    why.append(GONE if clip is None else f"{WITHHELD}: {'; '.join(clip.made.why)}")
        return Answer(tuple(clips), "" if clips else why[0], later and not clips, read)

    def _known(self, camera: Camera, event: Event) -> Backdrop | None:
        """A camera's backdrop; None where it does not know most of what a clip would show."""
        learning = self._learning.get(camera.id)
        if learning is None:
            return None
        crop, known = crop_of(camera, event.hand, event.target), learning.known
        part = known.mean[crop.top_px : crop.top_px + crop.height_px, crop.left_px : crop.left_px + crop.width_px]
        return known if np.isfinite(part).mean() > KNOWN else None

    def _film(
        self, ring: Ring, camera: Camera, event: Event, frames: Sequence[PeopleFrame], known: Backdrop
    ) -> Clip | None:
        packets = read_raw(Path(self._setting.raw), ring, camera.id, event.t_ns - AROUND_NS, event.t_ns + AROUND_NS)
        try:
            return film(camera, event, frames, known, packets, self._doors)
        except SealedError:  # somebody changed the file: it shows nothing any more
            return None


def event_of(happening: Happening, people: Sequence[PeopleFrame], shoppers: Iterable[str]) -> tuple[Event, bool] | None:
    """Whose hand of a visit was nearest to a happening, and when, and whether it was within reach of it.

    None: nobody of the visit was seen then. A hand out of reach is none: what is shown then is the facing, and
    everybody is filled.
    """
    mine = set(shoppers)
    best: tuple[float, int, Person, Point] | None = None
    for frame in people:
        if not happening.start_ns - HAND_BEFORE_NS <= frame.t_ns <= happening.end_ns + HAND_AFTER_NS:
            continue
        for person in frame.people:
            for name in WRISTS if person.id in mine else ():
                at = person.joints.get(name)
                if at is None:
                    continue
                wrist = (at.x_m, at.y_m, at.z_m)
                key = (dist(wrist, happening.target), frame.t_ns)
                if best is None or key < best[:2]:
                    best = (*key, person, wrist)
    if best is None:
        return None
    far_m, t_ns, person, wrist = best
    target = happening.target
    if far_m > REACH_M:
        return Event(happening.event, "", person.id, happening.start_ns, target, None, target), False
    head = person.joints.get("head")
    head_m = None if head is None else (head.x_m, head.y_m, head.z_m)
    return Event(happening.event, "", person.id, t_ns, wrist, head_m, target), True


def _silence(asked: Sequence[Happening], people: Sequence[PeopleFrame]) -> str:
    """Why nobody was found, where it is that nothing was told of those times."""
    told = any(
        one.start_ns - HAND_BEFORE_NS <= frame.t_ns <= one.end_ns + HAND_AFTER_NS for one in asked for frame in people
    )
    return "" if told else SILENT
