import numpy as np

from tests.sensing.vision.scene import LENSES, START_NS, body, sighting
from walkout.sensing.vision.births import alone, groups
from walkout.sensing.vision.match import sights_of


def test_sights_of_two_people_by_four_cameras_make_two() -> None:
    people = {"a": body(2.0, 2.0), "b": body(3.0, 2.6, 1.0)}
    pool = [sight for camera in LENSES for sight in sights_of(sighting(camera, START_NS, people))]
    found = sorted(groups(pool, LENSES), key=lambda pair: float(pair[0].joints_m[0, 0]))
    assert [len(sights) for _, sights in found] == [4, 4]
    for (there, _), joints in zip(found, people.values(), strict=True):
        assert np.linalg.norm(there.joints_m - joints, axis=1).max() < 0.05


def test_left_for_right_in_one_camera_is_put_right() -> None:
    joints = body(2.5, 2.5)
    pool = [s for camera in ("c0", "c1") for s in sights_of(sighting(camera, START_NS, {"a": joints}))]
    mirrored = joints[[0, 1, 3, 2, 5, 4, 7, 6]]
    pool += sights_of(sighting("c2", START_NS, {"a": mirrored}))
    ((found, sights),) = groups(pool, LENSES)
    assert len(sights) == 3
    assert np.linalg.norm(found.joints_m - joints, axis=1).max() < 0.05


def test_rays_that_meet_above_all_heads_are_nobody() -> None:
    high = body(2.5, 2.5) + [0.0, 0.0, 0.9]
    pool = [s for camera in ("c0", "c2") for s in sights_of(sighting(camera, START_NS, {"a": high}))]
    assert not groups(pool, LENSES)


def test_one_camera_says_where_somebody_of_usual_height_is() -> None:
    joints = body(2.5, 3.0)
    (sight,) = sights_of(sighting("c0", START_NS, {"a": joints}))
    found = alone(sight, LENSES)
    assert found is not None
    assert np.linalg.norm(found.joints_m[0] - joints[0]) < 0.3
