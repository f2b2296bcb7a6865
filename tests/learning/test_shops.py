import numpy as np
import pytest

pytest.importorskip("cv2", reason="patterns need OpenCV ('./run extras')")

from walkout.learning.shops import camera, colour, flat_place, pattern, place, shop


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(12))
def test_a_shops_goods_stand_on_its_shelves(seed: int) -> None:
    made = shop(rng(seed))
    assert 2 <= len(made.fixtures) <= 7
    for facing in made.planogram:
        made.box(facing)
        assert facing.gtin in made.products


@pytest.mark.parametrize("seed", range(20))
def test_a_camera_looks_into_the_room_from_above(seed: int) -> None:
    eye = camera(rng(seed), (0.0, 0.0, 6.0, 5.0), 320, 180)
    axes = np.array([eye.right, eye.down, eye.forward])
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-9)
    assert eye.forward[2] < 0.0
    assert eye.down[2] < 0.0
    assert 2.1 <= eye.at_m[2] <= 3.3


def test_colours_and_patterns_follow_from_the_seed_and_differ() -> None:
    assert (pattern(rng(3), 64, 36) == pattern(rng(3), 64, 36)).all()
    assert (pattern(rng(3), 64, 36) != pattern(rng(4), 64, 36)).any()
    many = np.array([colour(rng(k)) for k in range(200)])
    assert many.min() >= 4
    assert many.max() <= 252
    assert many.std(axis=0).min() > 40


def test_a_place_is_a_drawn_shop_and_a_flat_one_only_a_picture() -> None:
    made = place(rng(2), 80, 45)
    assert (made.backdrop.frame.ids > 0).mean() > 0.9
    flat = flat_place(rng(5), made, 80, 45)
    assert (flat.backdrop.frame.ids == 0).all()
    assert np.isinf(flat.backdrop.frame.depth).all()
