"""The state machine: every story of a visit's money, step by step, without a database."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.checkout.payment import (
    Answered,
    Basket,
    Decided,
    Entered,
    Input,
    Lapsed,
    Left,
    Operation,
    Payment,
    RevisionError,
    step,
)
from walkout.checkout.provider import Answer, Outcome
from walkout.checkout.terms import Terms

D = Decimal
NEW = Payment("shop", "v1", "EUR", Terms(hold=D(20), cap=D(100)))


def play(*inputs: Input, bad: dict[str, Outcome] | None = None, new: Payment = NEW) -> tuple[Payment, list[str]]:
    """All inputs, each operation answered at once: done, or as `bad` says of its kind. What was asked, as words."""
    payment, said = new, []
    for given_input in inputs:
        payment, operation = step(payment, given_input)
        while operation is not None:
            said.append(f"{operation.kind} {operation.amount}")
            answer = Answer((bad or {}).get(operation.kind, "done"), "id", 99)
            payment, operation = step(payment, Answered(operation.key, answer))
    return payment, said


IN = (Entered(), Basket(D(5)), Left())


@pytest.mark.parametrize(
    ("inputs", "asked", "net"),
    [
        pytest.param((*IN, Decided(0, D(5))), ["hold 20", "capture 5"], 5, id="one receipt"),
        pytest.param((*IN, Decided(0, D(0))), ["hold 20", "cancel 20"], 0, id="an empty basket"),
        pytest.param((Entered(), Basket(D(21)), Basket(D(3))), ["hold 20", "adjust 40"], 0, id="the hold grows"),
        pytest.param((Entered(), Basket(D(999))), ["hold 20", "adjust 100"], 0, id="the hold grows to the cap"),
        pytest.param((*IN, Decided(0, D(25))), ["hold 20", "adjust 25", "capture 25"], 25, id="above the hold"),
        pytest.param((*IN, Decided(0, D(130))), ["hold 20", "adjust 100", "capture 100"], 100, id="above the cap"),
        pytest.param(
            (*IN, Decided(0, D(5)), Decided(1, D(3))), ["hold 20", "capture 5", "refund 2"], 3, id="a revision down"
        ),
        pytest.param(
            (*IN, Decided(0, D(5)), Decided(1, D(8), added=True)),
            ["hold 20", "capture 5", "charge 3"],
            8,
            id="the shopper adds",
        ),
        pytest.param(
            (*IN, Decided(0, D(5)), Decided(1, D(8), added=True), Decided(2, D(1))),
            ["hold 20", "capture 5", "charge 3", "refund 3", "refund 4"],
            1,
            id="back from two payments, the last first",
        ),
        pytest.param(
            (*IN, Decided(0, D(5)), Decided(3, D(5))), ["hold 20", "capture 5"], 5, id="re-issued, the same total"
        ),
        pytest.param(
            (*IN, Decided(0, D(0)), Decided(1, D(4), added=True)),
            ["hold 20", "cancel 20", "charge 4"],
            4,
            id="added to an empty basket",
        ),
        pytest.param(
            (Entered(), Lapsed("shop/v1/entry/hold"), Basket(D(30))),
            ["hold 20", "hold 20", "adjust 40"],
            0,
            id="the hold ends inside",
        ),
        pytest.param(
            (*IN, Lapsed("shop/v1/entry/hold"), Decided(0, D(5))),
            ["hold 20", "charge 5"],
            5,
            id="it ends after the exit",
        ),
        pytest.param((*IN, Lapsed("another"), Decided(0, D(5))), ["hold 20", "capture 5"], 5, id="another hold ends"),
    ],
)
def test_stories(inputs: tuple[Input, ...], asked: list[str], net: int) -> None:
    payment, said = play(*inputs)
    assert said == asked
    assert payment.net == net
    if payment.total is not None:
        assert payment.settled
        assert payment.owed == 0
        assert payment.uncollected == payment.total - net


@pytest.mark.parametrize(
    ("bad", "inputs", "asked", "uncollected", "why"),
    [
        pytest.param({"hold": "declined"}, (Entered(), Basket(D(30))), ["hold 20"], 0, "declined", id="at the door"),
        pytest.param(
            {"hold": "declined", "charge": "declined"},
            (*IN, Decided(0, D(5))),
            ["hold 20", "charge 5"],
            5,
            "declined",
            id="at the door, and taken all the same",
        ),
        pytest.param(
            {"adjust": "declined", "charge": "declined"},
            (*IN, Decided(0, D(25))),
            ["hold 20", "adjust 25", "capture 20", "charge 5"],
            5,
            "declined",
            id="above the hold",
        ),
        pytest.param(
            {"capture": "declined"},
            (*IN, Decided(0, D(5))),
            ["hold 20", "capture 5", "cancel 20", "charge 5"],
            0,
            "",
            id="the capture, and the card charged instead",
        ),
        pytest.param(
            {"capture": "expired"},
            (*IN, Decided(0, D(5))),
            ["hold 20", "capture 5", "charge 5"],
            0,
            "",
            id="the hold had run out",
        ),
        pytest.param(
            {"capture": "expired", "charge": "declined"},
            (*IN, Decided(0, D(5)), Decided(1, D(4))),
            ["hold 20", "capture 5", "charge 5"],
            4,
            "the hold ran out",
            id="not tried again behind the shopper's back",
        ),
        pytest.param(
            {"cancel": "expired"}, (*IN, Decided(0, D(0))), ["hold 20", "cancel 20"], 0, "", id="nothing held any more"
        ),
        pytest.param(
            {"cancel": "declined"}, (*IN, Decided(0, D(0))), ["hold 20", "cancel 20"], 0, "", id="it ends by itself"
        ),
    ],
)
def test_what_is_declined(
    bad: dict[str, Outcome], inputs: tuple[Input, ...], asked: list[str], uncollected: int, why: str
) -> None:
    payment, said = play(*inputs, bad=bad)
    assert said == asked
    assert payment.uncollected == uncollected
    assert payment.owed == 0
    if why:
        assert payment.why_uncollected == why


def test_a_refund_that_is_declined_is_owed_and_tried_with_the_next_receipt() -> None:
    payment, said = play(*IN, Decided(0, D(5)), Decided(1, D(3)), bad={"refund": "declined"})
    assert (said[-1], payment.owed, payment.settled) == ("refund 2", D(2), True)
    payment, said = play(Decided(2, D(3)), new=payment)
    assert (said, payment.owed, payment.net) == (["refund 2"], D(0), D(3))


def test_without_a_saved_card_a_hold_that_ran_out_is_a_loss() -> None:
    new = replace(NEW, terms=Terms(hold=D(20), cap=D(100), saved_card=False))
    payment, said = play(*IN, Lapsed("shop/v1/entry/hold"), Decided(0, D(5)), new=new)
    assert (said, payment.uncollected, payment.why_uncollected) == (["hold 20"], D(5), "the hold ran out")


def test_nothing_is_asked_while_an_answer_is_awaited_and_answers_count_once() -> None:
    payment, hold = step(NEW, Entered())
    assert hold is not None
    for given_input in (Entered(), Basket(D(50)), Left(), Lapsed(hold.key), Decided(0, D(4)), Decided(1, D(0))):
        payment, asked = step(payment, given_input)
        assert asked is None
    answered = Answered(hold.key, Answer("done", "h1", 99))
    payment, cancel = step(payment, answered)
    assert cancel == Operation("shop/v1/r1/cancel", "cancel", D(20), 1, hold.key)
    assert step(payment, answered) == (payment, None)
    assert step(payment, Answered("unknown", Answer("done"))) == (payment, None)


def test_keys_name_store_visit_revision_and_operation_and_never_repeat() -> None:
    keys = []
    payment = NEW
    for given_input in (Entered(), Basket(D(25)), Basket(D(45)), Left(), Decided(2, D(9)), Decided(3, D(4))):
        payment, operation = step(payment, given_input)
        while operation is not None:
            keys.append(operation.key)
            payment, operation = step(payment, Answered(operation.key, Answer("done", "id")))
    assert keys == [
        "shop/v1/entry/hold",
        "shop/v1/entry/adjust",
        "shop/v1/entry/adjust/2",
        "shop/v1/r2/capture",
        "shop/v1/r3/refund",
    ]


@pytest.mark.parametrize(
    ("decided", "words"),
    [
        pytest.param(Decided(1, D(6)), "unless the shopper added", id="higher without asking"),
        pytest.param(Decided(0, D(1)), "right: a higher one", id="an old revision"),
        pytest.param(Decided(1, D(-1)), "right: 0 or more", id="below zero"),
    ],
)
def test_receipts_that_may_not_be_charged(decided: Decided, words: str) -> None:
    payment, _ = play(*IN, Decided(0, D(5)))
    with pytest.raises(RevisionError, match=words):
        step(payment, decided)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        pytest.param({"hold": D(0)}, "found a hold of 0", id="no hold"),
        pytest.param({"hold": D(5), "cap": D(4)}, "at least the hold, 5", id="a cap below the hold"),
        pytest.param({"margin_ns": -1}, "0 or more", id="a margin below zero"),
    ],
)
def test_terms_that_make_no_sense(terms: dict[str, Decimal], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Terms(**terms)  # type: ignore[arg-type]


def test_a_shopper_is_told_when_the_basket_outgrows_what_can_be_held() -> None:
    assert not play(Entered(), Basket(D(99)))[0].over_limit
    assert play(Entered(), Basket(D(101)))[0].over_limit
    assert play(Entered(), Basket(D(30)), bad={"adjust": "declined"})[0].over_limit


money = st.decimals(0, 150, places=2)
answers = st.sampled_from(["done", "done", "done", "declined", "expired"])


words = st.one_of(
    st.tuples(st.just("basket"), money),
    st.tuples(st.just("receipt"), money, st.booleans()),
    st.tuples(st.just("answer"), answers),
    st.just(("lapse",)),
    st.just(("leave",)),
)


@given(st.lists(words, max_size=30))
def test_no_story_takes_more_than_is_shown_or_never_ends(story: list[tuple[str, ...]]) -> None:
    """However answers fall: taken only for final receipts, never above the highest of them, and it comes to rest."""
    payment, _ = step(NEW, Entered())
    highest, revision = D(0), 0

    def answer(outcome: Outcome) -> None:
        nonlocal payment
        if payment.open is None:
            return
        if outcome == "expired" and payment.open.kind not in ("adjust", "capture", "cancel"):
            outcome = "declined"
        payment, _ = step(payment, Answered(payment.open.key, Answer(outcome, "id", 99)))

    for word, *rest in story:
        match word:
            case "basket":
                payment, _ = step(payment, Basket(D(rest[0])))
            case "receipt":
                added = bool(rest[1])
                total = D(rest[0]) if added or payment.total is None else min(D(rest[0]), payment.total)
                payment, _ = step(payment, Decided(revision, total, added))
                revision, highest = revision + 1, max(highest, total)
            case "answer":
                answer(rest[0])  # type: ignore[arg-type]
            case "lapse":
                payment, _ = step(payment, Lapsed(payment.hold_key or ""))
            case "leave":
                payment, _ = step(payment, Left())
        assert 0 <= payment.net <= min(highest, NEW.terms.cap) if payment.total is not None else payment.net == 0
        assert all(0 <= one.refunded <= one.amount for one in payment.taken)
    for _ in range(20):
        answer("done")
    assert payment.open is None
    if payment.total is not None:
        assert payment.settled
        assert payment.net <= payment.goal <= payment.total or payment.owed
