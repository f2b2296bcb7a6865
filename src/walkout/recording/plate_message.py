"""Plate batches as protobuf messages, with the schema that Foxglove and Rerun read from the file.

The message is plain proto3 with packed fields, so the bytes of an array are the bytes on the wire: writing and
reading copy them and never visit a number. Wire format: https://protobuf.dev/programming-guides/encoding/.
"""

import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import orjson
from google.protobuf import descriptor_pb2

from walkout.recording.error import MalformedError
from walkout.recording.plates import PlateBatch

SCHEMA_NAME: Final = "walkout.PlateBatch"

_FIXTURE, _SHAPE, _T_NS, _GRAMS, _RATE, _SEQ, _SOURCE = 1, 2, 3, 4, 5, 6, 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_NS: Final = 2**63 - 1
_MIN_HZ, _MAX_HZ = 1e-6, 1e9
MAX_MESSAGE: Final = 4 * 1024 * 1024
"""Bytes of the largest message that is written, so that a reader may refuse larger ones."""
MAX_PLATES: Final = 100_000
"""Shelves x plates of one fixture; far above any shelf, far below what would hurt."""


def plate_schema() -> bytes:
    """The FileDescriptorSet of walkout.PlateBatch, serialised; the same bytes every time."""
    kind = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="walkout/plate_batch.proto", package="walkout", syntax="proto3")
    message = file.message_type.add(name="PlateBatch")
    single, many = kind.LABEL_OPTIONAL, kind.LABEL_REPEATED
    message.field.add(name="fixture", number=_FIXTURE, label=single, type=kind.TYPE_STRING)
    message.field.add(name="shape", number=_SHAPE, label=many, type=kind.TYPE_UINT32)
    message.field.add(name="t_ns", number=_T_NS, label=many, type=kind.TYPE_SFIXED64)
    message.field.add(name="grams", number=_GRAMS, label=many, type=kind.TYPE_FLOAT)
    message.field.add(name="rate_hz", number=_RATE, label=single, type=kind.TYPE_DOUBLE)
    # A field in a one-of of its own: absent is told apart from 0.
    message.field.add(name="seq", number=_SEQ, label=single, type=kind.TYPE_INT64, oneof_index=0, proto3_optional=True)
    message.field.add(name="source_json", number=_SOURCE, label=single, type=kind.TYPE_STRING)
    message.oneof_decl.add(name="_seq")
    return descriptor_pb2.FileDescriptorSet(file=[file]).SerializeToString(deterministic=True)


def encode_plates(batch: PlateBatch) -> bytes:
    """The bytes of one batch.

    Raises:
        MalformedError: the arrays do not fit together.
    """
    grams = np.ascontiguousarray(batch.grams, dtype="<f4")
    t_ns = np.ascontiguousarray(batch.t_ns, dtype="<i8")
    if grams.ndim != 3 or t_ns.shape != grams.shape[:1] or 0 in grams.shape or _too_wide(grams.shape):
        raise MalformedError(
            f"a plate batch of '{batch.fixture}' holds grams of shape {grams.shape} and times of shape {t_ns.shape}; "
            f"right would be (samples, shelves, plates) and (samples,), none of them 0, and at most {MAX_PLATES} plates"
        )
    if not _MIN_HZ <= batch.rate_hz <= _MAX_HZ:
        raise MalformedError(f"a plate batch of '{batch.fixture}' has a rate of {batch.rate_hz} Hz; right is above 0")
    parts = [
        _field(_FIXTURE, batch.fixture.encode()),
        _field(_SHAPE, b"".join(_varint(size) for size in grams.shape)),
        _field(_T_NS, t_ns.tobytes()),
        _field(_GRAMS, grams.tobytes()),
        bytes((_RATE << 3 | _FIXED64,)) + struct.pack("<d", batch.rate_hz),
    ]
    if batch.seq is not None:
        parts.append(bytes((_SEQ << 3 | _VARINT,)) + _varint(batch.seq))
    if batch.source:
        parts.append(_field(_SOURCE, orjson.dumps(batch.source, option=orjson.OPT_SORT_KEYS)))
    return b"".join(parts)


def decode_plates(data: bytes, arrived_ns: int) -> PlateBatch:
    """The batch in these bytes; its arrays are read-only views of a copy.

    Raises:
        MalformedError: not such a message, or its arrays do not fit together.
    """
    found: dict[int, Any] = {_FIXTURE: b"", _SHAPE: b"", _T_NS: b"", _GRAMS: b"", _RATE: 0.0, _SOURCE: b""}
    for number, value in _fields(data):
        expected = found.get(number)
        if number == _SEQ:
            expected = 0
        if expected is not None:
            if type(value) is not type(expected):
                raise MalformedError(f"plate batch: field {number} has the wrong wire type")
            found[number] = value
    shape = _varints(found[_SHAPE])
    if len(shape) != 3 or 0 in shape or _too_wide(shape):
        raise MalformedError(f"plate batch: shape {shape[:8]}; right would be [samples, shelves, plates]")
    wanted = math.prod(shape)
    if len(found[_GRAMS]) != 4 * wanted or len(found[_T_NS]) != 8 * shape[0]:
        raise MalformedError(
            f"plate batch: {len(found[_GRAMS])} bytes of grams and {len(found[_T_NS])} of times; "
            f"right for shape {shape} would be {4 * wanted} and {8 * shape[0]}"
        )
    rate_hz = found[_RATE]
    if not _MIN_HZ <= rate_hz <= _MAX_HZ:
        raise MalformedError(f"plate batch: a rate of {rate_hz} Hz; right is above 0")
    try:
        fixture = found[_FIXTURE].decode()
        source = orjson.loads(found[_SOURCE]) if found[_SOURCE] else {}
    except ValueError as error:
        raise MalformedError(f"plate batch: text that cannot be read: {error}") from error
    if not fixture or not isinstance(source, dict):
        raise MalformedError("plate batch: without a fixture, or with a source that is not an object")
    return PlateBatch(
        fixture=fixture,
        t_ns=np.frombuffer(found[_T_NS], dtype="<i8").astype(np.int64, copy=False),
        grams=np.frombuffer(found[_GRAMS], dtype="<f4").astype(np.float32, copy=False).reshape(shape),
        rate_hz=rate_hz,
        arrived_ns=arrived_ns,
        seq=found.get(_SEQ),
        source=source,
    )


def _too_wide(shape: Sequence[int]) -> bool:
    return shape[1] * shape[2] > MAX_PLATES


def _field(number: int, data: bytes) -> bytes:
    return bytes((number << 3 | _BYTES,)) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    if not 0 <= value <= _MAX_NS:
        raise MalformedError(f"{value} cannot be written; right is 0 to 2^63 - 1")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Field numbers with int (varint), float (64 bit) or bytes values; 32-bit fields are skipped."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _read_varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _read_varint(data, at)
            yield number, value
        elif wire == _FIXED64 and at + 8 <= end:
            yield number, struct.unpack_from("<d", data, at)[0]
            at += 8
        elif wire == _BYTES:
            size, at = _read_varint(data, at)
            if size > end - at:
                raise MalformedError(f"plate batch: a field of {size} bytes where {end - at} are left")
            yield number, data[at : at + size]
            at += size
        elif wire == _FIXED32 and at + 4 <= end:
            at += 4
        else:
            raise MalformedError("plate batch: not a protobuf message")


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 63, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise MalformedError("plate batch: a number that does not end, or is above 2^63 - 1")


def _varints(data: bytes) -> list[int]:
    at = 0
    out: list[int] = []
    while at < len(data) and len(out) < 8:
        value, at = _read_varint(data, at)
        out.append(value)
    return out
