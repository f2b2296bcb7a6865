from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inference.scene import shop
from walkout.inference.unseen import dark_share, unseen
from walkout.store.shop import Store


def without_cells(store: Store) -> Store:
    fixtures = tuple(
        replace(
            fixture,
            shelves=tuple(
                replace(s, plates=tuple(replace(plate, cell=False) for plate in s.plates)) for s in fixture.shelves
            ),
        )
        for fixture in store.fixtures
    )
    return replace(store, fixtures=fixtures)


def test_a_shop_that_reads_every_plate_hides_nothing() -> None:
    assert dark_share(shop(), lambda *_: range(1, 99)) == 0.0
    assert unseen(5, 0.0) == 0.0


def test_a_shop_that_reads_nothing_hides_all() -> None:
    assert dark_share(shop(), lambda *_: ()) == 1.0
    assert unseen(0, 1.0) > 0.99


def test_fixtures_without_scales_are_left_out() -> None:
    assert dark_share(without_cells(shop()), lambda *_: None) == 0.0


def test_a_shop_of_which_no_scale_was_ever_heard_hides_all() -> None:
    assert dark_share(shop(), lambda *_: None) == 1.0


def test_some_dead_plates_hide_as_much_as_stood_there() -> None:
    assert unseen(3, 0.05) == pytest.approx(0.19, abs=0.01)


@given(st.integers(0, 50), st.floats(0, 1), st.floats(0, 1))
def test_the_darker_the_less_sure(items: int, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= unseen(items, low) <= unseen(items, high) < 1.0 or unseen(items, high) == 1.0
