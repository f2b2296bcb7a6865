"""Commissioning of the RFID readers at the gates: alive, quiet when nobody is there, and hearing what is carried out.

Somebody does what they are told and what all readers heard is looked at; who that is, a person at real readers or a
pretend one at the twin's, is `TagBench`. A shop's own share of heard tags comes of it, which the inference only assumes
(inference/model.py, `tag_*`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from walkout.recording.tags import TagFrame
from walkout.store.layout import Gate
from walkout.store.product import Product
from walkout.store.shop import Store

QUIET_S: Final = 5.0
LEAST_HZ: Final = 0.8
"""Frames a second: once a second is asked for, an empty one too, less a little for the network."""
LEAST_SHARE: Final = 0.8
"""So many of the passes must be heard; with five, a reader that hears 0.95 fails this once in 45."""
PASSES: Final = 5


@dataclass(frozen=True, slots=True)
class Carry:
    """What somebody is asked to carry out; `words` is how they are told."""

    gate: str
    gtin: str
    words: str


class TagBench(Protocol):
    """Readers and somebody before them."""

    def listen(self, seconds: float) -> tuple[TagFrame, ...]:
        """What all readers say from now on."""

    def carry(self, task: Carry) -> tuple[TagFrame, ...]:
        """Have it done; what all readers said from the asking until a moment after it was done."""


@dataclass(frozen=True, slots=True)
class ReaderFound:
    """One reader, tried; `why` is empty where it passed."""

    gate: str
    rate_hz: float
    """Frames while nobody was there."""
    strays: tuple[str, ...]
    """The goods that were heard while nobody was there."""
    gtin: str
    name: str
    """What was carried out, "" where it did not come to that."""
    passes: int
    heard: int
    reads: int
    """Of its tag, in all passes."""
    elsewhere: int
    """In so many passes another gate's reader heard it more often."""
    why: str = ""


def commission_readers(store: Store, bench: TagBench, passes: int = PASSES) -> tuple[ReaderFound, ...]:
    """Try every gate's reader; nothing where the shop has none."""
    gates = [gate for gate in store.gates if gate.tag_reader]
    return tuple(_reader(store, gate, bench, passes) for gate in gates)


def carried_out(store: Store) -> Product | None:
    """What the readers are tried with: the product of which the most items carry a tag, the heaviest of these.

    Heavy goods hold liquids or metal more often than light ones do, and are heard worse.
    """
    tagged = [one for one in store.products.values() if one.tagged > 0.0]
    return max(tagged, key=lambda one: (one.tagged, max((m.mass_g for m in one.masses), default=0.0)), default=None)


def _reader(store: Store, gate: Gate, bench: TagBench, passes: int) -> ReaderFound:
    quiet = [frame for frame in bench.listen(QUIET_S) if frame.gate == gate.id]
    rate_hz = len(quiet) / QUIET_S
    strays = tuple(sorted({_name(store, tag.gtin) for frame in quiet for tag in frame.tags}))
    product = carried_out(store)
    if not quiet or product is None:
        why = (
            f"it says nothing for {QUIET_S:g} s: is it on, and does its bridge publish an empty list too?"
            if not quiet
            else "no product in catalog.csv says what share of its items is tagged: nothing can be tried"
        )
        return ReaderFound(gate.id, rate_hz, strays, "", "", 0, 0, 0, 0, why)
    heard = reads = elsewhere = 0
    for number in range(1, passes + 1):
        words = (
            f"Carry one {product.name} with a tag out through the gate {gate.id}, as a shopper would, "
            f"and put it down far from it ({number} of {passes})."
        )
        counts: dict[str, int] = {}
        for frame in bench.carry(Carry(gate.id, product.gtin, words)):
            counts[frame.gate] = counts.get(frame.gate, 0) + sum(t.count for t in frame.tags if t.gtin == product.gtin)
        own = counts.pop(gate.id, 0)
        heard += own > 0
        reads += own
        elsewhere += any(count > own for count in counts.values())
    found = ReaderFound(gate.id, rate_hz, strays, product.gtin, product.name, passes, heard, reads, elsewhere)
    return replace(found, why=_fault(found))


def _fault(found: ReaderFound) -> str:
    least = math.ceil(LEAST_SHARE * found.passes)
    if found.rate_hz < LEAST_HZ:
        return f"found {found.rate_hz:.1f} frames a second, right: one at least, an empty one too"
    if found.strays:
        return (
            f"it hears {', '.join(found.strays)} with nobody there: move the goods away or turn its power down, "
            "else each exit hears them too"
        )
    if found.heard < least:
        return (
            f"heard {found.heard} of {found.passes} passes, right: {least} at least; is the tag whole, "
            "and does an antenna look at the way out?"
        )
    if 2 * found.elsewhere > found.passes:
        return f"another gate's reader heard {found.elsewhere} of {found.passes} passes better: are two gates swapped?"
    return ""


def _name(store: Store, gtin: str) -> str:
    return store.products[gtin].name if gtin in store.products else gtin


def shares(found: Sequence[ReaderFound]) -> tuple[int, int]:
    """Of all passes, how many were heard: what the shop's own rate is worked out from."""
    return sum(one.heard for one in found), sum(one.passes for one in found)
