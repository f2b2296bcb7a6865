"""The topics that devices and the shop speak on, and who may use which."""

import re
from dataclasses import dataclass
from typing import Literal

ROOT = "walkout"
Kind = Literal["plates", "gate", "people", "looks", "tags", "latch", "unlatch", "status", "door"]
_SINGLE: dict[str, Kind] = {"people": "people", "looks": "looks"}
_NAMED: dict[str, Kind] = {"plates": "plates", "gate": "gate", "tags": "tags", "latch": "latch", "unlatch": "unlatch"}
_NAMED |= {"status": "status", "door": "door"}


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic is about; `name` is a fixture, a gate or a device, "" where there is only one."""

    kind: Kind
    name: str = ""


def slug(store: str) -> str:
    """A store's name as one level of a topic: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", store.lower()).strip("-") or "store"


def topic(store: str, kind: Kind, name: str = "") -> str:
    """The full topic; `store` is the store's name."""
    return "/".join([ROOT, slug(store), kind, *([name] if name else [])])


def parse(text: str, store: str) -> Topic | None:
    """What a topic is about; None for one of another shop, or of none of ours."""
    parts = text.split("/")
    if parts[:2] != [ROOT, slug(store)]:
        return None
    if len(parts) == 3 and parts[2] in _SINGLE:
        return Topic(_SINGLE[parts[2]])
    if len(parts) == 4 and parts[2] in _NAMED and parts[3]:
        return Topic(_NAMED[parts[2]], parts[3])
    return None


def device_of(about: Topic) -> str:
    """The device that speaks on a topic, as its status names it: plates-snacks, gate-door, tags-door, people, looks."""
    if about.kind == "status":
        return about.name
    return f"{about.kind}-{about.name}" if about.name else about.kind
