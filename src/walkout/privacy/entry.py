"""Entries of the log: what was done, when, and by and to whom under a seal that only a salt can open."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal, get_args

import orjson

from walkout.privacy.files import canonical

Kind = Literal[
    "view",
    "widening",
    "raw_access",
    "break_glass",
    "clip",
    "decision",
    "export",
    "deletion",
    "policy_change",
    "payment",
    "hours",
    "voice",
    "retention",
    "recovery",
    "checkpoint",
]
"""`raw_access`: somebody saw a visit's video as it was taken. `break_glass`: how that came about: asked, approved,
opened, served, ended. `clip`: software read a visit's video as it was taken to make redacted clips, and nobody saw it.
`hours`: a stretch of somebody's working time. `voice`: a reviewer's key, or what they say under it in public.
`recovery`: an append that never finished was cut off. `checkpoint`: the head after this entry is kept for good."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
MAX_BYTES: Final = 16 * 1024
"""Of one entry: a log of what was done is no place for the data itself."""

Fact = str | int | bool
SaltOf = Callable[[str, str], bytes]
"""From a personal field and its value to its salt, 32 random bytes that can be deleted."""


class EntryError(ValueError):
    """An entry that the log does not hold."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; `t_ns` is the server's clock, UTC nanoseconds."""

    kind: Kind
    t_ns: int
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """What may be public for ever: counts, purposes, seconds, reasons by code."""
    sealed: Mapping[str, str] = field(default_factory=dict)
    """Personal fields (visit, reviewer, shopper), each as the hex seal of its value."""


def seal(salt: bytes, name: str, value: str) -> str:
    """The seal of a personal field: HMAC-SHA-256 under its salt, in hex.

    With the salt, its holder can find their own entries; when the salt is gone, nobody can tell whose they were, and
    the entry and every proof over it stay as they are.
    """
    return hmac.new(salt, f"{name}\0{value}".encode(), sha256).hexdigest()


def entry(
    kind: Kind,
    t_ns: int,
    facts: Mapping[str, Fact] | None = None,
    personal: Mapping[str, str] | None = None,
    salt_of: SaltOf | None = None,
) -> Entry:
    """An entry with its personal fields sealed. EntryError where it has some and there are no salts."""
    named = dict(personal or {})
    if named and salt_of is None:
        raise EntryError(f"personal fields {', '.join(sorted(named))} and no salts: they would stand there in clear")
    sealed = {name: seal(salt_of(name, value), name, value) for name, value in named.items()} if salt_of else {}
    made = Entry(kind, t_ns, dict(facts or {}), sealed)
    encode(made)
    return made


def encode(one: Entry) -> bytes:
    """The bytes of an entry, without the line's end; the same entry is always the same bytes.

    Raises:
        EntryError: A kind, time or fact that no entry has, or too many of them.
    """
    if one.kind not in KINDS:
        raise EntryError(f"kind {one.kind!r}; right: {', '.join(KINDS)}")
    if not 0 <= one.t_ns < 2**63:
        raise EntryError(f"a time of {one.t_ns} ns; right is 0 to 2^63 - 1 (UTC)")
    facts: Mapping[str, object] = one.facts
    wrong = [name for name, value in facts.items() if not isinstance(value, str | int)]
    if wrong:
        raise EntryError(f"fact {wrong[0]!r} is no text, whole number, true or false")
    data = canonical({"kind": one.kind, "t_ns": one.t_ns, "facts": dict(one.facts), "sealed": dict(one.sealed)})
    if len(data) > MAX_BYTES:
        raise EntryError(f"an entry of {len(data)} bytes; right is at most {MAX_BYTES}")
    return data


def decode(data: bytes) -> Entry:
    """The entry in these bytes. EntryError where there is none, or they are not its canonical bytes."""
    try:
        value = orjson.loads(data)
        one = Entry(value["kind"], value["t_ns"], value["facts"], value["sealed"])
        again = encode(one)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise EntryError("not an entry in JSON") from error
    if again != data or not all(isinstance(text, str) for text in one.sealed.values()):
        raise EntryError("not written as an entry is written")
    return one
