"""What the cameras saw around each event: a few small pictures of the hand's place, for a page that was asked for them.

Only of simulated recordings and only by name (`walkout report --pictures`), since nothing is redacted here: a real
one's pictures show people.
"""

from base64 import b64encode
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.inference.explanation import Explanation
from walkout.live.outcome import Replay
from walkout.recording.camera import CameraFrame
from walkout.recording.reader import Recording
from walkout.recording.video import Picture, jpeg, pictures, video_available
from walkout.store.layout import Camera
from walkout.store.planogram import Facing
from walkout.store.view import Point, fixture_between, people_between, pixel
from walkout.web import words
from walkout.web.labels import label

OFFSETS_S: Final = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""When the pictures are taken, seconds from the middle of the change of weight."""
CAMERAS: Final = 2
"""Cameras shown beside an event."""
SIZE_PX: Final = (208, 117)
MAX_BYTES: Final = 2_000_000
"""Characters of all pictures on a page together; a page's other parts stay under some 2 MB."""
QUALITIES: Final = ((5, 6500), (10, 4000))
"""JPEG's quality from best on, with about how many characters a picture takes: the best that all of them fit with."""
VIEW_M: Final = 1.8
"""How much of the shop a picture is wide, at the hand."""
LEAD_NS: Final = 2_500_000_000
"""Decoding starts so long before the first picture: keyframes are up to two seconds apart."""
NEAR_NS: Final = 300_000_000
"""A picture may be so far from the time that was asked for."""
_HIDDEN: Final = 0.2
"""How much less a camera counts for each person between it and the hand."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One camera's pictures around one event, each with its seconds from the event; `uri` is a data: URI of a JPEG."""

    event: str
    camera: str
    shots: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Strips:
    """The pictures of a page, and a sentence on what is shown or why nothing is."""

    strips: tuple[Strip, ...]
    said: str


@dataclass(slots=True, eq=False)
class _Want:
    """Pictures to be found: of one event, by one camera."""

    event: str
    camera: Camera
    hand: Point
    middle_ns: int
    frames: deque[CameraFrame]


def strips(recording: Recording, replay: Replay, visits: Collection[str] = ()) -> Strips:
    """The pictures around the events that a page shows; `visits` as for the page, `walkout.web.report.report_html`.

    Never raises for missing pictures, a missing PyAV or a real recording: `said` tells.
    """
    found = recording.cameras()
    if not found:
        return Strips((), "The recording has no camera pictures.")
    if replay.origin != "simulated" or recording.origin != "simulated":
        return Strips(
            (), "Camera pictures are withheld: pictures of real people are not shown until they can be redacted."
        )
    if not video_available():
        return Strips((), "Camera pictures are left out: showing them needs PyAV ('./run extras' installs it).")
    wants = _wants(replay, frozenset(found), visits)
    fit = [quality for quality, each in QUALITIES if each * len(wants) * len(OFFSETS_S) <= MAX_BYTES]
    quality = fit[0] if fit else QUALITIES[-1][0]
    made: list[Strip] = []
    size = left_out = 0
    for strip in _developed(recording, wants, quality):
        more = sum(len(uri) for _, uri in strip.shots)
        if size + more > MAX_BYTES:
            left_out += 1
        elif strip.shots:
            size += more
            made.append(strip)
    said = f"Camera pictures are simulated; each row is one camera, {len(OFFSETS_S)} pictures half a second apart."
    if not made:
        said = "No camera's pictures show these events."
    if left_out:
        said += f" {words.count(left_out, 'row')} of pictures left out to keep the page small."
    order = {(want.event, want.camera.id): k for k, want in enumerate(wants)}
    return Strips(tuple(sorted(made, key=lambda strip: order[strip.event, strip.camera])), said)


def best_cameras(replay: Replay, explanation: Explanation, cameras: Collection[str]) -> list[tuple[Camera, Point]]:
    """The cameras that see the hand best, the best first, each with the hand's place in the store frame, metres.

    The larger the goods in the picture the better; whoever stands before them counts against it; behind a fixture
    nothing is seen.
    """
    hand = _hand(replay, explanation)
    if hand is None:
        return []
    people = _people(replay, explanation)
    rated = []
    for camera in replay.store.cameras:
        seen = pixel(camera, hand) if camera.id in cameras else None
        if seen is None or fixture_between(camera, hand, replay.store.fixtures):
            continue
        rated.append((-camera.focal_px / seen[2] * _HIDDEN ** people_between(camera, hand, people), camera.id, camera))
    return [(camera, hand) for _, _, camera in sorted(rated, key=lambda one: one[:2])[:CAMERAS]]


def _wants(replay: Replay, cameras: Collection[str], visits: Collection[str]) -> list[_Want]:
    shown = frozenset(label(replay, replay.store, visits).shown_events)
    return [
        _Want(told.event.id, camera, hand, (told.event.start_ns + told.event.end_ns) // 2, deque())
        for told in replay.explanations
        if told.event.id in shown
        for camera, hand in best_cameras(replay, told, cameras)
    ]


def _hand(replay: Replay, explanation: Explanation) -> Point | None:
    """Where the hand was: a little before the front of the likeliest product's place, else of the plates'."""
    event, store = explanation.event, replay.store
    gtin = explanation.candidates[0].gtin if explanation.candidates else ""
    touched = set(event.plates)
    try:
        fixture = store.fixture(event.fixture)
        own = [f for f in store.facings_on(event.fixture, event.shelf) if f.gtin == gtin and touched & set(f.plates)]
        box = store.box(own[0] if own else Facing(event.fixture, event.shelf, event.plates, gtin))
    except KeyError:
        return None
    return fixture.to_store(
        (box.low_m[0] + box.high_m[0]) / 2, -0.05, box.low_m[2] + 0.4 * (box.high_m[2] - box.low_m[2])
    )


def _people(replay: Replay, explanation: Explanation) -> list[tuple[float, float]]:
    """Where everybody in the shop was at an event."""
    at_ns = explanation.event.start_ns
    places = []
    for path in replay.paths:
        if len(path.t_ns) and path.t_ns[0] <= at_ns <= path.t_ns[-1]:
            k = int(np.searchsorted(path.t_ns, at_ns))
            places.append((float(path.xy_m[k, 0]), float(path.xy_m[k, 1])))
    return places


def _developed(recording: Recording, wants: Sequence[_Want], quality: int) -> Iterator[Strip]:
    """The strips, as their last frames pass by; frames are kept no longer than that."""
    span_ns = (round(OFFSETS_S[0] * 1e9) - LEAD_NS, round(OFFSETS_S[-1] * 1e9) + NEAR_NS)
    waiting: dict[str, deque[_Want]] = {}
    for want in sorted(wants, key=lambda one: one.middle_ns):
        waiting.setdefault(want.camera.id, deque()).append(want)
    windows = _merged([(want.middle_ns + span_ns[0], want.middle_ns + span_ns[1]) for want in wants])
    for frame in recording.frames(frozenset(waiting), windows):
        own = waiting[frame.camera]
        while own and own[0].middle_ns + span_ns[1] < frame.t_ns:
            yield _strip(own.popleft(), quality)
        for want in own:
            if want.middle_ns + span_ns[0] > frame.t_ns:
                break
            want.frames.append(frame)
    for own in waiting.values():
        for want in own:
            yield _strip(want, quality)


def _strip(want: _Want, quality: int) -> Strip:
    """The pictures nearest to the times that are asked for."""
    nearest: dict[float, Picture] = {}
    for picture in pictures(want.frames):
        for offset_s in OFFSETS_S:
            wanted_ns = want.middle_ns + round(offset_s * 1e9)
            off_ns = abs(picture.t_ns - wanted_ns)
            best = nearest.get(offset_s)
            if off_ns <= NEAR_NS and (best is None or off_ns < abs(best.t_ns - wanted_ns)):
                nearest[offset_s] = picture
    shots = []
    for offset_s in OFFSETS_S:
        if offset_s in nearest:
            small = jpeg(_cut(nearest[offset_s].rgb, want.camera, want.hand), *SIZE_PX, quality)
            shots.append((offset_s, f"data:image/jpeg;base64,{b64encode(small).decode()}"))
    want.frames.clear()
    return Strip(want.event, want.camera.id, tuple(shots))


def _cut(rgb: NDArray[np.uint8], camera: Camera, hand: Point) -> NDArray[np.uint8]:
    """The part of a picture around a hand, as wide as VIEW_M there, in the shape of SIZE_PX, all inside the picture."""
    rows, columns = rgb.shape[:2]
    seen = pixel(camera, hand)
    assert seen is not None  # noqa: S101 the camera was chosen because it is
    scale = columns / camera.width_px
    wide = min(columns, max(SIZE_PX[0], round(scale * camera.focal_px * VIEW_M / seen[2])))
    high = min(rows, round(wide * SIZE_PX[1] / SIZE_PX[0]))
    left = min(max(0, round(scale * seen[0]) - wide // 2), columns - wide)
    top = min(max(0, round(rows / camera.height_px * seen[1]) - high // 2), rows - high)
    return rgb[top : top + high, left : left + wide]


def _merged(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
