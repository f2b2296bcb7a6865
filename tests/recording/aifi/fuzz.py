"""Wrong archives and CSVs by the hundred thousand; the harness is `benchmarks/fuzz.py`."""

import random
from collections.abc import Iterator
from functools import cache
from io import BytesIO

import bson
import numpy as np

from walkout.recording.aifi.archive import read as read_archive
from walkout.recording.aifi.readings import read as read_readings
from walkout.recording.error import RecordingError
from walkout.recording.loss import Loss
from walkout.recording.plate_message import encode_plates
from walkout.recording.plates import PlateBatch

from .archive_form import END, archive
from .readings_form import HEADER, text

_LENGTHS = (0, 4, 5, 6, 2**14, 2**24, 2**31 - 1, 2**32 - 1)
_PIECES = (b"\x02db\x00", b"\x07_id\x00", END, b"\x00" * 8, b"\xff", b"\x03a\x00\x05\x00\x00\x00\x00")
_CELLS = (
    b"",
    b"nan",
    b"inf",
    b"-1",
    b"0",
    b"1e308",
    b"-1e-308",
    b"65",
    b"1.5",
    b"99999999999999999999",
    b'"1"',
    b"\xff",
)


def fuzz_archive(data: bytes) -> str:
    """Read an archive; the answer says how it went: refused, lossy or whole."""
    losses: list[Loss] = []
    try:
        for collection, document in read_archive(data, losses.append):
            assert type(collection) is str
            assert type(document) is dict
    except RecordingError:
        return "refused"
    return "lossy" if losses else "whole"


def fuzz_readings(data: bytes) -> str:
    """Read a CSV; every batch that comes of it can be recorded."""
    losses: list[Loss] = []
    try:
        for batch in read_readings(lambda: BytesIO(data), "readings.csv", losses.append):
            encode_plates(batch)
    except RecordingError:
        return "refused"
    return "lossy" if losses else "whole"


@cache
def _archive_base() -> bytes:
    ids = [bson.ObjectId(f"5e9fd0df787b53230f8896{number:02x}") for number in range(12)]
    documents = [bson.encode({"_id": each, "timestamp": 1.5, "document": {"a": [1, {"b": "c"}]}}) for each in ids]
    return archive({"plate_data": documents[:8], "products": documents[8:]}, segment=3)


@cache
def _readings_base() -> bytes:
    def message(gondola: int, number: int) -> PlateBatch:
        t_ns = 1_587_531_996_955_074_000 + number * 200_003_000 + np.round(np.arange(12) * (1e9 / 60)).astype(np.int64)
        grams = (np.arange(24, dtype=np.float32) * 0.241).reshape(12, 1, 2)
        return PlateBatch(f"gondola-{gondola}", t_ns, grams, 60.0, int(t_ns[-1]))

    return text([message(gondola, number) for number in range(2) for gondola in (1, 2)])


def archive_inputs(seed: int, count: int) -> Iterator[bytes]:
    """Damaged archives: bytes and lengths changed, parts cut, moved and doubled."""
    rng = random.Random(seed)  # noqa: S311
    for _ in range(count):
        out = bytearray(_archive_base())
        for _ in range(rng.choice((1, 1, 2, 6))):
            at, way = rng.randrange(len(out) + 1), rng.randrange(6)
            if way == 0 and at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            elif way == 1:
                out[at : at + 4] = rng.choice(_LENGTHS).to_bytes(4, "little")
            elif way == 2:
                del out[at : at + rng.randrange(1, 60)]
            elif way == 3:
                out[at:at] = rng.choice(_PIECES)
            elif way == 4:
                start = rng.randrange(len(out) + 1)
                out[at:at] = out[start : start + rng.randrange(1, 300)]
            elif rng.random() < 0.3:
                del out[at:]
        yield bytes(out)


def readings_inputs(seed: int, count: int) -> Iterator[bytes]:
    """Damaged CSVs: cells, rows and bytes changed, moved, doubled and cut."""
    rng = random.Random(seed)  # noqa: S311
    rows = _readings_base().split(b"\n")
    for _ in range(count):
        out = list(rows)
        for _ in range(rng.choice((1, 1, 3))):
            at, way = rng.randrange(len(out)), rng.randrange(5)
            if way == 0:
                cells = out[at].split(b",")
                cells[rng.randrange(len(cells))] = rng.choice(_CELLS)
                out[at] = b",".join(cells)
            elif way == 1:
                out.insert(rng.randrange(len(out)), out[at])
            elif way == 2:
                out.insert(rng.randrange(len(out)), out.pop(at))
            elif way == 3:
                spot = rng.randrange(len(out[at]) + 1)
                out[at] = out[at][:spot] + rng.randbytes(rng.randrange(4)) + out[at][spot + rng.randrange(3) :]
            else:
                del out[at : at + rng.randrange(1, 12)]
                out = out or [HEADER.encode()]
        whole = b"\n".join(out)
        yield whole[: rng.randrange(len(whole) + 1)] if rng.random() < 0.2 else whole
