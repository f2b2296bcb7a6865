"""Products known by the pictures in their store's folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="looks need ONNX Runtime ('./run extras')")
pytest.importorskip("cv2", reason="looks need OpenCV ('./run extras')")

import cv2

from tests.twin.shops import small_shop
from walkout.sensing.vision.enrolment import LONGEST_PX, PictureError, files, prototypes, read
from walkout.sensing.vision.looks_model import LooksModel
from walkout.store.shop import Store

SHOP = small_shop(1, 1, 4)
FIRST, SECOND = sorted(SHOP.products)


def named(image: str) -> Store:
    return replace(SHOP, products={**SHOP.products, FIRST: replace(SHOP.products[FIRST], image=image)})


def test_pictures_come_from_the_catalogue_and_from_beside_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    own = tmp_path / "pictures" / FIRST
    own.mkdir(parents=True)
    for path in (tmp_path / "a.png", own / "2.jpg", own / "1.png"):
        cv2.imwrite(str(path), rng.integers(0, 255, (40, 60, 3), np.uint8))
    (own / "notes.txt").write_text("no picture")
    shop = named("a.png")
    assert files(shop, tmp_path) == {FIRST: [tmp_path / "a.png", own / "1.png", own / "2.jpg"]}
    known = prototypes(shop, tmp_path, LooksModel.load())
    assert {gtin: p.pictures for gtin, p in known.items()} == {FIRST: 3}
    assert files(named("https://example.org/a.png"), tmp_path) == {FIRST: [own / "1.png", own / "2.jpg"]}


def test_a_picture_is_read_as_red_green_blue_and_made_small(tmp_path: Path) -> None:
    blue_green_red = np.zeros((200, 1000, 3), np.uint8)
    blue_green_red[:] = (10, 20, 200)
    cv2.imwrite(str(tmp_path / "a.png"), blue_green_red)
    picture = read(tmp_path / "a.png")
    assert picture.shape == (LONGEST_PX // 5, LONGEST_PX, 3)
    assert picture[0, 0].tolist() == [200, 20, 10]


def test_what_is_no_picture_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    for image in ("missing.png", "../secret.png", "/etc/hostname"):
        with pytest.raises(PictureError, match="a file within"):
            files(named(image), tmp_path / "shop")
    for data in (b"", b"no picture"):
        (tmp_path / "a.png").write_bytes(data)
        with pytest.raises(PictureError, match="JPEG, PNG or WebP"):
            read(tmp_path / "a.png")
