"""Wrong input by the hundred thousand: each input must give observations, listed losses or a clear refusal.

`fuzz_mcap` and `fuzz_aifi` take one input each; `mcap_inputs` and `aifi_inputs` make any number of them from a seed.
"""

import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import BytesIO

import orjson
import zstandard

from tests.recording.aifi.make import case_files
from tests.recording.make import frame, recorded, small
from walkout.recording.aifi.case import Case, scan, stream
from walkout.recording.aifi.documents import people_document, plate_document, read_people, read_plates
from walkout.recording.aifi.importer import build_shop
from walkout.recording.error import RecordingError
from walkout.recording.json_message import encode_loss, encode_people
from walkout.recording.loss import Loss
from walkout.recording.plate_message import encode_plates
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import read_bytes
from walkout.recording.truth_reader import truth_of
from walkout.store.folder import pack
from walkout.store.problem import StoreError

Files = Mapping[str, bytes]
_NUMBERS = (0, 1, -1, 2**31, 2**53 + 1, 2**63, -0.0, 1e308, 0.5)
_PIECES = (
    b"\x00",
    b"\xff" * 8,
    b"null",
    b"[]",
    b"{}",
    b'"',
    b"-",
    b"1e400",
    b"\\u0000",
    b"\xed\xa0\x80",
    b"\n",
    b"zstd",
)


def fuzz_mcap(data: bytes) -> str:
    """Read everything in these bytes; the answer says how it went: refused, lossy or whole."""
    try:
        recording = read_bytes(data)
    except RecordingError:
        return "refused"
    for observation in recording.observations():
        assert observation.arrived_ns >= 0
    for found in recording.frames():
        assert found.data
    try:
        for _ in recording.shelf_events():
            pass
        for _ in truth_of(recording):
            pass
    except RecordingError:
        return "lossy"
    return "lossy" if recording.losses or recording.frame_losses else "whole"


def fuzz_aifi(files: Files) -> str:
    """Import a case from memory, and check that what came in goes out again as it was."""
    case = Case(
        plate_data=lambda: BytesIO(files["plate_data"]),
        people=lambda: BytesIO(files["full_targets"]),
        planogram=files["planogram"],
        products=files["products"],
    )
    try:
        columns = scan(case)
        if any(files[name] != _aifi_base()[name] for name in ("planogram", "products")):
            shop = build_shop(case, columns)
            if zlib.crc32(files["planogram"] + files["products"]) % 8 == 0:
                pack(shop.store)  # slow beside the rest
    except (RecordingError, StoreError):
        return "refused"
    outcome = "whole"
    for item in stream(case):
        if isinstance(item, Loss):
            outcome = "lossy"
            encode_loss(item)
        elif isinstance(item, PlateBatch):
            document = plate_document(item, int(item.fixture.removeprefix("gondola-")))
            assert encode_plates(read_plates(document)) == encode_plates(item)
        else:
            again, _ = read_people(people_document(item))
            assert encode_people(again) == encode_people(item)
    return outcome


@cache
def _mcap_base(with_loss: bool) -> bytes:
    return recorded(small() if with_loss else small()[:-1], notes={"a": "b"})


@cache
def _aifi_base() -> dict[str, bytes]:
    return case_files()


@cache
def camera_base() -> bytes:
    """A recording with the frames of two cameras."""
    frames = [frame(k, camera) for k in range(6) for camera in ("c1", "c2")]
    return recorded([*small()[:-1], *frames, frame(7, "c3", format="jpeg", data=b"\xff\xd8\xff")])


def mcap_inputs(seed: int, count: int, base: bytes = b"") -> Iterator[bytes]:
    """Damaged recordings: half of them damaged as bytes, half inside a chunk whose checksum is right again.

    `base` is what is damaged, if not one of two small recordings.
    """
    rng = random.Random(seed)  # noqa: S311
    given = base
    for _ in range(count):
        base = given or _mcap_base(rng.random() < 0.5)
        way = rng.randrange(4)
        if way == 0:
            yield _damaged(rng, base)
        elif way == 1:
            yield base[: rng.randrange(len(base))]
        else:
            yield _rechunked(rng, base, lambda data: _damaged(rng, data))


def aifi_inputs(seed: int, count: int) -> Iterator[dict[str, bytes]]:
    """Damaged cases: bytes changed, lines cut, doubled or moved, values of documents changed."""
    rng = random.Random(seed)  # noqa: S311
    base = _aifi_base()
    for _ in range(count):
        files = dict(base)
        name = rng.choice(sorted(files))
        way = rng.randrange(4)
        if way == 0:
            files[name] = _damaged(rng, files[name])
        elif way == 1:
            files[name] = files[name][: rng.randrange(len(files[name]))]
        else:
            rows = files[name].split(b"\n")[:-1]
            at = rng.randrange(len(rows))
            if way == 2:
                rows.insert(rng.randrange(len(rows) + 1), rows[at] if rng.random() < 0.5 else rows.pop(at))
            else:
                rows[at] = orjson.dumps(_changed(rng, orjson.loads(rows[at])))
            files[name] = b"\n".join(rows) + b"\n"
        yield files


def _damaged(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(out) + 1)
        way = rng.randrange(5)
        if way == 0 and at < len(out):
            out[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            out[at:at] = rng.choice(_PIECES)
        elif way == 2:
            del out[at : at + rng.randrange(1, 40)]
        elif way == 3:
            out[at : at + 8] = struct.pack("<Q", rng.choice((0, 1, 2**31, 2**40, 2**63, 2**64 - 1)))
        else:
            start = rng.randrange(len(out) + 1)
            out[at:at] = out[start : start + rng.randrange(1, 200)]
    return bytes(out)


def _rechunked(rng: random.Random, data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The same file with one chunk's inside changed, and its lengths and checksum made right again."""
    out, at = bytearray(data[:8]), 8
    chunks = [start for start, opcode, _ in _frames(data) if opcode == 6]
    chosen = rng.choice(chunks)
    for start, opcode, length in _frames(data):
        at = start + 9 + length
        if start != chosen:
            out += data[start:at]
            continue
        head = start + 9
        packed = data[head + 8 + 8 + 8 + 4 + 4 + 4 + 8 : at]
        inside = change(zstandard.ZstdDecompressor().decompress(packed, max_output_size=2**24))
        packed = inside if rng.random() < 0.5 else zstandard.compress(inside)
        name = b"" if packed is inside else b"zstd"
        payload = data[head : head + 16] + struct.pack("<QII", len(inside), zlib.crc32(inside), len(name)) + name
        payload += struct.pack("<Q", len(packed)) + packed
        out += struct.pack("<BQ", opcode, len(payload)) + payload
    return bytes(out) + data[at:]


def _frames(data: bytes) -> Iterator[tuple[int, int, int]]:
    at = 8
    while at + 9 <= len(data) - 8:
        opcode, length = struct.unpack_from("<BQ", data, at)
        yield at, opcode, length
        at += 9 + length


def _changed(rng: random.Random, value: object) -> object:
    """The same JSON value with one part of it replaced, dropped or doubled."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {name: item for name, item in value.items() if name != key}
        return value | {key: _changed(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value[:at] + [value[at]] * rng.choice((0, 2)) + value[at + 1 :]
        return [*value[:at], _changed(rng, value[at]), *value[at + 1 :]]
    odd: tuple[object, ...] = (
        "",
        "x",
        "9" * 30,
        [],
        {},
        None,
        True,
        [[[]]],
        {"id": {}},
        "2020-13-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
    )
    return rng.choice((*odd, *(number for number in _NUMBERS if number != 2**63 or rng.random() < 0.5)))
