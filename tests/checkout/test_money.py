"""Money exactly once, whatever happens in whatever order: a machine of random inputs, faults, deaths and events."""

import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
from benchmarks._money import CrashError, Saboteur, Watched
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.checkout.money import HOUR_NS, D, Shop, line
from walkout.checkout.fallback import fall_back
from walkout.checkout.faults import Fault
from walkout.checkout.outbox import SECOND_NS, drain
from walkout.checkout.provider import Request
from walkout.checkout.receipt import Line
from walkout.checkout.reconcile import reconcile
from walkout.checkout.storage import connect
from walkout.checkout.terms import Terms

VISITS = st.sampled_from(["v1", "v2", "v3"])
PRICES = st.sampled_from(["0.05", "1.10", "7.95", "19.99", "40.00"])
FAULTS = st.sampled_from(list(Fault))
DECLINES = (Fault.DECLINE, Fault.EXPIRE)


class Money(RuleBasedStateMachine):
    """A shop of three visits; the model is what was published and whether anything was declined."""

    ready: ClassVar[Path]

    @initialize(saved_card=st.booleans())
    def open(self, saved_card: bool) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.ready, self.folder / "ledger.db")
        self.terms = Terms(hold=D(20), cap=D(100), saved_card=saved_card)
        self.basket: dict[str, tuple[Line, ...]] = {}
        self.next: dict[str, int] = {}
        self.final: dict[str, Decimal] = {}
        self.highest: dict[str, Decimal] = {}
        self.refused: set[str] = set()
        self.waiting: list[Fault] = []
        self.shop: Shop
        self.now_ns = Shop.now_ns
        self.live()

    def live(self) -> None:
        engine = connect(self.folder / "ledger.db", durable=False)
        life = 30 * HOUR_NS
        self.shop = Shop(engine, self.folder / "books.db", self.terms, self.now_ns, self.fault, life)

    def fault(self, request: Request, _before: int) -> Fault:
        """The faults that were drawn, one a request."""
        found = self.waiting.pop() if self.waiting else Fault.NONE
        if found in DECLINES:
            self.refused.add(request.visit)
        return found

    def close(self) -> None:
        self.now_ns = self.shop.now_ns
        self.shop.provider.close()
        self.shop.engine.dispose()

    @rule(visit=VISITS)
    def enter(self, visit: str) -> None:
        if visit not in self.next:
            self.shop.ledger.enter(visit, "p", "card", self.shop.now_ns)
            self.basket[visit], self.next[visit] = (), 0

    @rule(visit=VISITS, price=PRICES, probability=st.sampled_from([0.5, 0.99]))
    def take(self, visit: str, price: str, probability: float) -> None:
        if visit in self.next and visit not in self.final:
            self.basket[visit] = (*self.basket[visit], line(price, 1, probability))
            total = sum((one.unit_price for one in self.basket[visit]), D(0))
            self.shop.ledger.basket(visit, total, self.shop.now_ns)

    @rule(visit=VISITS, final=st.booleans())
    def leave(self, visit: str, final: bool) -> None:
        if visit in self.next and visit not in self.final and self.next[visit] < 3:
            self.shop.ledger.leave(visit, self.shop.now_ns)
            shown = [line(str(one.unit_price)) for one in self.basket[visit]] if final else self.basket[visit]
            self.publish(visit, tuple(shown), final=final)

    @rule(visit=VISITS, keep=st.integers(0, 4))
    def revise_down(self, visit: str, keep: int) -> None:
        if visit in self.final:
            self.publish(visit, self.basket[visit][:keep])

    @rule(visit=VISITS, price=PRICES)
    def shopper_adds(self, visit: str, price: str) -> None:
        if visit in self.final:
            self.publish(visit, (*self.basket[visit], line(price)), added=True)

    def publish(self, visit: str, lines: tuple[Line, ...], *, final: bool = True, added: bool = False) -> None:
        self.shop.issue(visit, self.next[visit], *lines, final=final, added=added)
        self.next[visit] += 1
        if final:
            self.basket[visit] = lines
            self.final[visit] = sum((one.unit_price for one in lines), D(0))
            self.highest[visit] = max(self.highest.get(visit, D(0)), self.final[visit])

    @rule(faults=st.lists(FAULTS, max_size=4))
    def provider_goes_wrong(self, faults: list[Fault]) -> None:
        self.waiting = faults

    @rule()
    def work(self) -> None:
        self.shop.drain()

    @rule(backwards=st.booleans(), twice=st.booleans())
    def hear(self, backwards: bool, twice: bool) -> None:
        events = self.shop.provider.deliver()
        for event in (events[::-1] if backwards else events) * (1 + twice):
            self.shop.ledger.event(event, self.shop.now_ns)

    @rule(at=st.integers(1, 25))
    def die_at_work(self, at: int) -> None:
        saboteur = Saboteur(at)
        watched = Watched(self.shop.provider, saboteur)
        try:
            with saboteur.on(self.shop.engine):
                drain(self.shop.ledger, watched, self.shop.now_ns)
        except CrashError:
            self.close()
            self.live()

    @rule(hours=st.sampled_from([0.02, 1, 13, 29]))
    def time_goes_on(self, hours: float) -> None:
        self.shop.now_ns += int(hours * 3600) * SECOND_NS

    @rule()
    def nobody_answers(self) -> None:
        for made in fall_back(self.shop.ledger, self.shop.now_ns):
            self.basket[made.visit] = made.lines
            self.next[made.visit] = made.revision + 1
            self.final[made.visit] = self.highest[made.visit] = made.total

    @invariant()
    @precondition(lambda self: hasattr(self, "shop"))
    def nothing_is_taken_that_is_not_shown(self) -> None:
        for visit in self.next:
            assert 0 <= self.shop.taken(visit) <= min(self.highest.get(visit, D(0)), self.terms.cap)
        keys = [movement.key for movement in self.shop.provider.movements()]
        assert len(keys) == len(set(keys))

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        self.waiting = []
        self.shop.quiet()
        found = {(one.what, one.visit) for one in reconcile(self.shop.ledger, self.shop.provider)}
        for visit, total in self.final.items():
            payment = self.shop.ledger.payment(visit)
            assert payment.settled
            assert self.shop.taken(visit) == payment.net
            lost = visit in self.refused or self.terms.cap < self.highest[visit] or not self.terms.saved_card
            if not lost:
                assert payment.net == total
            assert payment.net == total - payment.uncollected + payment.owed
        assert {what for what, _ in found} <= {"not collected", "owed to the shopper"}
        self.close()
        shutil.rmtree(self.folder)


@pytest.mark.parametrize(
    ("examples", "steps"),
    [pytest.param(40, 30, id="some"), pytest.param(1500, 60, id="many", marks=pytest.mark.slow)],
)
def test_money_is_taken_exactly_once(ready: Path, examples: int, steps: int) -> None:
    Money.ready = ready
    suppressed = [HealthCheck.too_slow]
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=suppressed
        ),
    )
