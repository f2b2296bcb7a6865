"""From the ledgers into the log: every look, answer, receipt, hour and payment becomes one entry, once.

The ledgers write first, in transactions of their own; this follows. For each row: its entry's id goes into the
database, then the entry into the log, then its place into the database. A crash in between is finished at the next
start: ids without a place are looked for in the log, and entered only if they are not there.
"""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import Engine, bindparam, insert, select, update

from walkout.disclosure.entries import Said, nonce, sealed
from walkout.disclosure.rows import unwritten
from walkout.disclosure.storage import BRANCH, tables_in
from walkout.disclosure.tables import written
from walkout.privacy.vault import Vault

BATCH = 500
"""Entries appended at once: one signature and one flush of the disk for each batch."""


class Scribe:
    """Writes one shop's log from its database; `now_ns` is the server's clock. One at a time for a shop."""

    def __init__(self, engine: Engine, vault: Vault, now_ns: Callable[[], int] = time.time_ns) -> None:
        self.engine, self.vault, self._now_ns = engine, vault, now_ns
        self._reading = engine.execution_options(walkout_reads=True)
        BRANCH.migrate(engine)
        self._recover()

    def write(self) -> int:
        """Enter what is new; gives how many entries that made."""
        with self._reading.begin() as connection:
            said = sorted(unwritten(connection, tables_in(self.engine)), key=lambda one: (one.t_ns, one.row))
        for at in range(0, len(said), BATCH):
            self._enter(said[at : at + BATCH])
        return len(said)

    def number_of(self, row: str) -> int | None:
        """The place in the log of a ledger's row; None: it is not there."""
        with self._reading.begin() as connection:
            return connection.execute(select(written.c.number).where(written.c.row == row)).scalar_one_or_none()

    def forget(self, visit: str) -> int:
        """Forget which entries are a visit's, after its salt is gone; gives how many there were."""
        with self.engine.begin() as connection:
            chosen = update(written).where(written.c.visit == visit)
            return int(connection.execute(chosen.values(number=None, visit=None)).rowcount)

    def _enter(self, said: Sequence[Said]) -> None:
        ids = [nonce() for _ in said]
        with self.engine.begin() as connection:
            rows = [
                {"row": one.row, "visit": one.visit, "worker": one.by, "nonce": id_, "number": None}
                for one, id_ in zip(said, ids, strict=True)
            ]
            connection.execute(insert(written), rows)
        now_ns = self._now_ns()
        made = [sealed(self.vault.keys, one, id_, now_ns) for one, id_ in zip(said, ids, strict=True)]
        first = self.vault.log.append(*made)
        self._placed({id_: first + n for n, id_ in enumerate(ids)})

    def _placed(self, places: dict[str, int]) -> None:
        if places:
            with self.engine.begin() as connection:
                chosen = update(written).where(written.c.nonce == bindparam("of"))
                rows = [{"of": id_, "place": number} for id_, number in places.items()]
                connection.execute(chosen.values(nonce="", number=bindparam("place")), rows)

    def _recover(self) -> None:
        """Ids that a crash left without a place: find them in the log, and let go of those that never came there.

        Places beyond the log's end are those of a log that was put back from an older backup: entered again.
        """
        with self.engine.begin() as connection:
            connection.execute(written.delete().where(written.c.number >= len(self.vault.log)))
        with self._reading.begin() as connection:
            open_ = set(connection.execute(select(written.c.nonce).where(written.c.nonce != "")).scalars())
        if not open_:
            return
        entries = enumerate(self.vault.log.entries())
        self._placed({str(id_): n for n, one in entries if (id_ := one.facts.get("id")) in open_})
        with self.engine.begin() as connection:
            connection.execute(written.delete().where(written.c.nonce != ""))
