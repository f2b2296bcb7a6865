"""What a writer leaves behind, and that other programs can read it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import orjson
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader

from tests.recording.make import observations, plates, recorded, same, small
from walkout.recording.channel import Observation, Written
from walkout.recording.error import MalformedError, RecordingError
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording, read_bytes
from walkout.recording.tags import TagFrame
from walkout.recording.truth_reader import truth_of
from walkout.recording.writer import RecordingWriter


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "visit.mcap"
    with RecordingWriter(
        path,
        store_files={"store.yaml": b"a", "catalog.csv": b"b"},
        origin="real",
        store="corner",
        notes={"why": "test"},
    ) as writer:
        for item in small():
            writer.write(item)
    recording = open_recording(path)
    assert (recording.origin, recording.store_name, recording.notes) == ("real", "corner", {"why": "test"})
    assert recording.store_files == {"store.yaml": b"a", "catalog.csv": b"b"}
    sensors = [item for item in small() if isinstance(item, PlateBatch | PeopleFrame | GateEvent | Look | TagFrame)]
    found = list(recording.observations())
    assert len(found) == len(sensors)
    assert all(same(one, other) for one, other in zip(found, sensors, strict=True))
    assert list(truth_of(recording)) == [item for item in small() if type(item).__name__.startswith("Truth")]
    assert list(recording.shelf_events()) == [item for item in small() if isinstance(item, dict)]
    assert recording.losses == tuple(item for item in small() if isinstance(item, Loss))
    assert [file.name for file in tmp_path.iterdir()] == ["visit.mcap"]


@settings(max_examples=60, deadline=None)
@given(st.lists(observations, max_size=6))
def test_any_observation_comes_back_to_the_bit(items: list[Observation]) -> None:
    found = list(read_bytes(recorded(items)).observations(tidy=False))
    assert len(found) == len(items)
    assert all(same(one, other) for one, other in zip(found, items, strict=True))


def test_same_input_same_bytes() -> None:
    assert recorded(small()) == recorded(small())


def _stopped(path: Path) -> None:
    with RecordingWriter(path, store_files={}, origin="real") as writer:
        writer.write(plates())
        raise RuntimeError("stop")


def test_an_exception_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="stop"):
        _stopped(tmp_path / "visit.mcap")
    assert list(tmp_path.iterdir()) == []


def test_an_exception_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "visit.mcap"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="stop"):
        _stopped(path)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        pytest.param(plates(t_ns=np.arange(3)), r"right would be \(samples, shelves, plates\)", id="times do not fit"),
        pytest.param(plates(grams=np.zeros((12, 0, 3), np.float32)), "none of them 0", id="no shelves"),
        pytest.param(plates(rate_hz=0.0), "right is above 0", id="no rate"),
        pytest.param(plates(arrived_ns=-1), "right is 0 to", id="before 1970"),
        pytest.param(plates(seq=-1), "right is 0 to", id="negative number"),
        pytest.param(GateEvent(0, 0, "g", "entry", "v", "p", source={"x": float("nan")}), "finite", id="not a number"),
        pytest.param({"end_ns": 1}, "reported_ns", id="half an event"),
    ],
)
def test_what_does_not_fit_is_refused(item: Written, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        recorded([item])


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="a recording holds no int"):
        recorded([3])  # type: ignore[list-item]


@pytest.mark.parametrize("origin", ["", "fake", None])
def test_an_unknown_origin_is_refused(tmp_path: Path, origin: Any) -> None:
    with pytest.raises(RecordingError, match="real, simulated or mixed"):
        RecordingWriter(tmp_path / "a.mcap", store_files={}, origin=origin)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is a directory"):
        RecordingWriter(tmp_path, store_files={}, origin="real")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written"):
        RecordingWriter(tmp_path / "no" / "a.mcap", store_files={}, origin="real")


def test_chunks_are_small() -> None:
    data = recorded([plates(number) for number in range(50)])
    summary = make_reader(BytesIO(data)).get_summary()
    assert summary is not None
    spans = [(index.message_end_time - index.message_start_time) / 1e9 for index in summary.chunk_indexes]
    assert len(spans) == 10
    assert max(spans) < 1.0


def test_other_programs_decode_plates_by_the_schema_in_the_file() -> None:
    batches = [plates(0, seq=4, source={"a": 1}), plates(1)]
    decoded: list[Any] = []
    for schema, _channel, message in make_reader(BytesIO(recorded(batches))).iter_messages():
        assert schema is not None
        assert (schema.name, schema.encoding) == ("walkout.PlateBatch", "protobuf")
        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(schema.data).file:
            pool.Add(file)
        decoded.append(
            message_factory.GetMessageClass(pool.FindMessageTypeByName(schema.name)).FromString(message.data)
        )
    for batch, found in zip(batches, decoded, strict=True):
        assert found.fixture == batch.fixture
        assert list(found.shape) == list(batch.grams.shape)
        assert list(found.t_ns) == batch.t_ns.tolist()
        assert np.array(found.grams, np.float32).tobytes() == batch.grams.tobytes()
        assert found.rate_hz == 60.0
    assert decoded[0].HasField("seq")
    assert decoded[0].seq == 4
    assert not decoded[1].HasField("seq")


def test_json_messages_fit_the_schemas_in_the_file() -> None:
    seen = set()
    for schema, channel, message in make_reader(BytesIO(recorded(small()))).iter_messages():
        if channel.message_encoding == "json":
            assert schema is not None
            jsonschema.validate(orjson.loads(message.data), orjson.loads(schema.data))
            seen.add(channel.topic)
    assert seen == {
        "/people",
        "/gate",
        "/looks",
        "/tags",
        "/faults",
        "/shelf_events",
        "/truth/moves",
        "/truth/visits",
        "/truth/notes",
    }


def test_times_of_a_message_are_arrival_and_event() -> None:
    batch = plates()
    _, _, message = next(iter(make_reader(BytesIO(recorded([batch]))).iter_messages()))
    assert (message.log_time, message.publish_time) == (batch.arrived_ns, int(batch.t_ns[0]))
