import numpy as np
import pytest

from walkout.evaluation.reliability import Told, bin_numbers, reliability


def test_bins_hold_equally_many_and_never_split_ties() -> None:
    p = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert bin_numbers(p, 3).tolist() == [0, 0, 1, 1, 2, 2]
    tied = bin_numbers(np.array([0.1, 0.9, 0.9, 0.9, 0.9, 0.9]), 3)
    assert len(set(tied[1:].tolist())) == 1


def test_the_error_is_the_gap_between_what_was_said_and_what_came() -> None:
    told = [Told(0.9, k % 2 == 0, f"r{k % 5}") for k in range(100)]
    found = reliability(told)
    assert (found.count, found.wrong, len(found.bins)) == (100, 50, 1)
    assert found.error == pytest.approx(0.4)
    assert found.error_low <= found.error <= found.error_high
    assert found.bins[0].came_low < 0.5 < found.bins[0].came_high


def test_one_recording_says_nothing_of_the_spread() -> None:
    found = reliability([Told(0.5, True, "r"), Told(0.6, False, "r")])
    assert found.error_low == found.error == found.error_high


def test_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no probability"):
        reliability([])
