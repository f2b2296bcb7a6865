"""The review desk of a running shop: from a receipt that asks to a final one, whatever dies in between."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.live.desk_shop import HOUR, OAT, SECOND, STORE, TEA, Shop, desk_shop, doubted, sure
from walkout.checkout.receipt import to_published
from walkout.evaluation.certificate import from_json
from walkout.inference.belief import Basket
from walkout.inference.doubt import Answer, Doubt
from walkout.live.desk import HELD, TAKEN_BACK
from walkout.live.disputes import Disputes
from walkout.live.shadow import own_certificate, planned
from walkout.review import tables
from walkout.review.audit import Label
from walkout.review.case import Lease, LeaseLostError, ReviewError
from walkout.review.guard import Labelled, Levels

JAM = list(STORE.products)[2]
"""A product that no belief here speaks of."""


def counts(shop: Shop, visit: str) -> dict[str, int]:
    last = shop.till.cashier.last(visit)
    assert last is not None
    return {line.gtin: line.quantity for line in last.receipt.lines}


def states(shop: Shop) -> dict[str, str]:
    with shop.till.database.connect() as connection:
        return {row.case: row.state for row in connection.execute(select(tables.cases))}


def test_an_answer_goes_into_the_same_inference_and_settles_the_receipt(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        lease = shop.lease("ada")
        assert (lease.purpose, lease.body.kind, [k for k, _ in lease.body.candidates]) == (
            "settle",
            "count",
            ["1", "2"],
        )
        shop.on(20)
        shop.till.reviewing.submit("ada", lease.token, "2", "sure")
        issued = shop.till.cashier.last("v1")
        assert issued is not None
        assert (issued.final, issued.receipt.status, counts(shop, "v1")) == (False, "settled", {TEA: 2})
        assert issued.reason.startswith(HELD), "it is shown at once; for a minute the answer can be taken back"
        shop.work(30)
        assert shop.till.cashier.last("v1") == issued
        assert shop.till.ledger.payment("v1").total is None, "and nothing is charged before"
        shop.work(31)
        issued = shop.till.cashier.last("v1")
        assert issued is not None
        assert issued.final
        assert counts(shop, "v1") == {TEA: 2}
        receipt = issued.receipt
        assert (receipt.decided_by, receipt.status, receipt.payable) == ("person", "settled", receipt.total)
        assert (receipt.human.viewers, receipt.human.seconds, receipt.human.clips) == (1, 20.0, 0)
        assert receipt.human.purposes == ("settle",)
        assert to_published(receipt)["questions"] == []
        assert states(shop) == {"case/v1": "settled"}
        shop.work(61)
        assert [one.final for one in shop.till.ledger.receipts("v1")] == [False, False, True]


def test_what_nobody_answers_in_time_is_paid_as_far_as_it_is_shown(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        token = shop.lease("ada").token
        shop.work(4 * HOUR + 1)
        last = shop.till.cashier.last("v1")
        assert last is not None
        assert last.final
        assert "nobody answered" in last.reason
        assert counts(shop, "v1") == {}
        assert states(shop) == {"case/v1": "shown_only"}
        with pytest.raises(LeaseLostError):
            shop.till.reviewing.submit("ada", token, "1", "sure")


def test_who_cannot_tell_ends_a_case_that_no_other_question_helps(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        shop.answer("ada", None)
        shop.work(61)
        last = shop.till.cashier.last("v1")
        assert last is not None
        assert last.final
        assert last.receipt.human.viewers == 1, "they looked, whatever came of it"
        assert counts(shop, "v1") == {}


def test_an_answer_taken_back_counts_no_more_and_the_next_one_does(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        token = shop.answer("ada", "2")
        shop.on(30)
        again = shop.till.reviewing.undo("ada", token)
        assert shop.till.cashier.last("v1").reason == TAKEN_BACK  # type: ignore[union-attr] # it is there
        assert shop.till.cashier.last("v1").receipt.status == "asks"  # type: ignore[union-attr]
        shop.work(40)
        assert not shop.till.cashier.last("v1").final  # type: ignore[union-attr] # it is there
        shop.till.reviewing.submit("ada", again.token, "1", "likely")
        shop.work(61)
        assert counts(shop, "v1") == {TEA: 1}
        with pytest.raises(ReviewError, match="60 s"):
            shop.till.reviewing.undo("ada", again.token)
        assert shop.till.books.ledger.verify("ada") == ()


@pytest.mark.parametrize("at", ["asked", "leased", "answered", "settled"])
def test_a_kill_at_any_step_costs_nothing(tmp_path: Path, at: str) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()

        def killed(step: str) -> None:
            if step == at:  # nothing is closed: the next life has the files as they are
                shop.open()
                shop.visit(doubted("v1"))  # the journal's tail says it again

        shop.visit(doubted("v1"))
        killed("asked")
        lease = shop.lease("ada")
        killed("leased")
        assert shop.lease("ada").token == lease.token, "it is in the same hands"
        shop.till.queues.submit(lease.token, "2")  # the program dies before it does what follows from it
        killed("answered")
        shop.work(61)
        killed("settled")
        shop.work(61)
        issued = shop.till.ledger.receipts("v1")
        assert [one.final for one in issued] == [False] * (len(issued) - 1) + [True]
        assert len(issued) <= 3
        assert counts(shop, "v1") == {TEA: 2}
        assert states(shop) == {"case/v1": "settled"}
        shop.open()
        told = [entry.event.kind for entry in shop.till.books.ledger.entries("ada")]
        assert (told.count("leased"), told.count("submitted")) == (1, 1)
        assert shop.till.books.ledger.verify("ada") == ()
        assert shop.till.cashier.conflicts == 0


def test_audits_are_drawn_by_a_seed_committed_before_and_give_back_what_was_not_taken(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.till.desk.watch.share = 1.0
        shop.visit(sure("v1"))
        assert shop.till.cashier.last("v1").final  # type: ignore[union-attr] # software settled it
        shop.work()
        first, second = shop.lease("ada"), shop.lease("ben")
        assert {first.purpose, second.purpose} == {"audit"}
        assert first.body.candidates == (), "nothing of the software's answer"
        assert shop.till.reviewing.lease("cy") is None
        shop.till.reviewing.submit("ada", first.token, f"{OAT}*1", "sure")
        shop.till.reviewing.submit("ben", second.token, "", "sure")
        third = shop.lease("cy")
        assert (third.purpose, third.body.candidates) == ("adjudicate", ()), "nothing of what the two said"
        shop.till.reviewing.submit("cy", third.token, f"{OAT}*1", "sure")
        shop.work(65)
        last = shop.till.cashier.last("v1")
        assert last is not None
        assert (last.revision, last.receipt.lines, last.receipt.human.viewers) == (1, (), 3)
        assert shop.till.desk.watch.guard.over.bad == 1
        shop.work(65)
        assert len(shop.till.ledger.receipts("v1")) == 2


def test_an_alarm_makes_the_shop_ask_about_everything_and_a_restart_keeps_it_so(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        watch = shop.till.desk.watch
        assert str(watch.state) == "alone"
        n = 0
        while str(watch.state) == "alone":
            watch.told(Labelled(Label(wrong=True, over=True, under=False), shop.now_ns), f"w{n}")
            n += 1
        assert n < 20
        shop.work()
        shop.visit(sure("v1"))
        assert not shop.till.cashier.last("v1").final  # type: ignore[union-attr] # nothing settles alone any more
        again = shop.open()
        assert again.desk.watch.state == "asks_all"
        assert again.cashier.settling.settle_at is None
        shop.work()  # no question would help, so what is shown is what is paid
        assert counts(shop, "v1") == {TEA: 1}


def test_in_shadow_every_visit_is_asked_blindly_and_two_people_decide_it(tmp_path: Path) -> None:
    with desk_shop(tmp_path, shadow=True) as shop:
        shop.team()
        assert shop.till.desk.watch.state == "shadow"
        shop.visit(sure("v1"))
        shop.work()
        for who in ("ada", "ben"):
            lease = shop.lease(who)
            assert (lease.purpose, lease.body.kind, lease.body.candidates) == ("audit", "basket", ())
            shop.till.reviewing.submit(who, lease.token, f"{OAT}*2", "sure")
        shop.work(61)
        last = shop.till.cashier.last("v1")
        assert last is not None
        assert last.final
        assert counts(shop, "v1") == {OAT: 2}
        assert (last.receipt.decided_by, last.receipt.human.viewers) == ("person", 2)


def test_a_shadow_ends_in_a_certificate_of_its_own_labels_and_a_restart_keeps_it(tmp_path: Path) -> None:
    levels = Levels(wrong=0.4, over=0.4)  # so that few labels do
    wanted = planned(levels)
    assert planned(Levels()) > 1_000
    with desk_shop(tmp_path, shadow=True) as shop:
        shop.team()
        shop.till.desk.watch.levels = levels
        for n in range(wanted):
            assert not (tmp_path / "shop" / "certificate.json").exists()
            shop.visit(sure(f"v{n}"))
            for who in ("ada", "ben"):
                shop.answer(who, f"{TEA}*1")
            shop.work(61)
        shop.work(130)
        watch = shop.till.desk.watch
        assert (watch.state, watch.guard.state) == ("alone", "alone"), watch.why
        shop.visit(sure("w1"))
        assert shop.till.cashier.last("w1").final  # type: ignore[union-attr] # software settled it
        again = shop.open()
        assert again.desk.watch.state == "alone"
        made = from_json((tmp_path / "shop" / "certificate.json").read_bytes())
        assert (made.id, made.origin) == (again.cashier.settling.certificate, "simulated")
        of_a_real_shop = own_certificate(tmp_path / "shop", again.cashier.settling, "real")
        assert of_a_real_shop is None, "simulated labels certify no real shop"


def test_labels_that_are_too_often_wrong_certify_nothing(tmp_path: Path) -> None:
    levels = Levels(wrong=0.4, over=0.4)
    with desk_shop(tmp_path, shadow=True) as shop:
        shop.team()
        shop.till.desk.watch.levels = levels
        for n in range(planned(levels)):
            shop.visit(sure(f"v{n}"))
            for who in ("ada", "ben"):
                shop.answer(who, f"{TEA}*1" if n % 2 else None)
            shop.work(61)
        shop.work(130)
        assert len(shop.till.shadow.labels()) == planned(levels)
        assert shop.till.desk.watch.state == "shadow"


def test_a_dispute_goes_to_somebody_who_never_looked(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        shop.answer("ada", "2")
        shop.work(61)
        before = shop.till.cashier.last("v1")
        assert before is not None
        case = Disputes(shop.till).open("v1", "wrong", "I took one", shop.now_ns, TEA, 1)
        assert case.state == "open"
        shop.work()
        assert shop.till.reviewing.lease("ada") is None
        lease = shop.lease("ben")
        assert (lease.purpose, lease.body.kind) == ("dispute", "dispute")
        assert "I took one" not in lease.body.words
        shop.till.reviewing.submit("ben", lease.token, "upheld", "sure")
        shop.work(61)
        last = shop.till.cashier.last("v1")
        assert last is not None
        assert counts(shop, "v1") == {TEA: 1}
        assert last.total == before.total / 2
        assert set(last.receipt.human.purposes) == {"dispute", "settle"}
        closed = Disputes(shop.till).case(case.id)
        assert closed is not None
        assert (closed.outcome, closed.closed_by) == ("upheld", "ben")


def test_time_at_the_desk_is_paid_from_lease_to_answer_and_waiting_too(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.on(50)
        assert shop.till.reviewing.lease("ada") is None
        shop.visit(doubted("v1"))
        lease = shop.lease("ada")
        shop.on(25)
        assert shop.till.reviewing.renew("ada", lease.token) == shop.now_ns + 300 * SECOND
        shop.till.reviewing.skip("ada", lease.token, "no reason")
        shop.till.reviewing.shift("ada", "break_started", "rest")
        assert shop.till.reviewing.lease("ada") is None, "a break is a break"
        shop.on(300)
        shop.till.reviewing.shift("ada", "break_ended")
        shop.till.reviewing.shift("ada", "shift_ended")
        found = [(i.kind, i.length_ns // SECOND, i.paid) for i in shop.till.books.ledger.intervals("ada")]
        assert found == [("waiting_paid", 50, True), ("active", 25, True), ("break_paid", 300, True)]
        assert shop.lease("ben").question == lease.question, "what one skips, another one gets"


def test_a_lease_of_the_dead_ends_and_its_time_is_paid(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        lease = shop.lease("ada")
        shop.work(301)
        assert shop.till.queues.of_token(lease.token, "ada") is None
        assert shop.lease("ben").question == lease.question
        events = [entry.event.kind for entry in shop.till.books.ledger.entries("ada")]
        assert events[-1] == "expired" or "expired" in events


def test_only_what_somebody_accepted_is_given_to_them(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team("audit")
        shop.visit(doubted("v1"))
        assert shop.till.reviewing.lease("ada") is None
        shop.till.reviewing.accept("ada", "settle")
        assert shop.lease("ada").purpose == "settle"


@pytest.mark.parametrize("end", ["shift_ended", "break_started"])
def test_what_is_lent_ahead_is_nobodys_time_and_goes_back_with_the_shift_or_a_break(tmp_path: Path, end: str) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        for n in range(3):
            shop.visit(doubted(f"v{n}"))
        assert shop.till.reviewing.ahead("ada") is None, "nothing is in hand"
        first = shop.lease("ada")
        ahead = shop.till.reviewing.ahead("ada")
        assert ahead is not None
        assert shop.lease("ada").token == first.token
        with pytest.raises(ReviewError, match="ahead"):
            shop.till.reviewing.skip("ada", ahead.token, "no reason")
        shop.on(30)
        shop.till.reviewing.submit("ada", first.token, "1", "sure")
        shop.on(5)
        assert shop.lease("ada").token == ahead.token
        third = shop.till.reviewing.ahead("ada")
        assert third is not None
        shop.on(10)
        shop.open()  # a kill: the time ledger is told of no lease that was only ahead
        told = [(e.event.kind, e.event.unit) for e in shop.till.books.ledger.entries("ada") if e.event.unit]
        assert told == [("leased", first.question), ("submitted", first.question), ("leased", ahead.question)]
        shop.till.reviewing.shift("ada", end, "rest" if end == "break_started" else "")
        assert shop.till.queues.held("ada") == ()
        assert shop.till.reviewing.ahead("ada") is None
        assert shop.lease("ben").question == ahead.question, "all of it went back"
        assert shop.lease("cy").question == third.question
        found = [(i.kind, i.unit, i.length_ns // SECOND) for i in shop.till.books.ledger.intervals("ada")]
        assert found[:2] == [("active", first.question, 30), ("waiting_paid", "", 5)]
        assert shop.till.books.ledger.verify("ada") == ()


def test_taking_back_an_answer_leaves_two_in_hand_and_none_ahead_of_them(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        for n in range(3):
            shop.visit(doubted(f"v{n}"))
        first = shop.lease("ada")
        shop.till.reviewing.submit("ada", first.token, "1", "sure")
        second = shop.lease("ada")
        third = shop.till.reviewing.ahead("ada")
        assert third is not None
        back = shop.till.reviewing.undo("ada", first.token)
        assert [one.question for one in shop.till.queues.held("ada")] == [first.question, second.question]
        assert shop.lease("ada").token == back.token, "what was taken back is in hand; a page loaded anew shows it"
        shop.till.reviewing.submit("ada", back.token, "2", "sure")
        assert shop.lease("ada").token == second.token


def wanting(shop: Shop, mass_g: float | None, visit: str = "v1") -> Lease:
    """A question of what, at a happening of which the plate says so much; and the lease of ada, who got it."""
    belief = doubted(visit)
    answers = (Answer((("a", TEA, 1),), "took a tea"), Answer((("a", OAT, 1),), "took an oat bar"))
    baskets = (Basket(((TEA, 1),), 0.5), Basket(((OAT, 1),), 0.495))
    what = Doubt("e1", 1, 2, "snacks", 1, answers, ((0.5, 0.0), (0.0, 0.495), (0.003, 0.002)))
    shop.visit(replace(belief, baskets=baskets, doubts=(what,), p_exact=0.5))
    event = {"id": "e1", "mass_g": mass_g}
    shop.till.evidence.delete_due(shop.now_ns * 2)
    shop.till.evidence.keep(visit, {"events": [event], "curves": [], "reaches": [], "baskets": []}, shop.now_ns)
    lease = shop.lease("ada")
    assert lease.body.kind == "what"
    return lease


def mass(gtin: str) -> float:
    return STORE.products[gtin].masses[0].mass_g


def test_a_product_that_was_no_candidate_settles_the_receipt_as_far_as_the_scale_bears_it_out(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        lease = wanting(shop, -2 * mass(JAM))
        shop.till.reviewing.submit("ada", lease.token, JAM, "sure")
        shop.work(61)
        last = shop.till.cashier.last("v1")
        assert last is not None
        assert (last.final, last.receipt.decided_by) == (True, "person")
        assert counts(shop, "v1") == {JAM: 2}, "how many, the mass says"
        assert last.total == 2 * STORE.products[JAM].price
        assert states(shop) == {"case/v1": "settled"}


@pytest.mark.parametrize("second", ["the same", "a candidate", "cannot tell"])
@pytest.mark.parametrize("mass_g", [-3.0, None])
def test_what_the_scale_does_not_bear_out_goes_to_one_more_person(
    tmp_path: Path, mass_g: float | None, second: str
) -> None:
    key = {"the same": JAM, "a candidate": OAT, "cannot tell": None}[second]
    with desk_shop(tmp_path) as shop:
        shop.team()
        lease = wanting(shop, mass_g)
        shop.till.reviewing.submit("ada", lease.token, JAM, "sure")
        shop.work()
        assert shop.till.reviewing.lease("ben") is None, "it can be taken back still"
        shop.work(61)
        assert not shop.till.cashier.last("v1").final  # type: ignore[union-attr] # it is there
        assert shop.till.reviewing.lease("ada") is None, "never the same person"
        third = shop.lease("ben")
        assert (third.purpose, [k for k, _ in third.body.candidates]) == ("adjudicate", sorted((TEA, OAT)))
        shop.till.reviewing.submit("ben", third.token, key, "sure")
        shop.work(61)
        last = shop.till.cashier.last("v1")
        assert last is not None
        assert last.final
        assert counts(shop, "v1") == {"the same": {JAM: 1}, "a candidate": {OAT: 1}, "cannot tell": {}}[second]


def test_who_decided_after_another_may_take_it_back_too(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        lease = wanting(shop, None)
        shop.till.reviewing.submit("ada", lease.token, JAM, "sure")
        shop.work(61)
        third = shop.lease("ben")
        shop.till.reviewing.submit("ben", third.token, OAT, "sure")
        assert counts(shop, "v1") == {OAT: 1}
        again = shop.till.reviewing.undo("ben", third.token)
        shop.work(62)
        assert not shop.till.cashier.last("v1").final  # type: ignore[union-attr] # it is there
        shop.till.reviewing.submit("ben", again.token, TEA, "sure")
        shop.work(61)
        assert shop.till.cashier.last("v1").final  # type: ignore[union-attr] # it is there
        assert counts(shop, "v1") == {TEA: 1}


MOVES = st.lists(
    st.tuples(st.sampled_from(["1", "2", None, "undo", "wait"]), st.sampled_from([1, 20, 59, 61])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOVES)
def test_whatever_is_answered_and_taken_back_nothing_final_ever_becomes_more(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str | None, int]]
) -> None:
    with desk_shop(tmp_path_factory.mktemp("undo")) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        token = ""
        for what, seconds in moves:
            with suppress(ReviewError):
                if what == "undo" and token:
                    shop.till.reviewing.undo("ada", token)
                elif what not in ("undo", "wait"):
                    lease = shop.till.reviewing.lease("ada")
                    if lease is not None:
                        token = lease.token
                        shop.till.reviewing.submit("ada", token, what, "sure")
            shop.work(seconds)
            issued = shop.till.ledger.receipts("v1")
            assert [one.revision for one in issued] == list(range(len(issued)))
            final = [one for one in issued if one.final]
            assert final == list(issued[len(issued) - len(final) :]), "what is shown only comes before what is final"
            assert [one.total for one in final] == sorted((one.total for one in final), reverse=True)
            if not final:
                assert shop.till.ledger.payment("v1").total is None, "nothing was charged"
        shop.work(4 * HOUR)
        last = shop.till.cashier.last("v1")
        assert last is not None
        assert last.final
        assert shop.till.cashier.conflicts == 0
        assert shop.till.books.ledger.verify("ada") == ()
