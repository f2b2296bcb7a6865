"""Files that are whole after a crash, and files that are overwritten before they go."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import orjson

_PART: Final = ".part"


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: equal values are equal bytes. TypeError for what JSON does not know."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Make or replace a file: after a power cut there is the old one or the new one, never a part; both are synced."""
    part = path.with_name(f".{path.name}{_PART}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were made, renamed or removed in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def overwrite(path: Path, data: bytes = b"") -> None:
    """Write zeros over a file in its place, sync, then leave it with `data` alone.

    On a disk that writes in place the old bytes are gone. On flash, or a file system that copies on write, old blocks
    may live on until they are used again: so only keys that are themselves encrypted are ever erased this way, and
    changing the store key makes what may be left of them worthless.
    """
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        file.write(bytes(size))
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a folder for this process. Raises BlockingIOError where another process holds it."""
    with (folder / ".lock").open("wb") as file:
        with suppress(ImportError):  # on a system without such locks, whoever starts two programs is not stopped
            fcntl = import_module("fcntl")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
