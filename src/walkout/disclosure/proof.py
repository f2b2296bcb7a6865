"""What somebody holds to check that they were counted: their salt, their entries, the proof that each is in the log.

A visit's paper is for the shopper, a month's paper for who worked. It lists what the ledgers say of them; each item has
its entry of the log with an inclusion proof (RFC 6962) up to a signed head. Whoever has the paper and the public bundle
needs nothing else, and trusts nobody (`holder.py`).
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, select

from walkout.checkout import tables as checkout
from walkout.disclosure.entries import PERSON, VISIT, month_of, person_seal
from walkout.disclosure.storage import tables_in
from walkout.disclosure.tables import written
from walkout.labour import tables as labour
from walkout.privacy.checkpoint import Checkpoint
from walkout.privacy.entry import Entry, encode, seal
from walkout.privacy.keys import KeyGoneError
from walkout.privacy.log import CHECKPOINTS
from walkout.privacy.merkle import leaf_hash
from walkout.privacy.vault import Vault

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Proven:
    """One entry of the log with its place and its path up to the head's root."""

    number: int
    line: str
    path: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {"number": self.number, "line": self.line, "path": list(self.path)}


class Proofs:
    """Papers of one open shop. Its log must not grow while a paper is made: call it where the till runs."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._reading = engine.execution_options(walkout_reads=True)
        self._vault = vault
        self._entries: list[Entry] = []
        self._kept: tuple[int, Checkpoint | None] = 0, None

    def checkpoint(self) -> str | None:
        """The hash of the latest kept checkpoint, for a receipt; None before the first."""
        last = self._last()
        return None if last is None else last.hash()

    def of_visit(self, visit: str) -> dict[str, Any] | None:
        """The paper of a visit; None where nothing of it is in the log, or it was erased."""
        try:
            salt = self._vault.keys.get("salt", f"{VISIT}/{visit}").secret
        except KeyGoneError:
            return None
        mine = seal(salt, VISIT, visit)
        entries = self._all()
        found = [n for n, one in enumerate(entries) if one.sealed.get(VISIT) == mine]
        return self._paper("visit", found, {"visit": visit, "salt": salt.hex(), "rows": self._rows(visit, None)})

    def of_worker(self, worker: str, month: str) -> dict[str, Any]:
        """The paper of a person's month: every interval, look and statement of theirs, and the entries for it."""
        try:
            salt = self._vault.keys.get("salt", f"{PERSON}/{worker}/{month}").secret
        except KeyGoneError:
            salt = b""
        entries = self._all()
        found = [
            n
            for n, one in enumerate(entries)
            if PERSON in one.sealed and one.sealed[PERSON] == seal(salt, PERSON, f"{worker}/{one.facts.get('id')}")
        ]
        more = {"worker": worker, "month": month, "salt": salt.hex(), "rows": self._rows(None, worker, found)}
        return self._paper("month", found, more | self._hours(worker, month))

    def of_statement(self, worker: str, period: Mapping[str, Any]) -> dict[str, Any]:
        """The paper of a pay statement: every hour and every payment of its person in the months that it lies in.

        `period` as a statement has it: name, start_ns, end_ns. A month of pay begins and ends where the person is, one
        of the log in UTC, so a statement may lie in two of them; the person has a salt for each.
        """
        months = {str(period["name"]), month_of(int(period["start_ns"])), month_of(int(period["end_ns"]) - 1)}
        salts: dict[str, bytes] = {}
        for name in sorted(months):
            with suppress(KeyGoneError):
                salts[name] = self._vault.keys.get("salt", f"{PERSON}/{worker}/{name}").secret
        found = [
            n
            for n, one in enumerate(self._all())
            if one.kind in ("hours", "payment")
            and PERSON in one.sealed
            and (salt := salts.get(str(one.facts.get("month")))) is not None
            and one.sealed[PERSON] == person_seal(salt, worker, str(one.facts.get("id")))
        ]
        more = {"worker": worker, "period": str(period["name"]), "rows": []}
        return self._paper("statement", found, more | {"salts": {name: salt.hex() for name, salt in salts.items()}})

    def _last(self) -> Checkpoint | None:
        path = self._vault.log.folder / CHECKPOINTS
        size = path.stat().st_size if path.exists() else 0
        if size != self._kept[0]:  # a file that only grows: read again where it did
            self._kept = size, self._vault.log.checkpoints()[-1]
        return self._kept[1]

    def _followed(self) -> dict[str, Any] | None:
        """The latest kept checkpoint, with the proof that the head continues it; None before the first."""
        last = self._last()
        if last is None or last.size == 0:
            return None
        path = [one.hex() for one in self._vault.log.tree.consistency(last.size, self._vault.log.head.size)]
        about = {"size": last.size, "root": last.root.hex(), "hash": last.hash(), "t_ns": last.t_ns}
        return about | {"signed": last.text().decode(), "signature": last.signature.hex(), "path": path}

    def _paper(self, kind: str, numbers: Iterable[int], more: Mapping[str, Any]) -> dict[str, Any]:
        head = self._vault.log.head
        return {
            "kind": f"{kind}-paper",
            "version": VERSION,
            **more,
            "head": {"size": head.size, "root": head.root.hex(), "hash": head.hash(), "t_ns": head.t_ns},
            "signed": head.text().decode(),
            "key": head.key.hex(),
            "signature": head.signature.hex(),
            "checkpoint": self.checkpoint(),
            "kept": self._followed(),
            "entries": [self._proven(n).plain() for n in numbers],
        }

    def _proven(self, number: int) -> Proven:
        tree, line = self._vault.log.tree, encode(self._all()[number])
        assert leaf_hash(line) == tree.leaf(number)  # noqa: S101 - the same log
        return Proven(number, line.decode(), tuple(one.hex() for one in tree.inclusion(number)))

    def _all(self) -> list[Entry]:
        """The log's entries; read once, and what came since."""
        self._entries += self._vault.log.entries(len(self._entries))
        return self._entries

    def _rows(self, visit: str | None, worker: str | None, found: Iterable[int] = ()) -> list[dict[str, Any]]:
        """What the ledgers say of the holder, and which entry says it: each must have one."""
        chosen = written.c.visit == visit if worker is None else written.c.worker == worker
        numbers = set(found)
        with self._reading.begin() as connection:
            rows = connection.execute(select(written.c.row, written.c.number).where(chosen).order_by(written.c.number))
            return [{"row": r.row, "number": r.number} for r in rows if worker is None or r.number in numbers]

    def _hours(self, worker: str, month: str) -> dict[str, Any]:
        """What the time ledger itself says of the month, apart from the log."""
        of, statement = labour.intervals.c, labour.statements.c
        if labour.intervals.name not in tables_in(self._reading):
            return {"intervals": [], "statements": [], "voices": []}
        with self._reading.begin() as connection:
            mine = connection.execute(select(of.number, of.start_ns, of.end_ns, of.paid).where(of.worker == worker))
            intervals = [r for r in mine if month_of(r.start_ns) == month]
            of_month = (statement.worker == worker) & (statement.period == month)
            statements = connection.execute(select(statement.revision, statement.sha256).where(of_month)).all()
            voice = labour.voices.c
            own = select(voice.sha256).where((voice.worker == worker) & (voice.month == month))
            voices = list(connection.execute(own.order_by(voice.said_ns, voice.number)).scalars())
        return {
            "intervals": [
                {"number": r.number, "ms": r.end_ns // 1_000_000 - r.start_ns // 1_000_000, "paid": bool(r.paid)}
                for r in intervals
            ],
            "statements": [{"revision": r.revision, "sha256": r.sha256} for r in statements],
            "voices": voices,
        }


def receipt_shas(engine: Engine, visit: str) -> list[str]:
    """The SHA-256 of each final receipt of a visit: the shopper has the receipts, and can hash them."""
    of = checkout.receipts.c
    with engine.execution_options(walkout_reads=True).begin() as connection:
        query = select(of.sha256).where((of.visit == visit) & of.final).order_by(of.revision)
        return list(connection.execute(query).scalars())
