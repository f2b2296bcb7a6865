import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.sensing.vision.lens import Lens
from walkout.store.layout import Camera
from walkout.twin.camera.scene import pinhole

BENT = (-0.28, 0.09, 0.0006, -0.0004, -0.01)
PLAIN = Camera("c", 0.6, 0.6, 2.8, (1.6, 2.2, 0.9), 420.0)
CAMERAS = {
    "plain": PLAIN,
    "rolled": Camera("c", 0.6, 0.6, 2.8, (1.6, 2.2, 0.9), 420.0, roll_deg=17.0),
    "bent": Camera("c", 0.6, 0.6, 2.8, (1.6, 2.2, 0.9), 420.0, centre_px=(311.0, 187.5), distortion=BENT),
    "straight down": Camera("c", 1.0, 1.0, 2.8, (1.0, 1.0, 0.0), 300.0),
}
inside = st.tuples(st.floats(20, 620), st.floats(20, 340))


@pytest.mark.parametrize("name", ["plain", "rolled", "straight down"])
def test_a_lens_sees_what_the_twin_draws(name: str) -> None:
    lens, drawn = Lens.of(CAMERAS[name]), pinhole(CAMERAS[name])
    for point in ((1.5, 2.0, 1.0), (1.2, 1.9, 0.0), (1.1, 1.2, 1.7)):
        pixel, depth = lens.project(np.array(point))
        assert (*pixel, float(depth)) == pytest.approx(drawn.pixel(point), abs=1e-9)


@given(pixel=inside, name=st.sampled_from(sorted(CAMERAS)), far=st.floats(0.3, 8.0))
def test_a_pixel_s_ray_comes_back_to_the_pixel(pixel: tuple[float, float], name: str, far: float) -> None:
    lens = Lens.of(CAMERAS[name])
    point = lens.at_m + far * lens.rays(np.array(pixel))
    assert lens.project(point)[0] == pytest.approx(pixel, abs=1e-3)


@given(pixel=inside, name=st.sampled_from(sorted(CAMERAS)), far=st.floats(0.5, 6.0))
def test_the_jacobian_is_the_slope(pixel: tuple[float, float], name: str, far: float) -> None:
    lens = Lens.of(CAMERAS[name])
    point = lens.at_m + far * lens.rays(np.array(pixel))
    step = 1e-5
    slope = np.stack([(lens.project(point + d)[0] - lens.project(point - d)[0]) / (2 * step) for d in step * np.eye(3)])
    assert lens.jacobian(point) == pytest.approx(slope.T, rel=1e-3, abs=0.05)


def test_behind_a_camera_there_are_no_pixels() -> None:
    lens = Lens.of(PLAIN)
    pixel, depth = lens.project(np.array([0.0, -1.0, 4.0]))
    assert np.isnan(pixel).all()
    assert depth < 0
    assert not lens.sees(np.array([0.0, -1.0, 4.0]))


def test_rays_meet_the_floor_where_it_is_seen() -> None:
    lens = Lens.of(CAMERAS["bent"])
    point = np.array([1.4, 1.9, 0.0])
    assert lens.on_plane(lens.project(point)[0], 0.0) == pytest.approx(point, abs=1e-4)
    up = lens.project(lens.at_m + np.array([1.0, 1.6, 0.4]))[0]
    assert np.isnan(lens.on_plane(up, 0.0)).all()
