"""A ledger and Stripe's adapter under one clock, the fake of Stripe behind them."""

from sqlalchemy import Engine

from tests.checkout.money import START_NS, D, line, receipt
from tests.checkout.stripe_server import SECRET, WEBHOOK_SECRET, Fake
from walkout.checkout.ledger import Ledger
from walkout.checkout.outbox import SECOND_NS, drain
from walkout.checkout.stripe import StripeProvider
from walkout.checkout.terms import Terms


class Shop:
    """A ledger and Stripe under one clock."""

    def __init__(self, engine: Engine) -> None:
        self.now_ns = START_NS
        self.ledger = Ledger(engine, "shop", Terms(), "EUR")
        self.fake = Fake(lambda: self.now_ns)
        self.stripe = StripeProvider(SECRET, base=self.fake.base, timeout_s=5)
        self.fake.at_once = self.hook

    def hook(self, payload: bytes, signature: str) -> None:
        for event in self.stripe.events(payload, signature, WEBHOOK_SECRET):
            self.ledger.event(event, self.now_ns)

    def quiet(self) -> None:
        for _ in range(300):
            drain(self.ledger, self.stripe, self.now_ns)
            said = self.fake.deliver()
            for payload, signature in said:
                self.hook(payload, signature)
            if not said and all(self.ledger.payment(v).open is None for v in self.ledger.visits()):
                return
            self.now_ns += 700 * SECOND_NS
        raise AssertionError("the outbox does not come to rest")

    def visit(self, *prices: str, basket: str = "5.00", visit: str = "v1") -> None:
        self.ledger.enter(visit, "p", "cus_1:pm_1", self.now_ns)
        self.quiet()
        self.ledger.basket(visit, D(basket), self.now_ns)
        self.quiet()
        self.ledger.leave(visit, self.now_ns)
        self.issue(visit, 0, *prices)
        self.quiet()

    def issue(self, visit: str, revision: int, *prices: str) -> None:
        made = receipt(visit, revision, *(line(price) for price in prices))
        self.ledger.issue(made, final=True, reason="t", now_ns=self.now_ns)

    def close(self) -> None:
        self.stripe.close()
        self.fake.close()
