"""Thinning keeps what a person looks for; axes have round numbers; markup escapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from walkout.web.markup import el, join, number, text
from walkout.web.svg import broken, polyline, thin, thin_path, ticks


@given(
    arrays(np.float64, st.integers(0, 2000), elements=st.floats(-1e4, 1e4) | st.just(float("nan"))),
    st.integers(20, 300),
)
def test_thinning_keeps_the_extremes_and_the_ends(y: np.ndarray, most: int) -> None:
    keep = thin(y, most)
    assert len(keep) <= most
    assert (np.diff(keep) > 0).all()
    if len(y):
        assert keep[0] == 0
        assert keep[-1] == len(y) - 1
    finite = y[np.isfinite(y)]
    if finite.size:
        assert np.nanmin(y[keep]) == finite.min()
        assert np.nanmax(y[keep]) == finite.max()
    if np.isnan(y).any():
        assert np.isnan(y[keep]).any()


def test_a_gap_breaks_the_line() -> None:
    assert polyline([0, 1, 2, 3], [0, 1, float("nan"), 3]) == "M0 0L1 1M3 3"
    t_ns, y = broken(np.array([0, 1, 9, 10]), np.array([1.0, 2.0, 3.0, 4.0]), 5)
    assert t_ns.tolist() == [0, 1, 2, 9, 10]
    assert np.isnan(y).tolist() == [False, False, True, False, False]


def test_a_walk_is_thinned_by_distance_and_keeps_its_ends() -> None:
    xy = np.stack((np.linspace(0, 10, 5001), np.zeros(5001)), axis=1)
    keep = thin_path(xy, 0.05, 100)
    assert keep[0] == 0
    assert keep[-1] == 5000
    assert len(keep) == 100
    assert thin_path(np.full((4, 2), np.nan), 0.05, 100).size == 0
    assert thin_path(np.zeros((50, 2)), 0.05, 100).tolist() == [0, 49]


@pytest.mark.parametrize(
    ("low", "high", "about", "wanted"),
    [
        (-640.0, 40.0, 4, [-600, -400, -200, 0]),
        (0.0, 1.0, 2, [0, 0.5, 1]),
        (3.0, 3.0, 4, [3]),
        (-0.6, 0.6, 3, [-0.5, 0, 0.5]),
    ],
)
def test_ticks_are_round(low: float, high: float, about: int, wanted: list[float]) -> None:
    assert ticks(low, high, about) == pytest.approx(wanted)


def test_elements_escape_text_and_attributes() -> None:
    assert el("b", '<&"', title='"><i>') == '<b title="&quot;&gt;&lt;i&gt;">&lt;&amp;&quot;</b>'
    assert el("p", el("i", "a"), ["b", None], class_="c", data_event="1") == '<p class="c" data-event="1"><i>a</i>b</p>'
    assert el("rect", x=1.0, y=-0.001) == '<rect x="1" y="0"/>'
    assert join("<", el("br")) == "&lt;<br/>"
    assert text("a\x00\ud800b") == "a��b"
    assert number(12.3456) == "12.35"
