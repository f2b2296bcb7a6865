"""Camera frames as protobuf messages in Foxglove's own schemas, so that other tools show them as pictures.

Schemas: foxglove.CompressedVideo and foxglove.CompressedImage, https://docs.foxglove.dev/docs/sdk/schemas.
"""

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from walkout.recording.camera import FORMATS, CameraFrame, Format
from walkout.recording.error import MalformedError

VIDEO: Final = "foxglove.CompressedVideo"
IMAGE: Final = "foxglove.CompressedImage"
MAX_FRAME: Final = 4 * 1024 * 1024 - 1024
"""Bytes of the largest frame; far above a keyframe of 4K video."""
_FIELDS: Final = {
    VIDEO: {"frame_id": 2, "data": 3, "format": 4},
    IMAGE: {"frame_id": 4, "data": 2, "format": 3},
}
_BYTES_FIELD: Final = "data"
_MAX_NS: Final = 2**63 - 1
_SECOND_NS: Final = 1_000_000_000
_STAMP: Final = "google.protobuf.Timestamp"


def camera_schema(name: str) -> bytes:
    """The FileDescriptorSet of one of the two schemas, serialised; the same bytes every time."""
    return descriptor_pb2.FileDescriptorSet(file=_files(name)).SerializeToString(deterministic=True)


def schema_of(frame: CameraFrame) -> str:
    """The schema that a frame is written in."""
    return VIDEO if frame.format == "h264" else IMAGE


def encode_camera(frame: CameraFrame) -> bytes:
    """The bytes of one frame.

    Raises:
        MalformedError: its format, size or time is none that a recording holds.
    """
    _check(frame)
    message = _CLASSES[schema_of(frame)](frame_id=frame.camera, data=frame.data, format=frame.format)
    message.timestamp.seconds, message.timestamp.nanos = divmod(frame.t_ns, _SECOND_NS)
    encoded: bytes = message.SerializeToString(deterministic=True)
    return encoded


def decode_camera(data: bytes, arrived_ns: int, schema: str) -> CameraFrame:
    """The frame in these bytes.

    Raises:
        MalformedError: not such a message, too large, or its time or format is none that a recording holds.
    """
    if len(data) > MAX_FRAME + 1024:
        raise MalformedError(f"camera frame: a message of {len(data)} bytes; right is at most {MAX_FRAME + 1024}")
    try:
        message = _CLASSES[schema].FromString(data)
    except KeyError:
        raise MalformedError(f"camera frame: schema {schema[:40]!r}; right: {VIDEO} or {IMAGE}") from None
    except (DecodeError, ValueError) as error:
        raise MalformedError("camera frame: not a protobuf message") from error
    nanos = int(message.timestamp.nanos)
    t_ns = int(message.timestamp.seconds) * _SECOND_NS + nanos
    if not 0 <= nanos < _SECOND_NS:
        raise MalformedError(f"camera frame: {nanos} ns within a second")
    known: Format | None = next((name for name in FORMATS if name == message.format), None)
    if known is None:
        raise MalformedError(f"camera frame: format {message.format[:20]!r}; right: {', '.join(FORMATS)}")
    frame = CameraFrame(message.frame_id, t_ns, arrived_ns, known, message.data)
    if schema_of(frame) != schema:
        raise MalformedError(f"camera frame: {known} in a {schema}")
    _check(frame)
    return frame


def _check(frame: CameraFrame) -> None:
    if frame.format not in FORMATS:
        raise MalformedError(f"camera frame: format {frame.format[:20]!r}; right: {', '.join(FORMATS)}")
    if not 0 < len(frame.data) <= MAX_FRAME:
        raise MalformedError(f"camera frame: {len(frame.data)} bytes; right is 1 to {MAX_FRAME}")
    if not 0 < len(frame.camera) <= 64:
        raise MalformedError(f"camera frame: a camera's id of {len(frame.camera)} characters; right is 1 to 64")
    if not 0 <= frame.t_ns <= _MAX_NS:
        raise MalformedError(f"camera frame: a time of {frame.t_ns} ns; right is 0 to 2^63 - 1 (UTC)")
    if frame.format == "h264" and not frame.data.startswith((b"\x00\x00\x01", b"\x00\x00\x00\x01")):
        raise MalformedError("camera frame: H.264 without a start code; right would be an Annex B access unit")


def _files(name: str) -> list[descriptor_pb2.FileDescriptorProto]:
    kind = descriptor_pb2.FieldDescriptorProto
    single = kind.LABEL_OPTIONAL
    stamp = descriptor_pb2.FileDescriptorProto(
        name="google/protobuf/timestamp.proto", package="google.protobuf", syntax="proto3"
    )
    time = stamp.message_type.add(name="Timestamp")
    time.field.add(name="seconds", number=1, label=single, type=kind.TYPE_INT64)
    time.field.add(name="nanos", number=2, label=single, type=kind.TYPE_INT32)
    short = name.removeprefix("foxglove.")
    file = descriptor_pb2.FileDescriptorProto(
        name=f"foxglove/{short}.proto", package="foxglove", syntax="proto3", dependency=[stamp.name]
    )
    message = file.message_type.add(name=short)
    message.field.add(name="timestamp", number=1, label=single, type=kind.TYPE_MESSAGE, type_name=f".{_STAMP}")
    for field, number in sorted(_FIELDS[name].items(), key=lambda item: item[1]):
        of_type = kind.TYPE_BYTES if field == _BYTES_FIELD else kind.TYPE_STRING
        message.field.add(name=field, number=number, label=single, type=of_type)
    return [stamp, file]


def _message_class(name: str) -> Any:
    # A pool of its own: a program may also load Foxglove's generated classes, which have the same names.
    pool = descriptor_pool.DescriptorPool()
    for file in _files(name):
        pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(name))


_CLASSES: Final = {name: _message_class(name) for name in (VIDEO, IMAGE)}
