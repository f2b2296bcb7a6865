"""Each fault shows, starts after the start, and leaves the truth alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge

import numpy as np
import pytest

from tests.twin.shops import small_shop
from walkout.recording.camera import CameraFrame
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit
from walkout.recording.watch import Watch
from walkout.store.layout import Camera
from walkout.twin.faults import FAULTS, apply, believed
from walkout.twin.play import simulate
from walkout.twin.record import demo_arrivals
from walkout.twin.simulation import Observation

SHOP = small_shop()
PLAIN = list(simulate(SHOP, demo_arrivals(), seed=1))


def broken(name: str, seed: int = 1) -> list[Observation]:
    return list(apply(FAULTS[name], iter(PLAIN), SHOP, seed))


def facts(observations: Sequence[Observation]) -> list[Observation]:
    return [o for o in observations if isinstance(o, TruthMove | TruthVisit)]


def sensed(observations: Sequence[Observation]) -> list[object]:
    return [
        (o.fixture, o.t_ns.tobytes(), o.grams.tobytes(), o.arrived_ns) if isinstance(o, PlateBatch) else o
        for o in observations
        if not isinstance(o, TruthNote)
    ]


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_shows_is_named_and_leaves_truth_alone(name: str) -> None:
    observations = broken(name)
    assert TruthNote("fault", name) in observations
    assert facts(observations) == facts(PLAIN)
    assert sensed(observations) == sensed(broken(name))
    changed = believed(FAULTS[name], SHOP, 1) != SHOP
    assert changed or sensed(observations) != sensed(PLAIN)
    assert sensed(observations)[:20] == sensed(PLAIN)[:20]


def test_a_dead_plate_reads_nothing_and_the_others_go_on() -> None:
    dead = [
        tuple(place)
        for o in broken("dead_plate")
        if isinstance(o, PlateBatch)
        for place in np.argwhere(np.isnan(o.grams).all(axis=0)).tolist()
    ]
    assert len(set(dead)) == 1
    assert len(dead) > 50


def test_late_skeletons_come_five_seconds_later() -> None:
    lags = [(o.arrived_ns - o.t_ns) / 1e9 for o in broken("late_skeletons") if isinstance(o, PeopleFrame)]
    assert max(lags) > 7.0
    assert min(lags) < 3.0


def test_a_power_cut_silences_every_sensor() -> None:
    times = sorted(int(o.t_ns[0]) for o in broken("power_cut") if isinstance(o, PlateBatch))
    assert max(np.diff(times)) > 19_000_000_000


def test_shops_that_believe_wrong_things_are_still_shops() -> None:
    swapped = believed(FAULTS["wrong_planogram"], SHOP, 3)
    assert sorted(f.gtin for f in swapped.planogram) == sorted(f.gtin for f in SHOP.planogram)
    heavier = believed(FAULTS["mis_weighed_product"], SHOP, 3)
    assert sum(heavier.products[g].masses != SHOP.products[g].masses for g in SHOP.products) == 1


FILMED = replace(
    SHOP, cameras=tuple(Camera(name, 0.0, -2.5, 2.6, (1.0, 0.0, 1.0), 420.0) for name in ("c1", "c2", "c3"))
)
GROUP = 20
"""Frames from one keyframe to the next, as the twin's encoder makes them."""
OF_PICTURES = {
    "lost_camera",
    "frozen_camera",
    "dropped_messages",
    "duplicated_messages",
    "clock_skew",
    "clock_jump",
    "network_gap",
    "power_cut",
}


def frames() -> Iterator[CameraFrame]:
    """Frames of three cameras at 10 Hz, each with bytes of its own, a keyframe every two seconds."""
    last_ns = max(int(o.t_ns[-1]) for o in PLAIN if isinstance(o, PlateBatch))
    first_ns = min(int(o.t_ns[0]) for o in PLAIN if isinstance(o, PlateBatch))
    for k in range((last_ns - first_ns) // 100_000_000):
        for camera in ("c1", "c2", "c3"):
            t_ns = first_ns + k * 100_000_000
            kind = b"\x65" if k % GROUP == 0 else b"\x41"
            yield CameraFrame(
                camera, t_ns, t_ns + 90_000_000, "h264", b"\x00\x00\x01" + kind + f"{camera} {k}".encode()
            )


def at(observation: Observation) -> int:
    match observation:
        case PlateBatch():
            return int(observation.t_ns[0])
        case PeopleFrame() | CameraFrame() | GateEvent():
            return observation.t_ns
        case TruthMove():
            return observation.end_ns
        case TruthVisit():
            return observation.left_ns
        case _:
            return 0


SENSED = [o for o in PLAIN if not isinstance(o, TruthNote)]
WITH_PICTURES = list(merge(SENSED, frames(), key=at))


def filmed(name: str) -> list[Observation]:
    return list(apply(FAULTS[name], iter(WITH_PICTURES), FILMED, 1))


def of(observations: Sequence[Observation]) -> dict[str, list[CameraFrame]]:
    """The frames by camera."""
    found: dict[str, list[CameraFrame]] = {}
    for one in observations:
        if isinstance(one, CameraFrame):
            found.setdefault(one.camera, []).append(one)
    return found


def said(observations: Sequence[Observation]) -> dict[str, list[str]]:
    """What a watch says of each camera."""
    watch = Watch()
    frames = [o for o in observations if isinstance(o, CameraFrame)]
    for frame in sorted(frames, key=lambda frame: frame.arrived_ns):
        watch.keep(frame)
    watch.ended(max(frame.arrived_ns for frame in frames))
    found: dict[str, list[str]] = {}
    for loss in watch.losses():
        found.setdefault(loss.channel.removeprefix("/camera/"), []).append(loss.kind)
    return found


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_pictures_change_under_their_own_faults_alone_and_nothing_else_by_them(name: str) -> None:
    observations = filmed(name)
    assert (of(observations) != of(WITH_PICTURES)) == (name in OF_PICTURES)
    others = [o for o in observations if not isinstance(o, CameraFrame)]
    without = list(apply(FAULTS[name], iter(SENSED), FILMED, 1))
    assert sensed(others) == sensed(without)
    assert facts(others) == facts(SENSED)


@pytest.mark.parametrize("name", sorted(OF_PICTURES))
def test_what_is_delivered_can_be_decoded(name: str) -> None:
    """Each frame is a keyframe, or the one before it is there."""
    for camera, found in of(filmed(name)).items():
        before = -1
        for frame in found:
            number = int(frame.data.rpartition(b" ")[2])
            assert frame.keyframe or number in (before, before + 1), f"{camera} {number} after {before}"
            before = number


SAID = {
    "lost_camera": ["gap"],
    "frozen_camera": ["frozen"],
    "clock_skew": ["gap"],
    "clock_jump": ["clock"],
    "network_gap": ["gap"],
}


@pytest.mark.parametrize("name", sorted(SAID))
def test_one_camera_is_hit_and_the_watch_says_so(name: str) -> None:
    observations = filmed(name)
    whole, found = of(WITH_PICTURES), of(observations)
    (hit,) = [camera for camera in whole if found[camera] != whole[camera]]
    assert said(observations) == {hit: SAID[name]}


@pytest.mark.parametrize(("name", "kind"), [("power_cut", "gap"), ("duplicated_messages", "duplicate")])
def test_every_camera_is_hit_and_the_watch_says_so(name: str, kind: str) -> None:
    assert said(filmed(name)) == {camera: [kind] for camera in ("c1", "c2", "c3")}


def test_a_whole_film_has_nothing_to_say() -> None:
    assert said(WITH_PICTURES) == {}


def test_a_lost_camera_stays_away_and_a_frozen_one_shows_one_picture() -> None:
    lost = of(filmed("lost_camera"))
    assert min(len(found) for found in lost.values()) < 160
    assert len({len(found) for found in lost.values()}) == 2
    frozen = max(of(filmed("frozen_camera")).values(), key=lambda found: len(found) - len({f.data for f in found}))
    assert len({frame.t_ns for frame in frozen}) == len(frozen)
    assert len({frame.data for frame in frozen[-500:]}) == 1
    assert frozen[-1].keyframe


def test_a_shop_without_cameras_has_faults_all_the_same() -> None:
    blind = replace(SHOP, cameras=())
    assert len(list(apply(FAULTS["network_gap"], iter(PLAIN), blind, 1))) > 100
