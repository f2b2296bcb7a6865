"""The report's groups about the people who work for the shop: who, what hours, what pay, what say they have."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
from sqlalchemy import select

from walkout.disclosure.adverse import hours_around_verdicts
from walkout.disclosure.figure import LEAST, Figure, band, cells, counted, hidden, share, stated
from walkout.disclosure.source import Source
from walkout.disclosure.voices import statement
from walkout.labour import tables as labour
from walkout.labour.paid import Owed, Said, Sent, shares
from walkout.review import tables as review

STATEMENTS = "table labour_statements: the last revision of this period"
LOG_HOURS = "of the log's entries that say this month: hours, ms by what"


def workforce(source: Source) -> dict[str, Any]:
    """How many people, in what employment, in which places; small cells left out."""
    people = source.rows(labour.people, query=select(labour.people))
    of = labour.intervals.c
    inside = of.start_ns.between(source.month.start_ns, source.month.end_ns - 1)
    rows = source.rows(labour.intervals, query=select(of.worker, of.kind).where(inside))
    worked = {row.worker for row in rows}
    trained = {row.worker for row in rows if row.kind == "training"}
    here = [one for one in people if one.worker in worked]
    parts = {name: cells(Counter(getattr(one, name) for one in here)) for name in ("employment", "employer", "place")}
    found = source.counts
    return {
        "worked": stated(
            "People who worked on visits of this shop", band(len(worked)), "people", "a band", "table labour_intervals"
        ),
        "statements": counted(
            "First pay statements of the month, one a person",
            found.statements,
            "of the log's entries that say this month: payment/statement with revision=0",
            "statements",
        ),
        **{
            f"by_{name}": {
                key: counted(f"People: {key}", count, f"table labour_people: {name}", "people")
                for key, count in sorted(kept.shown.items())
            }
            for name, kept in parts.items()
        },
        "left_out": {name: len(kept.left_out) for name, kept in parts.items() if kept.left_out},
        "employers": sorted({one.employer for one in here}),
        "places": sorted({one.place for one in here}),
        "trained_on_paid_time": hidden(
            share("People with paid training in this month", len(trained), len(worked), "table labour_intervals"),
            len(worked),
        ),
        "hours_by_kind": {
            kind: stated(f"Hours: {kind}", round(ms / 3.6e6, 6), "hours", "summed from the log", LOG_HOURS)
            for kind, ms in sorted(found.ms.items())
        },
    }


def _published(source: Source) -> list[dict[str, Any]]:
    """The newest revision of every statement of the period, as it was published."""
    of = labour.statements.c
    query = select(of.worker, of.published).where(of.period == source.month.name).order_by(of.worker, of.revision)
    newest = {row.worker: row.published for row in source.rows(labour.statements, query=query)}
    return [orjson.loads(one) for one in newest.values()]


def pay(source: Source) -> dict[str, Any]:
    """What is owed, what of it the people themselves confirmed, and whether anybody is below their floor."""
    statements = _published(source)
    by_currency = {one["currency"] for one in statements}
    below = sum(Decimal(one["total"]) < Decimal(one["floor"]["due"]) for one in statements)
    top_ups = [one for one in statements if Decimal(one["top_up"])]
    return {
        "rule": "the highest of legal minimum, living-wage benchmark and contract, for every paid hour of every person",
        "currencies": {currency: _currency(source, statements, currency) for currency in sorted(by_currency)},
        "periods_below_floor": counted("Statements below their floor (must be 0)", below, STATEMENTS, "statements"),
        "topped_up": counted("Statements with a top-up to the floor", len(top_ups), STATEMENTS, "statements"),
        "unpaid_hours": stated(
            "Hours on shift that are not paid: meals, and what the person has not answered about",
            round(source.counts.unpaid_ms / 3.6e6, 3),
            "hours",
            "summed from the log",
            "of the log's entries that say this month: hours with paid=false: ms",
        ),
        "floors": sorted(
            {
                (part["kind"], part["hourly"], one["currency"], part["source"], part["source_url"], part["retrieved"])
                for one in statements
                for part in one["floor"]["parts"]
            }
        ),
        "rate_cards": sorted({line["rate_card"] for one in statements for line in one["lines"]}),
    }


def _currency(source: Source, statements: list[dict[str, Any]], currency: str) -> dict[str, Figure]:
    here = [one for one in statements if one["currency"] == currency]
    of = labour.statements.c
    chosen = (of.period == source.month.name) & (of.currency == currency)
    rows = source.rows(labour.statements, query=select(labour.statements).where(chosen))
    owed = [Owed(f"{row.worker}/{row.period}/{row.revision}", row.due, row.issued_ns) for row in rows]
    names = {one.statement for one in owed}
    sent = [
        Sent(row.statement, row.amount, row.sent_ns, row.reference)
        for row in source.rows(labour.payouts, query=select(labour.payouts))
        if row.statement in names
    ]
    said = [
        Said(row.statement, row.came, row.said_ns, row.words)
        for row in source.rows(
            labour.confirmations, query=select(labour.confirmations).order_by(labour.confirmations.c.number)
        )
        if row.statement in names
    ]
    found = shares(owed, sent, said, source.now_ns)
    text = f"tables labour_statements, labour_payouts, labour_confirmations: {currency}, this period"
    made = {
        name: Figure(
            words,
            format(amount, "f"),
            currency,
            len(owed),
            None,
            None,
            None,
            "what is owed is computed from the time ledger; only the person's own word makes it confirmed",
            text,
        )
        for name, words, amount in (
            ("owed", "Owed", found.owed),
            ("confirmed", "Confirmed by the person it is owed to", found.confirmed),
            ("late", "Not confirmed seven days after the statement", found.late),
            ("disputed", "The person says that it did not come", found.disputed),
            ("waiting", "Within seven days of the statement", found.waiting),
        )
    }
    hourly = [_hourly(one) for one in here if one["paid_ns"]]
    for name, q in (("hourly_p10", 0.1), ("hourly_p50", 0.5), ("hourly_min", 0.0)):
        value = None if not hourly else format(Decimal(str(round(float(np.quantile(hourly, q)), 2))), "f")
        words = f"Pay for an hour, over paid and unpaid time, {name.removeprefix('hourly_')} of the people"
        made[name] = hidden(stated(words, value, currency, "by person and month", STATEMENTS), len(here))
    return {name: hidden(one, len(here)) for name, one in made.items()}


def _hourly(statement: Mapping[str, Any]) -> float:
    """Over all time of the shift, paid or not."""
    whole = sum(one["end_ns"] - one["start_ns"] for one in statement["intervals"])
    return float(Decimal(statement["total"])) / (float(max(whole, statement["paid_ns"])) / 3.6e12)


def control(source: Source) -> dict[str, Any]:
    """Appeals, skips, breaks, and that nothing automatic acts against anybody."""
    inside = (source.month.start_ns, source.month.end_ns - 1)
    appeals = source.rows(
        review.appeals,
        query=select(review.appeals, review.rulings.c.upheld, review.rulings.c.t_ns.label("ruled_ns"))
        .outerjoin(review.rulings, review.rulings.c.appeal == review.appeals.c.appeal)
        .where(review.appeals.c.filed_ns.between(*inside)),
    )
    ruled = [one for one in appeals if one.ruled_ns is not None]
    days = [(one.ruled_ns - one.filed_ns) / 86_400e9 for one in ruled]
    closings = source.rows(
        review.closings, query=select(review.closings.c.how).where(review.closings.c.t_ns.between(*inside))
    )
    how = Counter(row.how for row in closings)
    looked = source.rows(labour.looks, query=select(labour.looks.c.number).where(labour.looks.c.t_ns.between(*inside)))
    text = "tables review_appeals, review_rulings: filed in this month"
    overdue = sum(one.ruled_ns is None and one.due_ns < source.now_ns for one in appeals)
    return {
        "appeals_filed": counted("Appeals filed against a verdict on an answer", len(appeals), text, "appeals"),
        "appeals_upheld": share("Of the decided, upheld", sum(bool(one.upheld) for one in ruled), len(ruled), text),
        "appeals_overdue": counted("Not decided after 14 days", overdue, text, "appeals"),
        "appeal_days_median": stated(
            "Days until a decision, median",
            round(float(np.median(days)), 2) if days else None,
            "days",
            f"of {len(days)} that were decided",
            text,
        ),
        "leases_by_end": {
            name: counted(f"Questions {name}, all paid alike", count, "table review_closings", "questions")
            for name, count in sorted(how.items())
        },
        "paid_break_hours": stated(
            "Hours of paid breaks",
            round(source.counts.ms["break_paid"] / 3.6e6, 3),
            "hours",
            "summed from the log",
            LOG_HOURS,
        ),
        "automatic_sanctions": stated(
            "People paused, rated down or removed by software (must be 0)",
            0,
            "people",
            "no such verb exists; tests/labour/test_rules.py fails where one is planted",
            "the program",
        ),
        "looks_at_workers_records": counted(
            "Times somebody looked at what is recorded about a worker", len(looked), "table labour_looks", "looks"
        ),
        "hours_around_verdicts": hours_around_verdicts(source),
        "workers_statement": statement(source),
        "outside_channel": source.about.get("outside_channel"),
        "smallest_cell": LEAST,
    }
