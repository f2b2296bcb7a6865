import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("onnx", reason="onnx, of the developers' tools, builds the models ('./run test')")

from onnx import helper, numpy_helper

from tests.sensing.vision.nets import answering, changed
from walkout.sensing.vision import onnx_file
from walkout.sensing.vision.onnx_file import ModelFileError, inspect

GOOD = answering((1, 3, 4, 4), [np.ones((1, 2))])


def test_a_plain_model_is_counted() -> None:
    found = inspect(GOOD)
    assert found.nodes == 3
    assert found.operators == ("Add", "Mul", "ReduceMean")


def test_a_model_that_names_other_files_is_refused() -> None:
    model = changed(GOOD)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = tensor.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    with pytest.raises(ModelFileError, match="external data"):
        inspect(model.SerializeToString())


def test_external_data_hidden_in_a_graph_within_a_node_is_found() -> None:
    tensor = numpy_helper.from_array(np.zeros(2, np.float32), "hidden")
    tensor.external_data.add(key="location", value="weights.bin")
    inner = helper.make_graph([helper.make_node("Constant", [], ["x"], value=tensor)], "inner", [], [])
    model = changed(GOOD)
    model.graph.node.append(helper.make_node("If", ["nothing"], ["y"], then_branch=inner, else_branch=inner))
    with pytest.raises(ModelFileError, match="external data"):
        inspect(model.SerializeToString())


def test_operators_with_code_of_their_own_are_refused() -> None:
    model = changed(GOOD)
    model.graph.node.append(helper.make_node("Steal", ["picture"], ["y"], domain="com.example"))
    with pytest.raises(ModelFileError, match=r"operator Steal is of the domain 'com\.example'"):
        inspect(model.SerializeToString())
    model = changed(GOOD)
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    with pytest.raises(ModelFileError, match="an operator set is of the domain"):
        inspect(model.SerializeToString())


def test_functions_of_its_own_are_refused() -> None:
    model = changed(GOOD)
    node, opset = helper.make_node("Relu", ["a"], ["b"]), helper.make_opsetid("", 17)
    model.functions.append(helper.make_function("", "Mine", ["a"], ["b"], [node], [opset]))
    with pytest.raises(ModelFileError, match="functions"):
        inspect(model.SerializeToString())


def test_graphs_within_graphs_do_not_go_on_for_ever() -> None:
    inner = helper.make_graph([helper.make_node("Relu", ["a"], ["b"])], "inner", [], [])
    for _ in range(12):
        node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
        inner = helper.make_graph([node], "outer", [], [])
        if len(inner.SerializeToString()) > 1_000_000:
            break
    model = changed(GOOD)
    model.graph.CopyFrom(inner)
    with pytest.raises(ModelFileError, match="more than 8 deep"):
        inspect(model.SerializeToString())


def test_an_oversize_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "MOST_BYTES", 10)
    with pytest.raises(ModelFileError, match="at most 10"):
        inspect(GOOD)


@pytest.mark.parametrize(
    "data", [b"", b"<html>404</html>", b"PK\x03\x04" + bytes(64), b"\x80\x04\x95pickle", bytes(99)]
)
def test_what_is_no_onnx_is_refused(data: bytes) -> None:
    with pytest.raises(ModelFileError):
        inspect(data)


@given(st.integers(1, len(GOOD) - 1))
def test_a_model_cut_off_anywhere_is_refused_or_lacks_its_graph(length: int) -> None:
    graph_ends = len(GOOD) - len(changed(GOOD).opset_import[0].SerializeToString()) - 2
    if length < graph_ends:
        with pytest.raises(ModelFileError):
            inspect(GOOD[:length])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        inspect(data)
    except ModelFileError:
        return
