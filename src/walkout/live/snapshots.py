"""What a running shop knows, now and then, as files: whoever starts again reads the newest that is whole."""

import hashlib
import os
from pathlib import Path

KEPT = 2
"""The newest ones that stay: the one before the last too, should the last not be whole."""
MARK = b"walkout snapshot 1\n"


class Snapshots:
    """A folder of snapshots, each named by the number of the first observation that it does not know."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, position: int, data: bytes) -> Path:
        """Write one whole or not at all, and forget the oldest ones; OSError where the disk refuses."""
        path = self.folder / f"{position:012d}.snapshot"
        part = path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(MARK + hashlib.sha256(data).digest() + data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        for old in self._files()[KEPT:]:
            old.unlink(missing_ok=True)
        return path

    def newest(self, before: int) -> tuple[int, bytes] | None:
        """The newest whole one of at most so many observations, and its number; None: begin at the beginning."""
        for path in self._files():
            position = int(path.stem)
            if position > before:
                continue  # the journal lost what it was made of
            data = path.read_bytes()
            digest, body = data[len(MARK) : len(MARK) + 32], data[len(MARK) + 32 :]
            if data.startswith(MARK) and hashlib.sha256(body).digest() == digest:
                return position, body
        return None

    def _files(self) -> list[Path]:
        found = (path for path in self.folder.glob("*.snapshot") if path.stem.isdigit())
        return sorted(found, reverse=True)
