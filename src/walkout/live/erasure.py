"""Erasing a visit from a shop: keys, clips, evidence, words, card; receipts, accounts and the log's counts stay."""

from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, select, update

from walkout.checkout import tables as checkout
from walkout.checkout.storage import scrub
from walkout.disclosure.entries import VISIT
from walkout.disclosure.storage import tables_in
from walkout.live.record import Record
from walkout.privacy.retention import BACKUP_NS, DAY_NS, ERASED_WITHIN_NS
from walkout.review import tables as review
from walkout.review.consent import withdraw

ERASED = "erased"
_KEPT, _WITHIN = BACKUP_NS // DAY_NS, ERASED_WITHIN_NS // DAY_NS
STAYS = (
    "receipts and payments, without a name, as the law on bookkeeping wants",
    "the counts of the log: that somebody looked, not at whose visit",
    "readings of shelves and positions of people in the journal, without pictures and without names",
    f"what older backups have of it, without pictures: they end after {_KEPT} days, always before {_WITHIN}",
)


class ErasureError(ValueError):
    """A visit that cannot be erased now; its words say why."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure ended: keys, files, rows of the database that were emptied or deleted."""

    keys: int
    files: int
    rows: int
    raw_packets: int = 0
    """Of video as it was taken, cut out of it."""
    raw_waits: bool = False
    """Some of it is cut out later: it is still being written, or shows the time of a visit that is not settled yet."""


def erase_visit(engine: Engine, record: Record, visit: str, *, reason: str = "erasure") -> Erased:
    """Erase what is kept of a visit. Where the till runs; said again it ends what came since.

    Raises ErasureError while the visit, or a dispute of it, is open.
    """
    of = checkout.visits.c
    with engine.execution_options(walkout_reads=True).begin() as connection:
        row = connection.execute(select(of.stage, of.payer).where(of.visit == visit)).one_or_none()
        open_ = select(checkout.cases.c.id).where(
            (checkout.cases.c.visit == visit) & (checkout.cases.c.state == "open")
        )
        if row is not None and row.stage in {"inside", "waiting"}:
            raise ErasureError("found a visit that is not settled, right: one whose receipt is final")
        if connection.execute(open_).first() is not None:
            raise ErasureError("found an open dispute, right: a visit whose disputes are closed")
    record.scribe.write()  # what was seen is counted before nobody can tell whose it was
    ended = record.vault.erase(visit, record.now_ns(), reason)
    raw = record.forget_raw(visit)
    rows = record.scribe.forget(visit)
    rows += _rows(engine, visit, None if row is None else row.payer)
    if review.consents.name in tables_in(engine):
        rows += withdraw(engine, visit, record.now_ns())
    scrub(engine)
    record.vault.keys.destroy("salt", f"{VISIT}/{visit}", reason)  # none that an entry in between may have made
    return Erased(ended.keys, ended.files, rows, raw.packets, bool(raw.waiting))


def _rows(engine: Engine, visit: str, payer: str | None) -> int:
    there = tables_in(engine)
    done = 0
    with engine.begin() as connection:
        done += connection.execute(delete(checkout.evidence).where(checkout.evidence.c.visit == visit)).rowcount
        words = checkout.cases.c.words
        chosen = update(checkout.cases).where((checkout.cases.c.visit == visit) & (words != ERASED))
        done += connection.execute(chosen.values(words=ERASED, note="")).rowcount
        if review.questions.name in there:
            of = review.questions.c
            asked = update(review.questions).where((of.visit == visit) & (of.queue == "dispute"))
            done += connection.execute(asked.values(body="{}")).rowcount
        if payer is not None:
            others = select(func.count()).select_from(checkout.visits).where(checkout.visits.c.payer == payer)
            if connection.execute(others).scalar_one() == 1:
                card = checkout.credentials.c.payer == payer
                done += connection.execute(delete(checkout.credentials).where(card)).rowcount
    return int(done)
