from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="models need ONNX Runtime ('./run extras')")
pytest.importorskip("onnx", reason="onnx, of the developers' tools, builds the models ('./run test')")

from tests.sensing.vision.nets import answering, changed
from walkout.sensing.vision.onnx_file import ModelFileError
from walkout.sensing.vision.runner import Runner, Signature

ANSWER = np.arange(6, dtype=np.float32).reshape(1, 6)
SIGNATURE = Signature((1, 3, 4, 4), ((1, 6),))
GOOD = answering((1, 3, 4, 4), [ANSWER], {"made": "here"})


def test_it_answers_the_same_every_time() -> None:
    run = Runner(GOOD, SIGNATURE)
    picture = np.random.default_rng(1).random((1, 3, 4, 4), np.float32)
    for _ in range(3):
        assert (run(picture)[0] == ANSWER).all()
    assert run.metadata == {"made": "here"}


def test_a_file_is_read_and_a_missing_one_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(GOOD)
    assert Runner(path, SIGNATURE).contents.nodes == 3
    with pytest.raises(FileNotFoundError):
        Runner(tmp_path / "none.onnx", SIGNATURE)


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (Signature((1, 3, 8, 8), ((1, 6),)), r"'picture' is tensor\(float\) \(1, 3, 4, 4\); right would be"),
        (Signature((1, 3, 4, 4), ((1, 7),)), r"'o0' is .* right would be tensor\(float\) \(1, 7\)"),
        (Signature((1, 3, 4, 4), ((1, 6), (1, 6))), "1 inputs and 1 outputs; right would be 1 and 2"),
    ],
)
def test_other_shapes_than_the_adapters_are_refused(signature: Signature, words: str) -> None:
    with pytest.raises(ModelFileError, match=words):
        Runner(GOOD, signature)


def test_sizes_that_only_one_side_knows_are_allowed() -> None:
    Runner(answering(("n", 3, 4, 4), [ANSWER]), Signature((None, 3, 4, 4), ((1, None),)))


def test_a_graph_that_cannot_be_loaded_is_refused() -> None:
    model = changed(GOOD)
    model.graph.node[0].op_type = "NoSuchOperator"
    with pytest.raises(ModelFileError, match="cannot load"):
        Runner(model.SerializeToString(), SIGNATURE)


def test_a_wrong_picture_is_said_in_one_error() -> None:
    with pytest.raises(ModelFileError, match="failed while running"):
        Runner(GOOD, SIGNATURE)(np.zeros((1, 3, 5, 5), np.float32))
