"""The fake provider: it keeps books as a real one does, and refuses what a real one refuses."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.checkout.money import HOUR_NS, START_NS, D, on
from walkout.checkout.faults import Fault, no_faults
from walkout.checkout.provider import Answer, Event, NoAnswerError, Request, RequestRefusedError
from walkout.checkout.provider_fake import DECLINED_CARD, FakeProvider

HOLD = Request("k1", "hold", "v1", D(20), "EUR", "card")


class Clock:
    now_ns = START_NS

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(tmp_path: Path, clock: Clock) -> Iterator[FakeProvider]:
    made = FakeProvider(tmp_path / "books.db", clock)
    yield made
    made.close()


def moved(fake: FakeProvider) -> list[tuple[str, Decimal]]:
    return [(movement.kind, movement.amount) for movement in fake.movements()]


def test_the_same_key_is_done_once_and_answered_alike(fake: FakeProvider) -> None:
    assert fake.perform(HOLD) == fake.perform(HOLD) == fake.look_up("k1")
    assert moved(fake) == [("hold", D(20))]


def test_a_hold_is_adjusted_and_captured_once(fake: FakeProvider) -> None:
    hold = fake.perform(HOLD)
    assert hold.expires_ns == START_NS + 48 * HOUR_NS
    assert fake.perform(replace(HOLD, key="k2", kind="adjust", amount=D(30), of=hold.id)).outcome == "done"
    assert fake.perform(replace(HOLD, key="k3", kind="capture", amount=D(25), of=hold.id)).outcome == "done"
    with pytest.raises(RequestRefusedError, match="found a captured hold"):
        fake.perform(replace(HOLD, key="k4", kind="capture", amount=D(5), of=hold.id))


def test_books_stay_when_the_program_ends(tmp_path: Path, clock: Clock) -> None:
    for _ in range(2):
        fake = FakeProvider(tmp_path / "books.db", clock)
        fake.perform(HOLD)
        assert moved(fake) == [("hold", D(20))]
        fake.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"amount": D(21)}, "another request", id="a key used for something else"),
        pytest.param({"key": "k2", "amount": D(0)}, "above 0", id="nothing"),
        pytest.param({"key": "k2", "kind": "capture", "of": "h9"}, "one that was made here", id="no such hold"),
        pytest.param({"key": "k2", "kind": "capture", "of": "h1", "amount": D(21)}, "at most the 20", id="too much"),
        pytest.param({"key": "k2", "kind": "cancel", "of": "h1", "currency": "USD"}, "held in USD", id="currency"),
        pytest.param({"key": "k2", "kind": "refund", "of": "p9"}, "one that was made here", id="no such payment"),
        pytest.param({"key": "k2", "kind": "refund", "of": "p2", "amount": D(4)}, "at most the 3", id="too much back"),
    ],
)
def test_requests_that_make_no_sense_change_nothing(fake: FakeProvider, change: dict[str, object], words: str) -> None:
    fake.perform(HOLD)
    fake.perform(replace(HOLD, key="k0", kind="charge", amount=D(3)))
    before = moved(fake)
    with pytest.raises(RequestRefusedError, match=words):
        fake.perform(replace(HOLD, **change))  # type: ignore[arg-type]
    assert moved(fake) == before


def test_refunds_add_up_to_the_payment_at_most(fake: FakeProvider) -> None:
    paid = fake.perform(replace(HOLD, kind="charge"))
    for number in range(4):
        back = replace(HOLD, key=f"r{number}", kind="refund", amount=D(5), of=paid.id)
        assert fake.perform(back).outcome == "done"
    with pytest.raises(RequestRefusedError, match="at most the 0 left"):
        fake.perform(replace(HOLD, key="r9", kind="refund", amount=D(1), of=paid.id))


def test_a_hold_runs_out_and_says_so(fake: FakeProvider, clock: Clock) -> None:
    hold = fake.perform(HOLD)
    clock.now_ns += 48 * HOUR_NS
    said = fake.deliver()
    assert said[-1] == Event("ev-lapsed-h1", "lapsed", "k1")
    answer = fake.perform(replace(HOLD, key="k2", kind="capture", of=hold.id))
    assert (answer.outcome, moved(fake)) == ("expired", [("hold", D(20))])
    assert [event.key for event in fake.deliver()] == ["k2"]


def test_a_declined_card_is_declined_under_its_key_for_good(fake: FakeProvider) -> None:
    assert fake.perform(replace(HOLD, payer=DECLINED_CARD)).outcome == "declined"
    assert fake.look_up("k1") is None
    assert moved(fake) == []


@pytest.mark.parametrize(
    ("fault", "moved_at_once", "events"),
    [
        pytest.param(Fault.TIMEOUT_BEFORE, 0, 0, id="timeout before"),
        pytest.param(Fault.TIMEOUT_AFTER, 1, 0, id="timeout after"),
        pytest.param(Fault.LATE, 0, 1, id="late"),
        pytest.param(Fault.FORGET, 1, 0, id="forgotten"),
    ],
)
def test_no_answer(fake: FakeProvider, fault: Fault, moved_at_once: int, events: int) -> None:
    fake.faults = on("hold", fault)
    with pytest.raises(NoAnswerError):
        fake.perform(HOLD)
    assert len(moved(fake)) == moved_at_once
    assert len(fake.deliver()) == events
    fake.faults = no_faults
    found = fake.look_up("k1")
    assert (found is None) is (fault is Fault.TIMEOUT_BEFORE)
    if fault is not Fault.FORGET:
        fake.perform(HOLD)
        assert len(moved(fake)) == 1


def test_a_webhook_can_come_before_its_answer_and_twice(tmp_path: Path, clock: Clock) -> None:
    heard: list[Event] = []
    fake = FakeProvider(tmp_path / "books.db", clock, faults=on("", Fault.WEBHOOK_FIRST), at_once=heard.append)
    answer = fake.perform(HOLD)
    assert heard == list(fake.deliver()) == [Event("ev-k1", "answer", "k1", answer)]
    fake.faults = on("", Fault.DUPLICATE)
    fake.perform(replace(HOLD, key="k2"))
    assert [event.id for event in fake.deliver()] == ["ev-k2", "ev-k2"]
    assert len(moved(fake)) == 2
    fake.faults = on("", Fault.DECLINE)
    assert fake.perform(replace(HOLD, key="k3")) == Answer("declined", reason="the card was declined")
    fake.close()
