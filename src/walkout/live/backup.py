"""A running shop's files as one archive, and back: ledger, provider's books, journal, snapshots and secrets.

The databases are copied by SQLite itself, so a shop may stay open meanwhile; the journal is copied first, so that
the ledger in the archive knows at least what its journal says. A ledger in PostgreSQL is backed up by its own tools.

No key of a clip, a camera's slice or a name in the log is in an archive, and what else it has of a visit that was
erased since ends with it: archives expire sooner than erasing is promised within.
"""

import json
import os
import sqlite3
import tarfile
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from walkout import __version__
from walkout.privacy.retention import DAY_NS, ERASED_WITHIN_NS

DATABASES = ("ledger.db", "provider.db", "own-books.db")
FOLDERS = ("journal", "snapshots", "secrets", "vault/log")
"""Of the vault the log alone: an archive that held keys would bring back what was erased since."""
ABOUT = "walkout-backup.json"
FORMAT = 1


class BackupError(Exception):
    """A backup that cannot be made or put back; its words say what was found and what would be right."""


def backup(data: Path, archive: Path, now_ns: int | None = None) -> int:
    """Write a data folder into an archive that only its owner may read; its size in bytes.

    Raises:
        BackupError: no such folder, or the disk refuses.
    """
    if not (data / "journal").is_dir():
        raise BackupError(f"found no journal in {data}, right: the data folder of a shop that was open once")
    part = archive.with_name(f".{archive.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
            with tempfile.TemporaryDirectory(dir=data) as name:
                about = Path(name) / ABOUT
                about.write_text(
                    json.dumps({"format": FORMAT, "version": __version__, "made_ns": now_ns or time.time_ns()})
                )
                tar.add(about, ABOUT)
                for folder in FOLDERS:
                    for path in sorted((data / folder).rglob("*")):
                        if path.is_file() and not path.name.startswith("."):
                            tar.add(path, str(path.relative_to(data)))
                for database in DATABASES:
                    if (data / database).is_file():
                        tar.add(_copied(data / database, Path(name) / database), database)
            tar.close()
            file.flush()
            os.fsync(file.fileno())
        part.replace(archive)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise BackupError(f"{archive} cannot be written: {error}") from error
    return archive.stat().st_size


def restore(archive: Path, data: Path, now_ns: int | None = None, *, old: bool = False) -> None:
    """Put an archive back into a data folder that is empty or not there.

    `old`: also one that should have expired: what was erased since comes back with it, and has to be erased again.

    Raises:
        BackupError: the folder holds something, or the archive is none of ours, damaged, or too old.
    """
    if data.exists() and any(data.iterdir()):
        raise BackupError(f"found files in {data}, right: an empty folder, so that nothing is overwritten")
    made_ns = _made_ns(archive)
    age_ns = 0 if made_ns is None else (now_ns or time.time_ns()) - made_ns
    if age_ns >= ERASED_WITHIN_NS and not old:
        raise BackupError(
            f"found a backup that is {age_ns / DAY_NS:.0f} days old, right: younger than {ERASED_WITHIN_NS // DAY_NS}, "
            "within which shoppers are promised that what they erase is gone. With --old it is put back all the same, "
            "and what was erased since has to be erased again"
        )
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data.parent) as name:
        fresh = Path(name) / "data"
        try:
            with tarfile.open(archive, "r:gz") as tar:
                tar.extractall(fresh, filter="data")
            about = json.loads((fresh / ABOUT).read_text())
        except (OSError, tarfile.TarError, ValueError, EOFError) as error:
            raise BackupError(f"{archive} is no backup of a shop, or is damaged: {error}") from error
        if about.get("format") != FORMAT:
            raise BackupError(f"found a backup of format {about.get('format')}, right: {FORMAT}")
        (fresh / ABOUT).unlink()
        for path in [fresh / "secrets", *(fresh / "secrets").rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)
        if data.exists():
            data.rmdir()
        fresh.replace(data)


def expire(folder: Path, keep_ns: int, now_ns: int) -> tuple[Path, ...]:
    """Delete the backups in a folder that are older than may be; gives their names. Other files are left alone.

    Raises:
        BackupError: they would outlive what erasing is promised within.
    """
    check_keep(keep_ns)
    gone = []
    for path in sorted(folder.glob("*.tar.gz")):
        made_ns = _made_ns(path)
        if made_ns is not None and now_ns - made_ns >= keep_ns:
            path.unlink()
            gone.append(path)
    return tuple(gone)


def check_keep(keep_ns: int) -> None:
    """BackupError where backups would outlive what erasing is promised within."""
    if keep_ns >= ERASED_WITHIN_NS:
        raise BackupError(
            f"found backups to be kept for {keep_ns / DAY_NS:g} days, right: less than {ERASED_WITHIN_NS // DAY_NS}, "
            "within which shoppers are promised that what they erase is gone"
        )


def _made_ns(archive: Path) -> int | None:
    """When a backup was made, by its own word or its file's, whichever is earlier; None: it is no backup."""
    with (
        suppress(OSError, tarfile.TarError, ValueError, EOFError, AttributeError),
        tarfile.open(archive, "r:gz") as tar,
    ):
        first = tar.next()
        inside = None if first is None or first.name != ABOUT else tar.extractfile(first)
        if inside is not None:
            told = json.loads(inside.read()).get("made_ns")
            file_ns = archive.stat().st_mtime_ns
            return file_ns if told is None else min(int(told), file_ns)
    return None


def _copied(database: Path, to: Path) -> Path:
    source, copy = sqlite3.connect(database, timeout=30), sqlite3.connect(to)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    return to
