"""Blind audits of what software settled alone: the draw, the question, and what the answer says of the receipt."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import orjson
from sqlalchemy import insert, select

from walkout.checkout.receipt import Line, Receipt, to_published
from walkout.review import tables
from walkout.review.case import Body, ReviewError
from walkout.review.queues import Queues
from walkout.review.sampling import commitment, is_drawn
from walkout.review.slots import last_resolution

WORDS = "What did this party take away with them?"


@dataclass(frozen=True, slots=True)
class Label:
    """What a person found of a receipt that software settled alone."""

    wrong: bool
    over: bool
    under: bool


WORST = Label(wrong=True, over=True, under=True)
"""What a drawn visit counts as that nobody could judge: the bound must hold whatever it was."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One visit that software settled alone. `labelled`: people came to an answer, `key` (None: cannot be told)."""

    visit: str
    stratum: str
    probability: float
    drawn: bool
    receipt_sha256: str
    receipt_key: str
    labelled: bool = False
    key: str | None = None


def basket_key(lines: Iterable[Line]) -> str:
    """A basket as an answer says it: GTIN and count, sorted; "" for an empty one."""
    count: Counter[str] = Counter()
    for line in lines:
        count[line.gtin] += line.quantity
    return key_of_counts(count)


def key_of_counts(count: Mapping[str, int]) -> str:
    """The same of counts by GTIN."""
    return ";".join(f"{gtin}*{n}" for gtin, n in sorted(count.items()) if n)


def judge(receipt_key: str, key: str | None) -> Label:
    """Hold what a person found against the receipt. What cannot be told counts as wrong in both ways."""
    if key is None:
        return WORST
    charged, true = basket_of(receipt_key), basket_of(key)
    over = any(n > true.get(gtin, 0) for gtin, n in charged.items())
    under = any(n > charged.get(gtin, 0) for gtin, n in true.items())
    return Label(over or under, over, under)


def commit(queues: Queues, month: str, seed: bytes) -> str:
    """Publish a month's seed by its hash; must come before the month's first draw."""
    found = commitment(seed)
    with queues.engine.begin() as connection:
        known = select(tables.commitments.c.commitment).where(tables.commitments.c.month == month)
        before = connection.execute(known).scalar_one_or_none()
        if before is None:
            row = {"month": month, "commitment": found, "t_ns": queues.now_ns()}
            connection.execute(insert(tables.commitments).values(**row))
        elif before != found:
            raise ReviewError(f"found another seed for {month}, right: the one that was committed to")
    return found


def draw(
    queues: Queues, receipt: Receipt, month: str, seed: bytes, *, stratum: str, probability: float, deadline_ns: int
) -> bool:
    """Write down a receipt that software settled alone, and ask two people blindly where it is drawn.

    Said again it does nothing. Raises ReviewError where the receipt was not settled by software alone, or the seed is
    not the month's.
    """
    if receipt.status != "settled" or receipt.decided_by != "software":
        raise ReviewError(f"found a receipt that {receipt.decided_by} decided, right: one that software settled alone")
    drawn = is_drawn(seed, receipt.visit, probability)
    published = orjson.dumps(to_published(receipt), option=orjson.OPT_SORT_KEYS)
    with queues.engine.begin() as connection:
        known = select(tables.draws.c.drawn).where(tables.draws.c.visit == receipt.visit)
        before = connection.execute(known).scalar_one_or_none()
        if before is not None:
            return bool(before)
        committed = select(tables.commitments.c.commitment).where(tables.commitments.c.month == month)
        if connection.execute(committed).scalar_one_or_none() != commitment(seed):
            raise ReviewError(f"found a seed for {month} that was not committed to, right: commit first")
        connection.execute(
            insert(tables.draws).values(
                visit=receipt.visit,
                month=month,
                stratum=stratum,
                probability=probability,
                drawn=drawn,
                receipt_sha256=sha256(published).hexdigest(),
                receipt_key=basket_key(receipt.lines),
                t_ns=queues.now_ns(),
            )
        )
        if drawn:
            body = Body("", receipt.entered_ns, receipt.left_ns, "basket", WORDS, ())
            name = f"audit/{receipt.visit}"
            queues.put_in(connection, name, receipt.visit, "audit", body, deadline_ns=deadline_ns)
    return drawn


def draws(queues: Queues, month: str) -> tuple[Draw, ...]:
    """A month's draws with their labels, in the order in which they were drawn."""
    of = tables.draws.c
    with queues.reading.begin() as connection:
        rows = connection.execute(select(tables.draws).where(of.month == month).order_by(of.t_ns, of.visit)).all()
        found = []
        for row in rows:
            last = last_resolution(connection, f"audit/{row.visit}") if row.drawn else None
            done = last is not None and last.how != "undone"
            found.append(
                Draw(
                    row.visit,
                    row.stratum,
                    row.probability,
                    row.drawn,
                    row.receipt_sha256,
                    row.receipt_key,
                    done,
                    last.key if done and last is not None else None,
                )
            )
    return tuple(found)


def basket_of(key: str) -> dict[str, int]:
    """The counts of a basket's key. Raises ReviewError where it is none."""
    try:
        pairs = [part.split("*") for part in key.split(";") if part]
        return {gtin: int(count) for gtin, count in pairs}
    except ValueError as error:
        raise ReviewError(f"found the basket {key!r}, right: one such as 04012345000011*2;04012345000028*1") from error
