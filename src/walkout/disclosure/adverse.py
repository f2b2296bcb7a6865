"""Do people get fewer hours after they were found wrong? Hours on shift before and after a verdict, of all together.

Each person counts once: by the first adverse verdict of the month, or, who had none, by the first verdict that agreed
with them. The second group is there to compare with: a shop that closes for a fortnight takes hours from everybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select

from walkout.disclosure.figure import Figure, hidden
from walkout.disclosure.source import Source
from walkout.labour import tables as labour
from walkout.review import tables as review

WINDOW_NS = 30 * 24 * 3_600_000_000_000
QUERY = (
    "tables review_answers, review_gold (the item as it was when answered; undone answers and 'cannot tell' left out), "
    "labour_intervals: time on shift in the 30 days before and after each person's first adverse verdict of the "
    "month, or first one that agreed where none was adverse"
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a known question said of somebody's answer when it was given."""

    worker: str
    t_ns: int
    adverse: bool


@dataclass(frozen=True, slots=True)
class Around:
    """Of so many people, nanoseconds on shift before and after."""

    people: int
    before_ns: int
    after_ns: int


def around(
    judged: Iterable[Judged], shifts: Mapping[str, Sequence[tuple[int, int]]], now_ns: int, *, adverse: bool
) -> Around:
    """Sum over those whose 30 days after are over: with an adverse verdict, or (`adverse` false) with none."""
    first: dict[tuple[str, bool], int] = {}
    for one in judged:
        key = (one.worker, one.adverse)
        first[key] = min(one.t_ns, first.get(key, one.t_ns))
    anchors = {
        worker: t_ns
        for (worker, bad), t_ns in first.items()
        if bad == adverse and (adverse or (worker, True) not in first) and t_ns + WINDOW_NS <= now_ns
    }
    before = after = 0
    for worker, t_ns in anchors.items():
        for start, end in shifts.get(worker, ()):
            before += max(0, min(end, t_ns) - max(start, t_ns - WINDOW_NS))
            after += max(0, min(end, t_ns + WINDOW_NS) - max(start, t_ns))
    return Around(len(anchors), before, after)


def hours_around_verdicts(source: Source) -> dict[str, Figure]:
    """The report's four numbers; those about fewer than five people are left out."""
    judged = _judged(source)
    of = labour.intervals.c
    low, high = source.month.start_ns - WINDOW_NS, source.month.end_ns + WINDOW_NS
    query = select(of.worker, of.start_ns, of.end_ns).where((of.end_ns > low) & (of.start_ns < high))
    shifts: dict[str, list[tuple[int, int]]] = {}
    for row in source.rows(labour.intervals, query=query):
        shifts.setdefault(row.worker, []).append((row.start_ns, row.end_ns))
    made: dict[str, Figure] = {}
    for name, adverse in (("adverse", True), ("agreed", False)):
        found = around(judged, shifts, source.now_ns, adverse=adverse)
        whom = (
            "an adverse verdict on an answer" if adverse else "a verdict that agreed, of those who had no adverse one"
        )
        for when, ns in (("before", found.before_ns), ("after", found.after_ns)):
            made[f"{name}_{when}"] = _figure(f"Hours on shift in the 30 days {when} {whom}, in all", ns, found.people)
    return made


def _figure(words: str, ns: int, people: int) -> Figure:
    """This software offers nobody hours: whoever sits down is on shift, so what can be counted is what was worked."""
    if not people:
        method = "none: nobody had such a verdict 30 days ago or earlier"
        return Figure(words, None, "hours", 0, None, None, None, method, QUERY)
    method = (
        "summed, of the people whose 30 days after are over; software here offers no hours, people sit down or do not"
    )
    return hidden(Figure(words, round(ns / 3.6e12, 3), "hours", people, None, None, None, method, QUERY), people)


def _judged(source: Source) -> list[Judged]:
    answer, question, gold = review.answers.c, review.questions.c, review.gold.c
    later = review.gold.alias("later")
    newer = exists().where(
        (later.c.gold == gold.gold) & (later.c.revision > gold.revision) & (later.c.t_ns <= answer.t_ns)
    )
    gone = exists().where(review.undone.c.answer == answer.answer)
    query = (
        select(answer.worker, answer.t_ns, (answer.key != gold.key).label("adverse"))
        .join(review.questions, question.question == answer.question)
        .join(review.gold, gold.gold == question.gold)
        .where(answer.t_ns.between(source.month.start_ns, source.month.end_ns - 1))
        .where(answer.key.is_not(None) & gold.key.is_not(None) & (gold.t_ns <= answer.t_ns) & ~newer & ~gone)
    )
    rows = source.rows(review.gold, review.answers, query=query)
    return [Judged(row.worker, row.t_ns, bool(row.adverse)) for row in rows]
