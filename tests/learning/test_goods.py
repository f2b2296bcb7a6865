"""Invented goods and their pictures."""

import numpy as np
import pytest

pytest.importorskip("cv2", reason="invented goods need OpenCV ('./run extras')")

from walkout.learning.goods_pictures import FORMS, family
from walkout.learning.goods_views import LEAST_PX, MOST_PX, SIDE_PX, background, view
from walkout.learning.looks_data import Supply


def test_goods_follow_from_the_seed_and_members_of_a_family_differ() -> None:
    for seed in range(6):
        one, again = (family(np.random.default_rng(seed), 3) for _ in range(2))
        for a, b in zip(one, again, strict=True):
            assert a.form == b.form in FORMS
            assert np.array_equal(a.front, b.front)
            assert np.array_equal(a.side, b.side)
        assert not any(np.array_equal(one[0].front, other.front) for other in one[1:])
        assert all(g.front.dtype == np.uint8 and g.front.shape[2] == 3 for g in one)


def test_views_show_the_goods_where_the_mask_says() -> None:
    rng = np.random.default_rng(3)
    pool = [goods for _ in range(6) for goods in family(rng, 2)]
    behind = [background(pool, rng) for _ in range(4)]
    seen = []
    for goods in pool:
        for _ in range(3):
            picture, mask, across = view(goods, pool, behind, rng)
            assert picture.shape == (SIDE_PX, SIDE_PX, 3)
            assert picture.dtype == np.uint8
            assert mask.shape == (SIDE_PX, SIDE_PX)
            assert LEAST_PX <= across <= MOST_PX
            seen.append(float((mask > 127).mean()))
    assert np.mean([share > 0.03 for share in seen]) > 0.9
    assert 0.1 < np.mean(seen) < 0.6


def test_a_supply_is_renewed_bit_by_bit_and_repeats() -> None:
    one, other = Supply(5, families=5, members=2), Supply(5, families=5, members=2)
    for supply in (one, other):
        supply.renew()
    a, b = one.batch(2, 2), other.batch(2, 2)
    assert np.array_equal(a.pictures, b.pictures)
    assert a.products.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert one.drawn == 16
    assert len(one.all(1).products) == 10
