"""`walkout see`: a recording's cameras to people, as a page and, where wanted, as a recording with those people."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from walkout.cli.console import Json, err, out, print_json, progress, refuse, write_file
from walkout.cli.replay import StoreFolder
from walkout.recording.camera import CameraFrame
from walkout.recording.error import RecordingError
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import Recording, open_recording
from walkout.recording.retell import retell
from walkout.recording.video import Picture, VideoMissingError, jpeg, pictures
from walkout.sensing.vision.doors import bind
from walkout.sensing.vision.eyes import people_of
from walkout.sensing.vision.model import PersonModel
from walkout.sensing.vision.pose import OwnPose
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.tracker import Tracker
from walkout.sensing.vision.two_looks import TwoLooks
from walkout.store.folder import load, unpack
from walkout.store.problem import StoreError
from walkout.store.shop import Store
from walkout.web.see import Seen, Shot, Weight, see_html
from walkout.web.views import View

NEAR_NS = 150_000_000
"""A camera's picture stands for an instant where it was taken so shortly before it."""
PICTURE_PX = (480, 270)
HIDDEN = "Pictures are left out: this recording is of real people, and nothing here can make them unrecognisable yet."


@dataclass(slots=True)
class _Album:
    """The pictures and finds of the instants that the page shows."""

    instants: Sequence[int]
    show: bool
    views: dict[tuple[int, str], View] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)
    found: int = 0

    def hear(self, picture: Picture, sighting: Sighting) -> None:
        """Keep what is wanted of a picture."""
        self.heard[picture.camera] += 1
        self.found += len(sighting.persons)
        for at, instant in enumerate(self.instants):
            if instant - NEAR_NS < picture.t_ns <= instant:
                uri = None
                if self.show:
                    uri = f"data:image/jpeg;base64,{b64encode(jpeg(picture.rgb, *PICTURE_PX)).decode()}"
                self.views[at, picture.camera] = View(picture.camera, uri, sighting.persons)


def see_command(
    recording: Annotated[Path, typer.Argument(metavar="REC", help="A recording with cameras (.mcap).")],
    *,
    to: Annotated[Path | None, typer.Option("--out", help="The page to make.")] = None,
    write: Annotated[
        Path | None, typer.Option(help="Make this recording too, with the people seen in place of those given.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="A network of the own kind (.onnx); without it, the two in the package.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Leave out the second look at each person.")] = False,
    shots: Annotated[int, typer.Option(min=1, max=60, help="Instants on the page.")] = 12,
    from_s: Annotated[float, typer.Option("--from", help="Begin so many seconds in.")] = 0.0,
    seconds: Annotated[float | None, typer.Option(help="Look at so many seconds; without it, at all.")] = None,
    store: StoreFolder = None,
    seed: Annotated[str, typer.Option(help="What people's ids are drawn from.")] = "see",
    json: Json = False,
) -> None:
    """See people in a recording's pictures: where each is, all joints in 3D, under one id from door to door."""
    if to is None and write is None:
        refuse("Nothing to make: right is --out PAGE.html, --write REC.mcap, or both.")
    try:
        source = open_recording(recording)
        shop = load(store) if store else unpack(source.store_files)
        network: PersonModel = OwnPose(model) if once or model else TwoLooks.packaged()
        window = _window(source, shop, from_s, seconds)
        instants = [round(t) for t in np.linspace(*window, shots + 2)[1:-1]]
        album = _Album(instants, source.origin == "simulated")
        with progress("looking") as report_progress:
            taken = _told(source.frames(windows=[window]), window, report_progress)
            tracker = Tracker(shop, seed.encode())
            people = list(people_of(pictures(taken), network, tracker, album.hear))
        if write is not None:
            gates = [o for o in source.observations() if isinstance(o, GateEvent)]
            bound = bind(gates, people, shop.gates)
            retell(
                source, write, people, bound, {"people": f"seen by {network.name} through {len(album.heard)} cameras"}
            )
    except (RecordingError, StoreError, VideoMissingError, ValueError) as error:
        refuse(error)
    except FileNotFoundError as error:
        refuse(f"no network: {error}; right is --model FILE.onnx, or a package that holds one")
    figures = _figures(people, album, tracker)
    if to is not None:
        said = _said(figures, album) + ("" if album.show else f" {HIDDEN}")
        page = see_html(
            Seen(shop, source.origin, network.name, _shots(album, people, shop), people, _weights(source), said)
        )
        write_file(to, page.encode())
    if json:
        print_json(figures)
        return
    for path in (to, write):
        if path is not None:
            out.print(f"wrote {path} ({path.stat().st_size / 1000:.0f} kB)", markup=False)
    out.print(_said(figures, album), markup=False)


def _window(source: Recording, shop: Store, from_s: float, seconds: float | None) -> tuple[int, int]:
    """From when to when cameras that the shop has are looked at; refuses where there are none."""
    ours = {camera.id for camera in shop.cameras}
    there = set(source.cameras())
    if not there:
        refuse(f"{source.name} has no cameras; 'walkout twin record --cameras' makes one that has.")
    if not there & ours:
        found, known = ", ".join(sorted(there)), ", ".join(sorted(ours)) or "none"
        refuse(f"{source.name} has the cameras {found}; the shop has {known}")
    if there - ours:
        err.print(f"passed over, for the shop does not have them: {', '.join(sorted(there - ours))}", markup=False)
    times = [frame.t_ns for frame in source.frames()]
    start_ns = min(times, default=0) + round(from_s * 1e9)
    end_ns = max(times, default=0)
    if seconds is not None:
        end_ns = min(end_ns, start_ns + round(seconds * 1e9))
    if end_ns <= start_ns:
        refuse(f"{source.name} has no pictures from {from_s:g} s on")
    return start_ns, end_ns


def _told(frames: Iterable[CameraFrame], window: tuple[int, int], report: object) -> Iterator[CameraFrame]:
    start_ns, end_ns = window
    for n, frame in enumerate(frames):
        if n % 60 == 0 and callable(report):
            report(max(frame.t_ns - start_ns, 0) // 1_000_000, (end_ns - start_ns) // 1_000_000, "")
        yield frame


def _shots(album: _Album, people: Sequence[PeopleFrame], shop: Store) -> tuple[Shot, ...]:
    times = np.array([frame.t_ns for frame in people])
    found = []
    for at, instant in enumerate(album.instants):
        views = tuple(album.views[at, camera.id] for camera in shop.cameras if (at, camera.id) in album.views)
        near = None if not len(times) else people[int(np.abs(times - instant).argmin())]
        found.append(Shot(instant, views, near))
    return tuple(found)


def _weights(source: Recording) -> tuple[Weight, ...]:
    """The change of weight on each fixture, ten times a second."""
    times: dict[str, list[int]] = {}
    grams: dict[str, list[float]] = {}
    first: dict[str, np.ndarray] = {}
    for o in source.observations():
        if isinstance(o, PlateBatch):
            middle = np.nanmedian(o.grams, axis=0) if np.isfinite(o.grams).any() else np.full(o.grams.shape[1:], np.nan)
            change = middle - first.setdefault(o.fixture, middle)
            times.setdefault(o.fixture, []).append(int(o.t_ns[len(o.t_ns) // 2]))
            grams.setdefault(o.fixture, []).append(float(np.nansum(change)))
    return tuple(Weight(f, np.array(times[f]), np.array(grams[f])) for f in sorted(times))


def _figures(people: Sequence[PeopleFrame], album: _Album, tracker: Tracker) -> dict[str, object]:
    ids = {person.id for frame in people for person in frame.people}
    return {
        "frames": len(people),
        "people": len(ids),
        "most_at_once": max((len(frame.people) for frame in people), default=0),
        "pictures": dict(sorted(album.heard.items())),
        "found_in_pictures": album.found,
        "late_pictures": tracker.late,
    }


def _said(figures: dict[str, object], album: _Album) -> str:
    heard = album.heard
    return (
        f"{sum(heard.values())} pictures of {len(heard)} cameras, {figures['found_in_pictures']} people found in them; "
        f"together {figures['people']} people, at most {figures['most_at_once']} at once, "
        f"in {figures['frames']} frames of 3D joints."
    )
