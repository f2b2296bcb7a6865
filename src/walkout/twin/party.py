"""Who comes in together: members of a party, and what is known of a party while it is in the shop."""

from dataclasses import dataclass

from walkout.twin.actor import Behaviour
from walkout.twin.body import Build


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a party: a body and what it does between entry and exit."""

    build: Build
    behaviour: Behaviour
    follows_s: float = 0.6
    """How long after the one before it comes through the gate."""
    announced: bool = True
    """False: it slips through the gate behind somebody; no gate message tells of it."""
    name: str = ""
    """The tracker's id, if it is to be a given one."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A party that comes at `t_s`, seconds from the start."""

    t_s: float
    members: tuple[Member, ...]
    role: str = "shopper"
    party: str = ""


@dataclass(slots=True, eq=False)
class Party:
    """A party inside the shop; `inside` counts those who have not left."""

    id: str
    visit: str
    role: str
    members: list[str]
    entered_s: float
    inside: int
    path: list[tuple[int, float, float]]
    basket: dict[str, int]
    announced: bool
