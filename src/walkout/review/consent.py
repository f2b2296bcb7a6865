"""Consent to annotation: given and taken back by the shopper, visit by visit; without it nothing is marked or kept."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select

from walkout.review import tables
from walkout.review.case import ReviewError

WORDS = (
    "People may mark boxes, hands and goods in the redacted clips of this visit, and models may learn from the marks. "
    "It can be taken back at any time; then the marks are deleted."
)
"""What a shopper agrees to; kept with each consent as it was shown."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What stands for a visit."""

    consent: int
    visit: str
    words: str
    t_ns: int


def agree(engine: Engine, visit: str, t_ns: int, words: str = WORDS) -> Consent:
    """A shopper agrees; said again it does nothing."""
    with engine.begin() as connection:
        before = standing(connection, visit)
        if before is not None:
            return before
        number = _add(connection, visit, t_ns, words, agreed=True)
    return Consent(number, visit, words, t_ns)


def withdraw(engine: Engine, visit: str, t_ns: int) -> int:
    """A shopper takes it back: what was marked in their clips is deleted; gives how many versions of marks that was."""
    with engine.begin() as connection:
        if standing(connection, visit) is None:
            return 0
        _add(connection, visit, t_ns, "taken back", agreed=False)
        of = tables.annotations.c
        return int(connection.execute(delete(tables.annotations).where(of.visit == visit)).rowcount)


def consent_of(engine: Engine, visit: str) -> Consent | None:
    """The consent that stands for a visit; None: there is none."""
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return standing(connection, visit)


def standing(connection: Connection, visit: str) -> Consent | None:
    """As `consent_of`, in an open transaction."""
    of = tables.consents.c
    query = select(tables.consents).where(of.visit == visit).order_by(of.consent.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None or not row.agreed else Consent(row.consent, row.visit, row.words, row.t_ns)


def needed(connection: Connection, visit: str) -> Consent:
    """The consent that something rests on. Raises ReviewError where there is none."""
    found = standing(connection, visit)
    if found is None:
        raise ReviewError("found a visit whose shopper did not agree to it, right: one with consent")
    return found


def _add(connection: Connection, visit: str, t_ns: int, words: str, *, agreed: bool) -> int:
    number = connection.execute(select(func.coalesce(func.max(tables.consents.c.consent), 0))).scalar_one() + 1
    row = {"consent": number, "visit": visit, "agreed": agreed, "words": words, "t_ns": t_ns}
    connection.execute(insert(tables.consents).values(**row))
    return int(number)
