"""Changing a shop's catalogue or planogram from a page: whole files, checked first, never over somebody else's change.

What is saved is the file, in the store folder; a running shop takes it at its next start, so that a visit under way is
never priced or explained by two shops.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from walkout.store import catalog, facings, table
from walkout.store.folder import FILES, MAX_BYTES, examine
from walkout.store.problem import Problem
from walkout.store.selling import FILE as SELLING

EDITABLE = {"catalog": catalog.FILE, "planogram": facings.FILE}
COLUMNS = {"catalog": catalog.COLUMNS, "planogram": facings.COLUMNS}
_LOCK = Lock()


class ChangedError(Exception):
    """The file is not the one that was edited: somebody else saved it since."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file as it is, and the tag of exactly these bytes."""

    data: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change: the new tag, None where an error kept it from being saved; and all that was found."""

    etag: str | None
    problems: tuple[Problem, ...]


def read(folder: Path, name: str) -> Text:
    """One file; OSError where it cannot be read."""
    data = (folder / EDITABLE[name]).read_bytes()
    return Text(data, _etag(data))


def rows(data: bytes, name: str) -> list[dict[str, str]]:
    """A file's rows as text by column, as they stand."""
    form = table.read(data.decode("utf-8-sig", "replace"), EDITABLE[name], COLUMNS[name], COLUMNS[name][:1])
    return [{column: row.values().get(column, "") for column in COLUMNS[name]} for row in form.rows]


def from_rows(name: str, given: Sequence[Mapping[str, str]]) -> bytes:
    """Rows as a file: the header is line 1, row k (from 0) line k + 2."""
    columns = [c for c in COLUMNS[name] if c != catalog.OPTIONAL or any(row.get(c) for row in given)]
    return table.write(columns, [[row.get(column, "") for column in columns] for row in given]).encode()


def put(folder: Path, name: str, data: bytes, etag: str, *, save: bool = True) -> Outcome:
    """Check a changed file against the rest of the folder, and save it where nothing is wrong.

    `save=False` only checks. Raises ChangedError where the file no longer has the tag that was edited.
    """
    with _LOCK:
        if read(folder, name).etag != etag:
            raise ChangedError
        if len(data) > MAX_BYTES:
            found = Problem(EDITABLE[name], 0, 0, "error", "", f"{len(data)} bytes", f"at most {MAX_BYTES}")
            return Outcome(None, (found,))
        names = [one for one in (*FILES, SELLING) if (folder / one).is_file()]
        files = {one: (folder / one).read_bytes() for one in names} | {EDITABLE[name]: data}
        store, problems = examine(files)
        if store is None:
            return Outcome(None, tuple(problems))
        if save:
            _replace(folder / EDITABLE[name], data)
        return Outcome(_etag(data), tuple(problems))


def _replace(path: Path, data: bytes) -> None:
    handle, part = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).chmod(path.stat().st_mode & 0o777)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _etag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
