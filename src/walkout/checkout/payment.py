"""The life of one visit's money, as a pure state machine: what is known, what is wanted, and the one next step.

At most one operation of a visit is under way at a time; the next is worked out from what is known when its answer
is in. So no order of answers, events and receipts can make two operations race, and after any crash the open
operation can be asked for again under the same key.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from walkout.checkout.provider import Answer, Kind
from walkout.checkout.terms import Terms

ZERO = Decimal(0)
HoldState = Literal["none", "held", "declined", "captured", "released", "expired"]


class RevisionError(ValueError):
    """A receipt that may not be charged: its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to ask of the provider; `of` is the key of the operation that made what it acts on."""

    key: str
    kind: Kind
    amount: Decimal
    revision: int
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Money that was taken by one capture or charge, and how much of it went back."""

    key: str
    amount: Decimal
    refunded: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Payment:
    """What is known of one visit's money. `revision` is that of the last final receipt, -1 before there is one.

    `total` is what that receipt says; `goal` is how much of it may be taken (never above the cap, never above what an
    earlier final receipt said unless the shopper added to it). `given_up` names what was declined since the receipt.
    """

    store: str
    visit: str
    currency: str
    terms: Terms
    hold_state: HoldState = "none"
    held: Decimal = ZERO
    hold_key: str | None = None
    held_until_ns: int | None = None
    basket: Decimal = ZERO
    left: bool = False
    revision: int = -1
    total: Decimal | None = None
    goal: Decimal = ZERO
    taken: tuple[Taken, ...] = ()
    given_up: tuple[Kind, ...] = ()
    asked: tuple[Kind, ...] = ()
    open: Operation | None = None

    @property
    def net(self) -> Decimal:
        """What the shopper has paid, less what went back."""
        return sum((one.amount - one.refunded for one in self.taken), ZERO)

    @property
    def settled(self) -> bool:
        """There is a final receipt and nothing more to do for it."""
        return self.total is not None and self.open is None and _next(self) is None

    @property
    def uncollected(self) -> Decimal:
        """What the last final receipt says and nobody paid."""
        return max(ZERO, self.total - self.net) if self.total is not None else ZERO

    @property
    def why_uncollected(self) -> str:
        """Why less was taken than the receipt says."""
        if self.total is not None and self.total > self.terms.cap:
            return "above the cap"
        if self.given_up or self.denied:
            return "declined"
        if self.hold_state == "expired":
            return "the hold ran out"
        return "not tried again after an earlier decline"

    @property
    def owed(self) -> Decimal:
        """What the shopper has paid above the last final receipt's goal."""
        return max(ZERO, self.net - self.goal) if self.total is not None else ZERO

    @property
    def denied(self) -> bool:
        """The card was declined at the door."""
        return self.hold_state == "declined"

    @property
    def over_limit(self) -> bool:
        """The basket is above what is or can be held: the shopper should be told before taking more."""
        return (
            self.total is None
            and self.basket > self.held
            and ("adjust" in self.given_up or self.basket > self.terms.cap)
        )


@dataclass(frozen=True, slots=True)
class Entered:
    """The party is at the gate."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What the party seems to hold now is worth `total`; nothing is taken for it."""

    total: Decimal


@dataclass(frozen=True, slots=True)
class Left:
    """The party went out."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A final receipt. `added`: it is higher because the shopper themselves said that something was missing."""

    revision: int
    total: Decimal
    added: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """The provider's answer to the operation of this key, by whatever way and however often it came."""

    key: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The provider let the hold of this key go, or its time is over."""

    key: str


Input = Entered | Basket | Left | Decided | Answered | Lapsed


def step(payment: Payment, given: Input) -> tuple[Payment, Operation | None]:
    """What is known after an input, and the operation to ask for now, if any.

    Raises RevisionError when a receipt is older than the last, is below zero, or is higher than the last without the
    shopper having added to it.
    """
    match given:
        case Basket(total):
            payment = replace(payment, basket=total)
        case Left():
            payment = replace(payment, left=True)
        case Decided():
            payment = _decided(payment, given)
        case Answered(key, answer):
            if payment.open is None or payment.open.key != key:
                return payment, None  # said before
            payment = _answered(replace(payment, open=None), payment.open, answer)
        case Lapsed(key):
            # An open operation on the hold brings its own answer: it may have come before the end.
            if payment.open is None and payment.hold_state == "held" and payment.hold_key == key:
                payment = _lapsed(payment)
        case Entered():
            pass
    if payment.open is not None:
        return payment, None
    found = _next(payment)
    if found is None:
        return payment, None
    kind, amount, of = found
    operation = Operation(_key(payment, kind), kind, amount, payment.revision, of)
    return replace(payment, open=operation, asked=(*payment.asked, kind)), operation


def _key(payment: Payment, kind: Kind) -> str:
    """Store, visit, revision and operation; a number too where one revision needs the same operation again."""
    stage = "entry" if payment.revision < 0 else f"r{payment.revision}"
    again = payment.asked.count(kind)
    return f"{payment.store}/{payment.visit}/{stage}/{kind}" + (f"/{again + 1}" if again else "")


def _next(payment: Payment) -> tuple[Kind, Decimal, str | None] | None:
    """Kind, amount and object of what brings the facts nearer to what is wanted."""
    if payment.total is None:
        return _next_inside(payment)
    if payment.hold_state == "held" and "cancel" not in payment.given_up:
        if payment.goal == 0 or "capture" in payment.given_up:
            return "cancel", payment.held, payment.hold_key
        if payment.goal > payment.held and "adjust" not in payment.given_up:
            return "adjust", payment.goal, payment.hold_key
        return "capture", min(payment.goal, payment.held), payment.hold_key
    if payment.net < payment.goal and payment.terms.saved_card and "charge" not in payment.given_up:
        return "charge", payment.goal - payment.net, None
    if payment.net > payment.goal and "refund" not in payment.given_up:
        # One refund goes back to one payment, the last first.
        last = next(one for one in reversed(payment.taken) if one.refunded < one.amount)
        return "refund", min(payment.net - payment.goal, last.amount - last.refunded), last.key
    return None


def _next_inside(payment: Payment) -> tuple[Kind, Decimal, str | None] | None:
    """Before the final receipt money is only ever held."""
    hold = payment.terms.hold
    again = payment.hold_state == "expired" and payment.terms.saved_card and not payment.left
    if payment.hold_state == "none" or again:
        return "hold", _enough(payment) if again else hold, None
    if payment.hold_state == "held" and payment.basket > payment.held and "adjust" not in payment.given_up:
        wanted = _enough(payment)
        if wanted > payment.held:
            return "adjust", wanted, payment.hold_key
    return None


def _enough(payment: Payment) -> Decimal:
    """The basket in whole steps of the first hold, at least one, at most the cap."""
    hold = payment.terms.hold
    steps = max(1, int((payment.basket / hold).to_integral_value(ROUND_CEILING)))
    return min(payment.terms.cap, steps * hold)


def _decided(payment: Payment, given: Decided) -> Payment:
    if given.revision <= payment.revision:
        raise RevisionError(f"found revision {given.revision} after {payment.revision}, right: a higher one")
    if not given.total.is_finite() or given.total < 0:
        raise RevisionError(f"found a total of {given.total}, right: 0 or more")
    if payment.total is None:
        goal = given.total
    else:
        # What was declined before is not tried again behind the shopper's back.
        base = min(payment.net, payment.goal) if payment.settled else payment.goal
        if given.total > payment.total:
            if not given.added:
                raise RevisionError(
                    f"found {given.total} after a final receipt of {payment.total}, right: no more than that, "
                    "unless the shopper added to it"
                )
            goal = base + given.total - payment.total
        else:
            goal = min(base, given.total)
    return replace(
        payment,
        revision=given.revision,
        total=given.total,
        goal=min(goal, payment.terms.cap),
        given_up=(),
        asked=(),
    )


def _answered(payment: Payment, operation: Operation, answer: Answer) -> Payment:
    kind, amount = operation.kind, operation.amount
    if answer.outcome == "expired" and kind in ("adjust", "capture", "cancel"):
        return _lapsed(payment)
    if answer.outcome != "done":
        if kind == "hold":
            return replace(payment, hold_state="declined", held=ZERO, hold_key=None, held_until_ns=None)
        return replace(payment, given_up=(*payment.given_up, kind))
    match kind:
        case "hold":
            return replace(
                payment, hold_state="held", held=amount, hold_key=operation.key, held_until_ns=answer.expires_ns
            )
        case "adjust":
            return replace(payment, held=amount, held_until_ns=answer.expires_ns or payment.held_until_ns)
        case "capture":
            taken = (*payment.taken, Taken(operation.key, amount))
            return replace(payment, hold_state="captured", held=ZERO, held_until_ns=None, taken=taken)
        case "cancel":
            return replace(payment, hold_state="released", held=ZERO, held_until_ns=None)
        case "charge":
            return replace(payment, taken=(*payment.taken, Taken(operation.key, amount)))
        case "refund":
            taken = tuple(
                replace(one, refunded=one.refunded + amount) if one.key == operation.of else one
                for one in payment.taken
            )
            return replace(payment, taken=taken)


def _lapsed(payment: Payment) -> Payment:
    return replace(payment, hold_state="expired", held=ZERO, held_until_ns=None)
