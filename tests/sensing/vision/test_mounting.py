import numpy as np
import pytest

from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.mounting import PoseError, camera_of, pose
from walkout.store.layout import Camera

TRUE = Camera("c", 0.4, 0.3, 2.7, (2.0, 2.4, 0.6), 430.0, roll_deg=2.0)
FLOOR = np.array([[x, y, 0.0] for x in (1.2, 2.2, 3.4) for y in (1.3, 2.4, 3.6)])


def test_a_camera_and_its_lens_are_the_same_thing() -> None:
    bent = Camera(
        "c", 0.4, 0.3, 2.7, (2.0, 2.4, 0.0), 430.0, 1280, 720, 15.0, -11.0, (631.0, 371.0), (-0.2, 0.1, 0, 0, 0)
    )
    again = camera_of(Lens.of(bent))
    points = np.array([[1.5, 1.8, 1.0], [2.2, 2.0, 0.0]])
    assert Lens.of(again).project(points)[0] == pytest.approx(Lens.of(bent).project(points)[0], abs=0.02)
    assert again.look_at_m == pytest.approx(bent.look_at_m, abs=1e-4)
    assert again.roll_deg == pytest.approx(-11.0, abs=1e-3)


def test_marked_floor_points_give_the_camera() -> None:
    rng = np.random.default_rng(3)
    pixels = Lens.of(TRUE).project(FLOOR)[0] + rng.normal(0.0, 0.7, (len(FLOOR), 2))
    found = pose("c", FLOOR, pixels, (640, 360))
    assert (found.camera.x_m, found.camera.y_m, found.camera.z_m) == pytest.approx((0.4, 0.3, 2.7), abs=0.12)
    head = np.array([2.0, 2.2, 1.7])
    there = Lens.of(found.camera).on_plane(Lens.of(TRUE).project(head)[0], 1.7)
    assert np.linalg.norm(there - head) < 0.05
    assert found.off_px < 1.5


def test_one_wild_mark_does_little() -> None:
    pixels = Lens.of(TRUE).project(FLOOR)[0]
    pixels[4] += [40.0, -25.0]
    found = pose("c", FLOOR, pixels, (640, 360), focal_px=430.0)
    assert (found.camera.x_m, found.camera.y_m) == pytest.approx((0.4, 0.3), abs=0.05)
    assert found.worst_px > 30.0


@pytest.mark.parametrize(
    ("points", "said"),
    [(FLOOR[:4], "4 points"), (np.array([[x, 1.0, 0.0] for x in range(6)]), "one line")],
    ids=["too few", "a line"],
)
def test_points_that_cannot_say_are_refused(points: np.ndarray, said: str) -> None:
    with pytest.raises(PoseError, match=said):
        pose("c", points, np.zeros((len(points), 2)), (640, 360))
