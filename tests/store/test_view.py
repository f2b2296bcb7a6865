"""What a camera can see, held against the twin's own pinhole and against plain cases."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.store.layout import Camera, Fixture, Plate, Shelf
from walkout.store.view import fixture_between, people_between, pixel
from walkout.twin.camera.scene import pinhole

metres = st.floats(-4.0, 4.0)
points = st.tuples(metres, metres, metres)
CEILING = Camera("c", 0.0, -3.0, 2.5, (0.0, 0.0, 1.0), 400.0)
RACK = Fixture("g", -0.5, 0.0, 1.0, 0.4, (Shelf(1, 0.2, 0.4, 1.4, (Plate(1, 0.0, 1.0),)),))


@given(points, st.one_of(points, st.sampled_from(["up", "down"])), st.floats(100.0, 900.0), points)
def test_as_the_twin_draws(
    at: tuple[float, float, float], look: tuple[float, float, float] | str, focal_px: float, point: tuple[float, ...]
) -> None:
    target = (at[0], at[1], at[2] + (1.0 if look == "up" else -1.0)) if isinstance(look, str) else look
    if sum((a - b) ** 2 for a, b in zip(at, target, strict=True)) < 1e-4:
        return
    camera = Camera("c", *at, target, focal_px)
    u, v, depth_m = pinhole(camera).pixel((point[0], point[1], point[2]))
    found = pixel(camera, (point[0], point[1], point[2]))
    if found is not None:
        assert all(isclose(a, b, abs_tol=1e-3) for a, b in zip(found, (u, v, depth_m), strict=True))
    else:
        assert depth_m <= 1e-3 or not (1e-3 < u < camera.width_px - 1e-3 and 1e-3 < v < camera.height_px - 1e-3)


def test_a_camera_that_looks_at_itself_sees_nothing() -> None:
    assert pixel(Camera("c", 1.0, 1.0, 1.0, (1.0, 1.0, 1.0), 400.0), (0.0, 0.0, 0.0)) is None


@pytest.mark.parametrize(
    ("at", "hidden"),
    [((0.0, -3.0, 2.5), False), ((0.0, 3.0, 1.2), True), ((0.0, 3.0, 9.0), True), ((3.0, -0.2, 1.0), False)],
    ids=["before it", "behind it", "high behind it", "beside it"],
)
def test_a_fixture_hides_what_is_before_its_front_from_behind(at: tuple[float, float, float], hidden: bool) -> None:
    camera = Camera("c", *at, (0.0, 0.0, 1.0), 400.0)
    assert fixture_between(camera, (0.0, -0.05, 0.8), [RACK]) is hidden


def test_a_turned_fixture_hides_too() -> None:
    turned = Fixture("g", 0.4, 0.0, 1.0, 0.4, RACK.shelves, yaw_deg=90.0)
    camera = Camera("c", -3.0, 0.5, 1.0, (1.0, 0.5, 1.0), 400.0)
    assert fixture_between(camera, (0.5, 0.5, 0.8), [turned])
    assert not fixture_between(camera, (-0.5, 0.5, 0.8), [turned])


@pytest.mark.parametrize(
    ("person", "count"),
    [((0.0, -0.6), 1), ((0.5, -0.6), 0), ((0.0, -2.9), 0), ((0.0, -4.0), 0), ((0.0, 0.5), 0)],
    ids=["in the way", "beside", "under the camera", "behind the camera", "behind the hand"],
)
def test_people_in_the_way(person: tuple[float, float], count: int) -> None:
    assert people_between(CEILING, (0.0, -0.05, 1.0), [person]) == count
