from hashlib import sha256
from itertools import combinations

import numpy as np
import pytest

from walkout.twin.camera.packaging import SIZE_PX, Draw, atlas, design

GTINS = [f"{4_000_000_000_000 + n * 102_947:014d}" for n in range(60)]


def test_a_gtin_always_looks_the_same() -> None:
    alone, among = atlas([GTINS[7]]), atlas(reversed(GTINS))
    np.testing.assert_array_equal(alone.texels[0], among.texels[among.index(GTINS[7])])


def test_a_gtin_looks_as_it_looked_in_the_first_release() -> None:
    # A change here changes every recording and every training picture: say so in the changelog.
    digest = sha256(atlas(["04000000102947"]).texels.tobytes()).hexdigest()
    assert digest == "01ccff14be7cf94436799f339d48c285a0b8b0ec94e7a2638dd726a05f5f5c27"


def test_any_two_products_look_different() -> None:
    small = atlas(GTINS).texels[:, 0, 64:96, SIZE_PX : SIZE_PX + 32].astype(float)  # the front, 32 pixels wide
    least = min(float(np.abs(a - b).mean()) for a, b in combinations(small, 2))
    assert least > 12.0


def test_the_three_faces_differ_and_have_marks_on_them() -> None:
    faces = atlas([GTINS[0]]).texels[0, :, :, :SIZE_PX].astype(float)
    for a, b in combinations(faces, 2):
        assert np.abs(a - b).mean() > 10.0
    for face in faces:
        assert (np.abs(np.diff(face.sum(axis=2), axis=1)) > 60).sum() > 100  # edges of letters and bars


def test_each_smaller_picture_is_as_bright_as_the_large_one() -> None:
    sheet = atlas([GTINS[3]]).texels[0, 0]
    light = (sheet / 255.0) ** 2.2
    size, top = SIZE_PX // 2, 0
    for _ in range(7):
        assert light[top : top + size, SIZE_PX : SIZE_PX + size].mean() == pytest.approx(
            light[:, :SIZE_PX].mean(), abs=0.01
        )
        top, size = top + size, size // 2


def test_an_unknown_product_is_named() -> None:
    with pytest.raises(KeyError, match="no packaging for GTIN 00000000000017"):
        atlas(GTINS).index("00000000000017")


def test_a_gtin_that_is_not_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="a GTIN is digits only, found 'abc'"):
        design("abc")


def test_draws_are_even() -> None:
    draw = Draw(5)
    counts = np.bincount([draw.below(6) for _ in range(6000)])
    assert counts.min() > 900
    assert np.mean([draw.unit(2.0, 4.0) for _ in range(4000)]) == pytest.approx(3.0, abs=0.05)
