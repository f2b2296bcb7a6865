"""Check a log from its files alone: what fits, what does not, and where, in words. Needs no secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from walkout.privacy.checkpoint import Checkpoint, CheckpointError, decode, fingerprint, witnessed
from walkout.privacy.entry import Entry, EntryError
from walkout.privacy.entry import decode as decode_entry
from walkout.privacy.log import CHECKPOINTS, ENTRIES, HEAD, PUBLIC
from walkout.privacy.merkle import Tree, leaf_hash

NO_WITNESS = "no witness's copy was given: whoever holds the signing key could have rewritten this log"


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found: nothing in `findings` means that everything fits."""

    entries: int
    root: str
    key: str
    checkpoints: int
    witnessed: int
    """Entries under the newest checkpoint that the witness saw; what came after it rests on the shop's word."""
    kinds: dict[str, int]
    findings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def audit(folder: Path, *, key: bytes | None = None, witness: Path | None = None) -> Audit:
    """Check everything in a log's folder; `key`: the public key that it must be signed with (else `log.pub`).

    `witness`: an outside witness's copy of the checkpoints (`witness.jsonl`). Raises FileNotFoundError where there is
    no log.
    """
    found: list[str] = []
    data = (folder / ENTRIES).read_bytes()
    public = _public(folder, key, found)
    tree, entries = _entries(data, found)
    head = _head(folder, public, tree, found)
    kept = _checkpoints(folder, public, found)
    _prefixes([("the checkpoint", one) for one in kept], tree, found)
    _counted(kept, entries, found)
    seen = _witness(witness, public, tree, found)
    size = head.size if head is not None else 0
    if head is not None and len(tree) > size:
        found.append(
            f"after the signed head of {size} entries there are {len(tree) - size} more: an append that a crash cut "
            "short (opening the log cuts them off), or somebody wrote them"
        )
    elif not data.endswith(b"\n") and data:
        found.append("the last line has no end: an append that a crash cut short, or somebody cut it")
    if found and kept:
        found.append(_narrowed(kept, tree))
    kinds: dict[str, int] = {}
    for one in entries:
        if one is not None:
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
    return Audit(
        len(tree),
        tree.root().hex(),
        "" if public is None else fingerprint(public),
        len(kept),
        max((one.size for one in seen), default=0),
        dict(sorted(kinds.items())),
        tuple(found),
        () if witness is not None else (NO_WITNESS,),
    )


def _public(folder: Path, key: bytes | None, found: list[str]) -> bytes | None:
    try:
        text = (folder / PUBLIC).read_bytes()
        own = bytes.fromhex(text.decode("ascii").strip())
        if len(own) != 32 or text != own.hex().encode() + b"\n":
            raise ValueError
    except (OSError, ValueError):
        found.append(f"{PUBLIC} is missing or holds no public key")
        return key
    if key is not None and own != key:
        found.append(f"{PUBLIC} is key {fingerprint(own)}, and the log should be signed with {fingerprint(key)}")
        return key
    return own


def _entries(data: bytes, found: list[str]) -> tuple[Tree, list[Entry | None]]:
    tree, entries = Tree(), list[Entry | None]()
    lines = data.split(b"\n")[:-1]
    for number, line in enumerate(lines, 1):
        tree.add(leaf_hash(line))
        try:
            entries.append(decode_entry(line))
        except EntryError as error:
            found.append(f"entry {number} of {len(lines)}: {error}")
            entries.append(None)
    return tree, entries


def _head(folder: Path, public: bytes | None, tree: Tree, found: list[str]) -> Checkpoint | None:
    try:
        head = decode(_line((folder / HEAD).read_bytes()), public)
    except OSError:
        found.append(f"{HEAD} is missing: nothing says how long the log was")
        return None
    except CheckpointError as error:
        found.append(f"{HEAD}: {error}")
        return None
    if len(tree) < head.size:
        found.append(f"{head.size - len(tree)} entries are missing: {head.size} were signed, {len(tree)} are there")
    elif tree.root(head.size) != head.root:
        found.append(f"the {head.size} entries are not those that were signed: one was changed, moved or replaced")
    return head


def _checkpoints(folder: Path, public: bytes | None, found: list[str]) -> list[Checkpoint]:
    path = folder / CHECKPOINTS
    data = path.read_bytes() if path.exists() else b""
    if data and not data.endswith(b"\n"):
        found.append(f"the last line of {CHECKPOINTS} has no end")
    kept: list[Checkpoint] = []
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        try:
            one = decode(line, public)
        except CheckpointError as error:
            found.append(f"checkpoint {number}: {error}")
            continue
        if kept and one.size <= kept[-1].size:
            found.append(f"checkpoint {number} of {one.size} entries comes after one of {kept[-1].size}")
        kept.append(one)
    return kept


def _prefixes(kept: Sequence[tuple[str, Checkpoint]], tree: Tree, found: list[str]) -> None:
    for whose, one in kept:
        when = f"{whose} of {_day(one.t_ns)}"
        if one.size > len(tree):
            found.append(f"{when} signed {one.size} entries and {len(tree)} are there: {one.size - len(tree)} are gone")
        elif tree.root(one.size) != one.root:
            found.append(f"the first {one.size} entries are not those of {when}: one of them was changed since")


def _counted(kept: Sequence[Checkpoint], entries: Sequence[Entry | None], found: list[str]) -> None:
    """Each checkpoint has an entry that says so, as the last entry under it: none can be left out unseen."""
    said = [at + 1 for at, one in enumerate(entries) if one is not None and one.kind == "checkpoint"]
    have = [one.size for one in kept]
    found += [f"the checkpoint of the first {size} entries is missing" for size in said if size not in have]
    found += [f"no entry speaks of the checkpoint of {size} entries" for size in have if size not in said]


def _witness(path: Path | None, public: bytes | None, tree: Tree, found: list[str]) -> list[Checkpoint]:
    seen: list[Checkpoint] = []
    if path is None:
        return seen
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            one = witnessed(line)
        except CheckpointError as error:
            found.append(f"line {number} of the witness's copy: {error}")
            continue
        if public is not None and one.key != public:
            found.append(f"the witness saw key {fingerprint(one.key)}, and the log is signed by {fingerprint(public)}")
        seen.append(one)
    _prefixes([("what the witness saw", one) for one in seen], tree, found)
    return seen


def _narrowed(kept: Sequence[Checkpoint], tree: Tree) -> str:
    """Between which checkpoints the trouble lies."""
    good = [one for one in kept if one.size <= len(tree) and tree.root(one.size) == one.root]
    if not good:
        return f"the trouble begins before the first checkpoint ({_day(kept[0].t_ns)}, {kept[0].size} entries)"
    last = max(good, key=lambda one: one.size)
    return f"the first {last.size} entries are those of the checkpoint of {_day(last.t_ns)}; the trouble is after them"


def _line(data: bytes) -> bytes:
    if not data.endswith(b"\n"):
        raise CheckpointError("the line has no end")
    return data[:-1]


def _day(t_ns: int) -> str:
    try:
        return datetime.fromtimestamp(t_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return f"{t_ns} ns"
