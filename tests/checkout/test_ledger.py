"""Ledger, outbox, fallback and reconciliation together, on SQLite and on PostgreSQL."""

import hashlib
import threading
from dataclasses import replace
from decimal import Decimal

import orjson
import pytest
from sqlalchemy import func, select, update

from tests.checkout.money import HOUR_NS, START_NS, D, Shop, line, on, receipt
from walkout.checkout import tables
from walkout.checkout.fallback import due, fall_back, only_shown
from walkout.checkout.faults import Fault
from walkout.checkout.ledger import LedgerError
from walkout.checkout.outbox import KEY_LIFE_NS, LEASE_NS, LONGEST_WAIT_NS, SECOND_NS, drain, next_due_ns
from walkout.checkout.payment import RevisionError
from walkout.checkout.provider import Answer, Event
from walkout.checkout.provider_fake import DECLINED_CARD, FakeProvider
from walkout.checkout.receipt import to_published
from walkout.checkout.reconcile import Difference, reconcile
from walkout.checkout.terms import Terms


def whats(shop: Shop) -> list[str]:
    return [difference.what for difference in reconcile(shop.ledger, shop.provider)]


def test_a_visit_is_held_captured_and_given_back(shop: Shop) -> None:
    shop.enter()
    shop.drain()
    shop.ledger.basket("v1", D("23.10"), shop.now_ns)
    shop.drain()
    assert shop.ledger.payment("v1").held == D(40)
    shop.ledger.leave("v1", shop.now_ns)
    assert shop.ledger.visits("waiting") == ("v1",)
    shop.issue("v1", 0, line("23.10"), final=False)
    shop.drain()
    assert shop.taken() == 0
    shop.issue("v1", 1, line("21.05"))
    shop.quiet()
    assert (shop.taken(), shop.ledger.visits("settled")) == (D("21.05"), ("v1",))
    shop.issue("v1", 2, line("1.05"))
    shop.quiet()
    assert shop.kinds() == ["hold", "adjust", "capture", "refund"]
    assert (shop.taken(), whats(shop)) == (D("1.05"), [])


def test_published_receipts_keep_their_bytes_and_hash(shop: Shop) -> None:
    shop.enter()
    for revision, final in enumerate((False, True, True)):
        shop.issue("v1", revision, line("2.50", 2), final=final)
    issued = shop.ledger.receipts("v1")
    assert [(one.revision, one.final, one.total, one.currency) for one in issued] == [
        (0, False, D("5.00"), "EUR"),
        (1, True, D("5.00"), "EUR"),
        (2, True, D("5.00"), "EUR"),
    ]
    made = receipt("v1", 1, line("2.50", 2))
    assert issued[1].published == orjson.dumps(to_published(made), option=orjson.OPT_SORT_KEYS)
    assert issued[1].sha256 == hashlib.sha256(issued[1].published).hexdigest()
    assert to_published(issued[1].receipt) == to_published(made)


def test_every_input_twice_does_what_it_does_once(shop: Shop) -> None:
    for _ in range(2):
        shop.ledger.enter("v1", "p", "card", START_NS)
    for _ in range(2):
        shop.ledger.basket("v1", D(5), START_NS)
        shop.ledger.leave("v1", START_NS)
        shop.issue("v1", 0, line("5.00"))
    shop.quiet()
    assert (shop.kinds(), shop.taken(), len(shop.ledger.receipts("v1"))) == (["hold", "capture"], D(5), 1)


@pytest.mark.parametrize(
    ("change", "final", "words"),
    [
        pytest.param({"revision": 2}, True, "right: 1, the next one", id="a gap"),
        pytest.param({"revision": 0, "p_exact": 0.1}, True, "right: revision 1", id="other content, published before"),
        pytest.param({"revision": 1}, False, "provisional receipt after a final", id="back to provisional"),
        pytest.param({"revision": 1, "currency": "USD"}, True, "right: EUR", id="another currency"),
        pytest.param({"revision": 1, "total": Decimal(9)}, True, "over lines of 5.00", id="does not add up"),
        pytest.param({"revision": 1, "due": Decimal(1)}, True, "of which 1 is shown", id="final, not all shown"),
        pytest.param({"visit": "v2"}, True, "one that entered", id="no such visit"),
    ],
)
def test_receipts_that_contradict_the_ledger_are_refused(
    shop: Shop, change: dict[str, object], final: bool, words: str
) -> None:
    shop.enter()
    shop.issue("v1", 0, line("5.00"))
    wrong = replace(receipt("v1", 0, line("5.00")), **change)  # type: ignore[arg-type]
    with pytest.raises(LedgerError, match=words):
        shop.ledger.issue(wrong, final=final, reason="", now_ns=START_NS)
    assert len(shop.ledger.receipts("v1")) == 1


def test_a_receipt_that_may_not_be_charged_is_not_published_either(shop: Shop) -> None:
    shop.enter()
    shop.issue("v1", 0, line("5.00"))
    with pytest.raises(RevisionError):
        shop.issue("v1", 1, line("6.00"))
    assert len(shop.ledger.receipts("v1")) == 1
    shop.issue("v1", 1, line("6.00"), added=True)
    shop.quiet()
    assert shop.taken() == D(6)


def test_a_visits_name_is_used_once(shop: Shop) -> None:
    shop.enter()
    with pytest.raises(LedgerError, match="a name that was never used"):
        shop.ledger.enter("v1", "p", "card", START_NS + 1)
    with pytest.raises(LedgerError, match="right: a key that was asked for"):
        shop.ledger.answer("other", Answer("done"), "answer", START_NS)


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("kind", ["hold", "adjust", "capture", "charge", "refund", "cancel"])
def test_each_fault_at_each_operation(small_shop: Shop, kind: str, fault: Fault) -> None:
    """Two visits: one pays, adds and gets some back, one leaves without anything."""
    shop = small_shop
    shop.faults = on(kind, fault, times=2)
    shop.enter("v1")
    shop.enter("v2")
    shop.quiet()
    shop.issue("v1", 0, line("25.00"))
    shop.issue("v2", 0)
    shop.quiet()
    shop.issue("v1", 1, line("25.00"), line("3.00"), added=True)
    shop.quiet()
    shop.issue("v1", 2, line("22.00"))
    shop.quiet()
    payment = shop.ledger.payment("v1")
    assert shop.taken("v2") == 0
    assert shop.taken() == payment.net
    declined = fault in (Fault.DECLINE, Fault.EXPIRE)
    if not declined:
        assert shop.taken() == D(22)
        assert len({m.key for m in shop.provider.movements()}) == len(list(shop.provider.movements()))
    assert shop.taken() + payment.uncollected - payment.owed == D(22)
    allowed = {"owed to the shopper", "not collected"} if declined else set()
    assert set(whats(shop)) <= allowed


def test_waits_double_up_to_the_longest_and_nothing_is_dropped(shop: Shop) -> None:
    shop.faults = on("hold", Fault.TIMEOUT_BEFORE, times=15)
    shop.enter()
    waits = []
    while True:
        drain(shop.ledger, shop.provider, shop.now_ns)
        next_ns = next_due_ns(shop.ledger)
        if next_ns is None:
            break
        waits.append((next_ns - shop.now_ns) // SECOND_NS)
        shop.now_ns = next_ns
    assert waits == [*(2**n for n in range(10)), *[LONGEST_WAIT_NS // SECOND_NS] * 5]
    assert shop.ledger.payment("v1").hold_state == "held"


def test_a_key_that_the_provider_may_have_forgotten_is_looked_up_first(shop: Shop) -> None:
    shop.enter()
    shop.drain()
    shop.issue("v1", 0, line("5.00"))
    shop.faults = on("capture", Fault.FORGET)
    shop.drain()
    assert (shop.taken(), whats(shop)) == (D(5), ["answer missing"])
    shop.now_ns += KEY_LIFE_NS + HOUR_NS
    shop.drain()
    assert (shop.taken(), whats(shop)) == (D(5), [])
    with shop.engine.connect() as connection:
        chosen = select(tables.operations.c.answered_by).where(tables.operations.c.kind == "capture")
        assert connection.execute(chosen).scalar_one() == "look_up"


def test_a_repeated_request_that_makes_no_sense_any_more_is_looked_up(shop: Shop) -> None:
    """The provider captured, did not answer, and lost the key: a hold is not captured twice."""
    shop.enter()
    shop.drain()
    shop.issue("v1", 0, line("5.00"))
    shop.faults = on("capture", Fault.TIMEOUT_AFTER)
    shop.drain()
    shop.provider._books.execute("delete from answers where key = 'shop/v1/r0/capture'")
    shop.now_ns += SECOND_NS
    shop.drain()
    assert (shop.kinds(), shop.ledger.payment("v1").net, whats(shop)) == (["hold", "capture"], D(5), [])


def test_a_request_that_is_wrong_is_kept_and_shown(shop: Shop) -> None:
    shop.enter()
    with shop.engine.begin() as connection:
        connection.execute(update(tables.operations).values(amount=D(0)))
    shop.drain()
    with shop.engine.connect() as connection:
        assert "right: above 0" in connection.execute(select(tables.outbox.c.last_error)).scalar_one()
    assert whats(shop) == ["answer missing"]


def test_a_person_who_is_done_at_the_same_instant_goes_before(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(shop, ("2.00", 0.99), ("3.00", 0.6))
    shop.now_ns += 47 * HOUR_NS
    before = shop.ledger.receipts("v1")
    shop.issue("v1", 1, line("2.00"), line("3.00"))
    monkeypatch.setattr("walkout.checkout.fallback.due", lambda _ledger, _now_ns: ("v1",))
    assert fall_back(shop.ledger, shop.now_ns) == ()
    monkeypatch.setattr(shop.ledger, "receipts", lambda _visit: before)
    assert fall_back(shop.ledger, shop.now_ns) == ()
    shop.quiet()
    assert shop.taken() == D(5)


def test_two_workers_share_the_outbox(shop: Shop) -> None:
    """Both drain at once, with books of their own connection: each request is made once."""
    for number in range(12):
        shop.enter(f"v{number}")
    asked: list[int] = []

    def work() -> None:
        provider = FakeProvider(shop.books, lambda: shop.now_ns)
        asked.append(drain(shop.ledger, provider, shop.now_ns).asked)
        provider.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(asked) == 12
    assert whats(shop) == []


def test_a_worker_that_died_loses_its_lease(shop: Shop) -> None:
    shop.enter()
    with shop.engine.begin() as connection:  # what a claim leaves behind
        connection.execute(update(tables.outbox).values(attempts=1, next_ns=shop.now_ns + LEASE_NS))
    assert drain(shop.ledger, shop.provider, shop.now_ns + LEASE_NS - 1).asked == 0
    assert drain(shop.ledger, shop.provider, shop.now_ns + LEASE_NS).answered == 1


def test_events_count_once_and_unknown_ones_do_no_harm(shop: Shop) -> None:
    shop.enter()
    event = Event("e1", "answer", "shop/v1/entry/hold", Answer("done", "h1", START_NS + HOUR_NS))
    assert shop.ledger.event(event, START_NS)
    assert not shop.ledger.event(event, START_NS)
    assert not shop.ledger.event(replace(event, id="e2"), START_NS)
    assert not shop.ledger.event(replace(event, id="e3", key="another"), START_NS)
    assert shop.ledger.payment("v1").held == D(20)
    assert next_due_ns(shop.ledger) is None


def test_a_declined_card_is_denied_entry_and_pays_nothing(shop: Shop) -> None:
    shop.enter(payer=DECLINED_CARD)
    shop.quiet()
    assert shop.ledger.payment("v1").denied
    shop.issue("v1", 0, line("5.00"))
    shop.quiet()
    (found,) = reconcile(shop.ledger, shop.provider)
    assert found == Difference("not collected", "v1", None, D("5.00"), D(0), "declined")


def waiting(shop: Shop, *lines: tuple[str, float]) -> None:
    """A visit that left; a person is looking at its provisional receipt."""
    shop.enter()
    shop.drain()
    shop.ledger.leave("v1", shop.now_ns)
    made = [line(price, 1, probability) for price, probability in lines]
    shop.issue("v1", 0, *made, final=False)


def test_before_the_hold_runs_out_only_what_is_shown_is_captured(shop: Shop) -> None:
    waiting(shop, ("2.00", 0.99), ("3.00", 0.6))
    shop.now_ns += 45 * HOUR_NS
    shop.quiet()
    assert fall_back(shop.ledger, shop.now_ns) == ()
    shop.now_ns += HOUR_NS
    assert due(shop.ledger, shop.now_ns) == ("v1",)
    (made,) = fall_back(shop.ledger, shop.now_ns)
    assert (made.total, made.revision, made.p_exact) == (D("2.00"), 1, 0.1)
    assert fall_back(shop.ledger, shop.now_ns) == ()
    shop.quiet()
    assert (shop.kinds(), shop.taken(), whats(shop)) == (["hold", "capture"], D(2), [])
    assert "only what is shown" in shop.ledger.receipts("v1")[-1].reason
    with pytest.raises(RevisionError):  # the person comes too late to add what was given away
        shop.issue("v1", 2, line("2.00"), line("3.00"))
    shop.issue("v1", 2)
    shop.quiet()
    assert shop.taken() == 0


@pytest.mark.parametrize(("saved_card", "taken"), [(True, 2), (False, 0)], ids=["saved card", "no saved card"])
def test_after_the_hold_ran_out_early(small_shop: Shop, saved_card: bool, taken: int) -> None:
    shop = Shop(small_shop.engine, small_shop.books, Terms(saved_card=saved_card), hold_life_ns=HOUR_NS)
    waiting(shop, ("2.00", 0.99), ("3.00", 0.6))
    shop.now_ns += HOUR_NS
    shop.events()
    fall_back(shop.ledger, shop.now_ns)
    shop.quiet()
    assert shop.taken() == taken
    assert whats(shop) == ([] if saved_card else ["not collected"])
    shop.provider.close()


def test_without_evidence_or_a_provisional_receipt_nothing_falls_back(shop: Shop) -> None:
    bare = replace(line("2.00"), evidence=())
    assert only_shown(receipt("v1", 0, bare)).lines == ()
    shop.enter()
    shop.drain()
    shop.ledger.leave("v1", shop.now_ns)
    shop.now_ns += 47 * HOUR_NS
    assert due(shop.ledger, shop.now_ns) == ("v1",)
    assert fall_back(shop.ledger, shop.now_ns) == ()


def test_reconciliation_finds_what_was_done_to_the_books(shop: Shop) -> None:
    for visit in ("v1", "v2", "v3"):
        shop.enter(visit)
        shop.issue(visit, 0, line("5.00"))
    shop.quiet()
    books = shop.provider._books
    books.execute("delete from movements where key = 'shop/v1/r0/capture'")
    insert = "insert into movements (key, kind, visit, amount, currency, id) "
    twice = "select key, kind, visit, amount, currency, 'p99' from movements where key = 'shop/v2/r0/capture'"
    books.execute(insert + twice)
    books.execute("update movements set amount = '7.00' where key = 'shop/v3/r0/capture'")
    for key, visit in (("shop/v9/r0/charge", "v9"), ("other-shop/v1/r0/charge", "v1")):
        books.execute(insert + "values (?, 'charge', ?, '1.00', 'EUR', 'p98')", (key, visit))
    found = {(one.what, one.visit, one.theirs) for one in reconcile(shop.ledger, shop.provider)}
    assert found == {
        ("not at the provider", "v1", None),
        ("other sum", "v1", D(0)),
        ("done twice", "v2", D(10)),
        ("other sum", "v2", D(10)),
        ("above the receipt", "v2", D(10)),
        ("other amount", "v3", D(7)),
        ("other sum", "v3", D(7)),
        ("above the receipt", "v3", D(7)),
        ("not in our ledger", "v9", D(1)),
    }


def test_the_same_inputs_give_the_same_rows(shop: Shop) -> None:
    """Nothing depends on the clock of the machine, on chance or on the order of a set."""
    shop.enter()
    shop.issue("v1", 0, line("5.00"))
    shop.quiet()
    with shop.engine.connect() as connection:
        rows = connection.execute(select(tables.operations).order_by(tables.operations.c.key)).all()
        assert [tuple(row)[:3] for row in rows] == [
            ("shop/v1/entry/hold", "v1", -1),
            ("shop/v1/r0/capture", "v1", 0),
        ]
        assert connection.execute(select(func.count()).select_from(tables.outbox)).scalar_one() == 0
        stored = connection.execute(select(tables.visits.c.payment)).scalar_one()
    assert orjson.loads(stored)["taken"] == [{"key": "shop/v1/r0/capture", "amount": "5.00", "refunded": "0"}]
    with pytest.raises(TypeError, match="right: a finite Decimal"):
        tables.Money().process_bind_param(5.0, shop.engine.dialect)
