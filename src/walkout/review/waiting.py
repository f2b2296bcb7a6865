"""What waits at the desk: how much in each queue, since when, and until when. Of questions, never of people."""

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from walkout.review import tables

OPERATOR_SEES = ("settle", "audit", "dispute", "adjudicate", "training", "annotate")
"""Gold is left out: it is no work that waits."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue."""

    purpose: str
    open: int
    """Answers that wait for somebody."""
    leased: int
    """Answers that are in somebody's hands."""
    oldest_ns: int
    due_ns: int
    """The nearest deadline."""
    overdue: int
    """Answers whose deadline is past."""


def waiting(engine: Engine, now_ns: int) -> tuple[Waiting, ...]:
    """The queues in which anything waits, by name."""
    asked, slot = tables.questions.c, tables.slots.c
    query = (
        select(asked.queue, slot.state, asked.opened_ns, asked.deadline_ns, func.count().label("many"))
        .join(tables.slots, slot.question == asked.question)
        .where((asked.state == "open") & (slot.state != "done") & asked.queue.in_(OPERATOR_SEES))
        .group_by(asked.queue, slot.state, asked.opened_ns, asked.deadline_ns)
    )
    with engine.execution_options(walkout_reads=True).begin() as connection:
        rows = connection.execute(query).all()
    found = []
    for purpose in sorted({row.queue for row in rows}):
        mine = [row for row in rows if row.queue == purpose]
        found.append(
            Waiting(
                purpose,
                sum(row.many for row in mine if row.state == "open"),
                sum(row.many for row in mine if row.state == "leased"),
                min(row.opened_ns for row in mine),
                min(row.deadline_ns for row in mine),
                sum(row.many for row in mine if row.deadline_ns <= now_ns),
            )
        )
    return tuple(found)
