import numpy as np
import pytest

from walkout.privacy.bodies import (
    HEAD_UP_M,
    Point,
    Sight,
    UnplacedError,
    View,
    body_balls,
    head_balls,
    placed,
    reaching_balls,
)

DOWN = View(
    np.array([0.0, 0.0, 3.0]), np.array([[1.0, 0, 0], [0, -1.0, 0], [0, 0, -1.0]]), 400.0, (320, 180), 0, 0, 640, 360
)
JOINTS: dict[str, Point] = {
    "head": (0.0, 0.0, 1.70),
    "neck": (0.0, 0.0, 1.48),
    "l_shoulder": (0.0, 0.2, 1.45),
    "r_shoulder": (0.0, -0.2, 1.45),
    "l_elbow": (0.0, 0.25, 1.15),
    "r_elbow": (0.3, -0.25, 1.3),
    "l_wrist": (0.0, 0.25, 0.9),
    "r_wrist": (0.55, -0.2, 1.35),
}


def without(*names: str) -> Sight:
    return Sight("a", {name: point for name, point in JOINTS.items() if name not in names})


def test_a_ball_is_seen_where_the_camera_projects_it_and_never_smaller() -> None:
    (ring,) = DOWN.rings(np.array([[0.5, 0.25, 1.0, 0.2]]))
    assert ring.mean(axis=0) == pytest.approx([320 + 0.5 * 200, 180 - 0.25 * 200])
    assert np.linalg.norm(ring - ring.mean(axis=0), axis=1).min() >= 0.2 * 200
    assert DOWN.rings(np.array([[0.0, 0.0, 3.1, 0.2]])) == []
    assert DOWN.pixel((0.5, 0.25, 1.0)) == pytest.approx((420, 130, 2.0))
    assert np.isnan(DOWN.pixel((0.0, 0.0, 5.0))[0])


def test_balls_hold_every_joint_and_the_floor_under_it() -> None:
    balls = body_balls(without())
    for point in [*JOINTS.values(), (0.0, 0.0, 0.05), (0.2, 0.0, 1.0)]:
        assert min(np.linalg.norm(ball[:3] - point) - ball[3] for ball in balls) < 0
    own = body_balls(without(), own=True)
    assert own[:, 3].sum() < balls[:, 3].sum()


@pytest.mark.parametrize("lost", [("head",), ("neck",), ("neck", "l_shoulder"), ("l_shoulder", "r_shoulder", "head")])
def test_a_head_is_placed_from_what_is_left(lost: tuple[str, ...]) -> None:
    balls = head_balls(without(*lost))
    assert np.linalg.norm(balls[0][:3] - JOINTS["head"]) < 0.06
    assert pytest.approx(0.22) == HEAD_UP_M


def test_somebody_without_head_neck_and_shoulders_cannot_be_placed() -> None:
    lost = without("head", "neck", "l_shoulder")
    with pytest.raises(UnplacedError, match="of a neither head"):
        head_balls(lost)
    assert not placed([without(), lost])
    assert placed([without()])


def test_the_arm_that_reaches_is_the_nearer_one_and_goes_beyond_the_hand() -> None:
    target = (0.8, -0.2, 1.35)
    balls = reaching_balls(without(), target)
    assert np.linalg.norm(balls[1][:3] - JOINTS["r_wrist"]) == 0
    assert 0.7 < balls[2][0] < 0.8
    assert len(reaching_balls(without("l_wrist", "r_wrist"), target)) == 0
    assert len(reaching_balls(without(), (2.0, 0.0, 1.0))) == 0


def test_whoever_was_lost_may_be_a_walk_away() -> None:
    here, lost = body_balls(without()), body_balls(Sight("a", JOINTS, 1.0))
    assert lost[:, 3].min() > 0.8 + 0.15
    assert (lost[:, 3] > here[:, 3]).all()
    assert len(reaching_balls(Sight("a", JOINTS, 1.0), (0.8, -0.2, 1.35))) == 0
