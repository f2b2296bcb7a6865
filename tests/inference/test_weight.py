from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inference.scene import MODEL, event
from walkout.inference.weight import Change, Load, change, counts, log_densities, over, runs

PLATES = (1, 2, 3, 4)
LOADS = st.builds(
    Load,
    st.sampled_from([(1,), (2, 3), (1, 2, 3, 4), (4,)]),
    st.floats(5.0, 900.0),
    st.floats(0.5, 9.0),
    st.sampled_from([-2, -1, 1, 2, 3]),
)


def seen(*delta_g: float) -> Change:
    return change(event(1.0, 1, dict(zip(PLATES, delta_g, strict=True))), PLATES, MODEL)


@given(st.lists(st.lists(LOADS, min_size=1, max_size=3), min_size=1, max_size=6))
def test_a_set_weighs_the_same_alone_and_among_others(sets: list[list[Load]]) -> None:
    here = seen(-3.0, -120.0, -60.0, 2.0)
    together = log_densities(here, sets, MODEL)
    alone = [log_densities(here, [one], MODEL)[0] for one in sets]
    assert np.allclose(together, alone, rtol=1e-9)


def test_a_density_is_one() -> None:
    """Summed over a grid of what two plates may show."""
    grid = np.arange(-90.0, 90.0, 1.5)
    here = Change((1, 2), np.zeros(2), np.eye(2) * 4.0, (1, 2))
    load = [[Load((1, 2), 20.0, 2.0, 1)]]
    total = 0.0
    for a, b in product(grid, grid):
        shifted = Change(here.plates, np.array([a, b]), here.cov_g2, here.main)
        total += float(np.exp(log_densities(shifted, load, MODEL)[0])) * 1.5 * 1.5
    assert total == pytest.approx(1.0, abs=0.01)


def test_nothing_to_weigh() -> None:
    assert log_densities(seen(-1.0, 0.0, 0.0, 0.0), [], MODEL).shape == (0,)


def test_the_plates_that_take_part() -> None:
    assert seen(-2.0, -100.0, -20.0, -1.0).main == (2, 3)
    assert seen(-2.0, -100.0, -20.0, -1.0).hulls == ((2,), (2, 3))


FITS = {
    "one": (-100.0, 100.0, (1,)),
    "two came": (200.0, 100.0, (-2,)),
    "none": (-150.0, 100.0, ()),
    "no mass": (-150.0, 0.0, ()),
}


@pytest.mark.parametrize(("total_g", "mass_g", "right"), FITS.values(), ids=FITS)
def test_counts(total_g: float, mass_g: float, right: tuple[int, ...]) -> None:
    assert counts(total_g, mass_g, 1.0, MODEL) == right


def test_more_variance_lets_more_counts_fit() -> None:
    assert counts(-150.0, 100.0, 1.0, MODEL, more_g2=100.0) == (1, 2)


def test_runs_cover_what_took_part() -> None:
    assert {run for run, _ in runs((4, 5, 6), (5, 6))} == {(5,), (6,), (5, 6), (4, 5, 6)}


OVER = {
    "one beyond": ((4, 5), (5, 6), (5, 6)),
    "within": ((4, 5), (4, 5), None),
    "apart": ((4, 5), (7,), None),
    "too far": ((4, 5), (5, 6, 7, 8, 9), None),
    "not in a row": ((4, 5), (5, 8), None),
}


@pytest.mark.parametrize(("plates", "main", "right"), OVER.values(), ids=OVER)
def test_over(plates: tuple[int, ...], main: tuple[int, ...], right: tuple[int, ...] | None) -> None:
    found = over(plates, main, MODEL)
    assert (found and found[0]) == right
