import numpy as np

from tests.sensing.vision.scene import LENSES, ROOM, START_NS, STEP_NS, body, sighting
from walkout.recording.people import PeopleFrame
from walkout.recording.video import Picture
from walkout.sensing.vision.eyes import Steps, people_of
from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.tracker import Tracker


def sights() -> list[Sighting]:
    return [
        sighting(camera, START_NS + k * STEP_NS + 20_000_000 * n, {"a": body(2.5, 1.0 + 0.05 * k)})
        for k in range(20)
        for n, camera in enumerate(LENSES)
    ]


def told(order: list[Sighting]) -> list[PeopleFrame]:
    steps, frames = Steps(Tracker(ROOM, b"seed")), []
    for one in order:
        frames += list(steps.push(one))
    return frames + list(steps.finish())


def test_the_order_in_which_pictures_come_changes_nothing() -> None:
    plain = sights()
    mixed = [plain[k + d] for k in range(0, len(plain), 4) for d in (2, 0, 3, 1)]
    assert told(plain) == told(mixed)
    assert len({person.id for frame in told(plain) for person in frame.people}) == 1
    times = [frame.t_ns for frame in told(plain)]
    assert times == sorted(times)
    assert all(t_ns % STEP_NS == 0 for t_ns in times)


def test_pictures_of_other_cameras_are_passed_over_and_the_rest_is_heard() -> None:
    heard: list[str] = []

    class Nobody:
        name = "nobody"

        def __call__(self, rgb: np.ndarray) -> Persons:
            return Persons.none(rgb.shape[1], rgb.shape[0])

    pictures = [Picture(name, START_NS, np.zeros((36, 64, 3), np.uint8)) for name in ("c0", "elsewhere")]
    frames = list(people_of(pictures, Nobody(), Tracker(ROOM, b"s"), lambda picture, _: heard.append(picture.camera)))
    assert heard == ["c0"]
    assert [frame.people for frame in frames] == [()]


def prompt(order: list[Sighting]) -> list[PeopleFrame]:
    steps, frames = Steps(Tracker(ROOM, b"seed"), prompt=True), []
    for one in order:
        frames += list(steps.push(one))
    return frames + list(steps.finish())


def test_prompt_steps_tell_the_same_and_sooner_in_whatever_order_cameras_deliver() -> None:
    plain = sights()
    mixed = [plain[k + d] for k in range(0, len(plain), 4) for d in (2, 0, 3, 1)]
    assert [(f.t_ns, f.people) for f in prompt(plain)] == [(f.t_ns, f.people) for f in told(plain)]
    assert prompt(plain) == prompt(mixed)
    steps = Steps(Tracker(ROOM, b"seed"), prompt=True)
    waits = [one.t_ns - frame.t_ns for one in plain for frame in steps.push(one)]
    assert max(waits[5:]) <= STEP_NS, "as soon as every camera is past"


def test_a_camera_that_died_is_waited_for_no_longer_and_a_pause_is_passed_over() -> None:
    plain = [one for one in sights() if one.camera != "c3" or one.t_ns < START_NS + 5 * STEP_NS]
    steps = Steps(Tracker(ROOM, b"seed"), prompt=True)
    times = [frame.t_ns for one in plain for frame in steps.push(one)]
    assert times == [START_NS + k * STEP_NS for k in range(len(times))]
    assert len(times) >= 16
    later = [Sighting(one.camera, one.t_ns + 60_000_000_000, one.persons) for one in sights()]
    after = [frame.t_ns for one in later for frame in steps.push(one)]
    assert times[-1] < after[0]
    assert not [t for t in after if START_NS + 30 * STEP_NS < t < START_NS + 60_000_000_000], "nothing is told of it"
