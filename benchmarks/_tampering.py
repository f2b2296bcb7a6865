"""A log of some days, and random changes to its files as somebody might make who has no key."""

import random
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from walkout.privacy.entry import Entry, Kind
from walkout.privacy.log import DAY_NS, Log
from walkout.privacy.witness import Witness

T0_NS = 1_767_603_600_000_000_000
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
KINDS: tuple[Kind, ...] = ("view", "decision", "view", "payment", "widening", "export", "deletion")


def filled(folder: Path, days: int = 3, a_day: int = 5, witness: Path | None = None) -> None:
    """A log of some days with a checkpoint each, and a few entries after the last one; all seen by a witness."""
    outside = None if witness is None else Witness(witness, WITNESS_KEY)
    with Log(folder, KEY, T0_NS) as log:
        for day in range(days):
            for k in range(a_day):
                t_ns = T0_NS + day * DAY_NS + k * 1_000_000_000
                log.append(Entry(KINDS[(day + k) % len(KINDS)], t_ns, {"seconds": 10 * day + k, "purpose": "ask"}))
            before = log.checkpoints()
            made = log.checkpoint(T0_NS + (day + 1) * DAY_NS)
            if outside is not None and made is not None:
                proof = log.tree.consistency(before[-1].size, made.size) if before else ()
                outside.see(made, proof, T0_NS + (day + 1) * DAY_NS)
        log.append(Entry("view", T0_NS + days * DAY_NS + 5, {"seconds": 1}), Entry("view", T0_NS + days * DAY_NS + 6))


def random_changes(seed: int, files: dict[str, bytes], change: "Change | None" = None) -> tuple[str, dict[str, bytes]]:
    """The name of a change, drawn unless it is given, and the files after it."""
    rng = random.Random(seed)  # noqa: S311 a change, not a secret
    drawn = change or rng.choice(CHANGES)
    changed = dict(files)
    drawn(rng, changed)
    return drawn.__name__, changed


FILES = ("entries.jsonl", "head.json", "checkpoints.jsonl", "log.pub")


def flip(rng: random.Random, files: dict[str, bytes]) -> None:
    """Flip one bit of one file."""
    name = rng.choice(FILES)
    data = bytearray(files[name])
    at = rng.randrange(len(data))
    data[at] ^= 1 << rng.randrange(8)
    files[name] = bytes(data)


def drop(rng: random.Random, files: dict[str, bytes]) -> None:
    """Leave out some lines of the entries or checkpoints."""
    name = rng.choice(("entries.jsonl", "checkpoints.jsonl"))
    lines = files[name].splitlines(keepends=True)
    at = rng.randrange(len(lines))
    del lines[at : at + rng.choice((1, 1, 2, len(lines)))]
    files[name] = b"".join(lines)


def reorder(rng: random.Random, files: dict[str, bytes]) -> None:
    """Let two different lines change places."""
    name = rng.choice(("entries.jsonl", "checkpoints.jsonl"))
    lines = files[name].splitlines(keepends=True)
    a, b = rng.sample(range(len(lines)), 2)
    lines[a], lines[b] = lines[b], lines[a]
    files[name] = b"".join(lines)


def repeat(rng: random.Random, files: dict[str, bytes]) -> None:
    """Put a line in again somewhere."""
    name = rng.choice(("entries.jsonl", "checkpoints.jsonl"))
    lines = files[name].splitlines(keepends=True)
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    files[name] = b"".join(lines)


def rewrite(rng: random.Random, files: dict[str, bytes]) -> None:
    """Change a number or a word of an entry so that it still reads well."""
    lines = files["entries.jsonl"].splitlines(keepends=True)
    places = [k for k, line in enumerate(lines) if b'"seconds":' in line or b'"kind":"view"' in line]
    at = rng.choice(places)
    if b'"seconds":' in lines[at]:
        lines[at] = lines[at].replace(b'"seconds":', b'"seconds":' + str(rng.randrange(1, 10)).encode(), 1)
    else:
        lines[at] = lines[at].replace(b'"kind":"view"', b'"kind":"export"', 1)
    files["entries.jsonl"] = b"".join(lines)


def cut(rng: random.Random, files: dict[str, bytes]) -> None:
    """Cut the end of a file off, anywhere."""
    name = rng.choice(FILES)
    files[name] = files[name][: rng.randrange(len(files[name]))]


Change = Callable[[random.Random, dict[str, bytes]], None]
CHANGES: tuple[Change, ...] = (flip, drop, reorder, repeat, rewrite, cut)


def read(folder: Path) -> dict[str, bytes]:
    """The files of a log."""
    return {name: (folder / name).read_bytes() for name in FILES}


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Write them."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
