from collections.abc import Callable, Collection, Mapping

import numpy as np
import orjson
import pytest

from tests.sensing.vision.scene import LENSES, ROOM, START_NS, STEP_NS, body, sighting
from walkout.recording.people import PeopleFrame
from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.tracker import Tracker

People = Callable[[float], Mapping[str, np.ndarray]]
LATE_NS = {"c0": 0, "c1": 20_000_000, "c2": 40_000_000, "c3": 60_000_000}


def walkers(t_s: float) -> dict[str, np.ndarray]:
    """Two who come in one after the other and pass each other within 60 cm."""
    people = {"a": body(2.5 + 0.2 * np.sin(t_s), min(0.5 + 0.7 * t_s, 4.0), np.pi / 2)}
    if t_s > 3.0:
        people["b"] = body(3.1, 0.5 + 0.7 * (t_s - 3.0), np.pi / 2, 1.08)
    return people


def run(
    tracker: Tracker,
    people: People,
    seconds: float,
    cameras: Callable[[float], Collection[str]] = lambda _: LENSES,
    looks: Mapping[str, np.ndarray] | None = None,
    from_s: float = 0.0,
) -> list[PeopleFrame]:
    rng = np.random.default_rng(5)
    frames = []
    for k in range(round(from_s * 10), round((from_s + seconds) * 10)):
        t_ns, seen = START_NS + k * STEP_NS, []
        for camera, late_ns in LATE_NS.items():
            at_s = (k * STEP_NS + late_ns) / 1e9
            if camera in cameras(at_s):
                seen.append(sighting(camera, t_ns + late_ns, people(at_s), rng, looks))
        frames.append(tracker.step(seen, t_ns + 60_000_000))
    return frames


def ids(frames: list[PeopleFrame]) -> set[str]:
    return {person.id for frame in frames for person in frame.people}


def head_off_m(frame: PeopleFrame, joints: np.ndarray) -> float:
    heads = [person.joints["head"] for person in frame.people if "head" in person.joints]
    return min((float(np.linalg.norm([h.x_m, h.y_m, h.z_m] - joints[0])) for h in heads), default=9.0)


def test_two_people_keep_their_ids_and_are_where_they_are() -> None:
    frames = run(Tracker(ROOM, b"seed"), walkers, 8.0)
    assert len(ids(frames)) == 2
    last = walkers(7.96)
    assert all(head_off_m(frames[-1], last[name]) < 0.05 for name in last)
    assert set(frames[-1].people[0].joints) == {
        "head", "neck", "l_shoulder", "r_shoulder", "l_elbow", "r_elbow", "l_wrist", "r_wrist"
    }  # fmt: skip
    assert {box.camera for box in frames[-1].people[0].boxes} <= set(LENSES)


def test_ids_come_from_the_seed_alone() -> None:
    one, again = (run(Tracker(ROOM, b"seed"), walkers, 2.0) for _ in range(2))
    assert one == again
    assert ids(run(Tracker(ROOM, b"other"), walkers, 2.0)).isdisjoint(ids(one))


@pytest.mark.parametrize("left", [{"c0", "c2"}, {"c1"}], ids=["two cameras", "one camera"])
def test_dead_cameras_do_not_lose_anybody(left: set[str]) -> None:
    frames = run(Tracker(ROOM, b"seed"), walkers, 7.0, lambda t_s: LENSES if t_s < 4.5 else left)
    assert len(ids(frames)) == 2
    assert head_off_m(frames[-1], walkers(6.96)["a"]) < (0.08 if len(left) == 2 else 0.35)


def test_a_single_camera_alone_places_people_by_how_tall_people_are() -> None:
    frames = run(Tracker(ROOM, b"seed"), lambda t: {"a": walkers(t)["a"]}, 4.0, lambda _: {"c2"})
    assert len(ids(frames)) == 1
    assert head_off_m(frames[-1], walkers(3.96)["a"]) < 0.5


def test_who_hides_comes_back_under_the_same_id() -> None:
    def hides(t_s: float) -> dict[str, np.ndarray]:
        return {} if 3.0 < t_s < 6.0 else {"a": body(2.5, min(0.5 + 0.7 * t_s, 2.6), 0.0)}

    frames = run(Tracker(ROOM, b"seed"), hides, 8.0)
    assert len(ids(frames)) == 1
    assert not frames[50].people
    assert frames[-1].people


def test_what_one_camera_imagines_is_nobody() -> None:
    def seen(camera: str, t_ns: int) -> Sighting:
        return sighting(camera, t_ns, {"ghost": body(2.5, 3.5)} if camera == "c0" else {})

    tracker = Tracker(ROOM, b"seed")
    for k in range(40):
        t_ns = START_NS + k * STEP_NS
        assert not tracker.step([seen(camera, t_ns) for camera in LENSES], t_ns).people


def test_looks_are_overwritten_when_the_visit_ends_and_stand_in_no_snapshot() -> None:
    looks = {"a": np.linspace(0.1, 0.9, 16)}

    def leaves(t_s: float) -> dict[str, np.ndarray]:
        return {"a": body(2.5, max(0.6, 2.0 - 0.5 * t_s), -np.pi / 2)} if t_s < 3.0 else {}

    tracker = Tracker(ROOM, b"seed")
    run(tracker, leaves, 3.0, looks=looks)
    (track,) = tracker.tracks
    kept = track.looks
    assert kept is not None
    assert float(np.linalg.norm(kept)) == pytest.approx(1.0)
    written = orjson.dumps(tracker.snapshot())
    assert not any(str(float(value)).encode() in written for value in kept)
    run(tracker, leaves, 2.0, from_s=3.0)
    assert not tracker.tracks
    assert not kept.any()


def test_forget_ends_a_visit_at_once() -> None:
    tracker = Tracker(ROOM, b"seed")
    frames = run(tracker, lambda _: {"a": body(2.5, 1.0)}, 1.5, looks={"a": np.ones(4)})
    kept = tracker.tracks[0].looks
    tracker.forget(frames[-1].people[0].id)
    assert not tracker.tracks
    assert kept is not None
    assert not kept.any()


def test_a_snapshot_goes_on_as_if_nothing_had_happened() -> None:
    whole = Tracker(ROOM, b"seed")
    run(whole, walkers, 4.0)
    other = Tracker(ROOM, b"seed")
    other.restore(orjson.loads(orjson.dumps(whole.snapshot())))
    assert run(other, walkers, 2.0, from_s=4.0) == run(whole, walkers, 2.0, from_s=4.0)
    with pytest.raises(ValueError, match="version 9"):
        other.restore({"version": 9})


def test_a_frame_that_comes_too_late_is_counted_and_left_out() -> None:
    tracker = Tracker(ROOM, b"seed")
    tracker.step([sighting("c0", START_NS, {})], START_NS)
    tracker.step([sighting("c0", START_NS - STEP_NS, {"a": body(2.5, 1.0)})], START_NS)
    assert tracker.late == 1


def test_cameras_that_the_shop_does_not_have_are_left_out() -> None:
    tracker = Tracker(ROOM, b"seed")
    assert not tracker.step([Sighting("elsewhere", START_NS, Persons.none(640, 360))], START_NS).people
