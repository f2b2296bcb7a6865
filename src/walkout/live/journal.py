"""Everything the sensors said, on disk before anything is made of it: numbered observations in MCAP segments.

What `append` returned from has left this process: a kill cannot lose it. `begin_sync` lets the disk have it while the
engine works on it, one flush (fsync) for all that came while the last was running; `sync` waits for that, always before
a receipt or money is written, so that no effect ever outlives its cause, and before the broker is told that it was
taken in, so that a power cut loses nothing that no device would send again. The folder is a normal recording:
`walkout replay FOLDER`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO

from walkout.privacy.files import sync_folder
from walkout.recording.channel import Observation
from walkout.recording.error import RecordingError
from walkout.recording.reader import Recording, open_recording
from walkout.recording.records import MAGIC
from walkout.recording.segments import segment_files
from walkout.recording.watch import Watch
from walkout.recording.writer import Origin, RecordingWriter

SEGMENT_BYTES = 32 * 1024 * 1024
"""A segment is closed when it holds so much."""


class JournalError(Exception):
    """The disk refused: nothing of the last call was taken in; the call may be made again."""


class Journal:
    """One shop's journal in a folder of its own; whoever opens it mends what a crash left of the last segment."""

    def __init__(
        self,
        folder: Path,
        *,
        store_files: Mapping[str, bytes],
        origin: Origin,
        store: str = "",
        notes: Mapping[str, str] | None = None,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Open or begin a journal.

        Raises:
            RecordingError: the folder cannot be used, or holds the journal of another kind of shop.
        """
        self.folder = folder
        self._facts = {"store_files": store_files, "origin": origin, "store": store, "notes": notes}
        self._segment_bytes = segment_bytes
        self._file: IO[bytes] | None = None
        self._writer: RecordingWriter | None = None
        self._dirty = False
        """Whether something was appended that no flush was begun for."""
        self._flush: _Flush | None = None
        self._good = 0
        """So many bytes of the open segment are taken in."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecordingError(f"{folder} cannot be made: {error.strerror or error}") from error
        self.count = self._mend()
        """So many observations are in it; the next one gets this number."""
        self.watch = Watch()
        """Has seen what is in the last segments: exact duplicates of it are refused, as a replay leaves them out."""

    def append(self, observations: Sequence[Observation]) -> None:
        """Take observations in, all or none of them; only a kill meanwhile may leave the first ones in.

        Raises:
            JournalError: the disk refused.
        """
        if not observations:
            return
        try:
            if self._writer is None:
                self._begin()
            assert self._writer is not None  # noqa: S101 - begun
            assert self._file is not None  # noqa: S101
            for observation in observations:
                self._writer.write(observation)
            self._writer.flush()
            self._file.flush()
        except OSError as error:
            self._give_up()
            raise JournalError(f"{self.folder}: {error.strerror or error}") from error
        self.count += len(observations)
        self._dirty, self._good = True, self._file.tell()
        if self._good >= self._segment_bytes:
            self.close()

    def begin_sync(self) -> None:
        """Begin to let the disk have all that was appended, beside whatever is done next; `sync` waits for it."""
        if self._dirty and self._file is not None and self._flush is None:
            self._flush = _Flush(self._file.fileno())
            self._dirty = False

    def sync(self) -> None:
        """Let the disk have all that was appended; waits until it has.

        Raises:
            JournalError: the disk refused.
        """
        self._wait()
        if self._dirty and self._file is not None:
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise JournalError(f"{self.folder}: {error.strerror or error}") from error
            self._dirty = False

    def _wait(self) -> None:
        flush, self._flush = self._flush, None
        error = None if flush is None else flush.wait()
        if error is not None:
            self._dirty = True
            raise JournalError(f"{self.folder}: {error.strerror or error}") from error

    def read(self, start: int = 0) -> Iterator[tuple[int, Observation]]:
        """The observations from a number on, each with its number; those before it in the same segments only count."""
        files = segment_files(self.folder)
        firsts = [_first(path) for path in files]
        for k, path in enumerate(files):
            if k + 1 < len(files) and firsts[k + 1] <= start:
                continue
            for at, observation in enumerate(_observations(path), firsts[k]):
                if at >= self.count:
                    return
                self.watch.keep(observation)
                if at >= start:
                    yield at, observation

    @property
    def bytes(self) -> int:
        """What it takes on the disk."""
        return sum(path.stat().st_size for path in segment_files(self.folder))

    def close(self) -> None:
        """Finish the open segment; the next append begins another."""
        if self._writer is None or self._file is None:
            return
        self._wait()
        try:
            self._writer.close()
            os.fsync(self._file.fileno())
            self._file.close()
        except (OSError, RecordingError) as error:
            self._give_up()
            raise JournalError(f"{self.folder}: {error}") from error
        self._writer, self._file, self._dirty = None, None, False

    def _begin(self) -> None:
        self._file = (self.folder / f"{self.count:012d}.mcap").open("wb")
        sync_folder(self.folder)  # else a power cut may take the whole file, whatever of it is on the disk
        self._writer = RecordingWriter(self._file, creator="walkout serve", **self._facts)  # type: ignore[arg-type]
        self._dirty, self._good = True, 0

    def _give_up(self) -> None:
        """After a refusal: cut off what was not taken in, and begin another segment when there is room again."""
        flush, self._flush = self._flush, None
        if flush is not None:
            flush.wait()
        if self._file is not None:
            path = Path(self._file.name)
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                os.truncate(path, self._good)
        self._writer, self._file, self._dirty = None, None, False

    def _mend(self) -> int:
        """Make segments whole that a crash cut off; how many observations there are in all."""
        count = 0
        for path in segment_files(self.folder):
            if _first(path) != count:
                raise RecordingError(f"found {path.name} after {count} observations, right: {count:012d}.mcap")
            if not _readable(path):  # not even its first bytes came to the disk: nothing was taken in
                path.unlink()
                continue
            found = list(_observations(path))
            if not _whole(path):
                with RecordingWriter(path, creator="walkout serve", **self._facts) as writer:  # type: ignore[arg-type]
                    for observation in found:
                        writer.write(observation)
            count += len(found)
        return count


class _Flush:
    """One fsync, in a thread of its own."""

    def __init__(self, descriptor: int) -> None:
        self._error: OSError | None = None
        self._thread = Thread(target=self._run, args=(descriptor,), name="journal-flush")
        self._thread.start()

    def wait(self) -> OSError | None:
        """Why the disk refused; None: it has everything."""
        self._thread.join()
        return self._error

    def _run(self, descriptor: int) -> None:
        try:
            os.fsync(descriptor)
        except OSError as error:
            self._error = error


def _observations(path: Path) -> Iterator[Observation]:
    try:
        recording = open_recording(path)
    except RecordingError:
        return iter(())
    return recording.observations(tidy=False)


def _readable(path: Path) -> bool:
    try:
        Recording(lambda: path.open("rb"), str(path))
    except RecordingError:
        return False
    return True


def _first(path: Path) -> int:
    if not path.stem.isdigit():
        raise RecordingError(f"found {path.name} in a journal, right: names that this program gives, 000000000000.mcap")
    return int(path.stem)


def _whole(path: Path) -> bool:
    """Whether a file was finished: it ends as it begins."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < 2 * len(MAGIC):
            return False
        file.seek(-len(MAGIC), os.SEEK_END)
        return file.read() == MAGIC
