"""The log of every look, decision and deletion: append-only on disk, a Merkle tree over it, its head signed.

Folder: `entries.jsonl` (one canonical JSON object a line), `head.json` (the signed state after the last append),
`checkpoints.jsonl` (the heads that are kept, one a day), `log.pub` (the public key). The signing key lies elsewhere.

What a crash can do: an append writes its lines, syncs, then replaces the head and syncs again; it has happened when
the head says so. Lines after the head were never promised to anybody: opening the log cuts them off and says so in an
entry of its own. A head that disagrees with the lines it covers is no crash: the log does not open.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import RLock
from typing import IO, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from walkout.privacy.checkpoint import Checkpoint, CheckpointError, decode, public_bytes, sign
from walkout.privacy.entry import Entry, encode
from walkout.privacy.entry import decode as decode_entry
from walkout.privacy.files import only_writer, sync_folder, write_whole
from walkout.privacy.merkle import Tree, leaf_hash

ENTRIES: Final = "entries.jsonl"
HEAD: Final = "head.json"
CHECKPOINTS: Final = "checkpoints.jsonl"
PUBLIC: Final = "log.pub"
DAY_NS: Final = 86_400 * 1_000_000_000


class LogError(RuntimeError):
    """The log is damaged, was tampered with, or is held by another program."""


class Log:
    """One shop's log, open for appending by one process, whose threads may share it; close it, or use it as a context.

    Raises:
        LogError: The folder is held by another process, or what is there does not fit together (`audit` says how).
    """

    def __init__(self, folder: Path, key: Ed25519PrivateKey, now_ns: int) -> None:
        self.folder = folder
        self._key = key
        self._held, self._lock = ExitStack(), RLock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._held.enter_context(only_writer(folder))
        except BlockingIOError as error:
            raise LogError(f"the log in {folder} is held by another program; close that one first") from error
        try:
            self.tree, self.head, cut = self._load(now_ns)
            self._file: IO[bytes] = self._held.enter_context((folder / ENTRIES).open("ab"))
        except BaseException:
            self._held.close()
            raise
        if cut:
            self.append(Entry("recovery", now_ns, {"bytes_cut": cut}))
        self._keep_last()

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder; everything was on disk already."""
        self._held.close()

    def __len__(self) -> int:
        return len(self.tree)

    def append(self, *entries: Entry) -> int:
        """Write entries and sign the new head; when this returns they outlive a power cut. The first one's number.

        Raises:
            EntryError: One of them is none; nothing was written.
            LogError: The disk refused; the log takes nothing more until it is opened again.
        """
        lines = [encode(one) for one in entries]
        with self._lock:
            return self._append(entries, lines) if lines else len(self.tree)

    def _append(self, entries: Sequence[Entry], lines: Sequence[bytes]) -> int:
        first = len(self.tree)
        try:
            self._file.write(b"".join(line + b"\n" for line in lines))
            self._file.flush()
            os.fsync(self._file.fileno())
            for line in lines:
                self.tree.add(leaf_hash(line))
            self.head = sign(self._key, len(self.tree), self.tree.root(), max(one.t_ns for one in entries))
            write_whole(self.folder / HEAD, self.head.encode() + b"\n")
        except OSError as error:
            self.close()
            raise LogError(f"the log in {self.folder} cannot be written: {error.strerror or error}") from error
        return first

    def checkpoint(self, now_ns: int, *, every_ns: int = DAY_NS) -> Checkpoint | None:
        """Keep a signed checkpoint when the last one is so old and anything came since; the new one, or None."""
        kept = self.checkpoints()
        if not len(self.tree) or (kept and (kept[-1].size == len(self.tree) or now_ns - kept[-1].t_ns < every_ns)):
            return None
        self.append(Entry("checkpoint", now_ns, {"number": len(kept) + 1}))
        self._keep(self.head)
        return self.head

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Those kept so far, the oldest first."""
        path = self.folder / CHECKPOINTS
        lines = path.read_bytes().splitlines() if path.exists() else []
        return tuple(decode(line, public_bytes(self._key)) for line in lines)

    def entries(self, first: int = 0) -> Iterator[Entry]:
        """The entries from a number on, read from the disk."""
        for number, line in enumerate(lines_of(self.folder)):
            if first <= number < len(self.tree):
                yield decode_entry(line)

    def _load(self, now_ns: int) -> tuple[Tree, Checkpoint, int]:
        public, path = public_bytes(self._key), self.folder / HEAD
        if not path.exists():
            if (self.folder / ENTRIES).exists() and (self.folder / ENTRIES).stat().st_size:
                raise LogError(f"{path} is missing and there are entries: somebody removed it; see the audit")
            write_whole(self.folder / ENTRIES, b"")
            write_whole(self.folder / PUBLIC, public.hex().encode() + b"\n")
            head = sign(self._key, 0, Tree().root(), now_ns)
            write_whole(path, head.encode() + b"\n")
            return Tree(), head, 0
        try:
            head = decode(path.read_bytes().rstrip(b"\n"), public)
        except CheckpointError as error:
            raise LogError(f"{path}: {error}") from error
        tree, length = Tree(), 0
        for line in lines_of(self.folder):
            if len(tree) == head.size:
                break
            tree.add(leaf_hash(line))
            length += len(line) + 1
        if len(tree) < head.size or tree.root() != head.root:
            raise LogError(f"the entries in {self.folder} are not those of its signed head; see the audit")
        cut = (self.folder / ENTRIES).stat().st_size - length
        if cut:
            os.truncate(self.folder / ENTRIES, length)
            sync_folder(self.folder)
        return tree, head, cut

    def _keep_last(self) -> None:
        """Finish a checkpoint whose entry was written before a crash, and its line not."""
        if not len(self.tree):
            return
        kept = self.checkpoints()
        last = next(iter(list(self.entries(len(self.tree) - 1))), None)
        if last is not None and last.kind == "checkpoint" and last.facts.get("number") == len(kept) + 1:
            self._keep(self.head)

    def _keep(self, head: Checkpoint) -> None:
        path = self.folder / CHECKPOINTS
        before = path.read_bytes() if path.exists() else b""
        write_whole(path, before + head.encode() + b"\n")


def lines_of(folder: Path) -> Iterable[bytes]:
    """The whole lines of a log's entries, without their ends; what follows the last end of line is left out."""
    with (folder / ENTRIES).open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line[:-1]
