"""The ledgers held against the log: does the database still say what was entered when it happened?

For each row that belongs into the log (final receipts, looks, answers, hours, statements, money, public words): is its
entry there, and does it say the same? For each entry of those kinds: is there still a row? And by the ledgers' own
means: receipts and statements by the hash of what was published, hours by their chain. What the log does not hold it
cannot tell: which answer was given, amounts that no published paper has, and provisional receipts.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import orjson
from sqlalchemy import Connection, Engine, select

from walkout.checkout import tables as checkout
from walkout.disclosure.entries import PERSON, VISIT, Said, person_seal
from walkout.disclosure.rows import everything
from walkout.disclosure.storage import tables_in
from walkout.disclosure.tables import written
from walkout.labour import tables as labour
from walkout.labour.ledger import LabourLedger
from walkout.privacy.entry import Entry, Fact, seal
from walkout.privacy.keys import KeyGoneError, KeyStore

OF_ROWS: Final = {
    "decision": frozenset({"receipt", "answer"}),
    "view": frozenset({"question"}),
    "hours": None,
    "payment": None,
    "voice": None,
}
"""Kinds of entries that come of a ledger's row, and which of them by what they say; None: all."""


def unlike(engine: Engine, entries: Sequence[Entry], keys: KeyStore | None = None) -> tuple[str, ...]:
    """What of the ledgers is not as the log has it, in words; nothing where all is.

    `keys`: of the shop, to hold the sealed names too (whose visit, whose hours); without them only what is public.
    """
    there = tables_in(engine)
    with engine.execution_options(walkout_reads=True).begin() as connection:
        placed = connection.execute(select(written.c.row, written.c.number, written.c.visit)).all()
        nameless = frozenset(one.row for one in placed if one.visit is None)
        held = _Held({one.row: one.number for one in placed}, nameless, entries, keys)
        said = list(everything(connection, there))
        found = [words for one in said for words in held.row(one)]
        found += held.gone({one.row for one in said})
        found += _published(connection, there)
    if labour.people.name in there:
        ledger = LabourLedger(engine)
        found += [f"hours of {worker}: {words}" for worker in ledger.workers() for words in ledger.verify(worker)]
    return tuple(found)


@dataclass(slots=True)
class _Held:
    """The log, and which row is which entry of it."""

    places: dict[str, int | None]
    nameless: frozenset[str]
    """Rows that are noted without a visit: those of none, and those of erased ones, which have no place either."""
    entries: Sequence[Entry]
    keys: KeyStore | None
    loose: frozenset[str] = field(init=False)
    """What entries say that no row has a place at: those of erased visits, and what never came of a row."""

    def __post_init__(self) -> None:
        known = set(self.places.values())
        self.loose = frozenset(
            _said(entry.kind, entry.t_ns, entry.facts) for n, entry in enumerate(self.entries) if n not in known
        )

    def row(self, one: Said) -> Iterator[str]:
        """What is wrong with one row."""
        if one.row not in self.places:
            yield f"{one.row}: found in its ledger, right: in the log as well"
            return
        number = self.places[one.row]
        if number is None:
            if one.visit is None or (self.keys is not None and self._salt(f"{VISIT}/{one.visit}") is not None):
                yield f"{one.row}: found no place in the log and no erasure, right: its entry"
            elif _said(one.kind, one.t_ns, {**one.facts, "month": one.month}) not in self.loose:
                yield f"{one.row}: its visit was erased, and its ledger says what no entry of the log does"
            return  # which entry it was, nobody is to tell any more
        if one.visit is not None and one.row in self.nameless:
            yield f"{one.row}: found at {number} of the log though its visit was forgotten, right: no place"
            return
        if not 0 <= number < len(self.entries):
            yield f"{one.row}: found at {number} of the log, right: one of its {len(self.entries)} entries"
            return
        entry = self.entries[number]
        right = _said(one.kind, one.t_ns, {**one.facts, "month": one.month})
        if _said(entry.kind, entry.t_ns, entry.facts) != right:
            yield f"{one.row}: its ledger says other things than entry {number} of the log"
        elif self.keys is not None and not self._names_fit(one, entry, self.keys):
            yield f"{one.row}: its ledger has another visit or person than entry {number} of the log"

    def gone(self, rows: set[str]) -> Iterator[str]:
        """Rows that the log knows of and no ledger has any more, and entries that no row is of."""
        for row, number in sorted(self.places.items()):
            if row not in rows:  # an erasure leaves the rows of receipts, looks and answers
                where = "in" if number is None else f"at {number} of"
                yield f"{row}: found {where} the log, right: in its ledger as well"
        known = [number for number in self.places.values() if number is not None]
        if len(known) != len(set(known)):
            yield f"found {len(known) - len(set(known))} rows that share an entry of the log, right: one each"
        nobodys = sum(_is_of_a_row(entry) for n, entry in enumerate(self.entries) if n not in set(known))
        erased = sum(number is None for number in self.places.values())
        if nobodys > erased:
            yield f"found {nobodys - erased} entries of the log that no row of a ledger is of, right: one for each"

    def _names_fit(self, one: Said, entry: Entry, keys: KeyStore) -> bool:
        """Whether the sealed names are the row's. One whose salt was ended, by the log's own word, nobody can tell."""
        wanted: list[tuple[str, str, str]] = []
        if one.visit is not None:
            wanted.append((VISIT, f"{VISIT}/{one.visit}", one.visit))
        if one.by is not None:
            wanted.append((PERSON, f"{PERSON}/{one.by}/{one.month}", one.by))
        for name, owner, value in wanted:
            salt = self._salt(owner)
            if salt is None:
                ended = keys.id("salt", owner)
                if not any(each.kind == "deletion" and each.facts.get("key") == ended for each in self.entries):
                    return False  # nobody of that name ever had one
                continue
            id_ = str(entry.facts.get("id"))
            right = seal(salt, name, value) if name == VISIT else person_seal(salt, value, id_)
            if entry.sealed.get(name) != right:
                return False
        return True

    def _salt(self, owner: str) -> bytes | None:
        try:
            return None if self.keys is None else self.keys.get("salt", owner).secret
        except KeyGoneError:
            return None


def _said(kind: str, t_ns: int, facts: Mapping[str, Fact]) -> str:
    kept = {name: value for name, value in facts.items() if name != "id"}
    return orjson.dumps([kind, t_ns, kept], option=orjson.OPT_SORT_KEYS).decode()


def _is_of_a_row(entry: Entry) -> bool:
    what = OF_ROWS.get(entry.kind, frozenset())
    return what is None or entry.facts.get("what") in what


def _published(connection: Connection, there: frozenset[str]) -> Iterator[str]:
    """Receipts and statements as they were published, against their own hash, and the columns beside them."""
    of, paid = checkout.receipts.c, labour.statements.c
    if checkout.receipts.name in there:
        query = select(of.visit, of.revision, of.published, of.sha256, of.total, of.currency)
        for row in connection.execute(query.order_by(of.visit, of.revision)):
            name = f"receipt/{row.visit}/{row.revision}"
            if hashlib.sha256(row.published.encode()).hexdigest() != row.sha256:
                yield f"{name}: what was published does not have the hash that stands beside it"
                continue
            read = orjson.loads(row.published)
            plain = (read["visit"], read["revision"], Decimal(read["total"]), read["currency"])
            if plain != (row.visit, row.revision, row.total, row.currency):
                yield f"{name}: the row beside what was published says other things"
    if labour.statements.name in there:
        papers = select(paid.worker, paid.period, paid.revision, paid.published, paid.sha256)
        for paper in connection.execute(papers.order_by(paid.worker, paid.period, paid.revision)):
            if hashlib.sha256(paper.published.encode()).hexdigest() != paper.sha256:
                name = f"statement/{paper.worker}/{paper.period}/{paper.revision}"
                yield f"{name}: what was published does not have the hash that stands beside it"
