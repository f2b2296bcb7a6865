from math import isclose, log

import pytest

from tests.inference.scene import JAM, MODEL, RICE, TEA, WATER
from walkout.inference.look import Glance, glances_at, log_look

SEEN = Glance(100, "ann", "g", 1, {WATER: 0.7, JAM: 0.2, TEA: 0.1})


def test_a_glance_speaks_for_what_it_shows() -> None:
    assert log_look([SEEN], [WATER], MODEL) > 0.0 > log_look([SEEN], [JAM], MODEL) > log_look([SEEN], [TEA], MODEL)
    assert log_look([SEEN], [RICE], MODEL) == log_look([SEEN], [TEA], MODEL)


def test_two_products_share_a_glance() -> None:
    assert log_look([SEEN], [TEA], MODEL) < log_look([SEEN], [WATER, TEA], MODEL) < log_look([SEEN], [WATER], MODEL)


def test_no_glance_and_no_goods_say_nothing() -> None:
    assert log_look([], [WATER], MODEL) == 0.0
    assert log_look([SEEN], [], MODEL) == 0.0


def test_a_certain_glance_may_still_be_of_something_else() -> None:
    certain = Glance(100, "ann", "g", 1, {WATER: 1.0, JAM: 0.0})
    assert isclose(log_look([certain], [JAM], MODEL), log(MODEL.look_astray))


@pytest.mark.parametrize(
    ("shelf", "window_ns", "count"),
    [(1, (50, 150), 1), (2, (50, 150), 0), (1, (101, 150), 0)],
    ids=["there", "another shelf", "another time"],
)
def test_which_glances_count(shelf: int, window_ns: tuple[int, int], count: int) -> None:
    assert len(glances_at([SEEN], "g", shelf, window_ns)) == count
