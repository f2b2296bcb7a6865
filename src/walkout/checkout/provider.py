"""The port to whoever moves the money: what is asked, what comes back, and what a provider must be able to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable

NOBODY = "declined"
"""The payer of a visit that no card belongs to: every hold is declined, what they took is stated as not collected."""
Kind = Literal["hold", "adjust", "capture", "cancel", "charge", "refund"]
Outcome = Literal["done", "declined", "expired"]


@dataclass(frozen=True, slots=True)
class Request:
    """One operation, as a provider is asked for it.

    `of` is the provider's own id of the hold that is adjusted, captured or cancelled, or of the payment that is
    refunded. `payer` is its name for the card that pays; no card number ever comes near this program.
    """

    key: str
    kind: Kind
    visit: str
    amount: Decimal
    currency: str
    payer: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: `id` is the provider's own, `expires_ns` says when a hold ends (UTC nanoseconds)."""

    outcome: Outcome
    id: str | None = None
    expires_ns: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider says unasked (a webhook): the answer to a request, or that a hold has run out.

    Events come late, twice, in any order, and before the answer that they repeat; `id` tells two apart.
    """

    id: str
    kind: Literal["answer", "lapsed"]
    key: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One operation that took effect, as the provider's own books say it."""

    key: str
    kind: Kind
    visit: str
    amount: Decimal
    currency: str
    id: str


class NoAnswerError(Exception):
    """The provider did not answer: the operation may have happened, or not, or may happen yet."""


class RequestRefusedError(ValueError):
    """The provider calls the request itself wrong: a fault in this program, which no retry mends."""


class WebhookError(ValueError):
    """A webhook that is not the provider's, or too old; nothing of it is taken in."""


class PaymentProvider(Protocol):
    """Whoever moves the money."""

    def perform(self, request: Request) -> Answer:
        """Do it once, however often it is asked under the same key.

        Raises NoAnswerError when the outcome is not known, RequestRefusedError when the request makes no sense.
        """

    def look_up(self, key: str) -> Answer | None:
        """What was done under this key, from the provider's books, also after it forgot the key as such; or None."""

    def movements(self) -> Iterable[Movement]:
        """All that took effect, in the order in which it did."""


class CardProvider(PaymentProvider, Protocol):
    """A provider that keeps something open."""

    def close(self) -> None:
        """Close what is open."""


@runtime_checkable
class WebhookProvider(PaymentProvider, Protocol):
    """A provider that calls back over HTTP."""

    def events(self, payload: bytes, signature: str, secret: str) -> tuple[Event, ...]:
        """What a call says, none where it is of no interest. WebhookError where the signature is wrong or old."""
