"""Plate batches on the wire."""

import pytest
from google.protobuf import descriptor_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recording.make import plate_batches, plates, same
from walkout.recording.error import MalformedError
from walkout.recording.plate_message import decode_plates, encode_plates, plate_schema
from walkout.recording.plates import PlateBatch

WHOLE = encode_plates(plates(seq=5, source={"a": 1}))


@settings(max_examples=100, deadline=None)
@given(plate_batches())
def test_a_batch_comes_back_to_the_bit(batch: PlateBatch) -> None:
    assert same(decode_plates(encode_plates(batch), batch.arrived_ns), batch)


def test_the_schema_is_one_message_and_always_the_same() -> None:
    (file,) = descriptor_pb2.FileDescriptorSet.FromString(plate_schema()).file
    assert [message.name for message in file.message_type] == ["PlateBatch"]
    assert plate_schema() == plate_schema()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=100) | st.tuples(st.integers(0, len(WHOLE)), st.binary(min_size=1, max_size=8)))
def test_any_bytes_are_a_batch_or_refused(change: bytes | tuple[int, bytes]) -> None:
    data = change if isinstance(change, bytes) else WHOLE[: change[0]] + change[1] + WHOLE[change[0] + len(change[1]) :]
    try:
        batch = decode_plates(data, 0)
    except MalformedError:
        return
    assert batch.grams.shape[0] == len(batch.t_ns)


def test_unknown_fields_are_passed_over() -> None:
    newer = WHOLE + b"\x78\x07" + b"\x7a\x02ab" + b"\x7d1234" + b"\x7912345678"
    assert same(decode_plates(newer, 7), decode_plates(WHOLE, 7))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "shape", id="nothing"),
        pytest.param(b"\x12\x03\xff\xff\xff", "does not end", id="a size without end"),
        pytest.param(b"\x12\x0f" + b"\xff\xff\xff\xff\x07" * 3, "shape", id="2^31 in each direction"),
        pytest.param(b"\x12\x03\x01\x01\x01", "0 bytes of grams", id="no readings"),
        pytest.param(b"\x12\x80\x80\x80\x80\x08", "are left", id="a field of 2 GB"),
        pytest.param(b"\x0b", "not a protobuf message", id="a group"),
        pytest.param(b"\x08\x01", "wrong wire type", id="a number for a fixture"),
    ],
)
def test_what_is_no_batch(data: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        decode_plates(data, 0)
