"""What the log says of a look, a decision, an hour, a payment: facts for everybody, names under seals.

A visit has one seal throughout, so that anybody can count visits. A person's seal is another one in each entry (it
covers the entry's own id), so that nobody can follow somebody through the log; who has the person's salt of the month
finds all of theirs.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from walkout.privacy.entry import Entry, Fact, Kind, seal
from walkout.privacy.keys import KeyStore

VISIT: Final = "visit"
QUESTION: Final = "question"
PERSON: Final = "reviewer"


@dataclass(frozen=True, slots=True)
class Said:
    """Something that is to be entered, before its names are sealed. `row` names where it is from."""

    row: str
    kind: Kind
    t_ns: int
    month: str
    facts: Mapping[str, Fact]
    visit: str | None = None
    question: str | None = None
    by: str | None = None


def month_of(t_ns: int) -> str:
    """The month of an instant, such as 2026-11, in UTC."""
    return datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).strftime("%Y-%m")


def nonce() -> str:
    """An id for one entry."""
    return secrets.token_hex(8)


def sealed(keys: KeyStore, said: Said, id_: str, now_ns: int) -> Entry:
    """The entry, its names under seals whose salts are made where there are none yet."""
    names: dict[str, str] = {}
    if said.visit is not None:
        salt = keys.salt(VISIT, said.visit, now_ns)
        names[VISIT] = seal(salt, VISIT, said.visit)
        if said.question is not None:
            names[QUESTION] = seal(salt, QUESTION, said.question)
    if said.by is not None:
        names[PERSON] = person_seal(keys.salt(PERSON, f"{said.by}/{said.month}", now_ns), said.by, id_)
    return Entry(said.kind, said.t_ns, {**said.facts, "month": said.month, "id": id_}, names)


def person_seal(salt: bytes, person: str, id_: str) -> str:
    """The seal of a person in the entry of this id, under their salt of the month."""
    return seal(salt, PERSON, f"{person}/{id_}")


def look(keys: KeyStore, now_ns: int, *, visit: str, by: str, purpose: str, what: str, month: str) -> Entry:
    """Somebody looks at a visit: `what` they see (clip, page, raw) and for what purpose; `month` of its entry."""
    said = Said("", "view", now_ns, month, {"what": what, "purpose": purpose}, visit, None, by)
    return sealed(keys, said, nonce(), now_ns)
