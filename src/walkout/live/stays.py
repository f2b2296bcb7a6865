"""Who is inside by the gates' word: one stay a party, from its first entry to the exit of its last member."""

from dataclasses import dataclass, field

from walkout.recording.gate import GateEvent

CREDENTIAL = "credential"
"""Where a gate event's `source` holds the keyed digest of the credential, so that a restart can join exit to entry."""


@dataclass(slots=True)
class Stay:
    """One party in the shop. Nothing is kept of staff."""

    visit: str
    party: str
    credential: str
    entered_ns: int
    entries: int = 0
    exits: int = 0
    people: list[str] = field(default_factory=list)
    """The tracker's ids at entry, as far as the gate knew them."""

    @property
    def gone(self) -> bool:
        """Whether all who came in went out."""
        return 0 < self.entries <= self.exits


@dataclass(slots=True)
class Stays:
    """All parties that are in the shop or have just left."""

    of: dict[str, Stay] = field(default_factory=dict)
    """By visit."""

    def observe(self, event: GateEvent) -> Stay | None:
        """Count a passage; the party that it is of, None for staff."""
        if event.role == "staff":
            return None
        stay = self.of.get(event.visit)
        if stay is None:
            credential = event.source.get(CREDENTIAL, "")
            stay = self.of[event.visit] = Stay(event.visit, event.party, str(credential), event.t_ns)
        if event.way == "entry":
            stay.entries += 1
            stay.entered_ns = min(stay.entered_ns, event.t_ns)
            if event.person is not None and event.person not in stay.people:
                stay.people.append(event.person)
        else:
            stay.exits += 1
        return stay

    def over(self, visit: str) -> None:
        """The visit is decided; nothing more is expected of it."""
        self.of.pop(visit, None)

    def by_credential(self, credential: str) -> Stay | None:
        """The party inside that came with this credential, the last one first."""
        found = (stay for stay in reversed(self.of.values()) if stay.credential == credential and not stay.gone)
        return next(found, None) if credential else None

    def by_person(self, person: str) -> Stay | None:
        """The party inside of somebody whom the gate knew at entry."""
        return next((stay for stay in reversed(self.of.values()) if person in stay.people and not stay.gone), None)
