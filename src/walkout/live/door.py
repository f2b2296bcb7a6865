"""The door: a gate's message and a credential become a passage, or a refusal with a reason.

What it decides is written to the journal as a gate event; a replay never asks the door again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from walkout.live.stays import CREDENTIAL, Stays
from walkout.recording.gate import GateEvent

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SECOND_NS = 1_000_000_000
NO_CREDENTIAL, UNKNOWN, BLOCKED, CLOSED = "no credential", "unknown credential", "blocked", "shop closed"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a credential stands for: the provider's name for the card, and whether they work here."""

    digest: str
    payer: str
    role: Literal["shopper", "staff"] = "shopper"
    blocked: str = ""
    """Why it may not come in; "" where it may."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What a gate says: somebody wants in, or went out."""

    gate: str
    way: Literal["entry", "exit"]
    t_ns: int
    arrived_ns: int
    seq: int | None = None
    credential: str | None = None
    person: str | None = None
    """The tracker's id, where the gate's cameras know it."""
    visit: str | None = None
    """At an exit, where the gate knows it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody may not come in; `words` are what the gate shows."""

    gate: str
    t_ns: int
    reason: str
    words: str


Unasked = Literal["unasked"]
Holders = Callable[[str], Holder | None]
"""A credential's token to whom it stands for; None: nobody knows it."""


class Door:
    """Decides; knows who is inside. `is_open` False: nobody comes in any more, everybody may leave."""

    def __init__(self, holders: Holders, stays: Stays | None = None, *, pay_at_exit: bool = False) -> None:
        self._holders = holders
        self.stays = Stays() if stays is None else stays
        self.is_open = True
        self.pay_at_exit = pay_at_exit
        """Who shows nothing comes in, and pays by a tap at the exit."""
        self.lost_exits = 0
        """Exits that belonged to no party that is inside."""

    def holder(self, passage: Passage) -> Holder | None:
        """Whom a passage's credential stands for; may have to ask the database, which may not answer."""
        return self._holders(passage.credential) if passage.credential else None

    def decide(self, passage: Passage, holder: Holder | Unasked | None = "unasked") -> GateEvent | Refused | None:
        """A passage for the journal, or why not; None for an exit that no party inside belongs to."""
        known = self.holder(passage) if holder == "unasked" else holder
        decided = self._entry(passage, known) if passage.way == "entry" else self._exit(passage, known)
        if isinstance(decided, GateEvent):
            self.stays.observe(decided)
        return decided

    def admit(self, passage: Passage, payer_digest: str = "") -> GateEvent:
        """Staff let somebody in by hand; without a credential nothing can be held on a card."""
        decided = self._shopper(passage, payer_digest)
        self.stays.observe(decided)
        return decided

    def join(self, passage: Passage, visit: str) -> GateEvent:
        """Staff let somebody in as one of a party that is inside; KeyError for a visit that is not."""
        stay = self.stays.of[visit]
        source = _seq(passage) | ({CREDENTIAL: stay.credential} if stay.credential else {})
        names = (stay.visit, stay.party, passage.person)
        decided = GateEvent(passage.t_ns, passage.arrived_ns, passage.gate, "entry", *names, "shopper", source)
        self.stays.observe(decided)
        return decided

    def _entry(self, passage: Passage, holder: Holder | None) -> GateEvent | Refused:
        if not self.is_open:
            return _refused(passage, CLOSED, "The shop is closed.")
        if not passage.credential and self.pay_at_exit:
            return self._shopper(passage, "")
        if not passage.credential:
            return _refused(passage, NO_CREDENTIAL, "Hold your card to the reader, please.")
        if holder is None:
            return _refused(passage, UNKNOWN, "This card is not known here. Please ask the staff.")
        if holder.blocked:
            return _refused(passage, BLOCKED, f"This card cannot be used: {holder.blocked}. Please ask the staff.")
        if holder.role == "staff":
            # No visit, no party, no name: the passage only says whom the cameras need not look at.
            return GateEvent(
                passage.t_ns, passage.arrived_ns, passage.gate, "entry", "", "", passage.person, "staff", _seq(passage)
            )
        return self._shopper(passage, holder.digest)

    def _shopper(self, passage: Passage, digest: str) -> GateEvent:
        stay = self.stays.by_credential(digest)
        visit = name_of_visit(passage.t_ns, digest) if stay is None else stay.visit
        party = visit if stay is None else stay.party
        source = _seq(passage) | ({CREDENTIAL: digest} if digest else {})
        return GateEvent(
            passage.t_ns, passage.arrived_ns, passage.gate, "entry", visit, party, passage.person, "shopper", source
        )

    def _exit(self, passage: Passage, holder: Holder | None) -> GateEvent | None:
        if holder is not None and holder.role == "staff":
            return GateEvent(
                passage.t_ns, passage.arrived_ns, passage.gate, "exit", "", "", passage.person, "staff", _seq(passage)
            )
        stay = self.stays.of.get(passage.visit or "")
        if stay is None and holder is not None:
            stay = self.stays.by_credential(holder.digest)
        if stay is None and passage.person is not None:
            stay = self.stays.by_person(passage.person)
        if stay is None:
            inside = [stay for stay in self.stays.of.values() if not stay.gone]
            alone = len(inside) == 1 and passage.person is None
            stay = inside[0] if alone and (holder is None or not inside[0].credential) else None
        if stay is None:
            self.lost_exits += 1
            return None
        names = (stay.visit, stay.party, passage.person)
        # A card at the exit of somebody who came in without one pays for them.
        tapped = (
            {CREDENTIAL: holder.digest} if holder is not None and not stay.credential and not holder.blocked else {}
        )
        source = _seq(passage) | tapped
        return GateEvent(passage.t_ns, passage.arrived_ns, passage.gate, "exit", *names, "shopper", source)


def name_of_visit(t_ns: int, digest: str) -> str:
    """A name that is never used again: the millisecond of entry and a piece of the credential's digest."""
    number, text = t_ns // 1_000_000, ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return f"v{text}-{digest[:4] or 'door'}"


def _seq(passage: Passage) -> dict[str, object]:
    return {} if passage.seq is None else {"seq": passage.seq}


def _refused(passage: Passage, reason: str, words: str) -> Refused:
    return Refused(passage.gate, passage.t_ns, reason, words)
