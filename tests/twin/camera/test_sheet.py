import struct
import zlib

import numpy as np
import pytest

from tests.twin.camera.shops import small_shop
from walkout.twin.camera.glyphs import write, written
from walkout.twin.camera.sheet import THUMB_PX, contact_sheet, png


def read(data: bytes) -> np.ndarray:
    """A PNG reader for what `png` writes: chunks with their checksums, one filter type."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, body, size = 8, b"", (0, 0)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + content)
        if kind == b"IHDR":
            size = struct.unpack(">II", content[:8])
            assert tuple(content[8:]) == (8, 2, 0, 0, 0)
        elif kind == b"IDAT":
            body += content
        at += 12 + length
    lines = np.frombuffer(zlib.decompress(body), np.uint8).reshape(size[1], 1 + 3 * size[0])
    assert (lines[:, 0] == 0).all()
    return lines[:, 1:].reshape(size[1], size[0], 3)


def test_a_png_holds_its_picture() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (31, 17, 3), np.uint8)
    np.testing.assert_array_equal(read(png(picture)), picture)


def test_a_sheet_shows_plan_and_cameras() -> None:
    store = small_shop(160, 90)
    red = np.zeros((90, 160, 3), np.uint8)
    red[:, :, 0] = 200
    sheet = read(contact_sheet(store, {"cam-2": [red, red, red], "cam-4": [red]}))
    reds = (sheet == (200, 0, 0)).all(axis=2).sum()
    assert reds == 4 * THUMB_PX[0] * THUMB_PX[1]
    assert (sheet == (255, 170, 40)).all(axis=2).sum() > 4 * 60  # cameras on the plan


def test_a_camera_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no camera cam-9 in this store; there are cam-1, cam-2"):
        contact_sheet(small_shop(160, 90), {"cam-9": []})


def test_letters_are_written_and_cut_off_at_the_edge() -> None:
    assert written("AB").shape == (7, 11)
    assert written("", 3).shape == (21, 0)
    picture = np.zeros((10, 20, 3), np.uint8)
    write(picture, "WWWW", -3, -2, (9, 9, 9))
    assert picture.any()
    assert written("A").sum() == 18
