"""The shipped looks network: it knows products from portraits, and a file that is not it is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="looks need ONNX Runtime ('./run extras')")
pytest.importorskip("cv2", reason="looks need OpenCV ('./run extras')")

from walkout.sensing.vision.looks_model import MOST_BYTES, SHIPPED, SIDE_PX, LooksModel, LooksModelError, square
from walkout.twin.camera.portrait import portraits

GTINS = [f"{number:014d}" for number in (17, 24, 31, 48, 55, 62, 79, 86)]


@pytest.fixture(scope="module")
def model() -> LooksModel:
    return LooksModel.load()


def test_it_is_small_and_says_where_it_comes_from(model: LooksModel) -> None:
    assert SHIPPED.stat().st_size < MOST_BYTES
    card = model.card
    assert card["origin"] == "simulated"
    assert card["licence"] == "Apache-2.0"
    assert card["made_by"].startswith("walkout train looks")
    assert card["bytes"] == SHIPPED.stat().st_size
    assert 0.5 < card["held_out"]["right_of_6"] <= 1.0


def test_products_are_known_from_one_portrait_by_others(model: LooksModel) -> None:
    sizes = [(0.07, 0.05, 0.12 + 0.01 * k) for k in range(len(GTINS))]
    taken = {gtin: portraits(gtin, size, 4) for gtin, size in zip(GTINS, sizes, strict=True)}
    known = {gtin: model.enrol(pictures[:1]) for gtin, pictures in taken.items()}
    right = [model.score(p, known).best() == gtin for gtin, pictures in taken.items() for p in pictures[1:]]
    assert np.mean(right) >= 0.75


def test_the_same_picture_gives_the_same_numbers_in_any_batch(model: LooksModel) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (int(rng.integers(20, 150)), 60, 3), np.uint8) for _ in range(40)]
    all_at_once = model.coordinates(pictures)
    assert all_at_once.shape == (40, len(model.measure.between))
    assert model.coordinates(pictures[37:38])[0] == pytest.approx(all_at_once[37], abs=2e-3)
    assert np.array_equal(model.coordinates(pictures), all_at_once)
    assert model.coordinates([]).shape == (0, len(model.measure.between))


def test_a_picture_is_made_square_around_its_middle() -> None:
    tall = np.zeros((60, 20, 3), np.uint8)
    tall[:, 8:12] = 255
    made = square(tall)
    assert made.shape == (SIDE_PX, SIDE_PX, 3)
    assert made[:, SIDE_PX // 2].min() > 200
    wrongs: list[Any] = [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="a picture is"):
            square(wrong)


def test_another_file_is_refused(tmp_path: Path) -> None:
    here = tmp_path / "looks.onnx"
    with pytest.raises(LooksModelError, match="no readable card"):
        LooksModel.load(here)
    card = json.loads(SHIPPED.with_suffix(".json").read_text())

    def write(data: bytes, **changes: object) -> None:
        from hashlib import sha256

        here.write_bytes(data)
        said = {**card, "sha256": sha256(data).hexdigest(), **changes}
        here.with_suffix(".json").write_text(json.dumps(said))

    data = SHIPPED.read_bytes()
    shutil.copy(SHIPPED.with_suffix(".json"), here.with_suffix(".json"))
    with pytest.raises(LooksModelError, match="no model at"):
        LooksModel.load(here)
    write(data)
    assert LooksModel.load(here).card["sha256"] == card["sha256"]
    here.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(LooksModelError, match="damaged or exchanged"):
        LooksModel.load(here)
    for wrong, words in (
        (data[: len(data) // 2], "cut off|ONNX"),
        (b"not a network", "ONNX|cut off"),
        (b"0" * (MOST_BYTES + 1), "at most"),
    ):
        write(wrong)
        with pytest.raises(LooksModelError, match=words):
            LooksModel.load(here)
    write(data, measure={**card["measure"], "between": [1.0, 2.0]})
    with pytest.raises(LooksModelError, match="right would be"):
        LooksModel.load(here)
    for measure in ({}, {**card["measure"], "slope": -1.0}, {**card["measure"], "scatter": [1.0]}):
        write(data, measure=measure)
        with pytest.raises(LooksModelError, match="measure"):
            LooksModel.load(here)
    write(data, kind="pose")
    with pytest.raises(LooksModelError, match="no card of a looks model"):
        LooksModel.load(here)
