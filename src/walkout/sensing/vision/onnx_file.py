"""What a model file holds, read without running anything: enough of ONNX's wire format to refuse what is unsafe.

An ONNX file is a protobuf message (github.com/onnx/onnx, onnx.proto). It can name other files to be read, operators
that need code of its own, and functions; a model for this shop needs none of these.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 256 * 1024 * 1024
"""A larger file is refused unread."""
_MOST_NODES, _DEEPEST = 20_000, 8
_STANDARD = ("", "ai.onnx")

# Field numbers of onnx.proto.
_MODEL_VERSION, _MODEL_GRAPH, _MODEL_OPSETS, _MODEL_FUNCTIONS, _MODEL_TRAINING = 1, 7, 8, 25, 20
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_NODE_OP, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 5, 6, 10, 11
_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES = 22, 23
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_OPSET_DOMAIN, _SPARSE_PARTS = 1, (1, 2)


class ModelFileError(ValueError):
    """This file is not a model that may be run; says what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file that may be run holds: how many operators, and which kinds."""

    nodes: int
    operators: tuple[str, ...]


def inspect(data: bytes) -> Contents:
    """What a model file holds; ModelFileError for one that is too large, no ONNX, cut off, or not self-contained."""
    if len(data) > MOST_BYTES:
        raise ModelFileError(f"the file has {len(data)} bytes; a model of this shop has at most {MOST_BYTES}")
    view = memoryview(data)
    fields = list(_fields(view))
    graphs = [body for number, body in fields if number == _MODEL_GRAPH and isinstance(body, memoryview)]
    versions = [body for number, body in fields if number == _MODEL_VERSION and isinstance(body, int)]
    if len(graphs) != 1 or not versions:
        raise ModelFileError("this is not an ONNX model: it must hold a version and exactly one graph")
    for number, body in fields:
        if number in (_MODEL_FUNCTIONS, _MODEL_TRAINING):
            raise ModelFileError("the model brings functions or training of its own; export it for inference, flat")
        if number == _MODEL_OPSETS and isinstance(body, memoryview):
            _only_standard(_text(body, _OPSET_DOMAIN), "an operator set")
    found: list[str] = []
    _graph(graphs[0], found, 0)
    return Contents(len(found), tuple(sorted(set(found))))


def _graph(body: memoryview, found: list[str], depth: int) -> None:
    if depth > _DEEPEST:
        raise ModelFileError(f"graphs within graphs, more than {_DEEPEST} deep: not a model of this shop")
    for number, part in _messages(body):
        if number == _GRAPH_NODE:
            _node(part, found, depth)
        elif number == _GRAPH_INITIALIZER:
            _tensor(part)
        elif number == _GRAPH_SPARSE:
            _sparse(part)


def _node(body: memoryview, found: list[str], depth: int) -> None:
    operator = _text(body, _NODE_OP)
    _only_standard(_text(body, _NODE_DOMAIN), f"operator {operator or '(without a name)'}")
    found.append(operator)
    if len(found) > _MOST_NODES:
        raise ModelFileError(f"the model has more than {_MOST_NODES} operators")
    for number, attribute in _messages(body):
        if number != _NODE_ATTRIBUTE:
            continue
        for kind, part in _messages(attribute):
            if kind in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
                _tensor(part)
            elif kind in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
                _graph(part, found, depth + 1)
            elif kind in (_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES):
                _sparse(part)


def _tensor(body: memoryview) -> None:
    for number, value in _fields(body):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0):
            raise ModelFileError("the model wants to read other files (external data); export it as one file")


def _sparse(body: memoryview) -> None:
    for number, part in _messages(body):
        if number in _SPARSE_PARTS:
            _tensor(part)


def _only_standard(domain: str, what: str) -> None:
    if domain not in _STANDARD:
        raise ModelFileError(f"{what} is of the domain '{domain}'; only standard ONNX operators are run")


def _text(body: memoryview, wanted: int) -> str:
    """The last value of a text field; empty where there is none."""
    text = b""
    for number, value in _messages(body):
        if number == wanted:
            text = bytes(value[:256])
    return text.decode("utf-8", "replace")


def _messages(body: memoryview) -> Iterator[tuple[int, memoryview]]:
    for number, value in _fields(body):
        if isinstance(value, memoryview):
            yield number, value


def _fields(body: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Number and value of each field (protobuf's wire format, protobuf.dev/programming-guides/encoding)."""
    at, end = 0, len(body)
    while at < end:
        key, at = _varint(body, at)
        number, wire = key >> 3, key & 7
        if number == 0:
            raise ModelFileError("this is not an ONNX model: a field has the number 0")
        if wire == 0:
            value, at = _varint(body, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(body, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ModelFileError(f"this is not an ONNX model: wire type {wire} at byte {at}")
        if size > end - at:
            raise ModelFileError(f"the model is cut off: {size} bytes wanted, {end - at} left; fetch it again")
        if wire == 2:
            yield number, body[at : at + size]
        at += size


def _varint(body: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(body):
            raise ModelFileError("the model is cut off within a number; fetch it again")
        byte = body[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ModelFileError("this is not an ONNX model: a number of more than ten bytes")
