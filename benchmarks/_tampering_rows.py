"""Random changes to the rows of a shop's database, by somebody who has the file: triggers are gone first."""

import hashlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

MS_NS = 1_000_000
Row = Callable[[random.Random, sqlite3.Connection], bool]
"""Changes something; False where there was nothing to change."""


def disarmed(path: Path) -> sqlite3.Connection:
    """The database without its triggers and foreign keys."""
    made = sqlite3.connect(path)
    for (name,) in made.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        made.execute(f'DROP TRIGGER "{name}"')
    made.execute("PRAGMA foreign_keys=OFF")
    return made


def changed(seed: int, database: sqlite3.Connection) -> str:
    """Make one change that changes something; what and where."""
    rng = random.Random(seed)  # noqa: S311 - a change, not a secret
    while True:
        name, act = rng.choice(CHANGES)
        if act(rng, database):
            database.commit()
            return name


def _one(rng: random.Random, database: sqlite3.Connection, table: str, where: str = "1") -> int | None:
    rows = database.execute(f"SELECT rowid FROM {table} WHERE {where}").fetchall()  # noqa: S608 - our own names
    return int(rng.choice(rows)[0]) if rows else None


def _dropped(table: str, where: str = "1") -> Row:
    def act(rng: random.Random, database: sqlite3.Connection) -> bool:
        row = _one(rng, database, table, where)
        if row is not None:
            database.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))  # noqa: S608
        return row is not None

    return act


def _set(table: str, column: str, value: Callable[[random.Random, Any], Any], where: str = "1") -> Row:
    def act(rng: random.Random, database: sqlite3.Connection) -> bool:
        row = _one(rng, database, table, where)
        if row is None:
            return False
        (old,) = database.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()  # noqa: S608
        new = value(rng, old)
        if new == old:
            return False
        try:
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, row))  # noqa: S608
        except sqlite3.IntegrityError:
            return False
        return True

    return act


def _digit(rng: random.Random, text: str) -> str:
    """The same with one digit changed, so that it still reads well."""
    places = [k for k, one in enumerate(text) if one in "12345678" and text[k - 1] not in "eE\\"]
    at = rng.choice(places)
    return text[:at] + str(int(text[at]) + 1) + text[at + 1 :]


def _published(table: str, *, hashed: bool, where: str = "1") -> Row:
    """Another paper in its place; with the hash that belongs to it, or with the one that was there."""

    def act(rng: random.Random, database: sqlite3.Connection) -> bool:
        row = _one(rng, database, table, where)
        if row is None:
            return False
        (old,) = database.execute(f"SELECT published FROM {table} WHERE rowid = ?", (row,)).fetchone()  # noqa: S608
        new = _digit(rng, old)
        sha = hashlib.sha256((new if hashed else old).encode()).hexdigest()
        database.execute(f"UPDATE {table} SET published = ?, sha256 = ? WHERE rowid = ?", (new, sha, row))  # noqa: S608
        return True

    return act


def _swapped(rng: random.Random, database: sqlite3.Connection) -> bool:
    """Two final receipts change places, with their hashes."""
    rows = database.execute("SELECT rowid, published, sha256 FROM receipts WHERE final").fetchall()
    one, other = rng.sample(rows, 2)
    for (row, _, _), (_, published, sha) in ((one, other), (other, one)):
        database.execute("UPDATE receipts SET published = ?, sha256 = ? WHERE rowid = ?", (published, sha, row))
    return bool(one[1] != other[1])


def _later(rng: random.Random, old: int) -> int:
    return old + rng.choice((-1, 1)) * rng.randrange(1, 100_000) * MS_NS


def _other(*values: Any) -> Callable[[random.Random, Any], Any]:
    return lambda rng, old: rng.choice([one for one in values if one != old])


LOOKS = "purpose NOT IN ('gold', 'training')"
ANSWERED = f"token IN (SELECT token FROM review_leases WHERE {LOOKS})"  # noqa: S608
CHANGES: tuple[tuple[str, Row], ...] = (
    ("receipt rewritten", _published("receipts", hashed=False)),
    ("receipt rewritten with its hash", _published("receipts", hashed=True, where="final")),
    ("receipt's sum", _set("receipts", "total", lambda rng, old: _digit(rng, f"1{old}"))),
    ("receipt dropped", _dropped("receipts", "final")),
    ("receipt no longer final", _set("receipts", "final", lambda _rng, _old: 0, "final")),
    ("receipts swapped", _swapped),
    ("hour's kind", _set("labour_intervals", "kind", _other("meeting", "waiting_paid", "break_unpaid", "training"))),
    ("hour unpaid", _set("labour_intervals", "paid", lambda _rng, old: 1 - old)),
    ("hour's length", _set("labour_intervals", "end_ns", _later)),
    ("hour dropped", _dropped("labour_intervals")),
    ("event of the hours rewritten", _set("labour_log", "body", _digit)),
    ("event of the hours dropped", _dropped("labour_log")),
    ("look dropped", _dropped("review_leases", LOOKS)),
    ("look's time", _set("review_leases", "leased_ns", _later, LOOKS)),
    ("look's purpose", _set("review_leases", "purpose", _other("settle", "audit", "dispute", "adjudicate"), LOOKS)),
    ("another's look", _set("review_leases", "worker", lambda _rng, old: f"{old}x", LOOKS)),
    ("look at another visit", _set("review_leases", "visit", lambda _rng, old: f"{old}x", LOOKS)),
    ("answer dropped", _dropped("review_answers", ANSWERED)),
    ("answer's time", _set("review_answers", "t_ns", _later, ANSWERED)),
    ("another's answer", _set("review_answers", "worker", lambda _rng, old: f"{old}x", ANSWERED)),
    ("statement rewritten", _published("labour_statements", hashed=False)),
    ("statement rewritten with its hash", _published("labour_statements", hashed=True)),
    ("statement dropped", _dropped("labour_statements")),
    ("payout dropped", _dropped("labour_payouts")),
    ("payout's time", _set("labour_payouts", "sent_ns", _later)),
    ("what came", _set("labour_confirmations", "came", lambda _rng, old: 1 - old)),
    ("confirmation dropped", _dropped("labour_confirmations")),
    ("public words dropped", _dropped("labour_voices")),
    ("place in the log", _set("disclosure_written", "number", lambda rng, old: (old or 0) + rng.choice((-1, 1, 7)))),
    ("place forgotten", _set("disclosure_written", "number", lambda _rng, _old: None, "number IS NOT NULL")),
    ("place dropped", _dropped("disclosure_written", "number IS NOT NULL")),
)
