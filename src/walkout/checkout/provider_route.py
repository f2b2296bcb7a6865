"""Several ways to pay in one shop: by the name of the payer, to a card's provider or to the shop's own books.

`cash:` and `account:` payers never reach a card. Cash is handed to staff, an account (badge, meal plan) is billed by
whoever keeps it; both are written down once, under the same keys, holds without end, and reconciled like a card.
"""

import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path

from walkout.checkout.provider import NOBODY, Answer, CardProvider, Event, Movement, Request
from walkout.checkout.provider_fake import DAY_NS, FakeProvider

CASH, ACCOUNT = "cash:", "account:"
OWN = (CASH, ACCOUNT)
YEARS_NS = 3650 * DAY_NS


class OwnBooks(FakeProvider):
    """The shop's own books of cash and accounts: the fake provider's, with holds that do not end and no faults."""

    def __init__(self, path: Path | str, now_ns: Callable[[], int]) -> None:
        super().__init__(path, now_ns, hold_life_ns=YEARS_NS)


class Route:
    """The providers of one shop as one: `own` for cash and accounts, `cards` for all others."""

    def __init__(self, cards: CardProvider, own: OwnBooks) -> None:
        self.cards, self.own = cards, own

    def perform(self, request: Request) -> Answer:
        """Ask whoever the payer belongs to; nobody's card is asked of nobody, so that a card may still be shown."""
        if request.payer == NOBODY:
            return Answer("declined", reason="no card was shown")
        return (self.own if request.payer.startswith(OWN) else self.cards).perform(request)

    def look_up(self, key: str) -> Answer | None:
        """From either's books."""
        return self.own.look_up(key) or self.cards.look_up(key)

    def movements(self) -> Iterable[Movement]:
        """Of both."""
        return [*self.cards.movements(), *self.own.movements()]

    def deliver(self) -> tuple[Event, ...]:
        """What either says unasked, where it has no other way."""
        deliver = getattr(self.cards, "deliver", None)
        return (*(deliver() if deliver is not None else ()), *self.own.deliver())

    def close(self) -> None:
        """Close both."""
        self.cards.close()
        self.own.close()


def stripe_cards(key: str, *, base: str = "") -> CardProvider:
    """Stripe as the provider of cards, by a secret key; `base`: another address than Stripe's own.

    ValueError where Stripe's library is not installed, or the key is none.
    """
    if importlib.util.find_spec("stripe") is None:
        raise ValueError(
            "paying by Stripe needs its library, which is optional; './run extras' installs it, "
            "or pip install 'walkout[stripe]'"
        )
    from walkout.checkout.stripe import StripeProvider  # noqa: PLC0415 - brings the optional library

    return StripeProvider(key, base=base)
