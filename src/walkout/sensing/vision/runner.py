"""One network, ready to run on the processor: ONNX Runtime behind a small door, one thread unless told otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from walkout.sensing.vision.onnx_file import MOST_BYTES, ModelFileError, inspect

Shape = tuple[int | None, ...]
"""None: any size."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What an adapter expects of a network: one float32 input, and float32 outputs in this order.

    Names do not count, shapes do.
    """

    input: Shape
    outputs: tuple[Shape, ...]


class Runner:
    """A network that was checked. The same picture gives the same numbers on machines of one kind.

    Raises:
        ModelFileError: the file is too large, no ONNX model, cut off, wants other files or code of its own, cannot be
            loaded, or takes and gives other shapes than `signature` says.
        FileNotFoundError: there is no such file.
    """

    def __init__(self, model: Path | bytes, signature: Signature, threads: int = 1) -> None:
        data = model if isinstance(model, bytes) else _read(model)
        self.contents = inspect(data)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.use_deterministic_compute = True
        options.log_severity_level = 4
        # A waiting thread that spins takes a core from the next camera.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors have no common class of their own
            raise ModelFileError(f"ONNX Runtime cannot load this model: {str(error).splitlines()[0]}") from error
        self.metadata: Mapping[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        self._check(signature)
        self._input = self._session.get_inputs()[0].name

    def __call__(self, x: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
        """Outputs in the order of the signature. Raises ModelFileError for a model that fails while it runs."""
        try:
            outputs: list[NDArray[np.float32]] = self._session.run(None, {self._input: x})
        except Exception as error:
            raise ModelFileError(f"the model failed while running: {str(error).splitlines()[0]}") from error
        return outputs

    def _check(self, signature: Signature) -> None:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != len(signature.outputs):
            raise ModelFileError(
                f"the model has {len(inputs)} inputs and {len(outputs)} outputs; "
                f"right would be 1 and {len(signature.outputs)}"
            )
        wanted = (signature.input, *signature.outputs)
        for node, shape in zip((inputs[0], *outputs), wanted, strict=True):
            if node.type != "tensor(float)" or not _fits(node.shape, shape):
                raise ModelFileError(
                    f"'{node.name}' is {node.type} {_said(node.shape)}; right would be tensor(float) {_said(shape)}"
                )


def _read(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ModelFileError(f"{path.name} has {size} bytes; a model of this shop has at most {MOST_BYTES}")
    return path.read_bytes()


def _fits(found: Sequence[int | str | None], wanted: Shape) -> bool:
    """Whether the sizes that both know are equal."""
    return len(found) == len(wanted) and all(
        want is None or not isinstance(have, int) or have == want for have, want in zip(found, wanted, strict=True)
    )


def _said(shape: Sequence[int | str | None]) -> str:
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"
