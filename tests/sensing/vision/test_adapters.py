from pathlib import Path

import numpy as np
import pytest

from tests.sensing.vision.nets import answering
from walkout.sensing.vision.adapters import model_named
from walkout.sensing.vision.onnx_file import ModelFileError
from walkout.sensing.vision.pose import packaged


def test_the_package_s_own_a_file_of_its_kind_and_a_file_of_another(tmp_path: Path) -> None:
    assert model_named().name == model_named("own-pose").name == "own-pose+refine"
    assert model_named("own-pose-once").name == "own-pose"
    (tmp_path / "mine.onnx").write_bytes(packaged())
    assert model_named(str(tmp_path / "mine.onnx")).name == "own-pose"
    for size in (640, 416):
        people = [np.zeros((1, 0, 5)), np.zeros((1, 0, 17, 3))]
        (tmp_path / "rtmo.onnx").write_bytes(answering((1, 3, size, size), people))
        model = model_named(str(tmp_path / "rtmo.onnx"))
        assert model.name == "rtmo"
        assert len(model(np.zeros((36, 64, 3), np.uint8))) == 0


def test_what_cannot_be_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALKOUT_MODELS", str(tmp_path))
    with pytest.raises(ValueError, match="found the model 'nothing', right: own-pose, a fetched one, or a file"):
        model_named("nothing")
    with pytest.raises(ValueError, match="yolox-nano gives boxes without joints"):
        model_named("yolox-nano")
    (tmp_path / "other.onnx").write_bytes(answering((1, 3, 9, 9), [np.zeros((1, 4))]))
    with pytest.raises(ModelFileError, match=r"other.onnx fits no adapter: as own-pose: .*; as rtmo of 640 px: "):
        model_named(str(tmp_path / "other.onnx"))
