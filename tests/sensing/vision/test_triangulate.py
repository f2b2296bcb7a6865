import numpy as np
import pytest

from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.triangulate import ray_gap_m, triangulate
from walkout.store.layout import Camera

PLACES = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
LENSES = [
    Lens.of(
        Camera(
            f"c{k}", x, y, 2.8, (2.0, 2.0, 1.0), 420.0, distortion=(-0.2, 0.05, 0.0, 0.0, 0.0) if k % 2 else (0.0,) * 5
        )
    )
    for k, (x, y) in enumerate(PLACES)
]
POINT = np.array([2.2, 1.7, 1.3])


def seen(point: np.ndarray) -> np.ndarray:
    return np.stack([lens.project(point)[0] for lens in LENSES])


def test_exact_pixels_give_the_exact_point() -> None:
    fix = triangulate(LENSES, seen(POINT), np.ones(4))
    assert fix is not None
    assert fix.at_m == pytest.approx(POINT, abs=1e-6)
    assert fix.off_px < 1e-3


def test_the_covariance_is_that_of_the_errors() -> None:
    rng = np.random.default_rng(1)
    spread = np.array([1.0, 2.0, 3.0, 2.0])
    fixes = [
        triangulate(LENSES, seen(POINT) + spread[:, None] * rng.standard_normal((4, 2)), spread) for _ in range(400)
    ]
    off = np.array([fix.at_m - POINT for fix in fixes if fix is not None])
    assert len(off) == 400
    said = fixes[0].covariance_m2 if fixes[0] is not None else np.eye(3)
    nees = np.einsum("ni,ij,nj->n", off, np.linalg.inv(said), off)
    assert float(nees.mean()) == pytest.approx(3.0, abs=0.4)


def test_one_camera_or_a_joint_that_is_not_seen_gives_no_point() -> None:
    pixels = seen(POINT)
    pixels[1:] = np.nan
    assert triangulate(LENSES, pixels, np.ones(4)) is None
    twice = [LENSES[0], LENSES[0]]
    assert triangulate(twice, np.repeat(pixels[:1], 2, axis=0), np.ones(2)) is None


def test_rays_of_one_point_meet_and_of_two_do_not() -> None:
    pixels = seen(POINT)
    assert float(ray_gap_m(LENSES[0], pixels[0], LENSES[1], pixels[1])) == pytest.approx(0.0, abs=1e-3)
    other = LENSES[1].project(POINT + np.array([0.0, 0.0, 0.3]))[0]
    assert float(ray_gap_m(LENSES[0], pixels[0], LENSES[1], other)) > 0.1
