"""Tiny ONNX models for tests: they take a picture, forget it, and give what they were built with."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def answering(
    shape: Sequence[int | str], answers: Sequence[np.ndarray], metadata: dict[str, str] | None = None
) -> bytes:
    """A model with one float32 input of that shape, whose outputs are always the answers."""
    nodes, outputs, constants = [], [], [numpy_helper.from_array(np.zeros(1, np.float32), "zero")]
    nodes.append(helper.make_node("ReduceMean", ["picture"], ["mean"], keepdims=0))
    nodes.append(helper.make_node("Mul", ["mean", "zero"], ["nothing"]))
    for k, answer in enumerate(answers):
        constants.append(numpy_helper.from_array(answer.astype(np.float32), f"c{k}"))
        nodes.append(helper.make_node("Add", [f"c{k}", "nothing"], [f"o{k}"]))
        outputs.append(helper.make_tensor_value_info(f"o{k}", TensorProto.FLOAT, answer.shape))
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, list(shape))
    model = helper.make_model(
        helper.make_graph(nodes, "answering", [picture], outputs, constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    helper.set_model_props(model, metadata or {})
    return bytes(model.SerializeToString())


def changed(data: bytes) -> onnx.ModelProto:
    """The model behind the bytes, to be spoiled."""
    return onnx.load_model_from_string(data)
