"""Load-cell readings as the public CSV files have them, to plate batches.

Columns timestamp (seconds since 1970 UTC), reading (grams), gondola, shelf, plate (from 1, written as floats); one row
a sample and plate at 60 Hz, message by message, plates without any reading left out.
Data: https://doi.org/10.5281/zenodo.4300738.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from walkout.recording.aifi.documents import RATE_HZ, fixture_of
from walkout.recording.error import RecordingError
from walkout.recording.loss import Loss
from walkout.recording.plates import PlateBatch

COLUMNS: Final = ("timestamp", "reading", "gondola", "shelf", "plate")
LIMITS: Final = {"gondola": 1000, "shelf": 32, "plate": 64}
"""Highest number of each; one row of 30 bytes makes a batch of at most shelf x plate readings."""
MAX_SECONDS: Final = 9_000_000_000
"""The year 2255; nanoseconds since 1970 end in 2262."""
MAX_GRAMS: Final = 1e9
BLOCK: Final = 4 * 1024 * 1024
MAX_LINE: Final = 4096
_STEP_S: Final = 1 / RATE_HZ
_STEP_TOLERANCE_S: Final = 2e-6
"""Seconds since 1970 in a double are exact to 0.24 us; the difference of two, to twice that."""
_BACK_NS: Final = 1_000_000_000
_HELD_ROWS: Final = 1_000_000
"""Rows of one message that wait for their rest; a real message has about 1300."""

Floats = NDArray[np.float64]
Lost = Callable[[Loss], None]
Told = Callable[[int], None]
Opener = Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows that can be used: values of shape (rows, 5) in the order of COLUMNS."""

    values: Floats
    lines: NDArray[np.int64]
    """The line of each row in the file, from 1."""


def is_readings(path: Path) -> bool:
    """Whether a file's first line is that of such a CSV."""
    try:
        with path.open("rb") as stream:
            return _header(stream) is not None
    except OSError:
        return False


def shapes(opener: Opener, name: str) -> dict[int, tuple[int, int]]:
    """The highest shelf and plate of each gondola in a file.

    Raises:
        RecordingError: as `batches`.
    """
    found: dict[int, tuple[int, int]] = {}
    for rows in _rows(opener, name, lambda _: None, lambda _: None):
        cells = rows.values[:, 2:].astype(np.int64)
        for gondola in np.unique(cells[:, 0]).tolist():
            highest = cells[cells[:, 0] == gondola, 1:].max(axis=0)
            before = found.get(gondola, (0, 0))
            found[gondola] = (max(before[0], int(highest[0])), max(before[1], int(highest[1])))
    return found


def batches(path: Path | str, lost: Lost, told: Told = lambda _: None) -> Iterator[PlateBatch]:
    """The plate batches in file order, one a message of the source; a batch counts as arrived with its last sample.

    The file is read twice: every batch of a fixture has the shape of all its plates. Row values are taken as they are;
    times are whole microseconds for a message's first sample, then steps of 1/60 s.

    Args:
        path: the CSV file.
        lost: hears of lines that cannot be read, by number.
        told: hears how many bytes are read.

    Raises:
        RecordingError: not there, empty, not these columns, no row that can be read, or rows in no order of time.
    """
    file = Path(path)
    yield from read(lambda: file.open("rb"), str(path), lost, told)


def read(opener: Opener, name: str, lost: Lost, told: Told = lambda _: None) -> Iterator[PlateBatch]:
    """As `batches`, from anything that opens as a stream of bytes."""
    size = shapes(opener, name)
    if not size:
        raise RecordingError(f"{name}: found no row that can be read; right would be numbers in {', '.join(COLUMNS)}")
    messages = _Messages(size)
    for rows in _rows(opener, name, lost, told):
        yield from messages.add(rows.values)
    yield from messages.rest()
    if messages.back * 2 > messages.count:
        raise RecordingError(
            f"{name}: found rows sorted by plate, {messages.back} of {messages.count} stretches older than what came "
            "before; right would be rows in the order of time, as the public files have them"
        )


@dataclass(slots=True)
class _Messages:
    """Joins rows to messages: consecutive runs of samples of one gondola that begin at the same time."""

    shapes: dict[int, tuple[int, int]]
    held: Floats = field(default_factory=lambda: np.empty((0, len(COLUMNS))))
    latest_ns: dict[int, int] = field(default_factory=dict)
    count: int = 0
    back: int = 0

    def add(self, values: Floats) -> Iterator[PlateBatch]:
        """The messages that these rows complete; the last one waits for its rest."""
        values = np.concatenate((self.held, values)) if len(self.held) else values
        starts, samples = _split(values)
        keep = int(starts[-1]) if len(values) - int(starts[-1]) <= _HELD_ROWS else len(values)
        self.held = values[keep:].copy()
        yield from self._batches(values, starts, samples, keep)

    def rest(self) -> Iterator[PlateBatch]:
        """What waits when the rows end."""
        if len(self.held):
            starts, samples = _split(self.held)
            yield from self._batches(self.held, starts, samples, len(self.held))

    def _batches(
        self, values: Floats, starts: NDArray[np.int64], samples: NDArray[np.int64], until: int
    ) -> Iterator[PlateBatch]:
        grams_of = values[:, 1].astype(np.float32)
        cells = values[:, 2:].astype(np.int64)
        ends = np.append(starts[1:], len(values))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if start >= until:
                return
            gondola = int(cells[start, 0])
            sample = samples[start:end]
            grams = np.full((int(sample.max()) + 1, *self.shapes[gondola]), np.nan, np.float32)
            grams[sample, cells[start:end, 1] - 1, cells[start:end, 2] - 1] = grams_of[start:end]
            steps_ns = np.round(np.arange(len(grams)) * (1e9 / RATE_HZ)).astype(np.int64)
            yield self._batch(gondola, round(float(values[start, 0]) * 10**6) * 1000 + steps_ns, grams)

    def _batch(self, gondola: int, t_ns: NDArray[np.int64], grams: NDArray[np.float32]) -> PlateBatch:
        first_ns, latest_ns = int(t_ns[0]), self.latest_ns.get(gondola, 0)
        self.count += 1
        # A clock that ran back gives whole messages; one plate after the other for the whole time is a sorted file.
        if first_ns < latest_ns - _BACK_NS and np.isfinite(grams).any(axis=0).sum() <= 1 < grams[0].size:
            self.back += 1
        self.latest_ns[gondola] = max(first_ns, latest_ns)
        return PlateBatch(fixture_of(gondola), t_ns, grams, RATE_HZ, arrived_ns=int(t_ns[-1]))


def _split(values: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where messages begin, and each row's place among its plate's samples in the message."""
    seconds, cells = values[:, 0], values[:, 2:]
    follows = (cells[1:] == cells[:-1]).all(axis=1)
    follows &= np.abs(np.diff(seconds) - _STEP_S) <= _STEP_TOLERANCE_S
    runs = np.flatnonzero(np.append(True, ~follows))
    rows = np.arange(len(values))
    samples = rows - np.repeat(runs, np.diff(np.append(runs, len(values))))
    # Plates of a message come in order and begin together; a plate that comes again begins another message.
    place = cells[runs, 1] * (LIMITS["plate"] + 1) + cells[runs, 2]
    new = (cells[runs[1:], 0] != cells[runs[:-1], 0]) | (seconds[runs[1:]] != seconds[runs[:-1]])
    new |= np.diff(place) <= 0
    return runs[np.append(True, new)], samples


def _header(stream: IO[bytes]) -> list[str] | None:
    line = stream.readline(MAX_LINE).removeprefix(b"\xef\xbb\xbf")
    names = [name.strip().strip('"') for name in line.decode("latin-1").split(",")]
    return names if sorted(names) == sorted(COLUMNS) else None


def _rows(opener: Opener, name: str, lost: Lost, told: Told) -> Iterator[_Rows]:
    """The rows of the file in blocks, in the order of COLUMNS."""
    try:
        with opener() as stream:
            names = _header(stream)
            if names is None:
                stream.seek(0)
                head = stream.read(60)
                found = f"a file that begins with {head!r}" if head else "an empty file"
                raise RecordingError(f"{name}: found {found}; right would be a CSV with {','.join(COLUMNS)}")
            order = [names.index(name) for name in COLUMNS]
            for block, line in _blocks(stream, lost):
                rows = _usable(_parsed(block, line, order, lost), lost)
                told(stream.tell())
                if len(rows.values):
                    yield rows
    except OSError as error:
        raise RecordingError(f"{name} cannot be read: {error.strerror or error}") from error


def _blocks(stream: IO[bytes], lost: Lost) -> Iterator[tuple[bytes, int]]:
    """Whole lines, and the number of the first of them."""
    line, rest = 2, b""
    while data := stream.read(BLOCK):
        data = rest + data
        end = data.rfind(b"\n") + 1
        block, rest = data[:end], data[end:]
        if len(rest) > MAX_LINE:
            rest = rest[: MAX_LINE + 1]  # cut: no row is that long, and it is refused as one line when it ends
        if block:
            yield block, line
            line += block.count(b"\n")
    if rest:
        if rest.count(b",") < len(COLUMNS) - 1:
            lost(Loss("truncated", "/plates", 1, f"the file ends inside line {line}"))
        else:
            yield rest + b"\n", line


def _parsed(block: bytes, line: int, order: list[int], lost: Lost) -> _Rows:
    names = [str(index) for index in range(len(COLUMNS))]
    import pyarrow as pa  # noqa: PLC0415 optional: only this form of the data needs it
    from pyarrow import csv  # noqa: PLC0415

    try:
        table = csv.read_csv(
            pa.BufferReader(block),
            csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block) + 1),
            csv.ParseOptions(quote_char=False),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float64()), null_values=["", "nan", "NaN"]),
        )
    except pa.ArrowInvalid:
        return _slowly(block, line, order, lost)
    if table.num_rows != block.count(b"\n"):  # blank lines: count them, so that every complaint names its line
        return _slowly(block, line, order, lost)
    values = np.stack([table.column(index).to_numpy() for index in order], axis=1)
    return _Rows(values, np.arange(line, line + len(values)))


def _slowly(block: bytes, line: int, order: list[int], lost: Lost) -> _Rows:
    """Line by line, for a block in which something is wrong."""
    values, lines = [], []
    for number, text in enumerate(block.split(b"\n")[:-1], line):
        cells = text.strip().split(b",")
        if cells == [b""]:
            continue
        try:
            if len(cells) != len(COLUMNS):
                raise ValueError(f"{len(cells)} values")
            values.append([_number(cells[index]) for index in order])
            lines.append(number)
        except ValueError as error:
            detail = f"line {number}: found {error}; right would be {len(COLUMNS)} numbers"
            lost(Loss("malformed", "/plates", 1, detail))
    return _Rows(np.array(values, np.float64).reshape(-1, len(COLUMNS)), np.array(lines, np.int64))


def _number(cell: bytes) -> float:
    text = cell.strip()
    if text in (b"", b"nan", b"NaN"):
        return float("nan")
    if b"_" in text:  # Python takes 1_000 for a number
        raise ValueError(repr(text[:40]))
    try:
        return float(text)
    except ValueError:
        raise ValueError(repr(text[:40])) from None


def _usable(rows: _Rows, lost: Lost) -> _Rows:
    """Rows whose time and plate can be; a reading may be missing (NaN), but not infinite."""
    values = rows.values
    cells = values[:, 2:]
    limits = np.array([LIMITS[name] for name in COLUMNS[2:]])
    with np.errstate(invalid="ignore", over="ignore"):
        good = (values[:, 0] >= 0) & (values[:, 0] <= MAX_SECONDS)
        good &= (np.abs(values[:, 1]) < MAX_GRAMS) | np.isnan(values[:, 1])
        good &= ((cells >= 1) & (cells <= limits) & (cells == np.floor(cells))).all(axis=1)
    bad = np.flatnonzero(~good)
    if len(bad):
        first: Any = values[bad[0]].tolist()
        found = ", ".join(f"{name} {value:g}" for name, value in zip(COLUMNS, first, strict=True))
        right = f"seconds since 1970, grams, gondola 1..{limits[0]}, shelf 1..{limits[1]}, plate 1..{limits[2]}"
        detail = f"line {rows.lines[bad[0]]}: found {found}; right would be {right}"
        lost(Loss("malformed", "/plates", len(bad), detail))
        return _Rows(values[good], rows.lines[good])
    return rows
