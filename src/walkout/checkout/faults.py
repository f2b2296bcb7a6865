"""What a payment provider can do wrong, by name: made on purpose by the fake one, for tests, demos and the bench."""

from collections.abc import Callable
from enum import StrEnum

from walkout.checkout.provider import Request


class Fault(StrEnum):
    """One way in which a request goes wrong."""

    NONE = "none"
    TIMEOUT_BEFORE = "timeout before the effect"
    TIMEOUT_AFTER = "timeout after the effect, no webhook"
    LATE = "timeout, the effect comes later"
    DUPLICATE = "request doubled on the way, webhook twice"
    WEBHOOK_FIRST = "webhook before the answer"
    DECLINE = "declined"
    EXPIRE = "hold expired early"
    FORGET = "no answer for a day, then the key forgotten"


Faults = Callable[[Request, int], Fault]
"""A request, and how often its key came before, to what goes wrong this time."""


def no_faults(_request: Request, _before: int) -> Fault:
    """Nothing goes wrong."""
    return Fault.NONE
