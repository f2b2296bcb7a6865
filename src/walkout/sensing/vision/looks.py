"""Which product a picture shows, from a few pictures of each: as likely as a calibrated Gaussian model says.

The network gives a picture coordinates in which pictures of one product scatter about its place with variance 1, and
the places of products scatter about 0 with variance `between` (probabilistic linear discriminant analysis: Ioffe, 2006;
Prince and Elder, 2007). So a product known by k pictures has a place known so far, and a picture's density under "this
product" against "any product at all" follows in closed form: few pictures make wide, modest claims, and nothing is
trained when a product comes in. Small pictures scatter more; by how much was measured, as the two numbers that turn
log densities into honest log odds were, on invented products alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_PICTURES = 64
"""Of one product; more would say no more."""
ALONG = 0.5
"""How alike the errors of two pictures of one moment are, as a correlation: cameras see the same light and hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """What was measured of the network's coordinates, on products that it was not trained on.

    `between` (d,): the variance of products' places. `sizes_px` (n,), rising, and `scatter` (n,): the variance of
    pictures about their product's place, for a view of so many camera pixels across; 1 on average. `trust`: how
    many pictures' worth the usual scatter counts beside what a product's own pictures show. `slope`, `offset`: log odds
    are slope * log density ratio + offset. `shows`: how often a crop shows the product at all.
    """

    between: Floats
    sizes_px: Floats
    scatter: Floats
    trust: float
    slope: float
    offset: float
    shows: float

    def scatter_at(self, across_px: float) -> float:
        """The variance of a picture of a view that is so many camera pixels across."""
        low, high = float(self.sizes_px[0]), float(self.sizes_px[-1])
        at = log(min(max(across_px, low), high))
        return float(np.interp(at, np.log(self.sizes_px), self.scatter))


@dataclass(frozen=True, slots=True, eq=False)
class Prototype:
    """A product as its pictures show it: its place (d,), the variance left of that (d,), its scatter, how many."""

    place: Floats
    doubt: Floats
    spread: float
    pictures: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Log likelihood ratios of one picture: each candidate against a product that is none of them."""

    log_ratios: Mapping[str, float]

    def probabilities(self, something_else: float) -> dict[str, float]:
        """The probability of each candidate, "" for something else, whose prior is given; candidates share the rest."""
        n = max(len(self.log_ratios), 1)
        logs = {key: log((1.0 - something_else) / n) + value for key, value in self.log_ratios.items()}
        logs[""] = log(max(something_else, 1e-12))
        most = max(logs.values())
        weights = {key: exp(value - most) for key, value in logs.items()}
        total = sum(weights.values())
        return {key: weight / total for key, weight in weights.items()}

    def best(self) -> str:
        """The likeliest candidate, or "" where something else is likelier than any; ties: the lower GTIN."""
        if not self.log_ratios:
            return ""
        most = min(self.log_ratios, key=lambda key: (-self.log_ratios[key], key))
        return most if self.log_ratios[most] > 0.0 else ""


def enrol(coordinates: Floats, across_px: Sequence[float], measure: Measure) -> Prototype:
    """A product from the coordinates (k, d) of 1 to 64 pictures of it and how many pixels across each view was.

    Raises ValueError for none or too many, and for numbers that are not finite.
    """
    coordinates = np.atleast_2d(np.asarray(coordinates, np.float64))
    k, d = coordinates.shape
    if not 1 <= k <= MOST_PICTURES or d != len(measure.between):
        raise ValueError(
            f"a product is enrolled from 1 to {MOST_PICTURES} pictures of {len(measure.between)} numbers, "
            f"found {k} of {d}"
        )
    if len(across_px) != k or not np.isfinite(coordinates).all():
        raise ValueError(f"{k} pictures need {k} sizes and finite numbers, found {len(across_px)} sizes")
    weights = np.array([1.0 / measure.scatter_at(px) for px in across_px])
    mean = weights @ coordinates / weights.sum()
    seen = float((weights[:, None] * (coordinates - mean) ** 2).sum() / d)
    spread = (measure.trust + seen) / (measure.trust + k - 1)
    worth = weights.sum() / spread
    doubt = 1.0 / (1.0 / measure.between + worth)
    return Prototype(doubt * worth * mean, doubt, spread, k)


def score(coordinates: Floats, across_px: float, candidates: Mapping[str, Prototype], measure: Measure) -> Scores:
    """How much likelier a picture (d,) is of each candidate than of any other product, as calibrated log odds."""
    gtins = sorted(candidates)
    found = ratios(np.asarray(coordinates)[None], [across_px], [candidates[gtin] for gtin in gtins], measure)[0]
    return Scores(dict(zip(gtins, found.tolist(), strict=True)))


def ratios(
    coordinates: Floats, across_px: Sequence[float], candidates: Sequence[Prototype], measure: Measure
) -> Floats:
    """The same for many pictures (n, d) and candidates at once, shape (n, candidates)."""
    own = np.array([measure.scatter_at(px) for px in across_px])[:, None]
    anything = measure.between + own
    log_else = -0.5 * (np.log(anything) + coordinates**2 / anything).sum(axis=1)
    found = np.empty((len(coordinates), len(candidates)))
    for k, known in enumerate(candidates):
        variance = known.doubt + own * known.spread
        found[:, k] = -0.5 * (np.log(variance) + (coordinates - known.place) ** 2 / variance).sum(axis=1)
    return np.asarray(measure.slope * (found - log_else[:, None]) + measure.offset)


def together(scores: Sequence[Scores], measure: Measure) -> dict[str, float]:
    """Log likelihoods of each candidate from several pictures of one thing at one moment, against something else's 0.

    A picture shows the product with probability `shows`; otherwise (a sleeve, a back) it says nothing, and every
    candidate is as likely: so one that is like none of them changes nothing. Errors of two pictures of one moment
    correlate by `ALONG`, so that n of them count as n / (1 + (n - 1) ALONG). Raises ValueError for other candidates.
    """
    if any(set(s.log_ratios) != set(scores[0].log_ratios) for s in scores):
        raise ValueError("pictures are put together where all were scored on the same candidates")
    share = 1.0 / (1.0 + (len(scores) - 1) * ALONG)
    keys = sorted(scores[0].log_ratios) if scores else []
    shown = measure.shows
    return {
        key: share * sum(log(shown * exp(min(s.log_ratios[key], 50.0)) + 1.0 - shown) for s in scores) for key in keys
    }


def likelihoods(logs: Mapping[str, float]) -> dict[str, float]:
    """What `recording.look.Look` carries: the likeliest product has 1, the others their share of it, six digits."""
    most = max(logs.values(), default=0.0)
    return {key: round(exp(logs[key] - most), 6) for key in sorted(logs)}
