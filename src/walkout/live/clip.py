"""Make an event's clips: raw packets out of the vault, redacted pictures back in, nothing in clear on the way.

This is the one place outside `privacy/` that holds pictures as they were taken; no web page may import it
(tests/live/test_clip.py holds that). What a page may open are the clips in `privacy.clips`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from re import sub
from typing import Any, Final

import numpy as np

from walkout.live.clip_view import best_cameras, crop_of, sights_at, view_of
from walkout.live.mp4 import fragmented_mp4
from walkout.privacy.backdrop import Backdrop, unknown
from walkout.privacy.bodies import Point, Sight, View
from walkout.privacy.redact import Redacted, marks, redact
from walkout.privacy.segments import RawPacket
from walkout.privacy.vault import Vault
from walkout.recording.camera import CameraFrame, Format
from walkout.recording.people import PeopleFrame
from walkout.recording.video import pictures
from walkout.store.layout import Camera

AROUND_NS: Final = 3_000_000_000
TARGET_R_M: Final = 0.14
"""Around the middle of a facing, where changes are shown: a facing is about 0.2 m wide."""
HAND_M: Final = 0.24
"""A hand with what it holds, around its wrist."""
LONGEST: Final = 26
"""Letters of an event's name in a file's: with a camera's name of 64 it is 100."""
WRISTS: Final = ("l_wrist", "r_wrist")
Wrist = tuple[int, str, float, float, float]
"""(picture, which, x_px, y_px, side_px)."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a clip is to show: whose it is (the tracker's id), when, the hand, the head, the facing, all in metres."""

    name: str
    visit: str
    person: str
    t_ns: int
    hand: Point
    head: Point | None
    target: Point


@dataclass(frozen=True, slots=True)
class Made:
    """A clip that was made: its name in the visit's clips, pictures, and how many of them are withheld, and why."""

    name: str
    camera: str
    pictures: int
    withheld: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clip:
    """A redacted clip: its figures, its video (fragmented MP4), and what is known of it (JSON values)."""

    made: Made
    video: bytes
    about: dict[str, Any]


def make_clips(
    vault: Vault,
    cameras: Sequence[Camera],
    event: Event,
    people: Sequence[PeopleFrame],
    backdrops: Mapping[str, Backdrop],
    now_ns: int,
    count: int = 2,
    doors: Sequence[tuple[float, float]] = (),
) -> tuple[Made, ...]:
    """Make the clips of an event from the cameras that see the hand best, and keep them under the visit's key.

    Args:
        vault: Raw packets of the cameras, and where the clips go.
        cameras: The store's.
        event: What to show.
        people: The tracker's frames from 6.5 s before to 6.5 s after the event, in order of time.
        backdrops: Each camera's picture with nobody there; of one that is missing, everything is filled.
        now_ns: The server's clock.
        count: Cameras at most.
        doors: Where people come in and go out, metres: whoever is not seen any more there has left, and is not lost.

    Returns:
        The clips; fewer than `count` where fewer cameras see the hand, or their raw video is gone.

    Raises:
        VideoMissingError, RedactionMissingError: PyAV or OpenCV is not installed.
    """
    made = []
    for camera in best_cameras(cameras, event.hand, event.head, count):
        packets = vault.raw(camera.id, event.t_ns - AROUND_NS, event.t_ns + AROUND_NS)
        clip = film(camera, event, people, backdrops.get(camera.id), packets, doors)
        if clip is not None:
            vault.clips.put(event.visit, clip.made.name, clip.video, clip.about, now_ns)
            made.append(clip.made)
    return tuple(made)


def film(
    camera: Camera,
    event: Event,
    people: Sequence[PeopleFrame],
    backdrop: Backdrop | None,
    packets: Iterable[RawPacket],
    doors: Sequence[tuple[float, float]] = (),
) -> Clip | None:
    """One camera's clip of an event, redacted; None where the packets hold no picture of that time.

    `packets` from one that decodes alone, at `AROUND_NS` before the event or earlier, on; else as `make_clips`.
    """
    times, shown, wrists = _redacted(camera, event, people, backdrop, packets, doors)
    if not shown:
        return None
    why = tuple(sorted({one.withheld for one in shown if one.withheld}))
    about = {
        "event": event.name,
        "camera": camera.id,
        "t_ns": times,
        "event_ns": event.t_ns,
        "withheld": [k for k, one in enumerate(shown) if one.withheld],
        "why_withheld": list(why),
        "width": shown[0].rgb.shape[1],
        "height": shown[0].rgb.shape[0],
        "wrists": [one for one in wrists if _seen(shown[one[0]], one)],
    }
    made = Made(clip_name(event.name, camera.id), camera.id, len(shown), len(about["withheld"]), why)
    return Clip(made, fragmented_mp4([one.rgb for one in shown], times), about)


def clip_name(event: str, camera: str) -> str:
    """What a clip's file is called: of an event whose name no file can have, its letters and a few of its hash."""
    plain = sub(r"[^A-Za-z0-9_.-]", "_", event)[:LONGEST]
    if plain != event or not event[:1].isalnum():
        plain = f"e{plain[1:]}-{sha256(event.encode()).hexdigest()[:8]}"
    return f"{plain}.{camera}"


def _redacted(
    camera: Camera,
    event: Event,
    people: Sequence[PeopleFrame],
    backdrop: Backdrop | None,
    packets: Iterable[RawPacket],
    doors: Sequence[tuple[float, float]],
) -> tuple[list[int], list[Redacted], list[Wrist]]:
    """The instants and redacted pictures of one camera, and where in them the wrists of the one it is about are."""
    from_ns = event.t_ns - AROUND_NS
    crop = crop_of(camera, event.hand, event.target)
    view = view_of(camera, crop)
    part = (slice(crop.top_px, crop.top_px + crop.height_px), slice(crop.left_px, crop.left_px + crop.width_px))
    whole = unknown(camera.height_px, camera.width_px) if backdrop is None else backdrop
    still = Backdrop(whole.mean[part], whole.differed[part])
    frames = (CameraFrame(camera.id, p.t_ns, p.t_ns, format_of(p.data), p.data) for p in packets)
    times: list[int] = []
    wrists: list[Wrist] = []
    taken, found = [], []
    for picture in pictures(frames):
        if picture.t_ns < from_ns or picture.rgb.shape[:2] != (camera.height_px, camera.width_px):
            continue
        rgb = np.ascontiguousarray(picture.rgb[part])
        sights = sights_at(people, picture.t_ns, doors)
        wrists += _wrists(view, sights or (), event.person, len(times))
        times.append(picture.t_ns)
        taken.append(rgb)
        found.append(marks(rgb, view, still, sights, event.person, event.target, TARGET_R_M))
    return times, redact(taken, found), wrists


def _wrists(view: View, sights: Sequence[Sight], person: str, picture: int) -> list[Wrist]:
    """Where the tracker has somebody's wrists in a picture of a clip: for drafts of marks, so that nobody begins anew.

    Half way between the sights just before and just after it.
    """
    found: list[Wrist] = []
    for name in WRISTS:
        seen = [one.joints[name] for one in sights if one.id == person and not one.age_s and name in one.joints]
        if not seen:
            continue
        x_m, y_m, z_m = np.mean(seen, axis=0).tolist()
        column, row, depth = view.pixel((x_m, y_m, z_m))
        x_px, y_px = column - view.left_px, row - view.top_px
        if 0.0 <= x_px <= view.width_px and 0.0 <= y_px <= view.height_px:
            found.append((picture, name, round(x_px, 1), round(y_px, 1), round(view.focal_px * HAND_M / depth, 1)))
    return found


def _seen(shown: Redacted, wrist: Wrist) -> bool:
    """Whether a wrist's own pixel is shown: what is filled is nothing to mark."""
    rows, columns = shown.filled.shape
    row, column = min(int(wrist[3]), rows - 1), min(int(wrist[2]), columns - 1)
    return not shown.withheld and not bool(shown.filled[row, column])


def format_of(data: bytes) -> Format:
    """What a camera's packet holds."""
    return "jpeg" if data.startswith(b"\xff\xd8") else "h264"
