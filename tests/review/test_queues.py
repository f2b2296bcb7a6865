"""Who is given what, for how long, and what answers come to."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from tests.review.desk import BODY, Desk
from walkout.review import tables
from walkout.review.case import LEASE_NS, SECOND_NS, LeaseLostError, ReviewError
from walkout.review.queues import Queues
from walkout.review.resolve import QUEUES, Given, Resolved, resolve
from walkout.review.storage import BRANCH


def test_migrations_build_what_the_code_says(desk: Desk) -> None:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or str(name) in tables.metadata.tables

    with desk.engine.connect() as connection:
        options = {"compare_type": True, "include_name": ours, "version_table": BRANCH.version_table}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []
        assert BRANCH.revision(connection) == BRANCH.head()


def test_the_nearest_deadline_comes_first_and_a_waiting_shopper_before_it(desk: Desk) -> None:
    desk.put("later", deadline_s=900)
    desk.put("sooner", deadline_s=300)
    desk.queues.put("waits", "v", "settle", BODY, deadline_ns=desk.now_ns + 10**15, waiting=True)
    got = []
    while lease := desk.queues.lease("ada"):
        got.append(lease.question)
        desk.queues.submit(lease.token, "a")
    assert got == ["waits", "sooner", "later"]


def test_only_what_was_accepted_is_given(desk: Desk) -> None:
    for queue in QUEUES:
        if queue != "gold":
            desk.put(f"q {queue}", queue)
    desk.purposes["ada"] = frozenset()
    assert desk.queues.lease("ada") is None
    desk.purposes["ada"] = frozenset({"annotate"})
    assert desk.queues.lease("ada") is None, "it has a screen of its own, and is asked for by name"
    lease = desk.queues.lease("ada", only=frozenset({"annotate"}))
    assert lease is not None
    assert lease.purpose == "annotate"
    assert desk.queues.lease("ada") is None
    desk.purposes["ada"] = frozenset({"annotate", "dispute"})
    assert desk.queues.lease("ada", only=frozenset({"annotate"})) is None
    second = desk.queues.lease("ada")
    assert second is not None
    assert second.purpose == "dispute"


def test_a_new_purpose_of_the_software_is_given_to_nobody_who_did_not_accept_it(desk: Desk) -> None:
    desk.put("new", "training")
    desk.purposes = {worker: frozenset({"settle", "audit"}) for worker in ("ada", "ben", "cy")}
    assert [desk.queues.lease(worker) for worker in ("ada", "ben", "cy")] == [None] * 3


def test_no_more_than_two_in_one_pair_of_hands(desk: Desk) -> None:
    for n in range(4):
        desk.put(f"q{n}")
    first, second = desk.queues.lease("ada"), desk.queues.lease("ada")
    assert first is not None
    assert second is not None
    assert first.question != second.question
    assert desk.queues.lease("ada") is None
    assert desk.queues.lease("ben") is not None


def test_a_lease_runs_out_and_its_work_goes_to_somebody_else(desk: Desk) -> None:
    desk.put("q")
    token = desk.token("ada")
    desk.on(299)
    assert desk.queues.lease("ben") is None
    assert desk.queues.renew(token) == desk.now_ns + LEASE_NS
    desk.on(299)
    assert desk.queues.lease("ben") is None
    desk.on(2)
    assert desk.queues.submit(desk.token("ben"), "b").key == "b"
    with pytest.raises(LeaseLostError, match="the time until now is paid"):
        desk.queues.submit(token, "a")
    with pytest.raises(LeaseLostError):
        desk.queues.renew(token)


def test_a_late_answer_counts_while_nobody_else_has_the_question(desk: Desk) -> None:
    desk.put("q")
    token = desk.token("ada")
    desk.on(4000)
    assert desk.queues.submit(token, "a").resolved


def test_a_clock_that_jumps_back_leaves_no_lease_with_the_dead(desk: Desk) -> None:
    desk.put("q")
    desk.token("ada")
    desk.on(-86_400)
    assert desk.queues.lease("ben") is not None


def test_expired_leases_are_told_and_their_holder_may_come_back(desk: Desk) -> None:
    desk.put("q")
    token = desk.token("ada")
    assert desk.queues.expire() == ()
    desk.on(301)
    assert desk.queues.expire() == (("ada", "q", token),)
    assert desk.queues.expire() == ()
    assert desk.queues.submit(desk.token("ada"), "a").resolved


def test_submitting_twice_does_nothing_and_differently_is_refused(desk: Desk) -> None:
    desk.put("q")
    token = desk.token("ada")
    first = desk.queues.submit(token, "a", "likely")
    desk.on(4000)
    assert desk.queues.submit(token, "a", "likely") == first
    with pytest.raises(ReviewError, match="right: undo the first one"):
        desk.queues.submit(token, "b", "likely")
    with pytest.raises(ReviewError, match="never given out"):
        desk.queues.submit("stolen", "a")


def test_a_skipped_question_goes_to_somebody_else_and_not_back(desk: Desk) -> None:
    desk.put("q")
    token = desk.token("ada")
    with pytest.raises(ReviewError, match="right: one of no reason, I know this person"):
        desk.queues.skip(token, "lazy")
    desk.queues.skip(token, "distressing")
    desk.queues.skip(token, "distressing")
    assert desk.queues.lease("ada") is None
    assert desk.queues.lease("ben") is not None


def test_what_is_put_back_may_come_again(desk: Desk) -> None:
    desk.put("q")
    desk.queues.put_back(desk.token("ada"))
    assert desk.queues.lease("ada") is not None


def test_two_blind_answers_that_agree_settle_it(desk: Desk) -> None:
    desk.put("q", "audit")
    one, two = desk.token("ada"), desk.token("ben")
    assert desk.queues.lease("cy") is None
    assert not desk.queues.submit(one, "a").resolved
    found = desk.queues.submit(two, "a")
    assert (found.resolved, found.key, found.third) == (True, "a", None)


def test_two_blind_answers_that_differ_go_to_a_third_person(desk: Desk) -> None:
    desk.put("q", "audit", visit="v")
    one, two = desk.token("ada"), desk.token("ben")
    desk.queues.submit(one, "a")
    found = desk.queues.submit(two, None)
    assert (found.resolved, found.third) == (False, "q/third")
    assert desk.queues.lease("ada") is None
    assert desk.queues.lease("ben") is None
    lease = desk.queues.lease("cy")
    assert lease is not None
    assert lease.purpose == "adjudicate"
    last = desk.queues.submit(lease.token, "b")
    assert (last.question, last.key, last.resolved) == ("q", "b", True)
    with desk.engine.connect() as connection:
        kept = connection.execute(select(tables.answers.c.worker, tables.answers.c.key)).all()
    assert sorted(tuple(row) for row in kept if row.worker != "ben") == [("ada", "a"), ("cy", "b")]
    assert len(kept) == 3  # nothing was overwritten


def test_a_dispute_never_goes_to_somebody_who_looked_at_that_visit(desk: Desk) -> None:
    desk.put("q", visit="v")
    desk.queues.submit(desk.token("ada"), "a")
    desk.put("looked", visit="v")
    desk.queues.skip(desk.token("ben"))
    desk.queues.submit(desk.token("ada"), "a")
    desk.put("wrong", "dispute", visit="v")
    assert desk.queues.lease("ada") is None
    assert desk.queues.lease("ben") is None
    lease = desk.queues.lease("cy")
    assert lease is not None
    assert lease.question == "wrong"


def test_an_answer_can_be_taken_back_for_a_minute(desk: Desk) -> None:
    desk.put("q")
    token = desk.token("ada")
    desk.queues.submit(token, "a")
    desk.on(60)
    again = desk.queues.undo(token)
    assert again.question == "q"
    with pytest.raises(ReviewError, match="no answer to take back"):
        desk.queues.undo(token)
    found = desk.queues.submit(again.token, "b")
    assert (found.resolved, found.key) == (True, "b")
    desk.on(61)
    with pytest.raises(ReviewError, match="older than 60 s"):
        desk.queues.undo(again.token)
    with desk.engine.connect() as connection:
        rows = connection.execute(select(tables.answers).order_by(tables.answers.c.t_ns)).all()
        how = connection.execute(select(tables.resolutions.c.how).order_by(tables.resolutions.c.number)).scalars().all()
    assert [(row.key, row.supersedes) for row in rows] == [("a", None), ("b", f"{token}/a")]
    assert list(how) == ["answered", "undone", "answered"]


def test_what_a_third_person_decides_is_not_taken_back(desk: Desk) -> None:
    desk.put("q", "audit")
    one, two = desk.token("ada"), desk.token("ben")
    desk.queues.submit(one, "a")
    desk.queues.submit(two, "b")
    with pytest.raises(ReviewError, match="others already decide it"):
        desk.queues.undo(two)


def test_what_was_written_stays(desk: Desk) -> None:
    desk.put("q")
    desk.queues.submit(desk.token("ada"), "a")
    with desk.engine.begin() as connection:
        connection.execute(insert(tables.commitments).values(month="2026-11", commitment="c", t_ns=1))
    for name in ("review_answers", "review_leases", "review_closings", "review_resolutions", "review_commitments"):
        assert name in tables.KEPT
        table = tables.metadata.tables[name]
        first = next(iter(table.c))
        for change in (update(table).values({first: first}), delete(table)):
            with pytest.raises(DBAPIError, match=f"{name} is only ever added to"), desk.engine.begin() as connection:
                connection.execute(change)


def test_strangers_are_refused(desk: Desk) -> None:
    with pytest.raises(ReviewError, match="right: somebody who is registered"):
        desk.queues.lease("nobody")


def test_overlap_can_be_set_for_each_queue(desk: Desk) -> None:
    queues = Queues(desk.engine, lambda _: frozenset(QUEUES), lambda: desk.now_ns, overlap={"settle": 2})
    queues.put("q", "v", "settle", BODY, deadline_ns=desk.now_ns + SECOND_NS)
    one = queues.lease("ada", only=frozenset({"settle"}))
    two = queues.lease("ben", only=frozenset({"settle"}))
    assert one is not None
    assert two is not None
    queues.submit(one.token, "a")
    assert queues.submit(two.token, "a").resolved


@pytest.mark.parametrize(
    ("wanted", "keys", "found"),
    [
        (1, ["a"], Resolved("a", "answered")),
        (1, [None], Resolved(None, "answered")),
        (2, ["a"], "more"),
        (2, ["a", "a"], Resolved("a", "agreed")),
        (2, ["a", None], "third"),
        (3, ["a", "a", "b"], "third"),
    ],
)
def test_what_answers_come_to(wanted: int, keys: list[str | None], found: object) -> None:
    assert resolve(wanted, [Given(f"w{n}", key) for n, key in enumerate(keys)]) == found
