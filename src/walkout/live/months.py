"""The month certificates of a running shop: what each may say now, and the file that anybody can compute again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from walkout.live.secrets import Secrets
from walkout.review import month, tables
from walkout.review.audit import Draw, draws
from walkout.review.case import ReviewError
from walkout.review.queues import Queues
from walkout.store.shop import Store

LATE_NS = 3 * 86_400 * 1_000_000_000
"""Audits of a month's last visits are waited for so long; what is not judged then counts as wrong."""


@dataclass(frozen=True, slots=True)
class Month:
    """How one month stands. `certificate` None: it is not over, or its audits are not."""

    month: str
    commitment: str
    settled_alone: int
    drawn: int
    judged: int
    certificate: dict[str, Any] | None
    why_not: str


class Months:
    """The months of one shop; a certificate is computed once."""

    def __init__(self, queues: Queues, secrets: Secrets, store: Store) -> None:
        self._queues, self._secrets, self._store = queues, secrets, store
        self._made: dict[str, tuple[int, dict[str, Any]]] = {}

    def all(self) -> tuple[Month, ...]:
        """All months that a seed was committed to, the newest first."""
        query = select(tables.commitments).order_by(tables.commitments.c.month.desc())
        with self._queues.reading.begin() as connection:
            rows = connection.execute(query).all()
        return tuple(self._month(row.month, row.commitment) for row in rows)

    def file(self, name: str) -> bytes:
        """A month's certificate with its bundle, for `walkout certificate verify`.

        Raises ReviewError for a month without draws, or one that is not over.
        """
        found = next((one for one in self.all() if one.month == name), None)
        if found is None:
            raise ReviewError(f"found no month {name[:10]}, right: one in which software settled")
        if found.certificate is None:
            raise ReviewError(f"found a month without a certificate: {found.why_not}")
        return month.to_json(self._bundle(name, found.commitment, draws(self._queues, name)), found.certificate)

    def _month(self, name: str, commitment: str) -> Month:
        found = draws(self._queues, name)
        drawn = [one for one in found if one.drawn]
        judged = sum(one.labelled for one in drawn)
        why_not = self._why_not(name, len(drawn) - judged)
        certificate = None if why_not else self._certificate(name, commitment, found, judged)
        return Month(name, commitment, len(found), len(drawn), judged, certificate, why_not)

    def _why_not(self, name: str, waiting: int) -> str:
        now_ns = self._queues.now_ns()
        if _month_of(now_ns) <= name:
            return "the month is not over: its seed is secret until then, so that nobody can know what is drawn"
        if waiting and _month_of(now_ns - LATE_NS) <= name:
            return f"{waiting} audits of it wait for people, for three days after its end at most"
        return ""

    def _certificate(self, name: str, commitment: str, found: tuple[Draw, ...], judged: int) -> dict[str, Any]:
        known = self._made.get(name)
        if known is None or known[0] != judged:
            known = judged, month.certify(self._bundle(name, commitment, found))
            self._made[name] = known
        return known[1]

    def _bundle(self, name: str, commitment: str, found: tuple[Draw, ...]) -> month.Bundle:
        seed = self._secrets.key(f"audit-{name}").hex()
        return month.Bundle(self._store.name, name, self._store.origin, commitment, seed, found)


def _month_of(t_ns: int) -> str:
    return f"{datetime.fromtimestamp(t_ns / 1e9, UTC):%Y-%m}"
