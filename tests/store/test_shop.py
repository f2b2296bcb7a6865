import pickle

import pytest
from hypothesis import given, settings

from walkout.store.planogram import Box, Facing
from walkout.store.shop import Store

from .strategies import small_store, stores


def test_lookups() -> None:
    store = small_store()
    assert store.fixture("1") is store.fixtures[0]
    assert store.shelf("1", 2) is store.fixtures[0].shelves[1]
    assert store.plate("1", 2, 3) is store.fixtures[0].shelves[1].plates[2]
    assert store.facings_on("1", 1) == store.planogram[:1]
    assert store.facings_on("1", 9) == ()
    assert store.facings_of(store.planogram[1].gtin) == store.planogram[1:]
    assert store.facings_of("00000000000000") == ()


def test_what_is_not_there_is_named() -> None:
    store = small_store()
    with pytest.raises(KeyError, match="no fixture '2'; there are 1"):
        store.fixture("2")
    with pytest.raises(KeyError, match="no shelf 9 on fixture '1'"):
        store.shelf("1", 9)
    with pytest.raises(KeyError, match="no plate 4 on shelf 1"):
        store.box(Facing("1", 1, (4,), store.planogram[0].gtin))


def test_a_box_takes_from_the_shelf_what_the_facing_leaves_open() -> None:
    store = small_store()
    assert store.box(store.planogram[0]) == Box((0.0, 0.0, 0.4), (0.2, 0.4, 0.4 + 0.3))
    assert store.box(store.planogram[1]) == Box((0.2, 0.0, 0.8), (0.2 + 0.05, 0.4, 0.8 + 0.1))


@given(stores())
@settings(deadline=None)
def test_every_facing_has_a_box_and_is_found_on_its_shelf(store: Store) -> None:
    for facing in store.planogram:
        box = store.box(facing)
        assert all(low < high for low, high in zip(box.low_m, box.high_m, strict=True))
        assert facing in store.facings_on(facing.fixture, facing.shelf)
        assert facing in store.facings_of(facing.gtin)


def test_a_shop_can_go_to_another_process() -> None:
    store = small_store()
    back = pickle.loads(pickle.dumps(store))  # noqa: S301 (our own bytes)
    assert back == store
    assert back.shelf("1", 1) == store.shelf("1", 1)
