"""Calibration cards fitted on verdicts, and verdicts seen through a card."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import LEAST, NO_CARD, Card, Map

Floats = NDArray[np.float64]

LEAST_VISITS = 30
"""A map is fitted on so many at least; with fewer it stays the one of `NO_CARD`."""
PRIOR_SD = (1.0, 1.0, 2.0)
"""How far ln a, ln b and c are from 0 (the identity) before anything is seen: weak, decides where few were wrong."""
PRIOR_CAP = (0.5, 50.0)
"""Beta prior of the share that goes wrong however sure inference is: half a wrong one in 50 before anything is
seen."""
GRID = 200
"""Thresholds of a card at most."""


class CalibrationError(ValueError):
    """Verdicts that cannot be used so; its words say what was found and what would be right."""


def fit_card(verdicts: Iterable[Verdict], *, store: str, about: str, mixed: bool = False) -> Card:
    """A card fitted on verdicts of our own method, `p_exact` and lines as inference gave them.

    Raises CalibrationError where there are none, or real and simulated ones are mixed without `mixed`.
    """
    used = receipts_of(verdicts)
    if not used:
        raise CalibrationError("found no receipt to calibrate on, right: labelled visits, some thousand of them")
    origin = origin_of(used, mixed=mixed)
    some = [v for v in used if v.charged]
    none = [v for v in used if not v.charged]
    lines = [line for v in used for line in v.lines]
    card = Card(
        origin,
        store,
        about,
        tuple(sorted({v.recording for v in used})),
        len(used),
        sum(not v.exact for v in used),
        len(lines),
        fit_map([v.p_exact for v in some], [v.exact for v in some]),
        fit_map([v.p_exact for v in none], [v.exact for v in none]),
        fit_map([p for p, _ in lines], [right for _, right in lines]),
    )
    return replace(card, grid=grid_of([card.exact(v.p_exact, empty=not v.charged) for v in used]))


def receipts_of(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that have a receipt, of recordings whose truth does not contradict itself.

    A true visit without a receipt has nothing that could be settled; it counts as goods given away.
    """
    return [
        v
        for v in verdicts
        if v.tags.get("consistent", "true") == "true" and v.tags.get("matched", "both") != "visit alone"
    ]


def origin_of(verdicts: Sequence[Verdict], *, mixed: bool = False) -> Literal["real", "simulated", "mixed"]:
    """The origin of some verdicts. Raises CalibrationError where they are mixed and that was not asked for."""
    found = sorted({v.origin for v in verdicts})
    if found == ["real"]:
        return "real"
    if found == ["simulated"]:
        return "simulated"
    if mixed and set(found) <= {"real", "simulated", "mixed"}:
        return "mixed"
    raise CalibrationError(
        f"found verdicts of origin {' and '.join(found) or 'nothing'}, right: only real or only simulated ones, "
        "or both asked for by name"
    )


def calibrated(card: Card, verdicts: Iterable[Verdict], *, seen: bool = False) -> list[Verdict]:
    """Verdicts with the probabilities that receipts publish.

    Raises CalibrationError where the card was fitted on one of their recordings, unless `seen` says that this is no
    measurement.
    """
    found = list(verdicts)
    if not seen and (known := card.knows(v.recording for v in found)):
        raise CalibrationError(
            f"found {len(known)} recordings that the card was fitted on (such as {min(known)}), right: fresh ones"
        )
    return [
        replace(
            v,
            p_exact=card.exact(v.p_exact, empty=not v.charged),
            lines=tuple((card.of_line(p), right) for p, right in v.lines),
        )
        for v in found
    ]


def fit_map(
    p: Sequence[float], right: Sequence[bool], *, weights: Sequence[float] | None = None, around: Map | None = None
) -> Map:
    """A map, maximum a posteriori; ties, a point mass near 1 and few wrong ones are all right.

    `weights`: how many each one stands for, where not all came with the same probability (None: all count alike);
    they are scaled to what they are worth together (Kish 1965). `around`: the map that the prior stands around, and
    that stays with fewer than `LEAST_VISITS` (None: the identity, and the map of no card).
    """
    if len(p) < LEAST_VISITS:
        return NO_CARD.some if around is None else around
    many = [1.0] * len(p) if weights is None else list(weights)
    triples = sorted(zip(p, right, many, strict=True))  # so that the order of the visits changes nothing
    raw = np.clip(np.array([q for q, _, _ in triples], np.float64), LEAST, 1.0 - LEAST)
    low, high, y = np.log(raw), -np.log1p(-raw), np.array([r for _, r, _ in triples], np.float64)
    w = np.array([x for _, _, x in triples], np.float64)
    w *= w.sum() / float(np.sum(w * w))
    middle = (0.0, 0.0, 0.0) if around is None else (float(np.log(around.a)), float(np.log(around.b)), around.c)

    def cost(x: Floats) -> float:
        la, lb, c, lost = (float(v) for v in x)
        z = np.exp(la) * low + np.exp(lb) * high + c
        cap = 1.0 / (1.0 + np.exp(lost))
        log_q = np.log(cap) - np.logaddexp(0.0, -z)
        log_miss = np.log1p(-np.minimum(np.exp(log_q), 1.0 - 1e-12))
        told = float(np.sum(w * (y * log_q + (1.0 - y) * log_miss)))
        a, b = PRIOR_CAP
        prior = -0.5 * sum(((v - m) / sd) ** 2 for v, m, sd in zip((la, lb, c), middle, PRIOR_SD, strict=True))
        prior += a * float(np.log1p(-cap)) + (b - a) * float(np.log(cap))
        return -(told + prior)

    starts = [np.array([*middle, lost]) for lost in (-6.0, -3.0)]
    bounds = [(-5.0, 3.0), (-5.0, 3.0), (-12.0, 12.0), (-12.0, 4.0)]
    found = min((minimize(cost, x, method="L-BFGS-B", bounds=bounds) for x in starts), key=lambda r: float(r.fun))
    la, lb, c, lost = (float(v) for v in found.x)
    digits = 9  # so that a card's bytes do not hang on the last bits of a solver
    return Map(
        round(float(np.exp(la)), digits),
        round(float(np.exp(lb)), digits),
        round(c, digits),
        round(float(1.0 / (1.0 + np.exp(lost))), digits),
    )


def grid_of(scores: Sequence[float]) -> tuple[float, ...]:
    """Thresholds, falling: the lowest score, and midpoints between some `GRID` quantiles, ties once."""
    ordered = np.sort(np.array(scores, np.float64))
    picked = np.linspace(0, len(ordered) - 1, GRID).astype(int)
    edges = sorted({float(score) for score in ordered[picked]})
    cuts = {edges[0], *((low + high) / 2.0 for low, high in pairwise(edges))}
    return tuple(sorted((round(cut, 9) for cut in cuts), reverse=True))
