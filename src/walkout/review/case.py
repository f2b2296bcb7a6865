"""What is asked, lent and answered at the review desk."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from walkout.checkout.receipt import Asked
from walkout.review.resolve import Queue

SECOND_NS = 1_000_000_000
LEASE_NS = 300 * SECOND_NS
"""A lease ends so long after the last write of its holder."""
UNDO_NS = 60 * SECOND_NS
"""So long an answer can be taken back by the one who gave it."""
REASONS = ("no reason", "I know this person", "distressing", "bad footage", "not my language", "something else")
"""Why somebody may skip; the first is as good as any."""


class ReviewError(ValueError):
    """An input that the desk refuses; its words say what was found and what would be right."""


class LeaseLostError(ReviewError):
    """The lease is over and somebody else has the question. The time is paid all the same."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a question shows and what may be answered. In a blind queue the candidates stand without probabilities."""

    event: str
    start_ns: int
    end_ns: int
    kind: str
    words: str
    candidates: tuple[tuple[str, str], ...]
    """(key, sentence)."""

    def to_json(self) -> str:
        """As text for the database."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS).decode()


def body_from(text: str) -> Body:
    """From the database's text."""
    read: Mapping[str, Any] = orjson.loads(text)
    pairs = tuple((key, why) for key, why in read["candidates"])
    return Body(read["event"], read["start_ns"], read["end_ns"], read["kind"], read["words"], pairs)


def body_of(asked: Asked, *, blind: bool) -> Body:
    """A receipt's question; where it is blind, candidates come in the order of their keys, which says nothing."""
    pairs = [(key, why) for key, why, _ in asked.candidates]
    return Body(
        asked.event,
        asked.start_ns,
        asked.end_ns,
        asked.kind,
        asked.words,
        tuple(sorted(pairs) if blind else pairs),
    )


@dataclass(frozen=True, slots=True)
class Lease:
    """A question in somebody's hands."""

    token: str
    question: str
    visit: str
    worker: str
    purpose: Queue
    """What it is for, and what it is accounted as."""
    shown_as: Queue
    """What the person sees: a gold question looks like one to settle."""
    body: Body
    leased_ns: int
    until_ns: int
    ahead: bool = False
    """Lent so that it is there when the one in hand is done; it cannot be answered yet."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submitted answer. `resolved`: the question has its answer, `key` (None: cannot be told)."""

    answer: str
    question: str
    visit: str
    resolved: bool
    key: str | None
    third: str | None = None
    """The question that a third person now decides."""
