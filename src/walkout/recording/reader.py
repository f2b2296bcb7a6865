"""Read a recording: what the sensors delivered, in the order in which it was recorded, and what was lost."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from mcap import records as known

from walkout.recording.camera import CameraFrame
from walkout.recording.camera_message import decode_camera
from walkout.recording.channel import CAMERA, FORMAT, METADATA, NOTES, PLATES, SOURCE_FOLDER, STORE_FOLDER, Observation
from walkout.recording.error import MalformedError, RecordingError
from walkout.recording.gate import GateEvent
from walkout.recording.json_message import decode_gate, decode_look, decode_loss, decode_people
from walkout.recording.json_value import load
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plate_message import decode_plates
from walkout.recording.records import MAGIC, Damage, Message, summary, walk
from walkout.recording.tag_message import decode_tags
from walkout.recording.watch import Watch

MAX_CHANNELS: Final = 1024
_ENCODINGS: Final = {"json", "protobuf"}
_SENSORS: Final = ("/people", "/gate", "/looks", "/tags", PLATES)
FRAME_LATE_NS: Final = 10_000_000_000
"""A camera frame may arrive so long after it was taken and still be found by its time."""
MOVING_LATE_NS: Final = 10_000_000_000
"""The same of people and gates."""


class Recording:
    """An open recording. It holds no file open and no messages; each reading goes through the file anew."""

    def __init__(self, opener: Callable[[], IO[bytes]], name: str, *, strict: bool = False) -> None:
        self.name = name
        self._opener = opener
        self._strict = strict
        self._found: tuple[Loss, ...] | None = None
        self.frame_losses: tuple[Loss, ...] = ()
        """What the last full pass of `frames` could not read, and what was wrong with the cameras' streams."""
        self.metadata: Mapping[str, str] = {}
        self.notes: Mapping[str, str] = {}
        self.store_files: Mapping[str, bytes] = {}
        """The store folder, name to content."""
        self.source_files: Mapping[str, bytes] = {}
        """Files of the format that this was imported from."""
        self._read_head()

    @property
    def origin(self) -> str:
        """real, simulated or mixed."""
        return self.metadata["origin"]

    @property
    def store_name(self) -> str:
        """The store's name; empty where the recording does not say."""
        return self.metadata.get("store", "")

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What the file lost, and what is wrong with its streams; reads the file if nobody did so far."""
        if self._found is None:
            for _ in self.observations():
                pass
        return self._found or ()

    def observations(self, *, tidy: bool = True) -> Iterator[Observation]:
        """Sensor streams only, in the order in which they were recorded, one at a time.

        With `tidy`, an exact duplicate of a recent message is left out (and listed). Disorder, gaps and clocks that
        run back are listed and left as they are.

        Raises:
            RecordingError: strict, and the file is damaged.
        """
        watch = Watch()
        for topic, message in self.messages(watch):
            if topic == "/faults":
                try:
                    watch.add(decode_loss(message.data))
                except MalformedError as error:
                    self._lost(watch, Loss("malformed", topic, 1, str(error)))
                continue
            if not topic.startswith(_SENSORS):
                continue
            try:
                observation = _decode(topic, message)
            except MalformedError as error:
                self._lost(watch, Loss("malformed", topic, 1, str(error), message.log_ns, message.log_ns))
                continue
            if watch.keep(observation) or not tidy:
                yield observation
        self._found = watch.losses()

    def shelf_events(self) -> Iterator[Mapping[str, Any]]:
        """The shelf events that somebody recorded, in the form of `walkout.ShelfEvent`.

        Raises:
            RecordingError: one of them cannot be read.
        """
        for topic, message in self.messages(Watch()):
            if topic == "/shelf_events":
                try:
                    yield load(message.data)
                except MalformedError as error:
                    raise RecordingError(f"{self.name}: {topic}: {error}") from error

    def cameras(self) -> tuple[str, ...]:
        """The ids of the cameras that have a channel, sorted; reads only the end of a whole file."""
        with self._stream() as (stream, size):
            topics = [item.topic for item in summary(stream, size) if isinstance(item, known.Channel)]
            if not topics:
                stream.seek(len(MAGIC))
                topics = [item.topic for item in walk(stream, size) if isinstance(item, known.Channel)]
        return tuple(sorted({topic.removeprefix(CAMERA) for topic in topics if topic.startswith(CAMERA)}))

    def frames(
        self, cameras: Collection[str] | None = None, windows: Sequence[tuple[int, int]] | None = None
    ) -> Iterator[CameraFrame]:
        """Camera frames, in the order in which each camera's were recorded, one at a time.

        `cameras` names the cameras (None: all); `windows` are stretches of event time, (first, last) in UTC
        nanoseconds (None: everything). In a whole file only what may hold such frames is read. Exact duplicates are
        left out. A full pass (no windows) also lists gaps, frozen pictures, disorder and clocks that run back.

        Raises:
            RecordingError: strict, and something is damaged.
        """
        watch = Watch()
        # Between windows frames are passed over: that is no gap.
        order = watch if windows is None else Watch()
        end_ns = 0

        def passed(index: known.ChunkIndex, names: Collection[str]) -> bool:
            nonlocal end_ns
            end_ns = max(end_ns, index.message_end_time)
            return not _wanted(index, names, windows)

        for topic, schema, message in self._messages(watch, passed):
            camera = topic.removeprefix(CAMERA)
            if not topic.startswith(CAMERA) or (cameras is not None and camera not in cameras):
                continue
            try:
                frame = decode_camera(message.data, message.log_ns, schema)
                if frame.camera != camera:
                    raise MalformedError(f"a frame of camera {frame.camera[:40]!r} on channel {topic[:60]!r}")
            except MalformedError as error:
                self._lost(watch, Loss("malformed", topic, 1, str(error), message.log_ns, message.log_ns))
                continue
            wanted = windows is None or any(first_ns <= frame.t_ns <= last_ns for first_ns, last_ns in windows)
            if order.keep(frame) and wanted:
                yield frame
        order.ended(end_ns)
        self.frame_losses = watch.losses()

    def moving(self, start_ns: int, end_ns: int) -> Iterator[PeopleFrame | GateEvent]:
        """People and gates of a stretch of event time, both ends included, in the order in which they were recorded.

        Of a whole file only what may hold them is read; what cannot be read is left out.
        """

        def passed(index: known.ChunkIndex, topics: Collection[str]) -> bool:
            early = index.message_end_time < start_ns or index.message_start_time > end_ns + MOVING_LATE_NS
            return early or not {"/people", "/gate"} & set(topics)

        for topic, _, message in self._messages(Watch(), passed):
            try:
                if topic == "/people":
                    found: PeopleFrame | GateEvent = decode_people(message.data, message.log_ns)
                elif topic == "/gate":
                    found = decode_gate(message.data, message.log_ns)
                else:
                    continue
            except MalformedError:
                continue
            if start_ns <= found.t_ns <= end_ns:
                yield found

    def began_ns(self) -> int | None:
        """When the first message was recorded; None where there is none."""
        return next((message.log_ns for _, message in self.messages(Watch())), None)

    def messages(self, watch: Watch) -> Iterator[tuple[str, Message]]:
        """Topic and raw message of everything but the cameras' frames, telling `watch` what is damaged."""
        for topic, _, message in self._messages(watch, _cameras_only):
            if not topic.startswith(CAMERA):
                yield topic, message

    def _messages(
        self, watch: Watch, skip: Callable[[known.ChunkIndex, Collection[str]], bool]
    ) -> Iterator[tuple[str, str, Message]]:
        """Topic, schema's name and raw message; chunks for which `skip(index, topics)` holds are passed over."""
        with self._stream() as (stream, size):
            channels: dict[int, tuple[str, str]] = {}
            schemas: dict[int, str] = {}
            found = summary(stream, size)
            for item in found:
                _learn(channels, schemas, item)
            passed = set()
            for item in found:
                if isinstance(item, known.ChunkIndex):
                    topics = {channels.get(number, ("", ""))[0] for number in item.message_index_offsets}
                    if topics and skip(item, topics):
                        passed.add(item.chunk_start_offset)
            stream.seek(len(MAGIC))
            for item in walk(stream, size, passed):
                if isinstance(item, Message):
                    topic, schema = channels.get(item.channel, (None, ""))
                    if topic is None:
                        self._lost(watch, Loss("unknown", "", 1, "messages of a channel that the file does not name"))
                    elif item.log_ns >= 2**63 or item.publish_ns >= 2**63:
                        self._lost(watch, Loss("malformed", topic, 1, "a time above 2^63 - 1 ns"))
                    else:
                        yield topic, schema, item
                elif isinstance(item, Damage):
                    detail = f"{item.detail} (at byte {item.offset}, {item.size} bytes)"
                    self._lost(watch, Loss(item.kind, "", 1, detail))
                else:
                    _learn(channels, schemas, item)

    def _lost(self, watch: Watch, loss: Loss) -> None:
        if self._strict:
            raise RecordingError(f"{self.name}: {loss.kind}: {loss.detail}")
        watch.add(loss)

    @contextmanager
    def _stream(self) -> Iterator[tuple[IO[bytes], int]]:
        try:
            stream = self._opener()
        except OSError as error:
            raise RecordingError(f"{self.name} cannot be read: {error.strerror or error}") from error
        with stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            magic = stream.read(len(MAGIC))
            if magic != MAGIC:
                found = "an empty file" if size == 0 else f"a file that begins with {magic!r}"
                raise RecordingError(f"{self.name}: found {found}; right would be a recording (MCAP)")
            try:
                yield stream, size
            except OSError as error:
                raise RecordingError(f"{self.name} cannot be read: {error.strerror or error}") from error

    def _read_head(self) -> None:
        """What stands before the first message."""
        store: dict[str, bytes] = {}
        source: dict[str, bytes] = {}
        with self._stream() as (stream, size):
            for item in walk(stream, size):
                if isinstance(item, Message):
                    break
                if isinstance(item, known.Metadata) and item.name == METADATA:
                    self.metadata = item.metadata
                elif isinstance(item, known.Metadata) and item.name == NOTES:
                    self.notes = item.metadata
                elif isinstance(item, known.Attachment):
                    for folder, files in ((STORE_FOLDER, store), (SOURCE_FOLDER, source)):
                        if item.name.startswith(folder):
                            files[item.name.removeprefix(folder)] = item.data
        self.store_files, self.source_files = store, source
        if "format" not in self.metadata:
            raise RecordingError(
                f"{self.name}: an MCAP file without the metadata '{METADATA}'; "
                "right would be a recording that Walkout wrote"
            )
        if self.metadata["format"] != FORMAT:
            raise RecordingError(f"{self.name}: format {self.metadata['format'][:20]!r}; this version reads {FORMAT!r}")
        if self.metadata.get("origin") not in ("real", "simulated", "mixed"):
            found = str(self.metadata.get("origin"))[:20]
            raise RecordingError(f"{self.name}: origin {found!r}; right: real, simulated or mixed")


def open_recording(path: Path | str, *, strict: bool = False) -> Recording:
    """Open a recording file; a damaged one gives what is left of it and lists the losses.

    Args:
        path: the MCAP file, or a folder of several that follow one another (a running shop's journal).
        strict: raise where something is damaged, rather than listing it.

    Raises:
        RecordingError: not there, a directory without recordings, empty, not an MCAP, or not one of ours.
    """
    file = Path(path)
    if file.is_dir():
        from walkout.recording.segments import Segments  # noqa: PLC0415 - it is built on this module

        if next(file.glob("*.mcap"), None) is None:
            raise RecordingError(f"{file} is a directory; right would be a recording (an .mcap file)")
        return Segments(file, strict=strict)
    if not file.is_file():
        found = "is not a file" if file.exists() else "is not there"
        raise RecordingError(f"{file} {found}; right would be a recording (an .mcap file)")
    return Recording(lambda: file.open("rb"), str(file), strict=strict)


def read_bytes(data: bytes, *, strict: bool = False, name: str = "recording") -> Recording:
    """Open a recording that is already in memory; else as `open_recording`."""
    return Recording(lambda: BytesIO(data), name, strict=strict)


def _learn(channels: dict[int, tuple[str, str]], schemas: dict[int, str], item: object) -> None:
    if isinstance(item, known.Schema) and len(schemas) < MAX_CHANNELS:
        schemas.setdefault(item.id, item.name)
    if isinstance(item, known.Channel) and item.message_encoding in _ENCODINGS and len(channels) < MAX_CHANNELS:
        channels.setdefault(item.id, (item.topic, schemas.get(item.schema_id, "")))


def _cameras_only(index: known.ChunkIndex, topics: Collection[str]) -> bool:
    del index
    return all(topic.startswith(CAMERA) for topic in topics)


def _wanted(index: known.ChunkIndex, topics: Collection[str], windows: Sequence[tuple[int, int]] | None) -> bool:
    """Whether a chunk may hold camera frames of these stretches of time."""
    if not any(topic.startswith(CAMERA) for topic in topics):
        return False
    return windows is None or any(
        index.message_start_time <= end_ns + FRAME_LATE_NS and start_ns <= index.message_end_time
        for start_ns, end_ns in windows
    )


def _decode(topic: str, message: Message) -> Observation:
    if topic == "/people":
        return decode_people(message.data, message.log_ns)
    if topic == "/gate":
        return decode_gate(message.data, message.log_ns)
    if topic == "/looks":
        return decode_look(message.data, message.log_ns)
    if topic == "/tags":
        return decode_tags(message.data, message.log_ns)
    batch = decode_plates(message.data, message.log_ns)
    if PLATES + batch.fixture != topic:
        raise MalformedError(f"a batch of fixture {batch.fixture[:40]!r} on channel {topic[:60]!r}")
    return batch
