import numpy as np
import pytest

from tests.twin.camera.shops import small_shop
from walkout.twin.camera.scene import Box
from walkout.twin.camera.stage import FACING_ID, PERSON_ID, stage, without


def corners(box: Box) -> np.ndarray:
    signs = np.array([[(k >> axis & 1) * 2 - 1 for axis in range(3)] for k in range(8)])
    return np.asarray(np.array(box.centre_m) + (signs * box.half_m) @ np.array(box.rotation))


def test_every_item_stands_inside_its_facing() -> None:
    store = small_shop()
    for facing, items in zip(store.planogram, stage(store).goods, strict=True):
        place, fixture = store.box(facing), store.fixture(facing.fixture)
        assert items
        for item in items:
            for x, y, z in corners(item).tolist():
                own = np.array(fixture.to_fixture(x, y, z))
                assert (own > np.array(place.low_m) - 0.012).all()
                assert (own < np.array(place.high_m) + 0.012).all()


def test_ids_name_the_facing_and_leave_room_for_people() -> None:
    store = small_shop()
    full = stage(store)
    names = dict(full.scene.names)
    for index, items in enumerate(full.goods):
        assert {item.id for item in items} == {FACING_ID + index}
        assert store.planogram[index].gtin in names[FACING_ID + index]
    assert max(box.id for box in full.scene.boxes) < PERSON_ID


def test_items_that_are_taken_leave_from_the_front() -> None:
    full = stage(small_shop())
    scene, gone = without(full, {0: 1})
    assert gone == full.goods[0][: len(gone)]
    assert len(scene.boxes) == len(full.scene.boxes) - len(gone)
    front = min(box.centre_m[1] for box in full.goods[0])
    assert gone[0].centre_m[1] == pytest.approx(front, abs=0.01)
    empty, all_gone = without(full, {0: 999})
    assert len(all_gone) == len(full.goods[0])
    assert without(full, {})[0] == full.scene
    assert not any(box.id == FACING_ID for box in empty.boxes)
