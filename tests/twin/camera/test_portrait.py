"""Portraits of products."""

import numpy as np
import pytest

from walkout.twin.camera.portrait import SIDE_PX, portraits


def test_portraits_show_the_goods_in_the_middle_and_differ_by_side_and_product() -> None:
    size = (0.08, 0.06, 0.14)
    one = portraits("00000000000017", size, 2)
    assert [p.shape for p in one] == [(SIDE_PX, SIDE_PX, 3)] * 2
    assert not np.array_equal(one[0], one[1])
    other = portraits("00000000000024", size, 1)[0]
    assert np.abs(one[0].astype(int) - other)[40:100, 50:90].mean() > 10.0
    edge = np.concatenate([one[0][:5].reshape(-1, 3), one[0][:, :5].reshape(-1, 3)])
    assert edge.std(axis=1).max() < 12.0  # grey
    for count in (0, 6):
        with pytest.raises(ValueError, match="1 to 5 portraits"):
            portraits("00000000000017", size, count)
