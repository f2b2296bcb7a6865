"""Write a recording: an MCAP file with the store inside, complete or not there at all."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, Self

import orjson
from mcap.writer import CompressionType, Writer

from walkout.recording.camera import CameraFrame
from walkout.recording.camera_message import IMAGE, VIDEO, camera_schema, encode_camera
from walkout.recording.channel import FORMAT, METADATA, NOTES, SOURCE_FOLDER, STORE_FOLDER, Written, topic_of
from walkout.recording.error import MalformedError, RecordingError
from walkout.recording.gate import GateEvent
from walkout.recording.json_message import SCHEMAS, encode_gate, encode_look, encode_loss, encode_people
from walkout.recording.json_value import dump, whole
from walkout.recording.look import Look
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plate_message import MAX_MESSAGE, SCHEMA_NAME, encode_plates, plate_schema
from walkout.recording.plates import PlateBatch
from walkout.recording.tag_message import TAG_SCHEMAS, encode_tags
from walkout.recording.tags import TagFrame
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit
from walkout.recording.truth_message import TRUTH_SCHEMAS, encode_truth

Origin = Literal["real", "simulated", "mixed"]

CHUNK_BYTES: Final = 256 * 1024
"""A chunk is closed when it holds this much, so that a cut-off file loses little."""
CHUNK_NS: Final = 1_000_000_000
"""A chunk is closed when what it holds arrived over this long."""
FRAMES_BYTES: Final = 2 * 1024 * 1024
"""Camera frames are held back until the next chunk, or until there are this many bytes of them."""
_PROTOBUF: Final = (SCHEMA_NAME, VIDEO, IMAGE)
_MAX_NS: Final = 2**63 - 1


class RecordingWriter:
    """Writes one recording under a temporary name and renames it at the end; after an exception nothing is left.

    The bytes depend on what is written and on nothing else. Camera frames get chunks of their own, about a second of
    them each, so that whoever reads the other streams can pass over them.

    Args:
        path: the file to make; one that is there is replaced. Or an open binary file, which is left open.
        store_files: the store folder, name to content.
        origin: real, simulated, or mixed.
        notes: facts about the recording as a whole, name to text.
        creator: the program that made it.
        store: the store's name.
        source_files: files of another format that this was imported from.

    Raises:
        RecordingError: the file cannot be made, or something written does not fit.
    """

    def __init__(
        self,
        path: Path | str | IO[bytes],
        *,
        store_files: Mapping[str, bytes],
        origin: Origin,
        notes: Mapping[str, str] | None = None,
        creator: str = "walkout",
        store: str = "",
        source_files: Mapping[str, bytes] | None = None,
    ) -> None:
        if origin not in ("real", "simulated", "mixed"):
            raise RecordingError(f"origin is {origin!r}; right: real, simulated or mixed")
        self._path: Path | None = None
        if isinstance(path, Path | str):
            self._path = Path(path)
            self._stream = _open(self._path)
        else:
            self._stream = path
        self._open = True
        self._writer = Writer(self._stream, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD)
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._counts: dict[int, int] = {}
        self._last_ns = 0
        self._chunk_ns: int | None = None
        self._frames: list[tuple[str, str, int, int, bytes]] = []
        self._frames_bytes = 0
        try:
            self._writer.start(profile="", library="walkout")
            self._writer.add_metadata(
                METADATA, {"format": FORMAT, "origin": origin, "creator": creator, "store": store}
            )
            if notes:
                self._writer.add_metadata(NOTES, {name: notes[name] for name in sorted(notes)})
            for folder, files in ((STORE_FOLDER, store_files), (SOURCE_FOLDER, source_files or {})):
                for name in sorted(files):
                    self._writer.add_attachment(0, 0, folder + name, "application/octet-stream", bytes(files[name]))
        except BaseException:
            self._abandon()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._abandon()

    def write(self, observation: Written) -> None:
        """Append one observation, camera frame, loss, piece of truth, or shelf event (as a mapping).

        Raises:
            MalformedError: its parts do not fit together, or a time is outside 0 to 2^63 - 1 ns.
        """
        topic, schema = topic_of(observation)
        log_ns, publish_ns, data = self._encode(observation)
        if not (0 <= log_ns <= _MAX_NS and 0 <= publish_ns <= _MAX_NS):
            raise MalformedError(f"{topic}: a time of {log_ns} or {publish_ns} ns; right is 0 to 2^63 - 1 (UTC)")
        if len(data) > MAX_MESSAGE:
            raise MalformedError(f"{topic}: a message of {len(data)} bytes; right is at most {MAX_MESSAGE}")
        if self._chunk_ns is not None and log_ns - self._chunk_ns >= CHUNK_NS:
            self.flush()
        if self._chunk_ns is None:
            self._chunk_ns = log_ns
        self._last_ns = log_ns
        if not isinstance(observation, CameraFrame):
            self._add(topic, schema, log_ns, publish_ns, data)
            return
        self._frames.append((topic, schema, log_ns, publish_ns, data))
        self._frames_bytes += len(data)
        if self._frames_bytes >= FRAMES_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand everything written so far to the file, so that a crash cannot lose it."""
        self._writer.flush()  # type: ignore[no-untyped-call]
        if self._frames:
            for frame in self._frames:
                self._add(*frame)
            self._frames, self._frames_bytes = [], 0
            self._writer.flush()  # type: ignore[no-untyped-call]
        self._chunk_ns = None

    def close(self) -> None:
        """Finish the file and give it its name; a second call does nothing.

        Raises:
            RecordingError: the disk refused.
        """
        if not self._open:
            return
        try:
            self.flush()
            self._writer.finish()  # type: ignore[no-untyped-call]
            self._stream.flush()
            if self._path is not None:
                os.fsync(self._stream.fileno())
                self._stream.close()
                _part(self._path).replace(self._path)
            self._open = False
        except OSError as error:
            raise RecordingError(f"{self._path} cannot be written: {error.strerror or error}") from error
        finally:
            self._abandon()

    def _abandon(self) -> None:
        if self._open:
            self._open = False
            if self._path is not None:
                self._stream.close()
                _part(self._path).unlink(missing_ok=True)

    def _encode(self, observation: Written) -> tuple[int, int, bytes]:
        """Log time, publish time and bytes of a message."""
        match observation:
            case PlateBatch():
                data = encode_plates(observation)
                return observation.arrived_ns, int(observation.t_ns[0]), data
            case PeopleFrame():
                return observation.arrived_ns, observation.t_ns, encode_people(observation)
            case CameraFrame():
                return observation.arrived_ns, observation.t_ns, encode_camera(observation)
            case GateEvent():
                return observation.arrived_ns, observation.t_ns, encode_gate(observation)
            case Look():
                return observation.arrived_ns, observation.t_ns, encode_look(observation)
            case TagFrame():
                return observation.arrived_ns, observation.t_ns, encode_tags(observation)
            case Loss():
                t_ns = self._last_ns if observation.start_ns is None else observation.start_ns
                return self._last_ns or t_ns, t_ns, encode_loss(observation)
            case TruthMove():
                return observation.end_ns, observation.end_ns, encode_truth(observation)
            case TruthVisit():
                return observation.left_ns, observation.left_ns, encode_truth(observation)
            case TruthNote():
                return self._last_ns, self._last_ns, encode_truth(observation)
            case _:
                end_ns, reported_ns = whole(observation, "end_ns"), whole(observation, "reported_ns")
                return reported_ns, end_ns, dump(observation)

    def _add(self, topic: str, schema: str, log_ns: int, publish_ns: int, data: bytes) -> None:
        channel = self._channels.get(topic)
        if channel is None:
            channel = self._register(topic, schema)
        sequence = self._counts.get(channel, 0)
        self._counts[channel] = sequence + 1
        self._writer.add_message(channel, log_ns, data, publish_ns, sequence & 0xFFFFFFFF)

    def _register(self, topic: str, schema: str) -> int:
        if schema not in self._schemas:
            if schema in _PROTOBUF:
                encoding, content = "protobuf", plate_schema() if schema == SCHEMA_NAME else camera_schema(schema)
            else:
                encoding, content = "jsonschema", orjson.dumps({**SCHEMAS, **TAG_SCHEMAS, **TRUTH_SCHEMAS}[schema])
            self._schemas[schema] = self._writer.register_schema(schema, encoding, content)
        message_encoding = "protobuf" if schema in _PROTOBUF else "json"
        channel: int = self._writer.register_channel(topic, message_encoding, self._schemas[schema])
        self._channels[topic] = channel
        return channel


def _part(path: Path) -> Path:
    """Where a recording is written until it is complete."""
    return path.with_name(f".{path.name}.part")


def _open(path: Path) -> IO[bytes]:
    if path.is_dir():
        raise RecordingError(f"{path} is a directory; right would be the name of a file to make")
    try:
        return _part(path).open("wb")
    except OSError as error:
        raise RecordingError(f"{path} cannot be written: {error.strerror or error}") from error
