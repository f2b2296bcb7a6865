"""Consent to annotation: given and taken back by the shopper, visit by visit; without it nothing is marked or kept."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select

from walkout.review import slots, tables
from walkout.review.case import ReviewError

_SENTENCES = (
    "What it is: people mark boxes, hands and goods in the clips of this visit, and models learn from the marks.\n"
    "Who sees it: reviewers of this shop who agreed to this work and are paid by the hour for it. In the clips "
    "everybody is filled in, but for a forearm and hand at the shelf; neither your name nor your card is there.\n"
    "What is kept, and how long: {copy}, under a key that is for nothing else, for {days} days at most; the marks "
    "stay until this is taken back or the visit is erased. The clips that the shop itself made end {hours} hours "
    "after they were made, whatever you say here.\n"
    "How to take it back: here, at any time, without a reason. Then the key of the copy is destroyed and the marks are "
    "deleted, at once; what a model has learnt from them by then stays learnt.\n"
    "Your receipt is the same either way."
)
_COPY = "a copy of these clips for learning"


def told(clip_hours: float, copy_days: float) -> str:
    """What a shopper agrees to, a sentence or two a line, in a shop whose clips and copies live so long."""
    return _SENTENCES.format(hours=f"{clip_hours:g}", days=f"{copy_days:g}", copy=_COPY)


WORDS = told(72.0, 180.0)
"""As it is told where clips live as long as is usual; kept with each consent as it was shown."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What stands for a visit."""

    consent: int
    visit: str
    words: str
    t_ns: int

    @property
    def copies(self) -> bool:
        """Whether it is to a copy of the clips too: older words spoke of marks alone, and mean no more than that."""
        return _COPY in self.words


def agree(engine: Engine, visit: str, t_ns: int, words: str = WORDS) -> Consent:
    """A shopper agrees; said again it does nothing."""
    with engine.begin() as connection:
        before = standing(connection, visit)
        if before is not None:
            return before
        number = _add(connection, visit, t_ns, words, agreed=True)
    return Consent(number, visit, words, t_ns)


def withdraw(engine: Engine, visit: str, t_ns: int) -> int:
    """A shopper takes it back: what was marked in their clips is deleted, and nobody is asked to mark them any more.

    Gives how many versions of marks were deleted.
    """
    with engine.begin() as connection:
        if standing(connection, visit) is None:
            return 0
        _add(connection, visit, t_ns, "taken back", agreed=False)
        asked = tables.questions.c
        waiting = (asked.visit == visit) & (asked.queue == "annotate") & (asked.state == "open")
        for name in list(connection.execute(select(asked.question).where(waiting)).scalars()):
            slots.shut(connection, name, "lapsed")
        of = tables.annotations.c
        return int(connection.execute(delete(tables.annotations).where(of.visit == visit)).rowcount)


def consent_of(engine: Engine, visit: str) -> Consent | None:
    """The consent that stands for a visit; None: there is none."""
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return standing(connection, visit)


def agreed(engine: Engine) -> tuple[str, ...]:
    """The visits whose consent stands, oldest first."""
    of = tables.consents.c
    latest = select(func.max(of.consent)).group_by(of.visit)
    query = select(of.visit).where(of.consent.in_(latest) & of.agreed).order_by(of.consent)
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return tuple(connection.execute(query).scalars())


def all_standing(engine: Engine) -> dict[str, Consent]:
    """Every consent that stands, by its visit."""
    of = tables.consents.c
    latest = select(func.max(of.consent)).group_by(of.visit)
    query = select(tables.consents).where(of.consent.in_(latest) & of.agreed)
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return {row.visit: Consent(row.consent, row.visit, row.words, row.t_ns) for row in connection.execute(query)}


def taken_back(engine: Engine) -> int:
    """How many visits' consent was given and does not stand any more."""
    of = tables.consents.c
    latest = select(func.max(of.consent)).group_by(of.visit)
    query = select(func.count()).where(of.consent.in_(latest) & ~of.agreed)
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return int(connection.execute(query).scalar_one())


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
