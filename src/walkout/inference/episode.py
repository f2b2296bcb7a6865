"""Shelf events that adjoin in time and place, explained together: they may be parts of one happening.

A slide of an item to the next plate, a take of two in quick turn, one lift told as two events: explained one by one,
each part has to be something of its own. Here an explanation of the sum as one change competes with all pairs of
separate explanations, at comparable densities: of the whole's change by the sum, and of the first part, given the sum,
by a broad density on the plates that took part.

What came after the first event is gone through again from the pasts before it, which are kept for as long as an event
may still adjoin; so nothing waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log, pi

import numpy as np

from walkout.inference.choice import Choice, Evidence, Options, options
from walkout.inference.goods import Goods
from walkout.inference.happening import Happening
from walkout.inference.hypothesis import Hypotheses, advance, past_of
from walkout.inference.model import Model
from walkout.inference.weight import Change
from walkout.sensing.event import ShelfEvent

ADJOIN_NS = 1_500_000_000
"""Events so far apart, of one hand, may be parts of one happening: slides and quick second takes follow within about a
second."""
REACH_BACK_NS = 8_000_000_000
"""What is gone through again at most: puts are told some 4 s late, takes 1 s."""
MOST_PAIRS = 300
"""Pairs of separate explanations that are followed, the likeliest."""
HELD_G, MOVED_G = 20.0, 300.0
"""How the first part's change spreads, given the whole: a hand's weight, or goods; each as likely."""

Covers = tuple[tuple[Options, Choice], ...]
"""For each part, what explains it: a choice of its own, or of the whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Episode(Options):
    """Events explained together; as `Options` it is of the whole."""

    parts: tuple[Options, ...]
    """One an event, in the order in which they were told."""
    covers: tuple[Covers, ...]
    """One a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Something that was explained lately, and the pasts before it."""

    found: Options | Happening
    before: Hypotheses


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The pasts, and what led to them lately."""

    pasts: Hypotheses
    lately: tuple[Told, ...] = ()

    def happen(self, found: Options | Happening, shop: Goods) -> "Course":
        """The course after anything that has its choices ready."""
        return Course(advance(self.pasts, found, shop), (*self.lately, Told(found, self.pasts)))

    def see(self, evidence: Evidence, gather: Callable[[ShelfEvent], Evidence], shop: Goods) -> "Course":
        """The course after one more shelf event; `gather` finds the evidence of an event that is made of several."""
        lately = tuple(t for t in self.lately if start_ns(t.found) >= evidence.event.start_ns - REACH_BACK_NS)
        alone = options(evidence, past_of(self.pasts), shop)
        for n in reversed(range(len(lately) if shop.model.joint_windows else 0)):
            first, before = lately[n].found, lately[n].before
            if isinstance(first, Options) and _adjoins(first, evidence.event):
                whole = options(gather(joined(first.evidence.event, evidence.event)), past_of(before), shop)
                course = Course(before, lately[:n]).happen(together(first, alone, whole, shop.model), shop)
                for later in lately[n + 1 :]:
                    course = course.happen(later.found, shop)
                return course
        return Course(self.pasts, lately).happen(alone, shop)


def joined(a: ShelfEvent, b: ShelfEvent) -> ShelfEvent:
    """Two events of one shelf as one, under the first one's id: changes and covariances added."""
    plates = tuple(sorted({*a.plates, *b.plates}))
    delta, cov = np.zeros(len(plates)), np.zeros((len(plates), len(plates)))
    for event in (a, b):
        at = [plates.index(p) for p in event.plates]
        delta[at] += event.delta_g
        cov[np.ix_(at, at)] += event.cov_g2
    return ShelfEvent(
        a.id,
        a.fixture,
        a.shelf,
        plates,
        tuple(delta.tolist()),
        tuple(map(tuple, cov.tolist())),
        min(a.onset_ns, b.onset_ns),
        min(a.start_ns, b.start_ns),
        max(a.end_ns, b.end_ns),
        max(a.reported_ns, b.reported_ns),
    )


def together(first: Options, second: Options, whole: Options, model: Model) -> Episode:
    """All explanations of two adjoining events: of each by itself, and of their sum as one."""
    parts = (*(first.parts if isinstance(first, Episode) else (first,)), second)
    pairs = [
        (one.log_p + two.log_p, m, n) for m, one in enumerate(first.choices) for n, two in enumerate(second.choices)
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1:]))
    apart = log(1.0 - model.one_happening)
    found: list[tuple[Choice, Covers]] = []
    for log_p, m, n in pairs[:MOST_PAIRS]:
        if log_p < pairs[0][0] - model.gate:
            break
        one, two = first.choices[m], second.choices[n]
        covers = first.covers[m] if isinstance(first, Episode) else ((first, one),)
        choice = Choice((*one.moves, *two.moves), log_p + apart, one.residual_g + two.residual_g)
        found.append((choice, (*covers, (second, two))))
    as_one = log(model.one_happening) + _log_split(first.seen, {*first.seen.main, *second.seen.main}, model)
    for choice in whole.choices:
        one = Choice(choice.moves, choice.log_p + as_one, choice.residual_g)
        found.append((one, tuple((whole, choice) for _ in parts)))
    choices = tuple(choice for choice, _ in found)
    return Episode(whole.evidence, whole.seen, choices, whole.reaches, parts, tuple(covers for _, covers in found))


def _log_split(first: Change, main: set[int], model: Model) -> float:
    """The log density of the first part's change, given the whole and that both were one happening."""
    at = np.array(first.plates)
    here = np.isin(at, sorted(main))
    away = np.abs(at[:, None] - at)
    leak = np.where(away == 1, model.leak, np.where(away == 2, model.leak / 2, 0.0)) * np.where(
        here, first.delta_g, 0.0
    )
    ways = []
    for spread_g in (HELD_G, MOVED_G):
        cov = first.cov_g2 + np.diag(np.where(here, spread_g**2, (2.0 * leak**2).sum(axis=1)))
        rest = np.linalg.solve(cov, first.delta_g)
        ways.append(-0.5 * (first.delta_g @ rest + np.linalg.slogdet(cov)[1] + len(at) * log(2.0 * pi)))
    return float(np.logaddexp.reduce(ways)) - log(2.0)


def _adjoins(found: Options, event: ShelfEvent) -> bool:
    """Whether an event may be a part of what another was a part of."""
    other = found.evidence.event
    apart_ns = max(other.start_ns, event.start_ns) - min(other.end_ns, event.end_ns)
    if (other.fixture, other.shelf) != (event.fixture, event.shelf) or apart_ns > ADJOIN_NS:
        return False
    if isinstance(found, Episode) and len(found.parts) >= 3:
        return False
    return min(event.plates) <= max(other.plates) + 1 and min(other.plates) <= max(event.plates) + 1


def start_ns(found: Options | Happening) -> int:
    """When something that was explained began, UTC nanoseconds."""
    return found.start_ns if isinstance(found, Happening) else found.evidence.event.start_ns
