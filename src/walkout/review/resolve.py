"""What the answers to one question come to: enough, not yet, or a third person is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Queue = Literal["settle", "audit", "dispute", "adjudicate", "gold", "training", "annotate"]
QUEUES: tuple[Queue, ...] = ("settle", "audit", "dispute", "adjudicate", "gold", "training", "annotate")
OVERLAP: dict[str, int] = {
    "settle": 1,
    "audit": 2,
    "dispute": 1,
    "adjudicate": 1,
    "gold": 1,
    "training": 1,
    "annotate": 1,
}
"""How many people answer a question of each queue, apart from one another."""
BLIND: frozenset[str] = frozenset({"audit", "adjudicate"})
"""Where neither the software's answer nor a colleague's is shown."""
FRESH: frozenset[str] = frozenset({"audit", "dispute", "adjudicate"})
"""Where nobody is asked who ever looked at that visit."""

How = Literal["answered", "agreed", "third"]
Sure = Literal["sure", "likely", "unsure"]


@dataclass(frozen=True, slots=True)
class Given:
    """One person's answer; `key` None: it cannot be told from this evidence."""

    worker: str
    key: str | None
    sure: Sure = "sure"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a question came to."""

    key: str | None
    how: How


def resolve(wanted: int, given: Sequence[Given]) -> Resolved | Literal["more", "third"]:
    """Of the answers so far: one that is wanted alone counts, several must agree, and differing ones need a third."""
    if len(given) < wanted:
        return "more"
    if len({one.key for one in given}) > 1:
        return "third"
    return Resolved(given[0].key, "answered" if wanted == 1 else "agreed")
