"""What a classifier of products saw in a hand at a shelf, as one more reason for or against an explanation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from walkout.inference.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A person's hand with goods at a shelf: GTIN to likelihood, of the products that were compared."""

    t_ns: int
    person: str
    fixture: str
    shelf: int
    likelihoods: Mapping[str, float]


def glances_at(
    glances: Sequence[Glance], fixture: str, shelf: int, window_ns: tuple[int, int]
) -> Mapping[str, tuple[Glance, ...]]:
    """The glances at one shelf in an interval, by person."""
    found: dict[str, tuple[Glance, ...]] = {}
    for glance in glances:
        if (glance.fixture, glance.shelf) == (fixture, shelf) and window_ns[0] <= glance.t_ns <= window_ns[1]:
            found[glance.person] = (*found.get(glance.person, ()), glance)
    return found


def log_look(glances: Sequence[Glance], gtins: Sequence[str], model: Model) -> float:
    """The log likelihood ratio of one person's glances if they moved these products, against any that was compared.

    A glance is of one of the products moved, each as likely, or (`Model.look_astray`) of something else. A product
    that was not compared is as unlikely as the least likely that was.
    """
    log_ratio = 0.0
    for glance in glances:
        likely = glance.likelihoods
        total = sum(likely.values())
        if not gtins or total <= 0.0:
            continue
        least = min(likely.values())
        mine = sum(likely.get(gtin, least) for gtin in gtins) / len(gtins)
        log_ratio += log((1.0 - model.look_astray) * mine * len(likely) / total + model.look_astray)
    return log_ratio
