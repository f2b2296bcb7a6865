"""A recording that is spread over several files: the segments of a running shop's journal, read as one."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO

from mcap import records as known

from walkout.recording.error import RecordingError
from walkout.recording.loss import Loss
from walkout.recording.reader import Recording
from walkout.recording.records import Message
from walkout.recording.watch import Watch


class Segments(Recording):
    """The files of a folder in the order of their names; what they say of the shop is what the first one says.

    A file of which not even the beginning can be read is listed as a loss, like any other damage.

    Raises:
        RecordingError: no file can be read, or, with `strict`, one of them cannot.
    """

    def __init__(self, folder: Path, *, strict: bool = False) -> None:
        self._parts: list[Recording] = []
        self._unreadable: list[str] = []
        for path in segment_files(folder):
            try:
                self._parts.append(Recording(_opener(path), str(path), strict=strict))
            except RecordingError as error:
                if strict:
                    raise
                self._unreadable.append(str(error))
        if not self._parts:
            found = self._unreadable[0] if self._unreadable else "a directory without one"
            raise RecordingError(f"{folder}: found {found}; right would be a recording (an .mcap file), or several")
        super().__init__(_opener(Path(self._parts[0].name)), str(folder), strict=strict)

    def cameras(self) -> tuple[str, ...]:
        """The ids of the cameras that have a channel in any of the files, sorted."""
        return tuple(sorted({camera for part in self._parts for camera in part.cameras()}))

    def _messages(
        self, watch: Watch, skip: Callable[[known.ChunkIndex, Collection[str]], bool]
    ) -> Iterator[tuple[str, str, Message]]:
        for words in self._unreadable:
            watch.add(Loss("truncated", "", 1, words))
        for part in self._parts:
            yield from part._messages(watch, skip)  # noqa: SLF001 - a recording made of recordings


def segment_files(folder: Path) -> tuple[Path, ...]:
    """The recordings in a folder, by name; hidden files are not among them."""
    return tuple(sorted(path for path in folder.glob("*.mcap") if not path.name.startswith(".")))


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")
