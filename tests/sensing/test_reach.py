from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.sensing.people import Track
from walkout.sensing.reach import distances, nearest, reach, to_fixture
from walkout.store.layout import Fixture
from walkout.store.planogram import Box

BOX = Box((0.0, 0.0, 1.0), (0.2, 0.4, 1.3))


@pytest.mark.parametrize(
    ("point", "distance_m"),
    [
        pytest.param((0.1, 0.2, 1.1), 0.0, id="inside"),
        pytest.param((0.1, -0.05, 1.1), 0.05, id="in front"),
        pytest.param((0.5, 0.1, 1.1), 0.3, id="beside"),
        pytest.param((0.3, -0.1, 1.4), sqrt(0.03), id="off a corner"),
        pytest.param((np.nan, 0.0, 0.0), np.nan, id="not seen"),
    ],
)
def test_distance_to_a_box(point: tuple[float, float, float], distance_m: float) -> None:
    assert distances(np.array([point]), [BOX])[0, 0] == pytest.approx(distance_m, nan_ok=True)


@given(
    st.floats(-180, 180),
    st.tuples(*[st.floats(-5, 5)] * 3),
)
def test_to_fixture_is_what_the_fixture_says(yaw_deg: float, point: tuple[float, float, float]) -> None:
    fixture = Fixture("g", 1.0, 2.0, 1.0, 0.4, (), yaw_deg=yaw_deg, z_m=0.1)
    assert to_fixture(np.array(point), fixture) == pytest.approx(fixture.to_fixture(*point), abs=1e-9)


def test_the_nearest_hand_is_named() -> None:
    hands = np.full((2, 4, 3), np.nan)
    hands[0, 0] = (0.1, -1.0, 1.1)
    hands[1, 1] = (0.1, -0.03, 1.1)
    track = Track("a", np.array([0, 1]), hands, np.full((2, 3), np.nan))
    found = reach(track, Fixture("g", 0.0, 0.0, 1.0, 0.4, ()), [BOX])
    distance_m, hand = nearest(found, 0)
    assert distance_m == pytest.approx(0.03)
    assert hand == "right wrist"
    assert np.isnan(found.body_m).all()


def test_no_hand_is_no_distance() -> None:
    track = Track("a", np.array([0]), np.full((1, 4, 3), np.nan), np.zeros((1, 3)))
    assert nearest(reach(track, Fixture("g", 0.0, 0.0, 1.0, 0.4, ()), [BOX]), 0) == (None, "")
