"""How a running shop's engine was set: written into its journal, so that a replay of that decides the same."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import orjson

from walkout.recording.channel import PLATES
from walkout.recording.error import RecordingError
from walkout.store.shop import Store

NOTE = "engine"
PATIENCE_NS = 10_000_000_000
"""A stream that is so far behind the newest one is not waited for any more."""


@dataclass(frozen=True, slots=True)
class Manner:
    """The channels that are waited for, whether there are gates, and how long a late stream is waited for."""

    expected: tuple[str, ...]
    gated: bool
    patience_ns: int | None = PATIENCE_NS


def manner(store: Store, patience_ns: int | None = PATIENCE_NS) -> Manner:
    """How a shop runs live: every fixture with scales is waited for, and people."""
    plates = {PLATES + f.id for f in store.fixtures if any(p.cell for shelf in f.shelves for p in shelf.plates)}
    return Manner(tuple(sorted(plates | {"/people"})), bool(store.gates), patience_ns)


def note(how: Manner) -> dict[str, str]:
    """As a note of a recording."""
    return {NOTE: orjson.dumps(asdict(how), option=orjson.OPT_SORT_KEYS).decode()}


def told(notes: Mapping[str, str]) -> Manner | None:
    """What a recording's notes say; None where they say nothing.

    Raises:
        RecordingError: they say something else than this version writes.
    """
    if NOTE not in notes:
        return None
    try:
        read = orjson.loads(notes[NOTE])
        return Manner(tuple(str(name) for name in read["expected"]), bool(read["gated"]), read["patience_ns"])
    except (ValueError, KeyError, TypeError) as error:
        raise RecordingError(f"found a note {NOTE!r} that cannot be read ({error}); right: as `note` writes") from error
