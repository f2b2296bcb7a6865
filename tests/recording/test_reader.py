"""What a reader gives back of whole, cut and hostile files."""

import json
import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from mcap.writer import Writer

from tests.recording.make import START_NS, people, plates, recorded, same, small
from walkout.recording.error import MalformedError, RecordingError
from walkout.recording.json_message import decode_people
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording, read_bytes
from walkout.recording.records import MAGIC

MANY = [plates(number) for number in range(60)]


def test_a_cut_file_loses_no_more_than_its_last_chunk() -> None:
    data = recorded(MANY)
    whole = list(read_bytes(data).observations())
    for cut in range(len(data) // 10, len(data), len(data) // 23):
        recording = read_bytes(data[:cut])
        found = list(recording.observations())
        assert all(same(one, other) for one, other in zip(found, whole, strict=False))
        assert len(found) >= min(len(whole), len(whole) * cut // len(data) - 6), cut
        assert [loss.kind for loss in recording.losses] == ["truncated"]


def test_a_cut_file_keeps_its_store() -> None:
    data = recorded(MANY)
    assert read_bytes(data[: len(data) // 10]).store_files == {"store.yaml": b"version: 1\n"}


def test_a_damaged_chunk_costs_that_chunk() -> None:
    data = bytearray(recorded(MANY))
    at = data.index(b"\x04\x00\x00\x00zstd", len(data) // 3) + 60
    data[at : at + 30] = bytes(30)
    recording = read_bytes(bytes(data))
    assert len(list(recording.observations())) == 55
    assert {loss.kind for loss in recording.losses} == {"malformed", "gap"}


def test_a_damaged_length_costs_that_chunk() -> None:
    data = bytearray(recorded(MANY))
    at = data.index(b"\x04\x00\x00\x00zstd", len(data) // 3) - 37
    assert data[at] == 6
    data[at + 1 : at + 9] = struct.pack("<Q", 2**62)
    recording = read_bytes(bytes(data))
    assert len(list(recording.observations())) == 55
    assert {loss.kind for loss in recording.losses} == {"malformed", "gap"}


def test_without_its_first_chunk_the_channels_come_from_the_summary() -> None:
    data = bytearray(recorded(MANY))
    at = data.index(b"\x04\x00\x00\x00zstd") + 60
    data[at : at + 30] = bytes(30)
    assert len(list(read_bytes(bytes(data)).observations())) == 55


def test_a_message_that_cannot_be_read_is_listed() -> None:
    recording = read_bytes(recorded([plates(), people()]))
    assert recording.losses == ()
    stream = BytesIO()
    writer = Writer(stream)
    writer.start()
    writer.add_metadata("walkout", {"format": "1", "origin": "real"})
    schema = writer.register_schema("x", "jsonschema", b"{}")
    channel = writer.register_channel("/people", "json", schema)
    for data in (
        b"",
        b"[]",
        b'{"t_ns": -1, "people": []}',
        b'{"t_ns": 1, "people": [{"id": 7, "joints": {}}]}',
        b'{"t_ns": 1, "people": [{"id": "", "joints": {}}]}',
    ):
        writer.add_message(channel, 5, data, 5)
    writer.add_message(channel, 6, b'{"t_ns": 1, "people": []}', 5)
    writer.finish()  # type: ignore[no-untyped-call]
    recording = read_bytes(stream.getvalue())
    assert len(list(recording.observations())) == 1
    assert [(loss.kind, loss.channel, loss.count) for loss in recording.losses] == [("malformed", "/people", 5)]


@pytest.mark.parametrize("axis", ["x_m", "y_m", "z_m", "score"])
@pytest.mark.parametrize("value", [1e4, -1e300, 10**30])
def test_a_joint_outside_any_shop_is_none(axis: str, value: float) -> None:
    joint = {"x_m": 1.0, "y_m": 2.0, "z_m": 3.0, "score": 0.5}
    frame = {"t_ns": 1, "people": [{"id": "a", "joints": {"head": joint | {axis: value}}}]}
    with pytest.raises(MalformedError, match=r"right would be metres and a score within 10000"):
        decode_people(json.dumps(frame).encode(), 2)


def test_strict_raises_where_else_a_loss_is_listed() -> None:
    data = recorded(MANY)
    with pytest.raises(RecordingError, match="truncated"):
        list(read_bytes(data[: len(data) // 2], strict=True).observations())
    assert len(list(read_bytes(data, strict=True).observations())) == 60


def test_losses_are_there_without_reading_first() -> None:
    data = recorded(MANY)
    assert read_bytes(data[: len(data) // 2]).losses


def _chunk(packed: bytes, claimed: int, compression: bytes = b"zstd", crc: int = 0) -> bytes:
    payload = struct.pack("<QQQII", 0, 0, claimed, crc, len(compression)) + compression
    payload += struct.pack("<Q", len(packed)) + packed
    return struct.pack("<BQ", 6, len(payload)) + payload


def _head() -> bytes:
    data = recorded([])
    return data[: data.index(b"\x0f\x04\x00\x00\x00\x00\x00\x00\x00")]


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(struct.pack("<BQ", 6, 10 * 2**30) + bytes(500), id="a record of 10 GB in 1 kB"),
        pytest.param(struct.pack("<BQ", 6, 2**64 - 1), id="a record of 2^64"),
        pytest.param(_chunk(zstandard.compress(bytes(2**20)), 10 * 2**30), id="a chunk that claims 10 GB"),
        pytest.param(_chunk(zstandard.compress(bytes(2**25)), 2**25), id="a bomb of 32 MB"),
        pytest.param(_chunk(zstandard.compress(bytes(2**20)), 100), id="more inside than claimed"),
        pytest.param(_chunk(zstandard.compress(bytes(100)), 2**20), id="less inside than claimed"),
        pytest.param(_chunk(b"\x28\xb5\x2f\xfd" + bytes(60), 100), id="not zstd"),
        pytest.param(_chunk(bytes(100), 100, b"lz4"), id="another compression"),
        pytest.param(_chunk(bytes(100), 100, b"", zlib.crc32(b"x")), id="a wrong checksum"),
        pytest.param(_chunk(b"\x05" + struct.pack("<Q", 2**40), 9, b""), id="a message of 1 TB in a chunk"),
        pytest.param(_chunk(b"\x05\x01", 2, b""), id="half a frame in a chunk"),
        pytest.param(_chunk(b"\x05" + struct.pack("<QHIQQ", 22, 9, 0, 0, 0), 31, b""), id="an unknown channel"),
        pytest.param(_chunk(b"\x04" + struct.pack("<QHHI", 8, 1, 0, 2**31), 17, b""), id="a topic of 2 GB"),
        pytest.param(bytes(600), id="zeros"),
    ],
)
def test_hostile_files_give_losses(tail: bytes) -> None:
    recording = read_bytes(_head() + tail)
    assert list(recording.observations()) == []
    assert {loss.kind for loss in recording.losses} <= {"truncated", "malformed", "unknown"}
    assert recording.losses


def test_many_small_bombs_are_given_up() -> None:
    bomb = _chunk(zstandard.compress(bytes(2**22)), 2**22)
    recording = read_bytes(_head() + bomb * 1000)
    (loss,) = recording.losses
    assert loss.count < 400


@pytest.mark.parametrize(
    "record", [struct.pack("<BQHIQQ", 5, 22, 1, 0, 0, 0), struct.pack("<BQ", 6, 0)], ids=["messages", "others"]
)
def test_chunks_full_of_nothing_are_given_up(record: bytes) -> None:
    inside = record * (2**22 // len(record))
    recording = read_bytes(_head() + _chunk(zstandard.compress(inside), len(inside)) * 5)
    assert list(recording.observations()) == []
    assert sum(loss.count for loss in recording.losses) < 20_000


def test_many_small_damages_take_little_time() -> None:
    broken = struct.pack("<BQ", 6, 2**60) + bytes(60)
    recording = read_bytes(_head() + (broken + _chunk(b"x", 1)) * 2000)
    assert sum(loss.count for loss in recording.losses) >= 4000


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "an empty file", id="empty"),
        pytest.param(b"PK\x03\x04 not this", "begins with b'PK", id="a zip"),
        pytest.param(MAGIC, "without the metadata", id="only the magic"),
        pytest.param(MAGIC + bytes(1000), "without the metadata", id="nothing behind the magic"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=words):
        open_recording(path)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        pytest.param({"format": "1"}, "origin 'None'", id="no origin"),
        pytest.param({"format": "1", "origin": "guessed"}, "real, simulated or mixed", id="another origin"),
        pytest.param({"format": "9", "origin": "real"}, "this version reads '1'", id="a newer format"),
    ],
)
def test_what_is_not_ours_is_refused(metadata: dict[str, str], words: str) -> None:
    stream = BytesIO()
    writer = Writer(stream)
    writer.start()
    writer.add_metadata("walkout", metadata)
    writer.finish()  # type: ignore[no-untyped-call]
    with pytest.raises(RecordingError, match=words):
        read_bytes(stream.getvalue())


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is a directory"):
        open_recording(tmp_path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not there"):
        open_recording(tmp_path / "a.mcap")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mcap")
    with pytest.raises(RecordingError, match="is not a file"):
        open_recording(tmp_path / "a.mcap")


def test_duplicates_are_left_out_unless_asked_for() -> None:
    recording = read_bytes(recorded([plates(0), plates(1), plates(1), plates(2)]))
    assert len(list(recording.observations())) == 3
    assert [(loss.kind, loss.count) for loss in recording.losses] == [("duplicate", 1)]
    assert len(list(recording.observations(tidy=False))) == 4


def test_a_fixture_on_another_channel_is_listed() -> None:
    data = recorded([plates(0, "aa"), plates(0, "bb")], store_files={})
    start = data.index(b"\x04\x00\x00\x00zstd") + 16
    size = zstandard.get_frame_parameters(data[start:]).content_size
    inside = zstandard.ZstdDecompressor().decompress(data[start:], max_output_size=size)
    swapped = inside.replace(b"/plates/bb", b"/plates/cc")
    recording = read_bytes(data[: start - 53] + _chunk(swapped, len(swapped), b""))
    found = [item.fixture for item in recording.observations() if isinstance(item, PlateBatch)]
    assert found == ["aa"]
    assert ("malformed", "/plates/cc") in {(loss.kind, loss.channel) for loss in recording.losses}


def test_reading_twice_gives_the_same() -> None:
    recording = read_bytes(recorded(small()))
    first, second = list(recording.observations()), list(recording.observations())
    assert all(same(one, other) for one, other in zip(first, second, strict=True))
    assert first[0].arrived_ns >= START_NS
