"""How one page names things: a letter for a person, a number for an event, a colour for a visit; and what it shows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from walkout.checkout.receipt import Receipt
from walkout.inference.explanation import Candidate
from walkout.live.outcome import Replay
from walkout.store.shop import Store
from walkout.web import words
from walkout.web.tokens import VISIT_COLOURS

MAX_VISITS: Final = 12
"""Visits in full on one page; the others are listed. With MAX_EVENTS, a page stays under some 2 MB."""

MAX_EVENTS: Final = 60
"""Events with their curves on one page."""

DASHES: Final = (None, "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "1 2", "9 2 2 2 2 2")
"""The stroke of a visit's paths: it changes when the eight colours start again, and for people of one party."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Names that hold all over one page."""

    clock: words.Clock
    store: Store
    people: Mapping[str, str]
    """A person's id to a letter."""
    visits: Mapping[str, int]
    """A visit's id to its number, from 1."""
    events: Mapping[str, int]
    """An event's id to its number, from 1."""
    parties: Mapping[str, tuple[str, ...]]
    """A visit's id to its shoppers."""
    owner: Mapping[str, str]
    """An event's id to the visit that it is told under; absent where it belongs to nobody."""
    shown_visits: tuple[str, ...]
    shown_events: tuple[str, ...]

    def person(self, person: str) -> str:
        """Such as A; a new person is named in full."""
        return self.people.get(person, person)

    def colour(self, visit: str) -> str:
        """The CSS class of a visit's colour."""
        return f"v{(self.visits[visit] - 1) % VISIT_COLOURS + 1}" if visit in self.visits else "none"

    def dash(self, person: str, visit: str) -> str | None:
        """The stroke of a person's path: people of a party, and visits that share a colour, differ in it."""
        if visit not in self.visits:
            return "1 4"
        party = self.parties[visit]
        again = (self.visits[visit] - 1) // VISIT_COLOURS
        return DASHES[(again + (party.index(person) if person in party else 0)) % len(DASHES)]

    def fixture(self, fixture: str) -> str:
        """Such as fridge 2, and just gondola-1 where the id says the kind."""
        try:
            kind = self.store.fixture(fixture).kind
        except KeyError:
            return fixture
        return fixture if fixture.lower().startswith(kind) else f"{kind} {fixture}"

    def product(self, gtin: str) -> str:
        """A product's name; its number where the catalogue does not have it."""
        product = self.store.products.get(gtin)
        return product.name if product and product.name.strip() else gtin

    def goods(self, items: tuple[tuple[str, int], ...]) -> str:
        """Such as 2 × Oat bar, 1 × Water."""
        return ", ".join(f"{quantity} × {self.product(gtin)}" for gtin, quantity in items) or "nothing"

    def deed(self, candidate: Candidate) -> str:
        """What a candidate says was done, in a few words."""
        who = (
            "somebody who is not tracked" if candidate.shopper is None else f"shopper {self.person(candidate.shopper)}"
        )
        if not candidate.gtin or candidate.quantity == 0:
            return "no sale" if candidate.shopper is None else f"no sale, by {who}"
        what = f"{abs(candidate.quantity)} × {self.product(candidate.gtin)}"
        return f"{what} {'taken' if candidate.quantity > 0 else 'put back'} by {who}"


def label(replay: Replay, store: Store, visits: Collection[str] = ()) -> Labels:
    """Name everything of a replay, and choose what is shown in full.

    `visits` names the visits to show; without it the MAX_VISITS least sure ones are. KeyError for a visit not there.
    """
    receipts = {receipt.visit: receipt for receipt in replay.receipts}
    for visit in visits:
        if visit not in receipts:
            raise KeyError(f"no visit {visit!r}; there are {', '.join(sorted(receipts)) or 'none'}")
    letters = count()
    people: dict[str, str] = {}
    for person in (*(p for r in replay.receipts for p in r.shoppers), *(path.person for path in replay.paths)):
        if person not in people:
            people[person] = words.letter(next(letters))
    owner = _owners(replay)
    shown = tuple(visit for visit in receipts if visit in visits) if visits else _least_sure(replay.receipts)
    listed = [event.id for event in replay.events if event.id not in owner or owner[event.id] in shown]
    return Labels(
        clock=words.clock(store.timezone),
        store=store,
        people=people,
        visits={visit: number for number, visit in enumerate(receipts, 1)},
        events={event.id: number for number, event in enumerate(replay.events, 1)},
        parties={visit: receipt.shoppers for visit, receipt in receipts.items()},
        owner=owner,
        shown_visits=shown,
        shown_events=tuple(listed[:MAX_EVENTS]),
    )


def _least_sure(receipts: tuple[Receipt, ...]) -> tuple[str, ...]:
    """The MAX_VISITS visits with the lowest probability to be right, in time order."""
    order = sorted(range(len(receipts)), key=lambda i: (receipts[i].p_exact, i))[:MAX_VISITS]
    return tuple(receipts[i].visit for i in sorted(order))


def _owners(replay: Replay) -> dict[str, str]:
    """The visit that each event is told under: its likeliest shopper's, else the first that has it as evidence."""
    evidence: dict[str, list[str]] = {}
    inside: dict[str, list[Receipt]] = {}
    for receipt in replay.receipts:
        for shopper in receipt.shoppers:
            inside.setdefault(shopper, []).append(receipt)
        for line in receipt.lines:
            for event in line.evidence:
                evidence.setdefault(event, []).append(receipt.visit)
    owner = {}
    for explanation in replay.explanations:
        happened = explanation.event
        likeliest = explanation.candidates[0].shopper if explanation.candidates else None
        of_shopper = inside.get(likeliest or "", [])
        named = evidence.get(happened.id, [])
        at_the_time = [r.visit for r in of_shopper if r.entered_ns <= happened.start_ns <= r.left_ns]
        both = [r.visit for r in of_shopper if r.visit in named]
        claims = (*both, *at_the_time, *(r.visit for r in of_shopper), *named)
        if claims:
            owner[happened.id] = claims[0]
    return owner
