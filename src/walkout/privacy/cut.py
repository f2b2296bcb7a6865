"""Raw video written anew without the time in which an erased visit may be in the picture.

Whole pictures go, not a person in them: nothing has to be decoded, and nothing hangs on where somebody was thought to
be. Pictures that were encoded on the base of one that goes can show what it held, so that they go too, up to the next
one that decodes alone. What is left of a slice is under a key of its own that is as old as the one before, which ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson

from walkout.privacy.files import canonical, write_whole
from walkout.privacy.keys import DataKey, KeyGoneError, KeyStore
from walkout.privacy.sealed import SealedWriter, key_of, read_sealed
from walkout.privacy.segments import HEAD, SLICE_NS, RawPacket, parts

Span = tuple[int, int]
"""From and to, UTC nanoseconds, both included."""
Files = Sequence[tuple[Path, DataKey]]
CLOSING_NS: Final = 30 * 1_000_000_000
"""So long after its end a slice may still be written: late packets, another clock."""
FILE: Final = "cuts"
REASON: Final = "erasure"


@dataclass(frozen=True, slots=True)
class Cut:
    """What was done: packets that are gone, keys that ended; and the spans that are not done yet."""

    packets: int = 0
    keys: int = 0
    waiting: tuple[Span, ...] = ()


def cut(folder: Path, keys: KeyStore, spans: Sequence[Span], now_ns: int) -> Cut:
    """Write all cameras' slices that are closed anew without these spans. Doing it again is fine.

    A span waits until the slice after its end is closed: that can begin with pictures that hang on the last ones.
    SealedError for a file that was changed.
    """
    open_from = (now_ns - CLOSING_NS) // SLICE_NS
    numbers = sorted(
        {n for start, end in spans for n in range(start // SLICE_NS, end // SLICE_NS + 2) if n < open_from}
    )
    packets = ended = 0
    for camera in sorted(path for path in folder.glob("*") if path.is_dir()):
        for number in numbers:
            files = [(path, key) for path in parts(camera, number) if (key := _living(keys, path)) is not None]
            gone = sum(not stays for _, stays in _sorted_out(files, number, spans))
            if gone:
                packets += gone
                _write(camera, number, keys, files, spans)
                ended += sum(keys.destroy_id(id_, REASON) for id_ in {key.id for _, key in files})
    return Cut(packets, ended, tuple(span for span in spans if span[1] // SLICE_NS + 1 >= open_from))


def _sorted_out(files: Files, number: int, spans: Sequence[Span]) -> Iterator[tuple[RawPacket, bool]]:
    """The packets of a slice, each once, and whether it may stay.

    Where the slice before was touched, pictures wait for the first one that decodes alone here too.
    """
    before = ((number - 1) * SLICE_NS, number * SLICE_NS - 1)
    broken = any(start <= before[1] and end >= before[0] for start, end in spans)
    seen: set[bytes] = set()  # a cut that a crash stopped left some packets twice
    for path, key in files:
        for record in read_sealed(path, key):
            if (known := sha256(record).digest()) in seen:
                continue
            seen.add(known)
            t_ns, alone = HEAD.unpack_from(record)
            if any(start <= t_ns <= end for start, end in spans):
                broken = True
            elif alone:
                broken = False
            yield RawPacket(t_ns, alone, record[HEAD.size :]), not broken


def _write(camera: Path, number: int, keys: KeyStore, files: Files, spans: Sequence[Span]) -> None:
    """What stays of a slice, whole on the disk before any key ends; nothing where nothing stays."""
    name = f"{number}-{max(int(path.stem.partition('-')[2]) for path, _ in files) + 1}"
    born_ns = min(key.created_ns for _, key in files)  # it may live no longer than it would have
    writer: SealedWriter | None = None
    for one, stays in _sorted_out(files, number, spans):
        if stays:
            if writer is None:
                key = keys.make("raw", f"{camera.name}/{name}/cut", born_ns)
                writer = SealedWriter(camera / f"{name}.seg", key, f"{camera.name}/{name}")
            writer.write(HEAD.pack(one.t_ns, one.keyframe) + one.data)
    if writer is not None:
        writer.close()


def _living(keys: KeyStore, path: Path) -> DataKey | None:
    try:
        return keys.by_id(key_of(path)[0])
    except KeyGoneError:
        return None


def waiting(folder: Path) -> tuple[Span, ...]:
    """The spans that are still to be cut: times alone, nobody's name."""
    path = folder / FILE
    return tuple((int(start), int(end)) for start, end in orjson.loads(path.read_bytes())) if path.is_file() else ()


def keep_waiting(folder: Path, spans: Sequence[Span]) -> None:
    """Write down what is still to be cut; no file where that is nothing."""
    if spans:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(folder / FILE, canonical(sorted(set(spans))))
    else:
        (folder / FILE).unlink(missing_ok=True)
