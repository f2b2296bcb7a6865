"""Archives of mongodump: read as written, limited against hostile lengths, salvaged where damaged."""

import datetime as dt
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.datetime_ms import DatetimeMS
from hypothesis import given
from hypothesis import strategies as st

from walkout.recording.aifi import archive as module
from walkout.recording.aifi.archive import documents, is_archive, plain, read
from walkout.recording.error import RecordingError
from walkout.recording.loss import Loss

from .archive_form import END, archive

IDS = [bson.ObjectId(f"5e9fd0df787b53230f8896{number:02x}") for number in range(40)]
NUMBERED = {
    "plate_data": [bson.encode({"_id": IDS[number], "n": number, "data": "x" * 50}) for number in range(30)],
    "products": [bson.encode({"_id": IDS[number], "n": number}) for number in range(30, 40)],
}


def numbers(data: bytes, wanted: set[str] | None = None) -> tuple[dict[str, list[int]], list[Loss]]:
    losses: list[Loss] = []
    found: dict[str, list[int]] = {}
    for collection, document in read(data, losses.append, wanted):
        found.setdefault(collection, []).append(document["n"])
    return found, losses


@pytest.mark.parametrize("segment", [1, 7, 1000])
def test_reads_every_document_in_order(segment: int) -> None:
    found, losses = numbers(archive(NUMBERED, segment=segment))
    assert found == {"plate_data": list(range(30)), "products": list(range(30, 40))}
    assert losses == []


def test_gives_only_what_is_wanted() -> None:
    assert numbers(archive(NUMBERED, segment=3), {"products"})[0] == {"products": list(range(30, 40))}


def test_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "case.archive"
    path.write_bytes(archive(NUMBERED))
    assert is_archive(path)
    losses: list[Loss] = []
    assert len(list(documents(path, losses.append))) == 40
    assert losses == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(IDS[1], {"$oid": "5e9fd0df787b53230f889601"}, id="object id"),
        pytest.param(DatetimeMS(1587531997040), {"$date": "2020-04-22T05:06:37.04Z"}, id="date, zeros left out"),
        pytest.param(DatetimeMS(1587531997000), {"$date": "2020-04-22T05:06:37Z"}, id="date of a whole second"),
        pytest.param(DatetimeMS(-5), {"$date": {"$numberLong": "-5"}}, id="date before 1970"),
        pytest.param(bson.Int64(2**40), 2**40, id="64-bit number"),
        pytest.param(float("nan"), {"$numberDouble": "NaN"}, id="not a number"),
        pytest.param(float("-inf"), {"$numberDouble": "-Infinity"}, id="infinite"),
        pytest.param(b"\x00\x01", {"$binary": {"base64": "AAE=", "subType": "00"}}, id="bytes"),
        pytest.param([1, 2.5, True, None, "x"], [1, 2.5, True, None, "x"], id="plain values"),
    ],
)
def test_values_are_as_mongoexport_writes_them(value: Any, expected: Any) -> None:
    document = bson.encode({"value": value})
    assert plain(bson.decode(document, module._OPTIONS))["value"] == expected


def test_dates_are_utc() -> None:
    document = bson.encode({"value": dt.datetime(2020, 4, 22, 5, 6, 37, 40000, tzinfo=dt.UTC)})
    assert plain(bson.decode(document, module._OPTIONS))["value"] == {"$date": "2020-04-22T05:06:37.04Z"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "an empty file", id="empty"),
        pytest.param(b'{"_id": 1}\n', "begins with", id="JSON"),
        pytest.param(b"\x1f\x8b\x08\x00rest", "gunzip", id="compressed"),
    ],
)
def test_refuses_what_is_no_archive(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "case.archive"
    path.write_bytes(content)
    assert not is_archive(path)
    with pytest.raises(RecordingError, match=words):
        list(documents(path, lambda _: None))


def test_refuses_a_directory(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        list(documents(tmp_path, lambda _: None))


def test_refuses_two_databases() -> None:
    other = archive(NUMBERED, database="BENCHMARK-2")
    body = other[other.index(END) + 4 :]
    with pytest.raises(RecordingError, match="'BENCHMARK-1' and 'BENCHMARK-2'"):
        numbers(archive(NUMBERED) + body)


def test_a_cut_off_file_keeps_what_came_before() -> None:
    whole = archive(NUMBERED, segment=10)
    found, losses = numbers(whole[: len(whole) // 2])
    count = sum(map(len, found.values()))
    assert 10 < count < 30
    assert {loss.kind for loss in losses} == {"malformed", "truncated"}
    assert {loss.channel for loss in losses if loss.kind == "truncated"} == {"plate_data", "products"}


def test_a_wrong_length_costs_one_document() -> None:
    damaged = bytearray(archive(NUMBERED))
    at = bytes(damaged).index(NUMBERED["plate_data"][4])
    damaged[at : at + 4] = (10**9).to_bytes(4, "little")
    found, losses = numbers(bytes(damaged))
    assert found["plate_data"] == [0, 1, 2, 3, *range(5, 30)]
    assert found["products"] == list(range(30, 40))
    assert [loss.kind for loss in losses] == ["malformed"]
    assert "claims 1000000000 bytes" in losses[0].detail


def test_a_changed_byte_is_told_by_the_checksum() -> None:
    damaged = archive(NUMBERED).replace(b"x" * 50, b"x" * 49 + b"y", 1)
    found, losses = numbers(damaged)
    assert found["plate_data"] == list(range(30))
    assert ["checksum" in loss.detail for loss in losses] == [True]


def test_no_checksum_is_no_fault() -> None:
    assert numbers(archive(NUMBERED, checksums=False))[1] == []


def test_a_broken_header_costs_its_segment() -> None:
    whole = archive(NUMBERED, segment=10)
    start = whole.index(END) + 4  # the first segment's header
    damaged = whole[:start] + b"\xff" * 4 + whole[start + 4 :]
    found, losses = numbers(damaged)
    assert found["plate_data"] == list(range(10, 30))
    assert losses


def test_a_broken_list_of_collections_costs_no_document() -> None:
    whole = bytearray(archive(NUMBERED))
    whole[4:8] = b"\xff\xff\xff\x7f"
    found, losses = numbers(bytes(whole))
    assert found == {"plate_data": list(range(30)), "products": list(range(30, 40))}
    assert len(losses) == 1


def test_a_header_that_cannot_be_read_is_passed_over_once() -> None:
    whole = archive(NUMBERED, segment=10)
    damaged = whole.replace(b"\x08EOF\x00\x00", b"\x08EOF\x00\x07", 1)  # a truth value of 7
    _, losses = numbers(damaged)
    assert len([loss for loss in losses if not loss.channel]) == 1


def test_deep_nesting_is_a_loss() -> None:
    deep = b"\x05\x00\x00\x00\x00"
    for _ in range(5000):
        deep = (len(deep) + 8).to_bytes(4, "little") + b"\x03a\x00" + deep + b"\x00"
    _, losses = numbers(archive({"plate_data": [deep]}, checksums=False))
    assert [loss.channel for loss in losses] == ["plate_data"]


@given(st.integers(0, 1 << 30), st.binary(max_size=8), st.integers(0, 64))
def test_damage_anywhere_is_never_a_crash(at: int, spliced: bytes, cut: int) -> None:
    whole = archive(NUMBERED, segment=10, checksums=False)
    at %= len(whole)
    damaged = whole[:at] + spliced + whole[at + cut :]
    try:
        for _ in read(damaged, lambda _: None):
            pass
    except RecordingError:
        pass
