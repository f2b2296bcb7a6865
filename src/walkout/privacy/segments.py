"""Raw video on disk: each camera's packets as they came, encrypted under a key that lives for hours.

`raw/<camera>/<slice>-<part>.seg`: a slice is ten minutes of event time with a key of its own; a part is what one run of
the program wrote of it. A record is an instant, whether it can be decoded alone, and the packet's bytes.
"""

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from walkout.privacy.keys import DataKey, KeyGoneError, KeyStore
from walkout.privacy.sealed import SealedWriter, key_of, read_sealed

SLICE_NS: Final = 600 * 1_000_000_000
SYNC_NS: Final = 1_000_000_000
"""A power cut loses at most about so much of a camera."""
HEAD: Final = struct.Struct(">q?")
"""Of a record: when, and whether it decodes alone."""
_SUFFIX: Final = ".seg"


@dataclass(frozen=True, slots=True)
class RawPacket:
    """One camera packet: when it was taken (UTC nanoseconds), whether it decodes alone, its bytes as they came."""

    t_ns: int
    keyframe: bool
    data: bytes


class Opens(Protocol):
    """Whoever has keys by the names of their files: all of a store, or a few that were handed over."""

    def by_id(self, id_: str) -> DataKey:
        """The key of that name; KeyGoneError where it is not to be had."""
        ...


class Ring:
    """A few keys, for a process that is to read no more than what they open."""

    def __init__(self, keys: Iterable[DataKey]) -> None:
        self._keys = {key.id: key for key in keys}

    def by_id(self, id_: str) -> DataKey:
        """The key of that name. KeyGoneError where it is not among them."""
        if id_ not in self._keys:
            raise KeyGoneError(f"key {id_[:8]} was not handed over")
        return self._keys[id_]


class SegmentWriter:
    """Writes one camera's packets; close it at the end. The camera's name is one that a store allows."""

    def __init__(self, folder: Path, keys: KeyStore, camera: str) -> None:
        self._folder, self._keys, self._camera = folder / camera, keys, camera
        self._slice: int | None = None
        self._file: SealedWriter | None = None
        self._synced_ns = 0

    def write(self, packet: RawPacket, now_ns: int) -> None:
        """Add a packet to the slice of its time."""
        number = packet.t_ns // SLICE_NS
        if self._file is None or number != self._slice:
            self.close()
            key = self._keys.make("raw", raw_owner(self._camera, packet.t_ns), now_ns)
            path = self._next(number)
            self._file, self._slice = SealedWriter(path, key, f"{self._camera}/{path.stem}"), number
        self._file.write(HEAD.pack(packet.t_ns, packet.keyframe) + packet.data)
        if abs(packet.t_ns - self._synced_ns) >= SYNC_NS:
            self._file.sync()
            self._synced_ns = packet.t_ns

    def close(self) -> None:
        """Finish the file; the next packet begins another."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _next(self, number: int) -> Path:
        taken = [int(path.stem.partition("-")[2]) for path in self._folder.glob(f"{number}-*{_SUFFIX}")]
        return self._folder / f"{number}-{max(taken, default=0) + 1}{_SUFFIX}"


def raw_owner(camera: str, t_ns: int) -> str:
    """Whose key an instant of a camera is under."""
    return f"{camera}/{t_ns // SLICE_NS}"


def raw_keys(folder: Path, keys: KeyStore, camera: str, from_ns: int, to_ns: int) -> tuple[DataKey, ...]:
    """The keys that `read_raw` needs for a stretch, as far as they still are: `Ring` reads with them elsewhere."""
    found: dict[str, DataKey] = {}
    for path in _files(folder / camera, from_ns, to_ns):
        with suppress(KeyGoneError):
            key = keys.by_id(key_of(path)[0])
            found[key.id] = key
    return tuple(found.values())


def read_raw(folder: Path, keys: Opens, camera: str, from_ns: int, to_ns: int) -> Iterator[RawPacket]:
    """A camera's packets from the last one before `from_ns` that decodes alone, to `to_ns`; in order of writing.

    Slices whose key is gone are passed over: what they held is gone. SealedError for a file that was changed.
    """
    before: list[RawPacket] = []
    for path in _files(folder / camera, from_ns, to_ns):
        try:
            key = keys.by_id(key_of(path)[0])
        except KeyGoneError:
            continue
        for record in read_sealed(path, key):
            t_ns, alone = HEAD.unpack_from(record)
            packet = RawPacket(t_ns, alone, record[HEAD.size :])
            if t_ns > to_ns:
                break
            if t_ns >= from_ns:
                yield from before
                before.clear()
                yield packet
            elif alone:
                before = [packet]
            elif before:
                before.append(packet)


def remove_dead(folder: Path, keys: KeyStore) -> int:
    """Remove the files whose key is gone (they could not be read any more); how many."""
    removed = 0
    for path in sorted(folder.rglob(f"*{_SUFFIX}")):
        try:
            keys.by_id(key_of(path)[0])
        except KeyGoneError:
            path.unlink()
            removed += 1
    return removed


def parts(folder: Path, number: int) -> list[Path]:
    """A camera's files of a slice, in the order in which they were written."""
    return sorted(folder.glob(f"{number}-*{_SUFFIX}"), key=lambda path: int(path.stem.partition("-")[2]))


def _files(folder: Path, from_ns: int, to_ns: int) -> Iterator[Path]:
    """A camera's files of a stretch; one slice more at the front, where what decodes alone may lie."""
    for number in range(from_ns // SLICE_NS - 1, to_ns // SLICE_NS + 1):
        yield from parts(folder, number)
