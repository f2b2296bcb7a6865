"""Who may do what: one table, and whatever is not in it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["admin", "operator", "staff", "reviewer", "auditor", "integrator"]
ROLES: Final[tuple[Role, ...]] = ("admin", "operator", "staff", "reviewer", "auditor", "integrator")

_RUN = frozenset({"admin", "operator"})
_LOOK = _RUN | {"auditor"}
_FLOOR = _RUN | {"staff"}

TABLE: Final[Mapping[str, frozenset[str]]] = {
    "session.read": frozenset(ROLES),
    "shop.read": frozenset(ROLES),
    "shop.write": _RUN,
    "products.read": frozenset(ROLES),
    "live.read": _FLOOR,
    "visits.read": _LOOK | {"integrator"},
    "receipts.read": _LOOK | {"integrator"},
    "refunds.write": _RUN | {"integrator"},
    "disputes.read": _LOOK | {"integrator"},
    "disputes.write": _RUN,
    "health.read": _FLOOR | {"auditor", "integrator"},
    "given-away.read": _LOOK,
    "credentials.write": _RUN | {"integrator"},
    "door.read": _FLOOR,
    "door.write": _FLOOR,
    "events.read": _RUN | {"integrator"},
    "webhooks.read": _RUN | {"integrator"},
    "webhooks.write": _RUN | {"integrator"},
    "stock.read": _FLOOR | {"auditor", "integrator"},
    "misplaced.write": _FLOOR,
    "exports.read": _LOOK | {"integrator"},
    "keys.read": frozenset({"admin"}),
    "keys.write": frozenset({"admin"}),
    "users.read": frozenset({"admin"}),
    "users.write": frozenset({"admin"}),
    "sandbox": _RUN | {"integrator"},
    "metrics.read": _RUN | {"integrator"},
    "play": _FLOOR,
    # the review desk and the time of those who sit there
    "desk.read": frozenset({"reviewer"}),
    "desk.write": frozenset({"reviewer"}),
    "shift.read": frozenset({"reviewer"}),
    "shift.write": frozenset({"reviewer"}),
    "review.read": _LOOK,
    "review.write": _RUN,
    "labour.read": _LOOK,
    "labour.write": frozenset({"admin"}),
    "team.read": _RUN,
    "team.write": frozenset({"admin"}),
    "proof.read": frozenset({"reviewer"}),
    # video as it was taken: one asks, another approves, and only who asked sees it
    "raw.read": _LOOK,
    "raw.ask": _RUN,
    "raw.approve": frozenset({"admin", "auditor"}),
}
"""Action to the roles that may do it. What a reviewer sees of a visit needs a lease besides."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: somebody with a session, or another program with a key."""

    name: str
    role: Role
    scopes: frozenset[str] | None = None
    """A key's own, narrower, actions; None for a session."""
    also: frozenset[str] = frozenset()
    """Other roles that somebody has too: in a demonstration, its admin is also its reviewer."""

    def may(self, action: str) -> bool:
        """Whether the table, and the key's own scopes, allow it."""
        allowed = not TABLE.get(action, frozenset()).isdisjoint({self.role, *self.also})
        return allowed and (self.scopes is None or action in self.scopes)


SCOPES: Final = tuple(sorted(action for action, roles in TABLE.items() if "integrator" in roles))
"""What a key may be given."""
