"""From beliefs to receipts and money: what the engine says of a visit goes into the ledger, each thing once.

Everything here may be done again, with the same input, after a crash: the ledger then does nothing.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from walkout.checkout import contest, pricing
from walkout.checkout.decide import Settling, settling_shipped
from walkout.checkout.fallback import fall_back, only_shown
from walkout.checkout.feed import Feed
from walkout.checkout.ledger import Issued, Ledger, LedgerError
from walkout.checkout.outbox import drain
from walkout.checkout.payment import RevisionError
from walkout.checkout.provider import NOBODY, PaymentProvider
from walkout.checkout.receipt import Receipt, make_receipt
from walkout.inference.belief import Belief
from walkout.inference.explanation import Explanation
from walkout.live.scales import weighed
from walkout.store.shop import Store

log = logging.getLogger(__name__)
SECOND_NS = 1_000_000_000
PROVISIONAL = "provisional: the party is out, the last of what they did is still being weighed"
DECIDED = "decided by software"
ASKED = "a person is asked; until they answer only what is shown is due"
UNANSWERED = "nobody answered in time: only what is shown is charged"


@dataclass(frozen=True, slots=True)
class Made:
    """A revision that is in the ledger now."""

    receipt: Receipt
    final: bool
    issued_ns: int


class Cashier:
    """One shop's till. `now_ns` is the wall clock; `answer_within_ns` how long a person may take to answer."""

    def __init__(
        self,
        ledger: Ledger,
        provider: PaymentProvider,
        store: Store,
        feed: Feed,
        *,
        now_ns: Callable[[], int],
        payer_of: Callable[[str], str | None],
        answer_within_ns: int = 4 * 3600 * SECOND_NS,
        settling: Settling | None = None,
        entering: Callable[[str, str, int], None] = lambda _visit, _credential, _entered_ns: None,
    ) -> None:
        """`payer_of`: a credential's digest to the provider's name for the card; `entering` hears of each visit."""
        self.ledger, self.provider, self.store, self.feed = ledger, provider, store, feed
        self._now_ns, self._payer_of, self._entering = now_ns, payer_of, entering
        self.answer_within_ns = answer_within_ns
        self.settling = settling_shipped(store.origin) if settling is None else settling
        """By what visits are decided now; the desk's guard changes it."""
        self.conflicts = 0
        """Inputs that contradicted the ledger: its own word stands; each is a fault somebody should look at."""
        self._totals: dict[str, Decimal] = {}
        """What the ledger was last told of baskets."""

    @property
    def settle_at(self) -> float | None:
        """From which probability up software settles alone; None: never."""
        return self.settling.settle_at

    def enter(self, visit: str, party: str, credential: str, entered_ns: int) -> None:
        """A party came in: hold the first amount."""
        if self._known(visit):
            return
        payer = (self._payer_of(credential) if credential else None) or NOBODY
        self._entering(visit, credential, entered_ns)
        self.ledger.enter(visit, party, payer, entered_ns)
        self.feed.add(
            f"entered/{visit}", "visit.entered", visit, {"visit": visit, "entered_ns": entered_ns}, entered_ns
        )

    def basket(self, belief: Belief) -> None:
        """What a party seems to hold: the hold grows with it."""
        products = self.store.products
        priced = (products[line.gtin].price * line.quantity for line in belief.lines if line.gtin in products)
        total, visit = sum(priced, Decimal(0)), belief.visit.id
        if self._totals.get(visit) != total and self._known(visit):
            self.ledger.basket(visit, total, self._now_ns())
            self._totals[visit] = total

    def tap(self, visit: str, credential: str) -> None:
        """A card at the exit pays for a visit that came in without one; nothing where one is held already."""
        payer = self._payer_of(credential)
        if payer is not None:
            self.ledger.pay_with(visit, payer)

    def leave(self, visit: str, left_ns: int) -> None:
        """The party is out."""
        self._totals.pop(visit, None)
        self.ledger.leave(visit, left_ns)
        self.feed.add(f"left/{visit}", "visit.left", visit, {"visit": visit, "left_ns": left_ns}, left_ns)

    def provisional(self, belief: Belief) -> Made | None:
        """The first revision, marked provisional; None where one was made before."""
        receipt = self._receipt(belief)
        return self._issue(receipt, final=False, reason=PROVISIONAL)

    def decide(self, belief: Belief, revision: int, rests: Sequence[Explanation] = ()) -> Made | None:
        """The decision: final where software settles alone; else what is due while a person is asked."""
        receipt = replace(self._receipt(belief, rests), revision=revision)
        if self._decided_otherwise(receipt):
            return None
        settled = receipt.status == "settled"
        visit = receipt.visit
        if not self._known(visit):  # nobody let them in: seen by the cameras alone
            self.enter(visit, receipt.party, "", receipt.entered_ns)
        self.leave(visit, receipt.left_ns)
        return self._issue(receipt, final=settled, reason=DECIDED if settled else ASKED)

    @property
    def now_ns(self) -> int:
        """The time, by this till's clock."""
        return self._now_ns()

    def work(self, ahead_ns: int = 0) -> tuple[Made, ...]:
        """What comes without the engine: the provider's answers, and receipts that nobody answered in time.

        `ahead_ns`: as if it were so much later, for whoever need not wait.
        """
        now_ns = self._now_ns() + ahead_ns
        self.ask(now_ns)
        made = self.due(now_ns)
        if made:
            drain(self.ledger, self.provider, now_ns)
        return made

    def ask(self, now_ns: int) -> None:
        """Ask the provider for what the outbox holds, and hear what it says unasked; may take as long as it takes.

        Beside everything else here, in a thread of its own: the ledger keeps both apart.
        """
        drain(self.ledger, self.provider, now_ns)
        deliver = getattr(self.provider, "deliver", None)
        if deliver is not None:  # the fake one has no other way to call back
            for event in deliver():
                self.ledger.event(event, now_ns)

    def due(self, now_ns: int) -> tuple[Made, ...]:
        """Receipts that come because time is up: nobody answered, or a hold runs out."""
        made = [self._told(receipt, final=True) for receipt in fall_back(self.ledger, now_ns)]
        made += self._unanswered(now_ns)
        return tuple(made)

    def _unanswered(self, now_ns: int) -> list[Made]:
        made = []
        for visit in self.ledger.waiting(now_ns - self.answer_within_ns):
            issued = self.ledger.receipts(visit)
            if not issued or not self.is_decision(issued[-1]):
                continue
            if issued[-1].issued_ns + self.answer_within_ns > now_ns:
                continue
            found = self._issue(only_shown(issued[-1].receipt), final=True, reason=UNANSWERED)
            made += [found] if found is not None else []
        return made

    def is_decision(self, issued: Issued) -> bool:
        """Whether a revision that is not final is the decision, and not the provisional one before it."""
        return not issued.final and issued.reason != PROVISIONAL

    def _decided_otherwise(self, receipt: Receipt) -> bool:
        """Decided before a restart, while another certificate, or none, was in force: that decision stands."""
        before = next((x for x in self.ledger.receipts(receipt.visit) if x.revision == receipt.revision), None)
        return before is not None and before.receipt.certificate != receipt.certificate

    def issue(self, receipt: Receipt, *, reason: str, added: bool = False, looked: str | None = None) -> Made | None:
        """A final revision that somebody else decided: a person's answer, a refund, a dispute.

        `looked`: a product whose line was withheld, and is no more.
        """
        return self._issue(receipt, final=True, reason=reason, added=added, looked=looked)

    def last(self, visit: str) -> Issued | None:
        """The newest revision of a visit's receipt."""
        issued = self.ledger.receipts(visit)
        return issued[-1] if issued else None

    def hold(self, receipt: Receipt, *, reason: str) -> Made | None:
        """A revision that is shown and not charged yet: what is final may only become less, this may still change."""
        return self._issue(receipt, final=False, reason=reason)

    def receipt(self, belief: Belief, rests: Sequence[Explanation] = ()) -> Receipt:
        """What a belief comes to at this shop's prices."""
        return self._receipt(belief, rests)

    def _receipt(self, belief: Belief, rests: Sequence[Explanation] = ()) -> Receipt:
        store = self.store
        # No checkpoint: a receipt's bytes follow from the journal alone; its proof carries the newest one.
        plain = make_receipt(belief, store.products, store.currency, store.origin, settling=self.settling)
        return pricing.apply(plain, store.products, store.selling, weighed(belief, rests, store.products))

    def _issue(
        self, receipt: Receipt, *, final: bool, reason: str, added: bool = False, looked: str | None = None
    ) -> Made | None:
        issued = self.ledger.receipts(receipt.visit)
        before = issued[-1] if issued else None
        contests = contest.open_contests(self.ledger, receipt.visit)
        receipt = contest.withhold(receipt, contest.to_withhold(receipt, issued, contests, looked))
        try:
            self.ledger.issue(receipt, final=final, reason=reason, now_ns=self._now_ns(), added=added)
        except (LedgerError, RevisionError) as error:
            self.conflicts += 1
            log.warning("the ledger's word stands: %s", error)
            return None
        made = self._told(receipt, final=final)
        return None if before is not None and before.revision >= receipt.revision else made

    def _told(self, receipt: Receipt, *, final: bool) -> Made:
        now_ns = self._now_ns()
        body = {
            "visit": receipt.visit,
            "revision": receipt.revision,
            "final": final,
            "total": format(receipt.total, "f"),
            "due": format(receipt.payable, "f"),
            "currency": receipt.currency,
        }
        self.feed.add(f"receipt/{receipt.visit}/{receipt.revision}", "receipt.issued", receipt.visit, body, now_ns)
        return Made(receipt, final, now_ns)

    def _known(self, visit: str) -> bool:
        try:
            self.ledger.payment(visit)
        except LedgerError:
            return False
        return True
