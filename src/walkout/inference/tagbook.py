"""What the readers at the gates heard around each exit, in event time.

A read is of an exit by its time and by the gate that heard it best. What is still heard long after somebody left has
not left with them: goods on a shelf near the gate, somebody who waits there.
"""

from bisect import bisect_left, insort
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from math import exp, pi, sqrt

from walkout.inference.model import Model
from walkout.inference.visit import SETTLE_NS
from walkout.recording.gate import GateEvent
from walkout.recording.tags import TagFrame

SECOND_NS = 1_000_000_000
MOST_READS = 50_000
"""Reads that are held at most: a minute of a reader that hears 800 tags a second."""
LONG = 500
"""Reads, exits or frames from which on it is looked for what may be forgotten."""
FLOOR = 0.05
"""A share of items is heard at any time around the exit, whoever carries them; assumed."""
OTHER_GATE = 0.05
"""An item leaves by another gate than the one that heard it best; assumed."""


@dataclass(frozen=True, slots=True)
class Read:
    """One tag in one frame."""

    t_ns: int
    gate: str
    antenna: int
    gtin: str
    item: str
    strength: float
    """Milliwatts times reads: only their ratios mean anything."""


@dataclass(frozen=True, slots=True)
class Near:
    """An item that was heard around an exit, and how densely it is expected then if it left by it, per second."""

    gtin: str
    item: str
    density: float


@dataclass(frozen=True, slots=True)
class Exit:
    """Somebody left by a gate."""

    t_ns: int
    gate: str
    visit: str
    """"" for somebody who works there."""
    awake: bool = False
    """Whether the reader there spoke before and after it: only then does silence mean anything."""
    items: tuple[Near, ...] = ()
    done: bool = False
    """Whether all that can be of it was heard."""


@dataclass(slots=True)
class TagBook:
    """Reads and exits of a shop; nothing is kept of either once no open visit can need it."""

    model: Model
    reads: list[Read] = field(default_factory=list)
    """In time order."""
    spoke: dict[str, list[int]] = field(default_factory=dict)
    """When each gate's reader said anything, in time order."""
    exits: list[Exit] = field(default_factory=list)
    carried: dict[str, dict[str, float]] = field(default_factory=dict)
    """Of visits that are over, as long as their exits are held: what they are believed to have carried out."""

    @property
    def silent(self) -> bool:
        """Whether no reader ever spoke: nothing changes then."""
        return not self.spoke

    @property
    def long(self) -> bool:
        """Whether it is worth while to forget."""
        return (
            len(self.reads) > LONG or len(self.exits) > LONG or any(len(times) > LONG for times in self.spoke.values())
        )

    def hear(self, frame: TagFrame) -> None:
        """Take what a reader heard."""
        insort(self.spoke.setdefault(frame.gate, []), frame.t_ns)
        for tag in frame.tags:
            strength = tag.count * 10.0 ** (max(-120.0, min(tag.rssi_dbm, 30.0)) / 10.0)
            read = Read(frame.t_ns, frame.gate, tag.antenna, tag.gtin, tag.item, strength)
            insort(self.reads, read, key=_order)
        if len(self.reads) > MOST_READS:
            del self.reads[: len(self.reads) - MOST_READS]

    def leave(self, event: GateEvent) -> None:
        """Somebody leaves."""
        if event.way == "exit":
            self.exits.append(Exit(event.t_ns, event.gate, "" if event.role == "staff" else event.visit))

    def advance(self, now_ns: int) -> None:
        """Note what is of each exit whose reads are all there by now."""
        self.exits = [
            replace(self._heard(one), done=True) if not one.done and one.t_ns + SETTLE_NS <= now_ns else one
            for one in self.exits
        ]

    def at_once(self, visits: Collection[str]) -> tuple[tuple[Exit, ...], tuple[Exit, ...]]:
        """The exits of some visits, and those of everybody else whose goods could be heard at them."""
        window_ns = round((self.model.tag_before_s + self.model.tag_after_s) * SECOND_NS)
        mine = [one for one in self.exits if one.visit in visits]
        others = [
            one
            for one in self.exits
            if one.visit not in visits and any(abs(one.t_ns - my.t_ns) <= window_ns for my in mine)
        ]
        return tuple(map(self._heard, mine)), tuple(map(self._heard, others))

    def forget(self, now_ns: int, open_: Collection[str]) -> None:
        """Note what is of the exits that are past, and drop what no open visit can need."""
        self.advance(now_ns)
        before_ns = now_ns - 2 * round((self.model.tag_before_s + self.model.tag_after_s) * SECOND_NS)
        self.exits = [one for one in self.exits if one.visit in open_ or one.t_ns >= before_ns]
        near = {one.visit for one in self.exits}
        self.carried = {visit: what for visit, what in self.carried.items() if visit in near}
        del self.reads[: bisect_left(self.reads, before_ns, key=lambda read: read.t_ns)]
        for times in self.spoke.values():
            del times[: min(bisect_left(times, before_ns), len(times) - 1)]

    def _heard(self, exit_: Exit) -> Exit:
        """An exit with what was heard around it so far."""
        if exit_.done:
            return exit_
        model = self.model
        low_ns = exit_.t_ns - round(model.tag_before_s * SECOND_NS)
        high_ns = exit_.t_ns + round(model.tag_after_s * SECOND_NS)
        times = self.spoke.get(exit_.gate, [])
        at = bisect_left(times, exit_.t_ns)
        awake = bool(times[bisect_left(times, low_ns) : at]) and bool(times[at : bisect_left(times, high_ns + 1)])
        start = bisect_left(self.reads, low_ns, key=lambda read: read.t_ns)
        by_item: dict[tuple[str, str], list[Read]] = {}
        for read in self.reads[start:]:
            by_item.setdefault((read.gtin, read.item), []).append(read)
        items = [
            Near(gtin, item, density)
            for (gtin, item), reads in sorted(by_item.items())
            if (density := _density(reads, exit_, high_ns, model)) > 0.0
        ]
        return replace(exit_, awake=awake, items=tuple(items))


def _order(read: Read) -> tuple[int, str, str, str, int]:
    return read.t_ns, read.gtin, read.item, read.gate, read.antenna


def _density(reads: Sequence[Read], exit_: Exit, high_ns: int, model: Model) -> float:
    """How densely an item with these reads (none before the exit's time) is expected then if it left by it."""
    if reads[-1].t_ns > high_ns:
        return 0.0  # it is still there
    every = sum(read.strength for read in reads)
    mine = sum(read.strength for read in reads if read.gate == exit_.gate)
    mean_s = sum(read.strength * (read.t_ns - exit_.t_ns) for read in reads) / every / SECOND_NS
    within = exp(-0.5 * (mean_s / model.tag_sd_s) ** 2) / (model.tag_sd_s * sqrt(2.0 * pi))
    share = mine / every
    width_s = model.tag_before_s + model.tag_after_s
    return ((1.0 - FLOOR) * within + FLOOR / width_s) * ((1.0 - OTHER_GATE) * share + OTHER_GATE * (1.0 - share))
