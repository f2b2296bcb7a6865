"""The report's groups about visits: how they were settled, who looked, how long it took, what was wrong."""

from functools import partial
from typing import Any

import orjson
from sqlalchemy import select

from walkout.checkout import tables as checkout
from walkout.disclosure.figure import Figure, counted, per_1000, quantiles, share, stated
from walkout.disclosure.source import Source
from walkout.evaluation.ladder import upper
from walkout.labour import tables as labour
from walkout.review import tables as review
from walkout.review.audit import WORST, judge

Group = dict[str, Figure]
LOG = "of the log's entries that say this month: "
VISITS = LOG + "distinct sealed visits of decision/receipt"
SEEN = LOG + "distinct sealed visits of view, widening and raw_access that also have a decision/receipt"
ASKED = LOG + "distinct sealed questions of view/question with purpose settle, of visits with a decision/receipt"


def headline(source: Source) -> Group:
    """The two numbers that are never shown apart."""
    found = source.counts
    each = [len(found.questions.get(visit, ())) for visit in sorted(found.visits)]
    return {
        "questions_to_settle_per_1000": per_1000(
            "Questions that people had to answer so that a visit could settle",
            found.asked,
            len(found.visits),
            ASKED,
            each,
        ),
        "seen_by_any_person_per_1000": per_1000(
            "Visits that any person looked at, for any reason", found.seen_visits, len(found.visits), SEEN
        ),
    }


def visits(source: Source) -> Group:
    """How the month's visits were settled."""
    found = source.counts
    n = len(found.visits)
    first = LOG + "decision/receipt with first=true and by={}"
    disputed, corrected = _disputes(source)
    return {
        "total": counted("Visits with a final receipt", n, VISITS),
        "settled_by_software": share("Settled by software alone", found.by["software"], n, first.format("software")),
        "settled_by_person": share("Settled by a person's answer", found.by["person"], n, first.format("person")),
        "unanswered": share(
            "A person was asked and nobody answered in time: only what was shown was paid",
            found.by["time"],
            n,
            first.format("time"),
        ),
        "disputed": counted("Visits whose receipt a shopper disputed", disputed, _DISPUTED),
        "corrected": counted(
            "Disputes that the shopper was right about, or that nobody could refute", corrected, _UPHELD
        ),
        "issued_again": counted(
            "Visits whose final receipt was issued again, for whatever reason",
            len(found.again & found.visits),
            LOG + "distinct sealed visits of decision/receipt with first=false",
        ),
        "refunds": counted(
            "Refunds", _refunds(source), "table operations: kind refund, of the month's visits", "refunds"
        ),
        "open": counted(
            "Visits without a final receipt so far", _open(source), "table visits: no final row in receipts"
        ),
    }


_DISPUTED = "table cases: distinct visits that entered in this month"
_UPHELD = "table cases: outcome upheld or added, of visits that entered in this month"


def _disputes(source: Source) -> tuple[int, int]:
    query = select(checkout.cases.c.visit, checkout.cases.c.outcome).join(checkout.visits)
    rows = source.rows(checkout.cases, query=query.where(_entered(source)))
    upheld = sum(row.outcome in {"upheld", "added"} for row in rows)
    return len({row.visit for row in rows}), upheld


def _refunds(source: Source) -> int:
    query = select(checkout.operations.c.key).join(checkout.visits).where(checkout.operations.c.kind == "refund")
    return len(source.rows(checkout.operations, query=query.where(_entered(source))))


def _open(source: Source) -> int:
    final = select(checkout.receipts.c.visit).where(checkout.receipts.c.final)
    query = select(checkout.visits.c.visit).where(_entered(source) & checkout.visits.c.visit.not_in(final))
    return len(source.rows(checkout.visits, query=query))


def _entered(source: Source) -> Any:
    return checkout.visits.c.entered_ns.between(source.month.start_ns, source.month.end_ns - 1)


def human_work(source: Source) -> dict[str, Any]:
    """How much people looked: by reason, in seconds, in hours."""
    found, n = source.counts, len(source.counts.visits)
    by_purpose = {name: len(seen & found.visits) for name, seen in sorted(found.seen_for.items())}
    about = LOG + "distinct sealed visits of view with purpose={}"
    reasons = {
        name: per_1000(f"Visits looked at for: {name}", count, n, about.format(name))
        for name, count in by_purpose.items()
    }
    seconds = [ms / 1000.0 for ms in found.answer_ms]
    hours = found.paid_ms / 3.6e6
    return {
        "visits_seen_per_1000_by_reason": reasons,
        "looks": {
            name: counted(f"Looks at: {name}", count, LOG + f"view/{name}", "looks")
            for name, count in sorted(found.what.items())
        },
        "seconds_per_answer": quantiles(
            "Seconds from a question's showing to its answer", seconds, LOG + "decision/answer: ms", "seconds"
        ),
        "paid_hours": stated(
            "Paid hours of human work",
            round(hours, 6),
            "hours",
            "summed from the log",
            LOG + "hours with paid=true: ms",
        ),
        "paid_hours_per_1000": stated(
            "Paid hours of human work for each 1,000 visits",
            round(1000.0 * hours / n, 6) if n else None,
            "hours per 1,000 visits",
            f"summed from the log, of {n} visits",
            LOG + "hours with paid=true: ms; divided by the visits",
        ),
        "most_on_shift_at_once": _peak(source),
        "gold_and_training_questions": _practice(source),
        "live_watching": stated(
            "People who watch live pictures",
            0,
            "people",
            "no page shows a live picture; tests/disclosure/test_templates.py fails if one can",
            "the program",
        ),
    }


def _practice(source: Source) -> Figure:
    """Gold is no look at a visit; how many there were is told when the month is told, not while it runs."""
    of = review.leases.c
    query = select(of.token).where(
        of.purpose.in_(("gold", "training")) & of.leased_ns.between(source.month.start_ns, source.month.end_ns - 1)
    )
    n = len(source.rows(review.leases, query=query))
    return counted(
        "Questions whose answer was known (gold), and training, all paid", n, "table review_leases", "questions"
    )


def _peak(source: Source) -> Figure:
    of = labour.intervals.c
    query = select(of.start_ns, of.end_ns).where(
        (of.end_ns > source.month.start_ns) & (of.start_ns < source.month.end_ns) & of.paid
    )
    rows = source.rows(labour.intervals, query=query)
    steps = [(row.start_ns, 1) for row in rows]
    steps += [(row.end_ns, -1) for row in rows]
    now = most = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return counted("Most people on paid time at once", most, "table labour_intervals, paid: overlapping", "people")


def latency(source: Source) -> dict[str, Any]:
    """From leaving the shop to the first receipt, and to the final one."""
    of, visit = checkout.receipts.c, checkout.visits.c
    query = select(of.visit, of.revision, of.final, of.published, of.issued_ns, visit.left_ns).join(checkout.visits)
    rows = source.rows(checkout.receipts, query=query.where(_entered(source)).order_by(of.visit, of.revision))
    first: dict[str, float] = {}
    final: dict[str, tuple[float, str]] = {}
    for row in rows:
        if row.left_ns is None:
            continue
        after = max(0.0, (row.issued_ns - row.left_ns) / 1e9)
        first.setdefault(row.visit, after)
        if row.final and row.visit not in final:
            final[row.visit] = after, str(orjson.loads(row.published)["decided_by"])
    make = partial(quantiles, unit="seconds", query="tables visits, receipts: issued_ns - left_ns, of visits that left")
    return {
        "first_receipt": make("Seconds from the exit to the first receipt", list(first.values())),
        "final_by_software": make(
            "Seconds from the exit to the final receipt, where software or time decided",
            [s for s, by in final.values() if by == "software"],
        ),
        "final_by_person": make(
            "Seconds from the exit to the final receipt, where a person decided",
            [s for s, by in final.values() if by == "person"],
        ),
    }


def accuracy(source: Source) -> dict[str, Any]:
    """What blind audits of receipts that software settled alone found, with an upper bound."""
    draw, resolution, visit = review.draws.c, review.resolutions.c, checkout.visits.c
    query = select(draw.visit, draw.probability, draw.drawn, draw.receipt_key).join(
        checkout.visits, visit.visit == draw.visit
    )
    rows = source.rows(review.draws, query=query.where(_entered(source)))
    answers = {
        row.question: row
        for row in source.rows(
            review.resolutions, query=select(review.resolutions).order_by(resolution.question, resolution.number)
        )
    }
    drawn = [row for row in rows if row.drawn]
    labels = []
    for row in drawn:
        last = answers.get(f"audit/{row.visit}")
        done = last is not None and last.how != "undone"
        labels.append(judge(row.receipt_key, last.key) if done and last is not None else WORST)
    wrong = sum(label.wrong for label in labels)
    text = (
        "tables review_draws, review_resolutions: drawn visits of this month, judged blind; not judged counts as wrong"
    )
    bound = upper(wrong, len(labels), 0.05) if labels else None
    least = min((row.probability for row in rows), default=None)
    return {
        "settled_alone_and_open_to_audit": counted(
            "Receipts that had a chance to be audited", len(rows), "table review_draws"
        ),
        "audited": counted("Of these, audited blind by two people apart", len(labels), text),
        "found_wrong": share("Of the audited, found wrong in any way", wrong, len(labels), text),
        "found_overcharged": share(
            "Of the audited, charged too much", sum(one.over for one in labels), len(labels), text
        ),
        "found_undercharged": share(
            "Of the audited, charged too little", sum(one.under for one in labels), len(labels), text
        ),
        "wrong_upper95": stated(
            "At most this share of what software settled alone was wrong, as far as auditors can tell",
            None if bound is None else round(bound, 6),
            "share",
            "one-sided Clopper and Pearson at 95 %; the draws of a month, taken as one stratum",
            text,
        ),
        "least_audit_probability": stated(
            "The lowest chance that any of them had", least, "probability", "committed to before", "table review_draws"
        ),
    }
