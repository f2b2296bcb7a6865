"""The public CSV of load-cell readings."""

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from walkout.recording.aifi import readings as module
from walkout.recording.aifi.readings import batches, is_readings, shapes
from walkout.recording.error import RecordingError
from walkout.recording.loss import Loss
from walkout.recording.plates import PlateBatch

from .readings_form import HEADER, rows, text

START_NS = 1_587_531_996_955_074_000


def message(gondola: int, number: int, *, samples: int = 12, shelves: int = 2, plates: int = 3) -> PlateBatch:
    t_ns = START_NS + number * 200_003_000 + np.round(np.arange(samples) * (1e9 / 60)).astype(np.int64)
    grams = (np.arange(samples * shelves * plates) * 0.241 + 100 * number).astype(np.float32)
    grams = grams.reshape(samples, shelves, plates)
    grams[:, 0, 1] = np.nan  # no plate there
    return PlateBatch(f"gondola-{gondola}", t_ns, grams, 60.0, int(t_ns[-1]))


MESSAGES = [message(gondola, number) for number in range(5) for gondola in (1, 2)]


def made(content: bytes, folder: Path) -> tuple[list[PlateBatch], list[Loss]]:
    path = folder / "readings.csv"
    path.write_bytes(content)
    losses: list[Loss] = []
    return list(batches(path, losses.append)), losses


def same(found: list[PlateBatch], expected: list[PlateBatch]) -> bool:
    return len(found) == len(expected) and all(
        one.fixture == other.fixture
        and np.array_equal(one.t_ns, other.t_ns)
        and one.grams.dtype == np.float32
        and np.array_equal(one.grams, other.grams, equal_nan=True)
        for one, other in zip(found, expected, strict=True)
    )


def test_messages_come_back_as_they_were(tmp_path: Path) -> None:
    found, losses = made(text(MESSAGES), tmp_path)
    assert same(found, MESSAGES)
    assert losses == []
    assert shapes(lambda: BytesIO(text(MESSAGES)), "") == {1: (2, 3), 2: (2, 3)}
    assert is_readings(tmp_path / "readings.csv")


def test_blocks_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 1000)
    assert same(made(text(MESSAGES), tmp_path)[0], MESSAGES)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda content: b"\xef\xbb\xbf" + content, id="byte order mark"),
        pytest.param(lambda content: content.replace(b"\n", b"\r\n"), id="Windows lines"),
        pytest.param(lambda content: content.replace(b"\n", b"\n\n"), id="blank lines"),
        pytest.param(lambda content: content.rstrip(b"\n"), id="no last line end"),
    ],
)
def test_other_writers(change: object, tmp_path: Path) -> None:
    assert callable(change)
    found, losses = made(change(text(MESSAGES)), tmp_path)
    assert same(found, MESSAGES)
    assert losses == []


def test_columns_in_another_order(tmp_path: Path) -> None:
    turned = [",".join(reversed(line.split(","))) for line in text(MESSAGES).decode().splitlines()]
    assert same(made("\n".join([*turned, ""]).encode(), tmp_path)[0], MESSAGES)


def test_a_missing_reading_is_no_number(tmp_path: Path) -> None:
    one = message(1, 0)
    one.grams[5, 1, 2] = np.nan
    assert same(made(text([one]), tmp_path)[0], [one])


def test_rows_sorted_by_time_give_the_same_samples(tmp_path: Path) -> None:
    lines = [line for item in MESSAGES for line in rows(item)]
    lines.sort(key=lambda line: (line.split(",")[2], float(line.split(",")[0])))
    found, losses = made("\n".join([HEADER, *lines, ""]).encode(), tmp_path)
    for fixture in ("gondola-1", "gondola-2"):
        grams = np.concatenate([item.grams for item in found if item.fixture == fixture])
        expected = np.concatenate([item.grams for item in MESSAGES if item.fixture == fixture])
        assert np.array_equal(grams, expected, equal_nan=True)
    assert losses == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param("1587531996.9,abc,1.0,1.0,1.0", "line 4: found b'abc'", id="no number"),
        pytest.param("1587531996.9,1.0,1.0,1.0", "line 4: found 4 values", id="too few"),
        pytest.param("1587531996.9,1_0,1.0,1.0,1.0", "line 4: found b'1_0'", id="underscore"),
        pytest.param("1587531996.9,1.0,1.0,1.5,1.0", "line 4: found timestamp", id="half a shelf"),
        pytest.param("1587531996.9,1.0,1.0,1.0,65.0", "plate 65; right would be", id="a far plate"),
        pytest.param("1e300,1.0,1.0,1.0,1.0", "timestamp 1e\\+300", id="a far time"),
        pytest.param("1587531996.9,inf,1.0,1.0,1.0", "reading inf", id="infinite"),
        pytest.param("nan,1.0,1.0,1.0,1.0", "timestamp nan", id="no time"),
        pytest.param(f"{'9' * 10_000},1.0,1.0,1.0,1.0", "line 4: found", id="a long line"),
    ],
)
def test_a_bad_row_is_listed_by_its_line(row: str, words: str, tmp_path: Path) -> None:
    lines = text(MESSAGES).decode().splitlines()
    _, losses = made("\n".join([*lines[:3], row, *lines[3:], ""]).encode(), tmp_path)
    assert [(loss.kind, loss.count) for loss in losses] == [("malformed", 1)]
    assert re.search(words, losses[0].detail)


def test_a_cut_off_file_keeps_what_came_before(tmp_path: Path) -> None:
    whole = text(MESSAGES)
    found, losses = made(whole[: whole.rindex(b",") - 6], tmp_path)
    assert len(found) == len(MESSAGES)
    assert [loss.kind for loss in losses] == ["truncated"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "an empty file", id="empty"),
        pytest.param(b"time,value\n1,2\n", "right would be a CSV with timestamp", id="other columns"),
        pytest.param(HEADER.encode() + b"\n", "no row that can be read", id="no rows"),
        pytest.param(HEADER.encode() + b"\na,b,c,d,e\n", "no row that can be read", id="no good rows"),
    ],
)
def test_refused(content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=words):
        made(content, tmp_path)


def test_rows_sorted_by_plate_are_refused(tmp_path: Path) -> None:
    lines = [line for number in range(30) for line in rows(message(1, number))]
    lines.sort(key=lambda line: (line.split(",")[2:], float(line.split(",")[0])))
    with pytest.raises(RecordingError, match="in the order of time"):
        made("\n".join([HEADER, *lines, ""]).encode(), tmp_path)


def test_a_clock_that_ran_back_is_not_refused(tmp_path: Path) -> None:
    turned = [message(1, number) for number in (*range(100, 130), *range(40))]
    assert same(made(text(turned), tmp_path)[0], turned)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        list(batches(tmp_path, lambda _: None))
