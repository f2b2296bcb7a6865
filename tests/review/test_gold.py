"""Gold in the stream, what it says of whom, appeals, and cases of receipts."""

from dataclasses import replace

import orjson
import pytest

from tests.checkout.money import line, receipt
from tests.review.desk import BODY, START_NS, Desk
from walkout.checkout.receipt import Asked, Receipt
from walkout.review import tables
from walkout.review.appeals import DAYS_NS, appeal, appeals, overdue, rule
from walkout.review.case import ReviewError
from walkout.review.cases import case_of, go_on, human_work, lapse, open_case
from walkout.review.figures import figures
from walkout.review.gold import correct_gold, put_gold
from walkout.review.own_data import NOTICE, own_data
from walkout.review.queues import Queues
from walkout.review.resolve import QUEUES

ASKED = Asked("e1", 1, 2, "what", "Which product was it?", (("a", "An oat bar", 0.6), ("b", "A rye bar", 0.4)), 0.3)


def golden(desk: Desk, rate: float = 1.0, count: int = 6) -> Queues:
    for n in range(count):
        put_gold(desk.engine, f"g{n}", BODY, "a", software_was_wrong=n % 2 == 0, author="dee", t_ns=START_NS)
    return Queues(
        desk.engine,
        lambda worker: desk.purposes.get(worker, frozenset(QUEUES)),
        lambda: desk.now_ns,
        seed=b"seed",
        gold_rates=(rate, rate),
    )


def answered(queues: Queues, worker: str, key: str | None) -> str:
    lease = queues.lease(worker)
    assert lease is not None
    return queues.submit(lease.token, key).answer


def test_gold_looks_like_any_other_question_and_comes_once(desk: Desk) -> None:
    queues = golden(desk)
    had = []
    while lease := queues.lease("ada"):
        assert (lease.purpose, lease.shown_as) == ("gold", "settle")
        assert lease.body == BODY
        had.append(lease.visit)
        queues.submit(lease.token, "a")
    assert sorted(had) == [f"gold/g{n}" for n in range(6)]
    wrong = [int(visit[-1]) % 2 == 0 for visit in had]
    assert wrong == [False, True] * 3  # half of it, in turn


def test_gold_needs_acceptance_too(desk: Desk) -> None:
    queues = golden(desk)
    desk.purposes["ada"] = frozenset({"settle"})
    assert queues.lease("ada") is None


def test_gold_comes_at_its_rate(small_desk: Desk) -> None:
    queues = golden(small_desk, 0.1, count=60)
    purposes = []
    for n in range(80):
        small_desk.put(f"q{n}")
        lease = queues.lease("ada")
        assert lease is not None
        purposes.append(lease.purpose)
        queues.submit(lease.token, "a")
    assert 1 <= purposes.count("gold") <= 16  # 0.1 of 80, within 3 standard deviations


def test_an_upheld_appeal_corrects_the_item_and_everybodys_figures(desk: Desk) -> None:
    queues = golden(desk, count=1)
    mine = answered(queues, "ada", "b")
    answered(queues, "ben", "a")
    answered(queues, "cy", None)
    before = [figures(desk.engine, who) for who in ("ada", "ben", "cy")]
    assert [(f.right, f.of, f.cannot_tell) for f in before] == [(0, 1, 0), (1, 1, 0), (0, 0, 1)]
    name = appeal(desk.engine, "ada", mine, "The label says rye.", desk.now_ns)
    pending = figures(desk.engine, "ada")
    assert (pending.of, pending.under_appeal) == (0, 1)  # it does not count until it is decided
    rule(desk.engine, name, "eve", upheld=True, reason="The picture shows rye.", t_ns=desk.now_ns, key="b")
    after = [figures(desk.engine, who) for who in ("ada", "ben", "cy")]
    assert [(f.right, f.of) for f in after] == [(1, 1), (0, 1), (0, 0)]
    assert [one.upheld for one in appeals(desk.engine, "ada")] == [True]


def test_an_appeal_is_decided_by_another_person_in_writing(desk: Desk) -> None:
    queues = golden(desk, count=1)
    mine = answered(queues, "ada", "b")
    with pytest.raises(ReviewError, match="right: an own answer"):
        appeal(desk.engine, "ben", mine, "no", desk.now_ns)
    name = appeal(desk.engine, "ada", mine, "no", desk.now_ns)
    with pytest.raises(ReviewError, match="second appeal"):
        appeal(desk.engine, "ada", mine, "no", desk.now_ns)
    for by, reason, words in (
        ("ada", "because", "neither who appealed nor who wrote"),
        ("dee", "because", "neither who appealed nor who wrote"),
        ("", "because", "found nobody deciding"),
        ("eve", "", "right: one in writing"),
    ):
        with pytest.raises(ReviewError, match=words):
            rule(desk.engine, name, by, upheld=False, reason=reason, t_ns=desk.now_ns)
    assert overdue(desk.engine, desk.now_ns + DAYS_NS) == ()
    assert overdue(desk.engine, desk.now_ns + DAYS_NS + 1) == (name,)
    rule(desk.engine, name, "eve", upheld=False, reason="The picture shows oats.", t_ns=desk.now_ns)
    assert overdue(desk.engine, desk.now_ns + DAYS_NS + 1) == ()
    assert (figures(desk.engine, "ada").right, figures(desk.engine, "ada").of) == (0, 1)
    with pytest.raises(ReviewError, match="was made"):
        rule(desk.engine, name, "eve", upheld=True, reason="or not", t_ns=desk.now_ns)


def test_an_item_taken_out_is_scored_for_nobody_and_given_to_nobody(desk: Desk) -> None:
    queues = golden(desk, count=1)
    answered(queues, "ada", "b")
    with desk.engine.begin() as connection:
        assert correct_gold(connection, "g0", None, "eve", "too dark to tell", desk.now_ns) == 2
    assert figures(desk.engine, "ada").of == 0
    assert queues.lease("ben") is None
    with pytest.raises(ReviewError, match="right: both"), desk.engine.begin() as connection:
        correct_gold(connection, "g0", "a", "eve", "", desk.now_ns)


def asks(visit: str = "v1") -> Receipt:
    made = receipt(visit, 0, line("2.50"))
    return replace(made, status="asks", questions=(ASKED,))


def test_a_receipt_that_may_not_settle_becomes_a_case_with_one_question(desk: Desk) -> None:
    case = open_case(desk.queues, asks(), deadline_ns=desk.now_ns + 10**12)
    assert open_case(desk.queues, asks(), deadline_ns=desk.now_ns + 10**12) == case
    answered(desk.queues, "ada", "a")
    assert case_of(desk.queues, case).resolved == ((f"{case}/0", "a"),)
    assert go_on(desk.queues, case, asks()) == "open"
    assert go_on(desk.queues, case, asks()) == "open"
    desk.on(20)
    answered(desk.queues, "ben", None)
    assert desk.queues.lease("cy") is None  # one question at a time, and no copies
    settled = receipt("v1", 1, line("2.50"))
    assert go_on(desk.queues, case, settled) == "settled"
    assert case_of(desk.queues, case).resolved == ((f"{case}/0", "a"), (f"{case}/1", None))
    work = human_work(desk.queues, "v1")
    assert (work.viewers, work.clips, work.purposes) == (2, 2, ("settle",))
    assert human_work(desk.queues, "nobody's").viewers == 0


def test_when_time_is_up_only_what_is_shown_is_paid(desk: Desk) -> None:
    case = open_case(desk.queues, asks(), deadline_ns=desk.now_ns + 10**10)
    token = desk.token("ada")
    assert lapse(desk.queues) == ()
    desk.on(11)
    assert lapse(desk.queues) == (case,)
    assert case_of(desk.queues, case).state == "shown_only"
    with pytest.raises(ReviewError, match="a question that is closed"):
        desk.queues.submit(token, "a")
    assert desk.queues.lease("ben") is None
    assert go_on(desk.queues, case, receipt("v1", 1)) == "shown_only"


def test_a_settled_receipt_is_no_case(desk: Desk) -> None:
    with pytest.raises(ReviewError, match="right: one with an open question"):
        open_case(desk.queues, receipt("v1", 0), deadline_ns=1)


def test_without_a_question_that_would_help_a_case_ends(desk: Desk) -> None:
    case = open_case(desk.queues, asks(), deadline_ns=desk.now_ns + 10**12)
    answered(desk.queues, "ada", "a")
    assert go_on(desk.queues, case, replace(asks(), questions=())) == "shown_only"


def test_nothing_in_these_tables_watches_or_ranks_anybody() -> None:
    from tests.labour.rules import watched

    assert watched(tables.metadata) == []


def test_own_data_holds_every_row_about_a_person_and_nobody_elses(desk: Desk) -> None:
    queues = golden(desk, count=1)
    answered(queues, "ada", "b")
    answered(queues, "ben", "a")
    data = own_data(desk.engine, "ada")
    about = {table.name for table in tables.metadata.sorted_tables if "worker" in table.c}
    assert set(data["tables"]) == {one.table for one in NOTICE} == about
    assert all(row["worker"] == "ada" for rows in data["tables"].values() for row in rows)
    assert [row["key"] for row in data["tables"]["review_answers"]] == ["b"]
    assert (data["gold"]["right"], data["gold"]["of"]) == (0, 1)
    assert orjson.loads(orjson.dumps(data)) == data
