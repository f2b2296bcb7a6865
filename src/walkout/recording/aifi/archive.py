"""Read what `mongodump --archive` wrote, one document at a time, with no database.

An archive is a magic number, a header, a document for each collection, then the collections' documents in segments that
take turns: https://github.com/mongodb/mongo-tools/blob/master/common/archive/spec.md. Every length is checked before
it is believed. Where the file is damaged, reading goes on at the next thing that looks whole, and the damage is listed.
"""

import mmap
import re
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import bson
from bson import json_util
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.errors import BSONError
from bson.objectid import ObjectId

from walkout.recording.aifi.clock import mongo_date
from walkout.recording.aifi.crc64 import crc64
from walkout.recording.error import MalformedError, RecordingError
from walkout.recording.loss import Loss

MAGIC: Final = b"\x6d\xe2\x99\x81"
MAX_DOCUMENT: Final = 16 * 1024 * 1024 + 16 * 1024
"""Bytes of the largest BSON document that MongoDB stores (16 MiB), with the room that its tools allow."""
MAX_DAMAGES: Final = 10_000
"""After so many damaged places the rest of a file is given up: no real fault makes them."""
_END: Final = b"\xff\xff\xff\xff"
_GZIP: Final = b"\x1f\x8b"
_OPTIONS: Final[CodecOptions[dict[str, Any]]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
_MARK: Final = re.compile(rb"\x07_id\x00|\x02db\x00")
"""How a document begins behind its length (the first field is `_id`), and how a segment's header does."""
_HEADER: Final = b"\x02db\x00"
_MAX_TRIES: Final = 64
"""Places that look like a document and are none, before only the beginning of a segment is looked for."""
_LAST_ISO_MS: Final = 253_402_300_799_999
"""31 December 9999: later dates, and those before 1970, are written as numbers, as mongoexport does."""

_BROKEN = (BSONError, ValueError, TypeError, RecursionError, OverflowError)

Buffer = bytes | mmap.mmap
Lost = Callable[[Loss], None]


@dataclass(slots=True)
class _Collected:
    """What was seen of one collection."""

    count: int = 0
    crc: int = 0
    broken: bool = False
    ended: bool = False


def documents(
    path: Path | str, lost: Lost, wanted: Collection[str] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every document with its collection, as relaxed extended JSON: the dicts that mongoexport's lines give.

    Args:
        path: the archive, of one database.
        lost: hears of everything that is damaged, as it is found.
        wanted: collections to give; the others' documents are passed over unread. None: all.

    Raises:
        RecordingError: not there, not such an archive, or one of several databases.
    """
    with _opened(path) as data:
        yield from read(data, lost, wanted, name=str(path))


def read(
    data: Buffer, lost: Lost, wanted: Collection[str] | None = None, *, name: str = "archive"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """As `documents`, from bytes."""
    walk = _Walk(data, lost, wanted, name)
    for collection, raw in walk.raw_documents():
        try:
            document = plain(bson.decode(raw, _OPTIONS))
        except _BROKEN as error:
            walk.seen[collection].broken = True
            walk.damage(collection, f"a document of {len(raw)} bytes cannot be read: {_said(error)}")
            continue
        yield collection, document


def is_archive(path: Path) -> bool:
    """Whether a file begins as `mongodump --archive` files do."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def plain(value: Any) -> Any:
    """A BSON value as relaxed extended JSON, dates with no more digits than they need.

    Form: https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/.
    """
    kind = type(value)
    if kind in (str, int, bool) or value is None:
        return value
    if kind is float:
        return value if -_LARGEST <= value <= _LARGEST else json_util.default(value, json_util.RELAXED_JSON_OPTIONS)
    if kind is dict:
        return {key: plain(item) for key, item in value.items()}
    if kind is list:
        return [plain(item) for item in value]
    if kind is ObjectId:
        return {"$oid": str(value)}
    if kind is DatetimeMS:
        millis = int(value)
        return mongo_date(millis * 10**6) if 0 <= millis <= _LAST_ISO_MS else {"$date": {"$numberLong": str(millis)}}
    if isinstance(value, int):  # Int64: an int like others
        return int(value)
    return json_util.default(value, json_util.RELAXED_JSON_OPTIONS)


_LARGEST: Final = 1.7976931348623157e308


@dataclass(slots=True)
class _Walk:
    """The way through an archive's segments."""

    data: Buffer
    lost: Lost
    wanted: Collection[str] | None
    name: str
    seen: dict[str, _Collected] = field(default_factory=dict)
    database: str | None = None
    damages: int = 0

    def raw_documents(self) -> Iterator[tuple[str, bytes]]:
        """Collection and BSON of each document that is wanted."""
        at: int | None = self._prelude()
        while at is not None and at < len(self.data):
            try:
                header, at = self._header(at)
            except MalformedError as error:
                at = self._resume(at, str(error), headers_only=True)
                continue
            collection = header["collection"]
            seen = self._collection(header["db"], collection)
            if header.get("EOF") is True:
                self._ended(collection, seen, header.get("CRC"))
            at = yield from self._segment(collection, seen, at)
        for collection in sorted(self.seen):
            if not self.seen[collection].ended and self._is_wanted(collection):
                self.lost(Loss("truncated", collection, 1, "the archive ends before the collection does"))

    def damage(self, collection: str, detail: str) -> None:
        """Tell of one damaged place."""
        self.damages += 1
        self.lost(Loss("malformed", collection, 1, detail))

    def _prelude(self) -> int | None:
        if self.data[: len(MAGIC)] != MAGIC:
            head = bytes(self.data[:16])
            found = "an empty file" if not head else f"a file that begins with {head[:8]!r}"
            if head.startswith(_GZIP):
                found = "a compressed file (unpack it with gunzip)"
            raise RecordingError(f"{self.name}: found {found}; right would be what mongodump --archive writes")
        at = len(MAGIC)
        try:
            _, at = self._document(at)
            while self.data[at : at + 4] != _END:
                entry, at = self._document(at)
                if type(entry.get("db")) is not str or type(entry.get("collection")) is not str:
                    raise MalformedError("an entry of the list of collections has no name")
                self._collection(entry["db"], entry["collection"])
            return at + 4
        except MalformedError as error:
            return self._resume(at, str(error), headers_only=True)

    def _segment(self, collection: str, seen: _Collected, at: int) -> Generator[tuple[str, bytes], None, int | None]:
        """The documents of a segment; returns where the next one begins, None: nowhere."""
        wanted = self._is_wanted(collection)
        while True:
            head = self.data[at : at + 4]
            if head == _END:
                return at + 4
            end = at + int.from_bytes(head, "little")
            if len(head) < 4 or not 5 <= end - at <= min(MAX_DOCUMENT, len(self.data) - at) or self.data[end - 1] != 0:
                seen.broken = True
                resumed = self._resume(at, f"a document claims {end - at} bytes")
                if resumed is None or self.data[resumed + 4 : resumed + 8] == _HEADER:
                    return resumed
                at = resumed
                continue
            if wanted:
                raw = self.data[at:end]
                seen.count += 1
                seen.crc = crc64(raw, seen.crc)
                yield collection, raw
            at = end

    def _ended(self, collection: str, seen: _Collected, crc: Any) -> None:
        seen.ended = True
        whole = self._is_wanted(collection) and not seen.broken
        # Some tools write no checksum, which reads as 0.
        if whole and type(crc) is not bool and isinstance(crc, int) and crc and crc % 2**64 != seen.crc:
            self.damage(collection, f"the checksum over its {seen.count} documents does not match: some are changed")

    def _resume(self, at: int, problem: str, *, headers_only: bool = False) -> int | None:
        """Where to go on behind a damaged place: at a segment's header, or at a document; None: nowhere."""
        found, here, tries = None, at + 1, 0
        while found is None and self.damages < MAX_DAMAGES and (match := _MARK.search(self.data, here)):
            start, here = match.start() - 4, match.end()
            if start <= at:
                continue  # the damaged place itself
            if match[0] == _HEADER:
                found = start if self.data[max(start - 4, 0) : start] == _END and self._looks_whole(start) else None
            elif not headers_only and tries < _MAX_TRIES:
                found = start if self._looks_whole(start) else None
                tries += 1
        skipped = (len(self.data) if found is None else found) - at
        detail = f"{problem} at byte {at}; {skipped} bytes passed over"
        if self.damages == MAX_DAMAGES:
            detail += f" (the rest is given up after {MAX_DAMAGES} damaged places)"
        self.damage("", detail)
        return found

    def _looks_whole(self, at: int) -> bool:
        size = int.from_bytes(self.data[at : at + 4], "little")
        return 5 <= size <= min(MAX_DOCUMENT, len(self.data) - at) and self.data[at + size - 1] == 0

    def _header(self, at: int) -> tuple[dict[str, Any], int]:
        header, end = self._document(at)
        if type(header.get("db")) is not str or type(header.get("collection")) is not str:
            raise MalformedError("a segment does not name its collection")
        return header, end

    def _document(self, at: int) -> tuple[dict[str, Any], int]:
        if not self._looks_whole(at):
            raise MalformedError("a document is cut off" if len(self.data) - at < MAX_DOCUMENT else "no document")
        end = at + int.from_bytes(self.data[at : at + 4], "little")
        try:
            return bson.decode(self.data[at:end], _OPTIONS), end
        except _BROKEN as error:
            raise MalformedError(_said(error)) from error

    def _collection(self, database: str, collection: str) -> _Collected:
        if self.database is None:
            self.database = database
        elif self.database != database:
            both = f"{self.database[:40]!r} and {database[:40]!r}"
            raise RecordingError(f"{self.name}: found the databases {both}; right would be an archive of one")
        return self.seen.setdefault(collection, _Collected())

    def _is_wanted(self, collection: str) -> bool:
        return self.wanted is None or collection in self.wanted


@contextmanager
def _opened(path: Path | str) -> Iterator[Buffer]:
    """A file's bytes, read from the disk as they are looked at."""
    file = Path(path)
    try:
        with file.open("rb") as stream:
            if stream.seek(0, 2) == 0:
                yield b""
                return
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield data
    except OSError as error:
        raise RecordingError(f"{file} cannot be read: {error.strerror or error}") from error


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:120]
