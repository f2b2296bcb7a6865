"""Hours before and after a verdict: counted by hand, by person once, and told of five people or more."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from tests.disclosure.conftest import Month
from walkout.disclosure.adverse import WINDOW_NS, Around, Judged, around, hours_around_verdicts
from walkout.disclosure.figure import LEAST
from walkout.labour import tables as labour
from walkout.review import tables as review

HOUR, DAY = 3_600_000_000_000, 86_400_000_000_000
T = 100 * DAY
NOW = T + WINDOW_NS


def test_hours_are_cut_at_the_verdict_and_at_thirty_days() -> None:
    judged = [Judged("ada", T, adverse=True), Judged("ada", T + DAY, adverse=True), Judged("ben", T, adverse=False)]
    shifts = {
        "ada": [(T - 31 * DAY, T - 30 * DAY + HOUR), (T - HOUR, T + 2 * HOUR), (T + 30 * DAY - HOUR, T + 40 * DAY)],
        "ben": [(T - 3 * HOUR, T - HOUR), (T, T + HOUR)],
    }
    assert around(judged, shifts, NOW, adverse=True) == Around(1, 2 * HOUR, 3 * HOUR)
    assert around(judged, shifts, NOW, adverse=False) == Around(1, 2 * HOUR, HOUR)
    assert around(judged, shifts, NOW - 1, adverse=True) == Around(0, 0, 0), "the thirty days are not over"


def test_who_had_an_adverse_verdict_is_not_among_the_others() -> None:
    judged = [Judged("ada", T - DAY, adverse=False), Judged("ada", T, adverse=True)]
    assert around(judged, {}, NOW, adverse=False).people == 0
    assert around(judged, {}, NOW, adverse=True).people == 1


@given(st.lists(st.tuples(st.integers(0, 200 * 24), st.integers(1, 12)), max_size=20))
def test_all_hours_of_a_window_are_in_it_once(given_: list[tuple[int, int]]) -> None:
    """Against counting hour by hour."""
    shifts = [(start * HOUR, (start + length) * HOUR) for start, length in given_]
    found = around([Judged("a", T, adverse=True)], {"a": shifts}, NOW, adverse=True)
    hours = [at * HOUR for start, length in given_ for at in range(start, start + length)]
    assert found.before_ns == HOUR * sum(T - WINDOW_NS <= at < T for at in hours)
    assert found.after_ns == HOUR * sum(T <= at < T + WINDOW_NS for at in hours)


def test_the_report_counts_the_ledgers_and_hides_the_few(played: Month) -> None:
    source = replace(played.shop.source(), now_ns=played.shop.now_ns + 60 * DAY)
    found = hours_around_verdicts(source)
    answer, question, gold = review.answers.c, review.questions.c, review.gold.c
    with played.shop.engine.connect() as connection:
        rows = connection.execute(
            select(answer.worker, answer.key, gold.key.label("known"))
            .join(review.questions, question.question == answer.question)
            .join(review.gold, (gold.gold == question.gold) & (gold.revision == 1))
        ).all()
        sums = select(labour.intervals.c.worker, text("sum(end_ns - start_ns)")).group_by(labour.intervals.c.worker)
        shift_ns = {row[0]: row[1] for row in connection.execute(sums)}
    wrong = {row.worker for row in rows if row.key is not None and row.key != row.known}
    right = {row.worker for row in rows if row.key is not None} - wrong
    for name, people in (("adverse", wrong), ("agreed", right)):
        before, after = found[f"{name}_before"], found[f"{name}_after"]
        if len(people) < LEAST:
            assert (before.value, after.value, before.n) == (None, None, 0 if not people else None)
            continue
        assert before.n == after.n == len(people)
        assert isinstance(before.value, float)
        assert isinstance(after.value, float)
        hours = sum(float(shift_ns[worker]) for worker in people) / 3.6e12
        assert abs(before.value + after.value - hours) < 0.01, "the whole month lies within thirty days of it"
    assert wrong | right
    told = played.report["control"]["hours_around_verdicts"]
    assert {n: one.plain() for n, one in hours_around_verdicts(played.shop.source()).items()} == told
    early = hours_around_verdicts(replace(source, now_ns=source.month.start_ns + 20 * DAY))
    assert all(one.value is None for one in early.values()), "on the twentieth, nobody's thirty days are over"
