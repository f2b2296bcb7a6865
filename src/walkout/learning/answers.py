"""What people found of each visit, out of a shop's database: settled cases, audits, disputes that were decided.

Only of visits whose evidence the shop still keeps: what was erased, or is older than the shop keeps anything, teaches
nothing. Nothing is written.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, select

from walkout.checkout import tables as checkout
from walkout.learning.label import Basket, How, Label, Told
from walkout.review import tables
from walkout.review.audit import basket_of
from walkout.review.case import body_from

ANSWERED = "a person answered"
"""The ledger's reason for a receipt that answers settled; where time ran out it is another, and the lines may lack."""
LEARNT_FROM = ("settle", "audit", "adjudicate", "dispute")
"""Queues whose answers are of visits; gold and training are of people."""


@dataclass(slots=True)
class _Found:
    told: list[Told] = field(default_factory=list)
    basket: Basket | None = None
    """As two people listed it, apart from one another."""
    drawn: float | None = None
    disputed: bool = False
    t_ns: int = 0
    questions: list[str] = field(default_factory=list)


def kept_visits(engine: Engine) -> frozenset[str]:
    """The visits whose evidence is still kept: the only ones that anything is learnt from."""
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return frozenset(connection.execute(select(checkout.evidence.c.visit)).scalars())


def labels_of(engine: Engine) -> dict[str, Label]:
    """What people found, by visit. An answer that was taken back, or "cannot tell", is none."""
    kept = kept_visits(engine)
    with engine.execution_options(walkout_reads=True).begin() as connection:
        found = _resolved(connection, kept)
        share = {row.visit: row.probability for row in connection.execute(select(tables.draws))}
        labels: dict[str, Label] = {}
        for visit, one in found.items():
            final = _final(connection, visit, disputed=one.disputed)
            basket = one.basket if one.basket is not None else final
            if basket is None:
                continue
            how: How = "disputed" if one.disputed else "audited" if one.basket is not None else "answered"
            if one.disputed and final is not None:
                basket = final
            p = share.get(visit, 1.0) if how == "audited" and one.drawn is not None else 1.0
            people = _people(connection, one.questions)
            labels[visit] = Label(visit, basket, how, p, one.t_ns, tuple(one.told), people)
    return labels


def _resolved(connection: Connection, kept: frozenset[str]) -> dict[str, _Found]:
    """The last word on each question of a visit, in the order of the words."""
    of, asked = tables.resolutions.c, tables.questions.c
    query = (
        select(of.question, of.number, of.key, of.how, of.t_ns, asked.visit, asked.queue, asked.body, asked.case)
        .join(tables.questions, asked.question == of.question)
        .where(asked.queue.in_(LEARNT_FROM))
        .order_by(of.question, of.number)
    )
    last: dict[str, Any] = {row.question: row for row in connection.execute(query) if row.visit in kept}
    found: dict[str, _Found] = defaultdict(_Found)
    for row in sorted(last.values(), key=lambda row: (row.t_ns, row.question)):
        if row.how == "undone" or row.key is None or row.body == "{}":
            continue
        one, body = found[row.visit], body_from(row.body)
        one.t_ns = max(one.t_ns, int(row.t_ns))
        one.questions.append(row.question)
        if body.kind == "basket":
            one.basket = tuple(sorted((gtin, n) for gtin, n in basket_of(row.key).items() if n > 0))
            one.drawn = None if row.case is not None else 1.0
        elif body.kind == "dispute":
            one.disputed = one.disputed or row.key in ("upheld", "added")
        else:
            one.told.append(Told(body.event, body.kind, row.key))
    return {visit: one for visit, one in found.items() if one.told or one.basket is not None or one.disputed}


def _final(connection: Connection, visit: str, *, disputed: bool) -> Basket | None:
    """The basket of the newest final receipt, where answers settled it or a dispute put it right; else None."""
    of = checkout.receipts.c
    query = select(of.published, of.reason).where((of.visit == visit) & of.final.is_(True)).order_by(of.revision)
    rows = connection.execute(query).all()
    if not rows or not (disputed or any(row.reason == ANSWERED for row in rows)):
        return None
    lines = orjson.loads(rows[-1].published)["lines"]
    return tuple(sorted((str(line["gtin"]).zfill(14), int(line["quantity"])) for line in lines))


def _people(connection: Connection, questions: list[str]) -> frozenset[str]:
    of = tables.answers.c
    return frozenset(connection.execute(select(of.worker).where(of.question.in_(questions))).scalars())
