"""Which role somebody has by what their organisation says of them; nobody who is not named gets one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from walkout.web.api.access import ROLES, Role

FILE: Final = "oidc-roles"
"""In the folder of secrets: one rule a line."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever's claim has this value has this role."""

    role: Role
    claim: str
    value: str


def rule(text: str) -> Rule:
    """Of `ROLE=CLAIM=VALUE`. ValueError where it is none."""
    role, _, rest = text.strip().partition("=")
    claim, _, value = rest.partition("=")
    if role not in ROLES or not claim.strip() or not value.strip():
        raise ValueError(f"found the rule {text!r}, right: ROLE=CLAIM=VALUE, with a role of {', '.join(ROLES)}")
    return Rule(role, claim.strip(), value.strip())


def rules(given: Sequence[str], secrets: Path) -> tuple[Rule, ...]:
    """Those of the options, then those of the file. ValueError names a line that is none."""
    path = secrets / FILE
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return tuple(rule(text) for text in (*given, *(one for one in lines if one.strip() and one.strip()[0] != "#")))


def role_of(claims: Mapping[str, Any], known: Iterable[Rule]) -> Role | None:
    """The role of the first rule that fits; None: none does, and so nothing is allowed.

    An e-mail address counts only where the issuer says that it checked it: else anybody could write down another's.
    """
    return next((one.role for one in known if _fits(claims, one)), None)


def _fits(claims: Mapping[str, Any], one: Rule) -> bool:
    found = claims.get(one.claim)
    if one.claim == "email":
        checked = claims.get("email_verified") is True
        return checked and isinstance(found, str) and found.casefold() == one.value.casefold()
    values = found if isinstance(found, list) else [found]
    return any(isinstance(value, str) and value == one.value for value in values)
