import numpy as np
import pytest

from walkout.sensing.vision.pose_kernel import peak, refine


def hill(row: float, column: float, height: float, rows: int = 48, columns: int = 80) -> np.ndarray:
    """A round hill with its top between cells."""
    r, c = np.arange(rows)[:, None] + 0.5, np.arange(columns)[None] + 0.5
    return np.asarray(height * np.exp(-((r - row) ** 2 + (c - column) ** 2) / 3.0), np.float32)


def refined(joints: np.ndarray, place: tuple[float, float], spread: float = 8.0) -> tuple[list[float], float]:
    places, spreads = np.full((1, 1, 2), place, np.float32), np.full((1, 1), spread, np.float32)
    refine(places, spreads, joints[None], 4.0, 6.0, 0.25, 1.0, 2.0, 3.0)
    return places[0, 0].tolist(), float(spreads[0, 0])


def test_a_joint_goes_to_the_top_of_the_hill_near_it_between_cells() -> None:
    place, spread = refined(hill(20.3, 30.8, 0.9), (30.0 * 4, 21.5 * 4))
    assert place == pytest.approx([30.8 * 4, 20.3 * 4], abs=0.02)
    assert 8.0 <= spread <= 8.0 * (1.0 + 2.0 * 0.2)


def test_of_two_hills_the_nearer_counts_more() -> None:
    both = np.maximum(hill(20.5, 30.5, 0.7), hill(20.5, 35.5, 0.9))
    assert refined(both, (30.5 * 4, 20.5 * 4))[0][0] == pytest.approx(30.5 * 4, abs=0.5)


@pytest.mark.parametrize("place", [(70.0 * 4, 40.0 * 4), (-50.0, 10.0), (4000.0, 10.0), (10.0, -900.0)])
def test_without_a_hill_near_it_stays_and_is_less_sure(place: tuple[float, float]) -> None:
    stayed, spread = refined(hill(20.3, 30.8, 0.9), place)
    assert stayed == pytest.approx(list(place))
    assert spread == pytest.approx(24.0)


def test_at_the_edge_and_on_a_plain_the_middle_of_the_cell_stands() -> None:
    assert refined(hill(0.5, 30.5, 0.9), (30.5 * 4, 2.0))[0][1] == pytest.approx(2.0)
    assert peak(0.5, 0.5, 0.5) == 0.0
    assert peak(1e-9, 0.9, 0.9) == pytest.approx(0.5)
