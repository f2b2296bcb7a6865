"""The records of an MCAP file one after another, with every length checked before it is believed.

The mcap library's own readers return nothing from a file that was cut off, and trust declared lengths. This walker
reads the frames itself, gives the library only payloads that are there, and where something is broken says so and
looks for the next chunk. Format: https://mcap.dev/spec.
"""

import struct
import zlib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Final

import zstandard
from mcap import records as known
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode

MAGIC: Final = b"\x89MCAP0\r\n"
MAX_RECORD: Final = 256 * 1024 * 1024
"""Bytes of the largest record that is read at all."""
MAX_CHUNK: Final = 64 * 1024 * 1024
"""Bytes of the largest chunk after decompression."""
_FREE_CHUNK: Final = 5 * 1024 * 1024
_MAX_RATIO: Final = 200
"""A chunk above 5 MiB (none of ours is) that claims to expand more than this is a bomb, not weights."""
_FREE_TOTAL: Final = 32 * 1024 * 1024
_MAX_TOTAL_RATIO: Final = 1024
"""So much may come out of a whole file, beyond 32 MiB; plates that never move come to about 500."""
_FREE_RECORDS: Final = 10_000
_RECORD_BYTES: Final = 8
"""A record takes at least this much of a file, beyond the first 10,000: a message's index entry takes 16."""
_SCAN, _MAX_SCAN = 4096, 1024 * 1024
"""Bytes looked through at once for the next chunk: few at first, so that many small damages cost little."""
_CHUNK_HEAD: Final = 9 + 8 + 8 + 8 + 4
"""Bytes from a chunk's opcode to the length of its compression's name."""
_ZSTD: Final = b"\x04\x00\x00\x00zstd"
_FRAME: Final = struct.Struct("<BQ")
_MESSAGE: Final = struct.Struct("<HIQQ")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chunk, not yet decoded."""

    channel: int
    sequence: int
    log_ns: int
    publish_ns: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of the file that could not be read."""

    kind: str
    """truncated or malformed"""
    offset: int
    size: int
    detail: str


@dataclass(slots=True)
class _Budget:
    """How much may still come out of a file."""

    bytes: int
    records: int


Item = Message | Damage | known.Schema | known.Channel | known.Attachment | known.Metadata | known.ChunkIndex

_PARSERS: Final[dict[int, Any]] = {
    Opcode.SCHEMA: known.Schema.read,
    Opcode.CHANNEL: known.Channel.read,
    Opcode.ATTACHMENT: known.Attachment.read,
    Opcode.METADATA: known.Metadata.read,
}
_SUMMARY_PARSERS: Final[dict[int, Any]] = {
    Opcode.SCHEMA: known.Schema.read,
    Opcode.CHANNEL: known.Channel.read,
    Opcode.CHUNK_INDEX: known.ChunkIndex.read,
}
_ELSEWHERE: Final = frozenset(Opcode) - {Opcode.MESSAGE}
"""Kinds that the summary may hold beside schemas and channels."""
_BROKEN = (McapError, ValueError, struct.error, EOFError, OverflowError, MemoryError, zstandard.ZstdError)


def walk(stream: IO[bytes], size: int, skip: Container[int] = ()) -> Iterator[Item]:
    """Everything a recording holds, in file order, and every damage; never raises for the content.

    `stream` stands behind the magic bytes; `size` is the whole file's length in bytes; chunks that begin at an offset
    in `skip` are not looked at.
    """
    at = len(MAGIC)
    budget = _Budget(_FREE_TOTAL + _MAX_TOTAL_RATIO * size, _FREE_RECORDS + size // _RECORD_BYTES)
    while True:
        head = stream.read(_FRAME.size)
        if len(head) < _FRAME.size:
            yield Damage("truncated", at, len(head), "the file ends without its last part")
            return
        opcode, length = _FRAME.unpack(head)
        left = size - at - _FRAME.size
        if length > min(left, MAX_RECORD) or opcode == 0:
            problem = f"a record claims {length} bytes where {left} are left"
            if length <= left:
                problem = f"a record claims {length} bytes (limit {MAX_RECORD}) or has no kind"
            found = _next_chunk(stream, at + 1, size)
            kind = "truncated" if found is None and length > left else "malformed"
            yield Damage(kind, at, (size if found is None else found) - at, problem)
            if found is None:
                return
            at = found
            stream.seek(at)
            continue
        if opcode == Opcode.FOOTER:
            return
        if opcode == Opcode.CHUNK and at in skip:
            stream.seek(length, 1)
        elif opcode == Opcode.CHUNK:
            yield from _chunk(stream.read(length), at, budget)
        elif opcode == Opcode.MESSAGE or opcode in _PARSERS:
            yield from _records(head + stream.read(length), at, budget)
        else:
            stream.seek(length, 1)
        if budget.bytes < 0 or budget.records < 0:
            detail = f"{size} bytes hold more records, or claim to hold more bytes, than any recording"
            yield Damage("malformed", at, size - at, detail)
            return
        at += _FRAME.size + length


def summary(stream: IO[bytes], size: int) -> list[Item]:
    """The schemas and channels repeated at the file's end, where that end is whole; else nothing.

    Where its checksum matches, also which channels each chunk holds.
    """
    tail = _FRAME.size + 20 + len(MAGIC)
    if size < len(MAGIC) + tail:
        return []
    stream.seek(size - tail)
    footer = stream.read(tail)
    opcode, length, start = struct.unpack_from("<BQQ", footer)
    if not footer.endswith(MAGIC) or opcode != Opcode.FOOTER or length != 20:
        return []
    end = size - tail
    if not len(MAGIC) <= start < end or end - start > MAX_RECORD:
        return []
    stream.seek(start)
    data = stream.read(end - start)
    whole = zlib.crc32(footer[: _FRAME.size + 16], zlib.crc32(data)) == struct.unpack_from("<I", footer, 25)[0]
    kinds = known.Schema | known.Channel | known.ChunkIndex if whole else known.Schema | known.Channel
    found = _records(data, start, _Budget(0, _FREE_RECORDS + size), _SUMMARY_PARSERS)
    return [item for item in found if isinstance(item, kinds)]


def _chunk(payload: bytes, at: int, budget: _Budget) -> Iterator[Item]:
    try:
        chunk = known.Chunk.read(ReadDataStream(BytesIO(payload)))
        if chunk.uncompressed_size <= MAX_CHUNK:
            budget.bytes -= chunk.uncompressed_size
        if budget.bytes < 0:
            return
        data = _decompressed(chunk)
    except _BROKEN as error:
        problem = f"a chunk cannot be read: {str(error) or type(error).__name__}"
        yield Damage("malformed", at, len(payload), problem)
        return
    yield from _records(data, at, budget)


def _decompressed(chunk: known.Chunk) -> bytes:
    claimed, packed = chunk.uncompressed_size, len(chunk.data)
    if claimed > MAX_CHUNK or claimed > max(_FREE_CHUNK, _MAX_RATIO * packed):
        raise ValueError(f"{packed} bytes claim to hold {claimed}; the limits are {MAX_CHUNK} and {_MAX_RATIO} times")
    if chunk.compression == "":
        data: bytes = chunk.data
    elif chunk.compression == "zstd":
        inside = zstandard.get_frame_parameters(chunk.data).content_size
        if inside not in (claimed, zstandard.CONTENTSIZE_UNKNOWN):
            raise ValueError(f"it claims {claimed} bytes, its compressed frame {inside}")
        data = zstandard.ZstdDecompressor().decompress(chunk.data, max_output_size=max(claimed, 1))
    else:
        raise ValueError(f"compressed with {chunk.compression[:20]!r}; right: zstd, or not at all")
    if len(data) != claimed:
        raise ValueError(f"it holds {len(data)} bytes and claims {claimed}")
    if chunk.uncompressed_crc and zlib.crc32(data) != chunk.uncompressed_crc:
        raise ValueError("its checksum does not match")
    return data


def _records(data: bytes, at: int, budget: _Budget, parsers: Mapping[int, Any] = _PARSERS) -> Iterator[Item]:
    """The records in these bytes; `at` is where they stand in the file, for words about damage."""
    here, end = 0, len(data)
    while here < end:
        budget.records -= 1
        if budget.records < 0:
            return
        if here + _FRAME.size > end:
            yield Damage("malformed", at, end - here, "a chunk ends inside a record")
            return
        opcode, length = _FRAME.unpack_from(data, here)
        start = here + _FRAME.size
        here = start + length
        if here > end:
            yield Damage("malformed", at, end - start, f"a record claims {length} bytes where {end - start} are left")
            return
        if opcode == Opcode.MESSAGE and length >= _MESSAGE.size:
            channel, sequence, log_ns, publish_ns = _MESSAGE.unpack_from(data, start)
            yield Message(channel, sequence, log_ns, publish_ns, data[start + _MESSAGE.size : here])
        elif opcode in parsers:
            try:
                yield parsers[opcode](ReadDataStream(BytesIO(data[start:here])))
            except _BROKEN as error:
                problem = f"a {Opcode(opcode).name.lower()} cannot be read: {str(error) or type(error).__name__}"
                yield Damage("malformed", at, length, problem)
        elif opcode not in _ELSEWHERE:
            yield Damage("malformed", at, end - start, f"a record of kind {opcode} that has no place there")
            return


def _next_chunk(stream: IO[bytes], start: int, size: int) -> int | None:
    """Where the next whole chunk begins at or after `start`; None: there is none."""
    at, kept, step = start, b"", _SCAN
    stream.seek(start)
    while block := stream.read(step):
        step = min(2 * step, _MAX_SCAN)
        window, base = kept + block, at - len(kept)
        found = window.find(_ZSTD)
        while found >= 0:
            begin = found - _CHUNK_HEAD
            if begin >= 0 and base + begin >= start:
                opcode, length = _FRAME.unpack_from(window, begin)
                if opcode == Opcode.CHUNK and length <= min(size - base - begin - _FRAME.size, MAX_RECORD):
                    return base + begin
            found = window.find(_ZSTD, found + 1)
        at += len(block)
        kept = window[-(_CHUNK_HEAD + len(_ZSTD)) :]
    return None
