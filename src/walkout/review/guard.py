"""Whether software may go on settling alone: shadow, alone, or asking about everything, moved by labels alone.

A shop starts in shadow. A certificate of its own blind labels lets it settle alone. From then on every label of the
even audit sample goes into an e-process (is the rate below the level?) and an alarm (has it risen?); at an alarm it
asks about everything again, by itself, until a new certificate. Changing model, card, threshold or planogram starts
the reckoning anew.
"""

from dataclasses import dataclass, replace
from typing import Literal

from walkout.review.audit import Label
from walkout.review.drift import Drift
from walkout.review.evidence import DELTA, Evidence

State = Literal["shadow", "alone", "asks_all"]


@dataclass(frozen=True, slots=True)
class Levels:
    """What is promised: the share that may be wrong, and the share that may be overcharged."""

    wrong: float = 0.01
    over: float = 0.005
    delta: float = DELTA
    """Split in halves between the two risks."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The state of one shop."""

    levels: Levels
    wrong: Evidence
    over: Evidence
    wrong_drift: Drift
    over_drift: Drift
    state: State = "shadow"
    certificate: str | None = None

    @property
    def holds(self) -> bool:
        """Both rates are certified below their levels by the labels since the last reset."""
        part = self.levels.delta / 2.0
        return self.wrong.certified(part) and self.over.certified(part)


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate from blind labels that software was not tuned on.

    The bounds are those of its rungs: the alarm rests on them, so that false ones are as rare as proven while they
    hold.
    """

    certificate: str
    t_ns: int
    wrong_bound: float
    over_bound: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """What auditors found of one visit of the even sample."""

    label: Label
    t_ns: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that the certificate rested on is another one now."""

    what: str
    t_ns: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The guard changed its state; published."""

    before: State
    after: State
    why: str
    labels: int
    """Of the even sample, since the last reset."""
    t_ns: int


Input = Certified | Labelled | Changed


def guard(levels: Levels) -> Guard:
    """A shop on its first day."""
    return Guard(levels, *_reckoning(levels, levels.wrong, levels.over))


def step(now: Guard, given: Input) -> tuple[Guard, Moved | None]:
    """What an input makes of the guard, and the move to publish, if there is one."""
    match given:
        case Certified():
            fresh = _fresh(now, given.wrong_bound, given.over_bound)
            after = replace(fresh, state="alone", certificate=given.certificate)
            return after, _moved(now, after, f"certificate {given.certificate[:12]}", given.t_ns)
        case Changed():
            after = replace(_fresh(now), state="shadow", certificate=None)
            return after, _moved(now, after, f"{given.what} changed", given.t_ns)
        case Labelled():
            return _labelled(now, given)


def _labelled(now: Guard, given: Labelled) -> tuple[Guard, Moved | None]:
    if now.state != "alone":
        return now, None
    label = given.label
    after = replace(
        now,
        wrong=now.wrong.after(label.wrong),
        over=now.over.after(label.over),
        wrong_drift=now.wrong_drift.after(label.wrong),
        over_drift=now.over_drift.after(label.over),
    )
    for risk, drift in (("wrong", after.wrong_drift), ("overcharged", after.over_drift)):
        if drift.alarmed:
            fallen = replace(_fresh(after), state="asks_all", certificate=None)
            why = f"more receipts are {risk} than before (e-value {drift.value:.0f})"
            return fallen, Moved("alone", "asks_all", why, drift.count, given.t_ns)
    return after, None


def _fresh(now: Guard, wrong_rate: float | None = None, over_rate: float | None = None) -> Guard:
    rates = now.levels.wrong if wrong_rate is None else wrong_rate, now.levels.over if over_rate is None else over_rate
    wrong, over, wrong_drift, over_drift = _reckoning(now.levels, *rates)
    return replace(now, wrong=wrong, over=over, wrong_drift=wrong_drift, over_drift=over_drift)


def _reckoning(levels: Levels, wrong_rate: float, over_rate: float) -> tuple[Evidence, Evidence, Drift, Drift]:
    drifts = Drift(min(levels.wrong, wrong_rate)), Drift(min(levels.over, over_rate))
    return (Evidence(levels.wrong), Evidence(levels.over), *drifts)


def _moved(now: Guard, after: Guard, why: str, t_ns: int) -> Moved | None:
    if now.state == after.state and now.certificate == after.certificate:
        return None
    return Moved(now.state, after.state, why, now.wrong.count, t_ns)
