"""What is lent ahead of the question in hand: it is a lease, it is nobody's time, and it stands in nobody's way."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.review.desk import BODY, Desk
from walkout.review import tables
from walkout.review.case import LEASE_NS, SECOND_NS, ReviewError
from walkout.review.cases import human_work


def put(desk: Desk, many: int) -> None:
    for n in range(many):
        desk.put(f"q{n}", deadline_s=100 + n)


def test_one_is_lent_ahead_of_the_one_in_hand_and_asked_again_it_is_the_same(desk: Desk) -> None:
    put(desk, 3)
    assert desk.queues.ahead("ada") is None, "nothing is in hand"
    first = desk.token("ada")
    ahead = desk.queues.ahead("ada")
    assert ahead is not None
    assert (ahead.question, ahead.ahead) == ("q1", True)
    assert desk.queues.ahead("ada") == ahead
    assert [(lease.token, lease.ahead) for lease in desk.queues.held("ada")] == [(first, False), (ahead.token, True)]
    assert desk.queues.lease("ada") is None, "one in hand and one ahead, and no more"
    assert desk.queues.of_token(ahead.token, "ada") is not None, "it is theirs to be shown"
    assert desk.queues.of_token(ahead.token, "ben") is None
    assert desk.queues.take("ada") is None, "something is in hand"
    for refused in (lambda: desk.queues.submit(ahead.token, "a"), lambda: desk.queues.renew(ahead.token)):
        with pytest.raises(ReviewError, match="lent ahead"):
            refused()
    desk.queues.submit(first, "a")
    taken = desk.queues.take("ada")
    assert taken is not None
    assert (taken.token, taken.ahead) == (ahead.token, False)
    assert desk.queues.submit(ahead.token, "a").resolved


def test_whoever_is_free_may_have_it_when_there_is_nothing_else(desk: Desk) -> None:
    put(desk, 3)
    first = desk.token("ada")
    ahead = desk.queues.ahead("ada")
    assert ahead is not None
    bens = desk.queues.lease("ben")
    assert bens is not None
    assert bens.question == "q2", "first what nobody has"
    assert desk.queues.ahead("ben") is None, "nobody takes ahead what another has ahead"
    cys = desk.queues.lease("cy")
    assert cys is not None
    assert (cys.question, cys.ahead) == ("q1", False)
    assert desk.queues.of_token(ahead.token, "ada") is None
    desk.queues.submit(first, "a")
    assert desk.queues.take("ada") is None
    desk.queues.put_back(cys.token)
    again = desk.queues.lease("ada")
    assert again is not None
    assert again.question == "q1", "it was taken from them, they did not refuse it"
    with desk.engine.connect() as connection:
        ends = {row.token: row.how for row in connection.execute(select(tables.closings))}
    assert ends[ahead.token] == "returned"


def test_it_ends_as_any_lease_and_takes_nobodys_time(desk: Desk) -> None:
    put(desk, 2)
    first = desk.token("ada")
    ahead = desk.queues.ahead("ada")
    assert ahead is not None
    desk.on(200)
    desk.queues.renew(first)
    desk.on(LEASE_NS / SECOND_NS - 199)
    assert desk.queues.of_token(ahead.token, "ada") is None
    assert desk.queues.expire() == (), "the time ledger never heard of it"
    assert (human_work(desk.queues, ahead.visit).viewers, human_work(desk.queues, ahead.visit).seconds) == (1, 0.0)
    again = desk.queues.ahead("ada")
    assert again is not None
    assert again.question == ahead.question
    desk.on(50)
    desk.queues.submit(first, "a")
    desk.queues.take("ada")
    desk.on(7)
    desk.queues.submit(again.token, "a")
    assert human_work(desk.queues, ahead.visit).seconds == 7.0


def test_the_next_question_of_a_case_ahead_of_the_hand_hinders_no_undo(desk: Desk) -> None:
    row = {"case": "c", "visit": "v", "origin": "simulated", "revision": 0, "waiting": False}
    with desk.engine.begin() as connection:
        times = {"opened_ns": desk.now_ns, "deadline_ns": desk.now_ns + 10**12}
        connection.execute(tables.cases.insert().values(**row, **times, state="open"))
    deadline_ns = desk.now_ns + 10**12
    desk.queues.put("c/0", "v", "settle", BODY, deadline_ns=deadline_ns, case="c")
    token = desk.token("ada")
    desk.queues.submit(token, "a")
    desk.put("other", deadline_s=10)
    desk.token("ada")
    desk.on(1)
    desk.queues.put("c/1", "v", "settle", BODY, deadline_ns=deadline_ns, case="c")
    ahead = desk.queues.ahead("ada")
    assert ahead is not None
    assert ahead.question == "c/1"
    assert desk.queues.undo(token).question == "c/0"
    assert desk.queues.of_token(ahead.token, "ada") is None, "it is asked no more"
    assert [lease.question for lease in desk.queues.held("ada")] == ["c/0", "other"]


def test_taken_and_given_away_at_once_it_is_in_one_pair_of_hands(desk: Desk) -> None:
    for n in range(8):
        desk.put(f"first{n}")
        first = desk.token("ada")
        desk.put(f"next{n}")
        ahead = desk.queues.ahead("ada")
        assert ahead is not None
        desk.queues.submit(first, "a")
        with ThreadPoolExecutor(2) as pool:
            found = [
                done.result() for done in (pool.submit(desk.queues.take, "ada"), pool.submit(desk.queues.lease, "ben"))
            ]
        mine = [lease for lease in found if lease is not None]
        assert [lease.question for lease in mine] == [ahead.question], "one of them, and never both"
        assert desk.queues.submit(mine[0].token, "a").resolved
