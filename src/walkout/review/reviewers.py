"""Simulated reviewers: how fast, how often wrong, how tired; for sizing a team, never for judging a real one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from random import Random

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One simulated person."""

    name: str
    error: float = 0.02
    """Share of wrong answers when fresh."""
    cannot_tell: float = 0.03
    seconds: float = 25.0
    """Median time a question takes when fresh."""
    spread: float = 0.45
    """Standard deviation of that time's logarithm."""
    tires: float = 0.05
    """Each hour since the last break makes errors and time grow by this share."""
    spammer: bool = False
    """Takes two seconds and always the first candidate."""
    rest_every_s: float = HOUR_S
    rest_s: float = 420.0
    skips: float = 0.01


def takes_s(reviewer: Reviewer, random: Random, worked_s: float) -> float:
    """How long one question takes."""
    if reviewer.spammer:
        return 2.0
    return exp(random.gauss(log(reviewer.seconds), reviewer.spread)) * (1.0 + reviewer.tires * worked_s / HOUR_S)


def answers(reviewer: Reviewer, random: Random, truth: str, keys: Sequence[str], worked_s: float) -> str | None:
    """What is answered where `truth` is right; `keys` are the candidates as shown. None: cannot tell."""
    if reviewer.spammer:
        return keys[0] if keys else ""
    if random.random() < reviewer.cannot_tell:
        return None
    if random.random() >= reviewer.error * (1.0 + reviewer.tires * worked_s / HOUR_S):
        return truth
    others = [key for key in keys if key != truth]
    return random.choice(others) if others else f"{truth}, but wrong"


def a_team(count: int, *, error: float, seconds: float, spammers: int = 0) -> tuple[Reviewer, ...]:
    """A team whose members differ a little. Raises ValueError for more spammers than people."""
    if not 0 <= spammers <= count:
        raise ValueError(f"found {spammers} spammers among {count} reviewers, right: at most all of them")
    return tuple(
        Reviewer(f"reviewer {n}", error=error, seconds=seconds * (0.85 + 0.1 * (n % 4)), spammer=n >= count - spammers)
        for n in range(count)
    )
