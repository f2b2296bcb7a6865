import numpy as np
import pytest

from tests.sensing.vision.scene import LENSES, START_NS, STEP_NS, body
from walkout.sensing.vision import posture


def guess() -> posture.Posture:
    return posture.standing(START_NS, np.array([2.3, 2.6, 1.38]), 0.2**2 * np.eye(3))


def seen_by(cameras: tuple[str, ...], joints: np.ndarray, rounds: int = 3) -> posture.Posture:
    found = guess()
    for _ in range(rounds):
        for camera in cameras:
            posture.update(found, LENSES[camera], START_NS, LENSES[camera].project(joints)[0], np.full(8, 1.5))
    return found


def test_pixels_of_several_cameras_find_every_joint() -> None:
    joints = body(2.5, 2.5, 0.4)
    found = seen_by(("c0", "c1", "c2"), joints)
    assert np.linalg.norm(found.joints_m - joints, axis=1).max() < 0.02
    assert found.spread_m().max() < 0.03


def test_a_joint_nobody_sees_moves_with_the_body_and_grows_uncertain() -> None:
    joints = body(2.5, 2.5)
    found = seen_by(("c0", "c1"), joints)
    for k in range(1, 11):
        t_ns = START_NS + k * STEP_NS
        posture.predict(found, t_ns)
        there = joints + [0.05 * k, 0.0, 0.0]
        for camera in ("c0", "c1", "c2"):
            pixels = LENSES[camera].project(there)[0]
            pixels[7] = np.nan
            posture.update(found, LENSES[camera], t_ns, pixels, np.full(8, 1.5))
    assert found.joints_m[7] == pytest.approx(joints[7] + [0.5, 0.0, 0.0], abs=0.25)
    assert found.spread_m()[7] > 3 * found.spread_m()[6]
    assert found.velocity_m_s[0] == pytest.approx(0.5, abs=0.1)


def test_one_wild_pixel_moves_a_joint_little() -> None:
    joints = body(2.5, 2.5)
    found = seen_by(("c0", "c1", "c2"), joints)
    pixels = LENSES["c3"].project(joints)[0]
    pixels[7] += 60.0
    posture.update(found, LENSES["c3"], START_NS, pixels, np.full(8, 1.5))
    assert np.linalg.norm(found.joints_m[7] - joints[7]) < 0.06


def test_bones_fill_in_what_pixels_leave_open_and_nothing_else() -> None:
    open_ = guess()
    posture.keep_bones(open_)
    assert open_.spread_m()[2] < guess().spread_m()[2]
    known = seen_by(("c0", "c1", "c2"), body(2.5, 2.5, 0.0, 1.15))
    before = known.mean.copy()
    posture.keep_bones(known)
    assert known.mean == pytest.approx(before)


def test_mirrored_twice_is_as_before() -> None:
    found = seen_by(("c0", "c1"), body(2.5, 2.5))
    other = found.copy()
    posture.mirror(other)
    assert other.joints_m[2] == pytest.approx(found.joints_m[3])
    posture.mirror(other)
    assert other.mean == pytest.approx(found.mean)
    assert other.covariance == pytest.approx(found.covariance)


def test_a_covariance_stays_one() -> None:
    found = seen_by(("c0", "c1", "c2", "c3"), body(2.5, 2.5), rounds=10)
    posture.predict(found, START_NS + 30 * STEP_NS)
    posture.loosen(found)
    assert found.covariance == pytest.approx(found.covariance.T)
    assert np.linalg.eigvalsh(found.covariance).min() > -1e-9
