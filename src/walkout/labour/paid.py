"""Whether money that is owed has come: only the person who is owed it can say so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Status = Literal["nothing due", "due", "sent", "late", "confirmed", "disputed"]
DUE_AFTER_NS = 7 * 24 * 3_600_000_000_000
"""Money is late so long after its statement."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A statement's amount."""

    statement: str
    amount: Decimal
    issued_ns: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What the operator says they paid."""

    statement: str
    amount: Decimal
    sent_ns: int
    reference: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the person says of it; the last word counts."""

    statement: str
    came: bool
    said_ns: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the money owed, in one currency: how much of it is where. The shares sum to the money owed."""

    owed: Decimal
    confirmed: Decimal
    late: Decimal
    disputed: Decimal
    waiting: Decimal
    """Due or sent, and neither late nor confirmed."""


def status(owed: Owed, sent: Iterable[Sent], said: Iterable[Said], now_ns: int) -> Status:
    """Where a statement's money is. Nothing that the operator does makes it `confirmed`."""
    if owed.amount == 0:
        return "nothing due"
    words = [one for one in said if one.statement == owed.statement]
    if words:
        last = max(enumerate(words), key=lambda one: (one[1].said_ns, one[0]))[1]
        return "confirmed" if last.came else "disputed"
    if now_ns > owed.issued_ns + DUE_AFTER_NS:
        return "late"
    whole = sum((one.amount for one in sent if one.statement == owed.statement), Decimal(0))
    return "sent" if whole >= owed.amount else "due"


def shares(owed: Sequence[Owed], sent: Sequence[Sent], said: Sequence[Said], now_ns: int) -> Shares:
    """What the disclosure says of pay: confirmed, late and disputed."""
    found = dict.fromkeys(("confirmed", "late", "disputed", "waiting"), Decimal(0))
    for one in owed:
        state = status(one, sent, said, now_ns)
        found[state if state in found else "waiting"] += one.amount
    return Shares(sum((one.amount for one in owed), Decimal(0)), **found)
