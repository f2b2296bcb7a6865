from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="models need ONNX Runtime ('./run extras')")
pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")
pytest.importorskip("onnx", reason="onnx, of the developers' tools, builds the models ('./run test')")

from tests.sensing.vision.nets import answering
from walkout.sensing.vision.onnx_file import ModelFileError
from walkout.sensing.vision.yolox import Yolox

CELLS = 52 * 52 + 26 * 26 + 13 * 13


def cell(stride: int, row: int, column: int) -> int:
    before = {8: 0, 16: 52 * 52, 32: 52 * 52 + 26 * 26}[stride]
    return before + row * (416 // stride) + column


def raw() -> np.ndarray:
    made = np.zeros((1, CELLS, 85), np.float32)
    made[:, :, 2:4] = -3.0
    return made


def test_cells_become_boxes_in_the_cameras_pixels() -> None:
    answer = raw()
    # Middle at cell (10.5, 4.25) of stride 16, 64 wide and 128 high, all in the square's pixels.
    answer[0, cell(16, 4, 10), :6] = (0.5, 0.25, np.log(4.0), np.log(8.0), 0.9, 0.8)
    # The same person once more from another grid, less sure; and a chair.
    answer[0, cell(8, 8, 21), :6] = (0.0, 0.5, np.log(8.0), np.log(16.0), 0.9, 0.5)
    answer[0, cell(32, 9, 9), :8] = (0.5, 0.5, 1.0, 1.0, 0.95, 0.0, 0.0, 0.99)
    found = Yolox(answering((1, 3, 416, 416), [answer]))(np.zeros((360, 640, 3), np.uint8))
    assert found.scores.tolist() == pytest.approx([0.72])
    scale = 416 / 640
    assert found.boxes[0].tolist() == pytest.approx(
        [(168 - 32) / scale, (68 - 64) / scale, (168 + 32) / scale, (68 + 64) / scale], abs=0.01
    )
    assert (found.keypoints[:, :, 2] == 0).all()


def test_numbers_that_are_none_find_nobody() -> None:
    answer = raw()
    answer[0, 5, :6] = np.nan
    answer[0, 6, :6] = (0, 0, 500.0, 500.0, 1.0, 1.0)
    found = Yolox(answering((1, 3, 416, 416), [answer]))(np.zeros((36, 64, 3), np.uint8))
    assert len(found) == 1
    assert np.isfinite(found.boxes).all()


def test_another_network_is_refused() -> None:
    with pytest.raises(ModelFileError, match="right would be"):
        Yolox(answering((1, 3, 416, 416), [np.zeros((1, 100, 85))]))


@pytest.mark.data
def test_the_real_network_finds_the_real_shopper(shared_data: Path) -> None:
    av = pytest.importorskip("av", reason="pictures need PyAV ('./run extras')")
    model = shared_data.parent / "models" / "yolox_nano.onnx"
    clip = shared_data / "aifi-cps-test-01" / "cam1.mp4"
    if not (model.is_file() and clip.is_file()):
        pytest.skip(f"the real network or the real clip is not here: {model}, {clip}")
    with av.open(str(clip)) as film:
        frame = next(f for k, f in enumerate(film.decode(video=0)) if k == 60)
    found = Yolox(model)(frame.to_ndarray(format="rgb24"))
    assert len(found) == 1
    # Seen by eye: he stands a little left of the middle, from the upper edge to two thirds down.
    left, top, right, bottom = found.boxes[0].tolist()
    assert 250 < left < 290
    assert top < 20
    assert 360 < right < 410
    assert 240 < bottom < 285
