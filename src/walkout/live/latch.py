"""A fixture behind a lock: somebody knocks, staff are asked for a proof of age, and it opens only on their yes."""

from dataclasses import dataclass

import orjson

from walkout.live import payload
from walkout.recording.json_value import load, whole
from walkout.store.shop import Store

OPEN_S = 20.0
"""A lock stays open so long, unless its door was opened before."""
WAIT_NS = 300 * 1_000_000_000
"""Nobody stands before a cabinet for longer: what was asked for before that opens nothing any more."""


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody wants a fixture opened."""

    fixture: str
    t_ns: int
    seq: int | None = None


def decode_knock(data: bytes, fixture: str) -> Knock:
    """What a lock says when somebody asks.

    Raises:
        MalformedError: not such a message.
    """
    found = payload.mark(data)
    return Knock(fixture, whole(load(data), "t_ns"), found.seq)


def encode_knock(knock: Knock, boot: str = "") -> bytes:
    """The same as the lock publishes it."""
    value = {"seq": knock.seq, "t_ns": knock.t_ns, "boot": boot or None}
    return orjson.dumps({name: part for name, part in value.items() if part is not None})


def encode_unlatch(t_ns: int, seq: int | None, *, approved: bool) -> bytes:
    """What the shop tells a lock: to open for a while, or that staff said no."""
    value = {"t_ns": t_ns, "open": approved, "seconds": OPEN_S if approved else 0.0}
    return orjson.dumps(value | ({} if seq is None else {"seq": seq}))


def words(store: Store, fixture: str) -> str:
    """What staff read: which fixture, and from which age its goods are sold."""
    gtins = {facing.gtin for facing in store.planogram if facing.fixture == fixture}
    age = max((store.products[gtin].age_min for gtin in gtins if gtin in store.products), default=0)
    return f"{fixture} is locked, somebody stands there: at least {age} years" if age else f"{fixture}: open the lock?"
