"""Camera frames in recordings: to the byte and back, in other tools' schema, out of the way of the other streams."""

from collections import Counter
from dataclasses import replace
from io import BytesIO

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given
from hypothesis import strategies as st
from mcap import records as known
from mcap.reader import make_reader

from tests.recording.fuzz import camera_base, fuzz_mcap, mcap_inputs
from tests.recording.make import BATCH_NS, START_NS, frame, plates, recorded, small
from walkout.recording import records
from walkout.recording.camera import FORMATS, CameraFrame, is_keyframe
from walkout.recording.camera_message import IMAGE, MAX_FRAME, VIDEO, decode_camera, encode_camera, schema_of
from walkout.recording.channel import Written
from walkout.recording.error import MalformedError, RecordingError
from walkout.recording.people import PeopleFrame
from walkout.recording.reader import read_bytes

SECONDS = 20


def filmed() -> bytes:
    """Twenty seconds of one fixture's plates and two cameras."""
    written: list[Written] = []
    for k in range(SECONDS * 5):
        written += [plates(k), frame(k, "c1"), frame(k, "c2", format="jpeg", data=b"\xff\xd8" + bytes(900))]
    return recorded(written)


@given(
    st.builds(
        CameraFrame,
        camera=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True),
        t_ns=st.integers(0, 2**63 - 1),
        arrived_ns=st.just(7),
        format=st.sampled_from(FORMATS),
        data=st.binary(min_size=1, max_size=300).map(lambda data: b"\x00\x00\x01" + data),
    )
)
def test_a_frame_comes_back(made: CameraFrame) -> None:
    assert decode_camera(encode_camera(made), 7, schema_of(made)) == made


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"data": b""}, "0 bytes"),
        ({"data": b"\x00\x00\x01" + bytes(MAX_FRAME)}, "right is 1 to"),
        ({"data": b"\x05\x05"}, "without a start code"),
        ({"camera": ""}, "0 characters"),
        ({"camera": "c" * 65}, "65 characters"),
        ({"t_ns": -1}, "2\\^63"),
        ({"format": "gif"}, "format 'gif'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_no_recording_holds_is_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        encode_camera(replace(frame(), **changed))  # type: ignore[arg-type]


@given(st.binary(max_size=200), st.sampled_from([VIDEO, IMAGE, "walkout.PlateBatch"]))
def test_any_bytes_as_a_frame(data: bytes, schema: str) -> None:
    try:
        decode_camera(data, 5, schema)
    except MalformedError:
        return
    assert schema in (VIDEO, IMAGE)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"\x00\x00\x00\x01\x67\x01\x00\x00\x01\x68\x02\x00\x00\x01\x65\x88", True),
        (b"\x00\x00\x01\x41\x9a", False),
        (b"\x00\x00\x01\x06\x05\x00\x00\x01", False),
        (b"", False),
    ],
    ids=["parameter sets and an IDR slice", "another slice", "no slice", "nothing"],
)
def test_which_access_unit_stands_alone(data: bytes, key: bool) -> None:
    assert is_keyframe(data) is key


@pytest.mark.parametrize(
    ("data", "needed"),
    [
        (b"\x00\x00\x01\x67\x01\x00\x00\x01\x65\x88", True),
        (b"\x00\x00\x01\x41\x9a", True),
        (b"\x00\x00\x01\x09\x10\x00\x00\x01\x01\x9a", False),
        (b"", True),
    ],
    ids=["a keyframe", "a slice that others lean on", "one that none leans on", "nothing"],
)
def test_what_the_frames_after_it_lean_on(data: bytes, needed: bool) -> None:
    assert CameraFrame("c", 0, 0, "h264", data).needed is needed
    assert not CameraFrame("c", 0, 0, "jpeg", data).needed


def test_other_tools_find_their_own_schemas() -> None:
    reader = make_reader(BytesIO(filmed()))
    seen = Counter[str]()
    for schema, channel, message in reader.iter_messages(topics=["/camera/c1", "/camera/c2"]):
        assert schema is not None
        assert (schema.encoding, channel.message_encoding) == ("protobuf", "protobuf")
        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(schema.data).file:
            pool.Add(file)
        read = GetMessageClass(pool.FindMessageTypeByName(schema.name)).FromString(message.data)
        assert channel.topic == f"/camera/{read.frame_id}"  # type: ignore[attr-defined]
        assert read.timestamp.ToNanoseconds() == message.publish_time  # type: ignore[attr-defined]
        seen[f"{schema.name} {read.format}"] += 1  # type: ignore[attr-defined]
    assert seen == {"foxglove.CompressedVideo h264": 100, "foxglove.CompressedImage jpeg": 100}


def test_frames_by_camera_and_time() -> None:
    recording = read_bytes(filmed())
    assert recording.cameras() == ("c1", "c2")
    assert [found.camera for found in recording.frames()].count("c2") == SECONDS * 5
    window = (START_NS + 5 * 10**9, START_NS + 6 * 10**9)
    found = list(recording.frames(["c1"], [window]))
    assert [one.t_ns for one in found] == [START_NS + k * BATCH_NS for k in range(25, 31)]
    assert found[0] == frame(25, "c1")
    assert recording.frame_losses == ()


def test_other_streams_are_as_if_there_were_no_cameras() -> None:
    without = read_bytes(recorded([plates(k) for k in range(SECONDS * 5)]))
    filmed_too = read_bytes(filmed())
    one, other = list(without.observations()), list(filmed_too.observations())
    assert [item.arrived_ns for item in one] == [item.arrived_ns for item in other]
    assert without.losses == filmed_too.losses == ()


def test_reading_the_others_never_unpacks_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[int] = []
    real = records._decompressed

    def counted(chunk: known.Chunk) -> bytes:
        unpacked.append(1)
        return real(chunk)

    monkeypatch.setattr(records, "_decompressed", counted)
    recording = read_bytes(filmed())
    unpacked.clear()
    list(recording.observations())
    plain = len(unpacked)
    unpacked.clear()
    list(recording.frames(windows=[(START_NS, START_NS + 10**9)]))
    assert len(unpacked) < plain
    assert plain <= SECONDS + 1


def test_a_file_without_its_end_gives_the_same() -> None:
    whole = filmed()
    cut = read_bytes(whole[:-40])
    assert cut.cameras() == ("c1", "c2")
    assert len(list(cut.frames())) == 2 * SECONDS * 5
    assert len(list(cut.observations())) == SECONDS * 5
    assert {loss.kind for loss in cut.losses} == {"truncated"}


def test_a_frame_on_another_camera_s_channel_is_lost_by_name() -> None:
    data = recorded([frame(0, "c1"), frame(1, "c1")])
    wrong = read_bytes(_swapped(data, b"/camera/c1", b"/camera/c2"))
    assert list(wrong.frames()) == []
    assert [loss.kind for loss in wrong.frame_losses].count("malformed") >= 1
    with pytest.raises(RecordingError):
        list(read_bytes(_swapped(data, b"/camera/c1", b"/camera/c2"), strict=True).frames())


def test_the_base_with_frames_is_whole() -> None:
    assert fuzz_mcap(camera_base()) == "whole"
    assert sum(not isinstance(item, PeopleFrame) for item in read_bytes(camera_base()).observations())


def test_damaged_recordings_with_frames() -> None:
    outcomes = Counter(map(fuzz_mcap, mcap_inputs(seed=2, count=300, base=camera_base())))
    assert set(outcomes) == {"refused", "lossy", "whole"}


def test_equal_frames_give_equal_bytes() -> None:
    assert filmed() == filmed()
    assert recorded(small()) == recorded(small())


def _swapped(data: bytes, one: bytes, other: bytes) -> bytes:
    """The same recording uncompressed, with one topic renamed."""
    from mcap.writer import CompressionType, Writer

    stream = BytesIO()
    writer = Writer(stream, compression=CompressionType.NONE)
    writer.start(profile="", library="test")
    reader = make_reader(BytesIO(data))
    for metadata in reader.iter_metadata():
        writer.add_metadata(metadata.name, metadata.metadata)
    channels: dict[int, int] = {}
    for schema, channel, message in reader.iter_messages():
        assert schema is not None
        if channel.id not in channels:
            number = writer.register_schema(schema.name, schema.encoding, schema.data)
            topic = channel.topic.replace(one.decode(), other.decode())
            channels[channel.id] = writer.register_channel(topic, channel.message_encoding, number)
        writer.add_message(channels[channel.id], message.log_time, message.data, message.publish_time)
    writer.finish()  # type: ignore[no-untyped-call]
    return stream.getvalue()
