"""Shelf events that adjoin in time and place, explained together: they may be parts of one happening.

A slide of an item to the next plate, a take of two in quick turn, one lift told as two events: explained one by one,
each part has to be something of its own. Here an explanation of the sum as one change competes with all pairs of
separate explanations, at comparable densities: of the whole's change by the sum, and of the first part, given the sum,
by a broad density on the plates that took part, or by a narrow one where each plate told its own share of it.

What came after the first event is gone through again from the pasts before it, which are kept for as long as an event
may still adjoin; so nothing waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from walkout.inference.choice import Choice, Options
from walkout.inference.goods import Goods
from walkout.inference.happening import Happening
from walkout.inference.hypothesis import Hypotheses, advance
from walkout.inference.inquiry import Inquiry
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
MOST_PARTS = 3
"""Events of one happening at most."""
HELD_G, MOVED_G = 20.0, 300.0
"""How the first part's change spreads, given the whole: a hand's weight, or goods; or not at all, where each plate of
the shelf took part in one event only and told there all that it told: goods that were pushed to the next plate. Each
is as likely."""

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

    def see(self, event: ShelfEvent, asked: Inquiry) -> "Course":
        """The course after one more shelf event."""
        shop = asked.shop
        lately = tuple(t for t in self.lately if start_ns(t.found) >= event.start_ns - REACH_BACK_NS)
        alone = asked.options(event, self.pasts)
        near = _near(lately, event) if shop.model.joint_windows else ()
        if not near:
            return Course(self.pasts, lately).happen(alone, shop)
        before = lately[near[0]].before
        one: Options = alone
        for n in reversed(near):
            other = lately[n].found
            assert isinstance(other, Options)  # noqa: S101 - `_near` finds no others
            whole = asked.options(joined(other.evidence.event, one.evidence.event), before)
            one = together(other, one, whole, shop.model)
        course = Course(before, lately[: near[0]]).happen(one, shop)
        for n, later in enumerate(lately):
            if n > near[0] and n not in near:
                course = course.happen(later.found, shop)
        return course


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
    """All explanations of two adjoining events, or more: of each by itself, and of their sum as one."""
    parts = (*_parts(first), *_parts(second))
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
        choice = Choice((*one.moves, *two.moves), log_p + apart, one.residual_g + two.residual_g)
        found.append((choice, (*_covers(first, m), *_covers(second, n))))
    as_one = log(model.one_happening) + _log_split(first.seen, second.seen, model)
    for choice in whole.choices:
        one = Choice(choice.moves, choice.log_p + as_one, choice.residual_g)
        found.append((one, tuple((whole, choice) for _ in parts)))
    choices = tuple(choice for choice, _ in found)
    return Episode(whole.evidence, whole.seen, choices, whole.reaches, parts, tuple(covers for _, covers in found))


def _parts(found: Options) -> tuple[Options, ...]:
    return found.parts if isinstance(found, Episode) else (found,)


def _covers(found: Options, n: int) -> Covers:
    return found.covers[n] if isinstance(found, Episode) else ((found, found.choices[n]),)


def _log_split(first: Change, second: Change, model: Model) -> float:
    """The log density of the first part's change, given the whole and that both were one happening."""
    at = np.array(first.plates)
    here = np.isin(at, sorted({*first.main, *second.main}))
    away = np.abs(at[:, None] - at)
    leak = np.where(away == 1, model.leak, np.where(away == 2, model.leak / 2, 0.0)) * np.where(
        here, first.delta_g, 0.0
    )
    felt = (2.0 * leak**2).sum(axis=1)
    ways = [
        _log_normal(first.delta_g, first.cov_g2 + np.diag(np.where(here, spread_g**2, felt)))
        for spread_g in (HELD_G, MOVED_G)
    ]
    if first.plates == second.plates and not set(first.main) & set(second.main):
        off_g = np.where(np.isin(at, first.main), -second.delta_g, first.delta_g)
        ways.append(_log_normal(off_g, first.cov_g2 + np.diag(felt)))
    return float(np.logaddexp.reduce(ways)) - log(len(ways))


def _log_normal(off_g: NDArray[np.float64], cov_g2: NDArray[np.float64]) -> float:
    rest = np.linalg.solve(cov_g2, off_g)
    return float(-0.5 * (off_g @ rest + np.linalg.slogdet(cov_g2)[1] + len(off_g) * log(2.0 * pi)))


def _near(lately: Sequence[Told], event: ShelfEvent) -> tuple[int, ...]:
    """Which of what was explained lately an event may be one happening with, the oldest first.

    The newest go before, and what adjoins some of it adjoins it all.
    """
    found: list[int] = []
    parts, whole = 1, event
    while True:
        for n in reversed(range(len(lately))):
            other = lately[n].found
            if n in found or not isinstance(other, Options) or parts + len(_parts(other)) > MOST_PARTS:
                continue
            if _adjoins(other.evidence.event, whole):
                found.append(n)
                parts, whole = parts + len(_parts(other)), joined(other.evidence.event, whole)
                break
        else:
            return tuple(sorted(found))


def _adjoins(other: ShelfEvent, event: ShelfEvent) -> bool:
    """Whether two events may be parts of one happening: near in place, and in time from the first touch on."""
    if (other.fixture, other.shelf) != (event.fixture, event.shelf):
        return False
    apart_ns = max(_began_ns(other), _began_ns(event)) - min(other.end_ns, event.end_ns)
    near = min(event.plates) <= max(other.plates) + 1 and min(other.plates) <= max(event.plates) + 1
    return near and apart_ns <= ADJOIN_NS


def _began_ns(event: ShelfEvent) -> int:
    return min(event.onset_ns, event.start_ns)


def start_ns(found: Options | Happening) -> int:
    """When something that was explained began, UTC nanoseconds."""
    return found.start_ns if isinstance(found, Happening) else found.evidence.event.start_ns
