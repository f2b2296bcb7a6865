"""How well loads explain what the plates of a shelf showed: a Gaussian over all plates of the shelf at once.

An item lies on a run of its facing's plates, nobody knows which (`runs`), and on each of the run's n plates with a
share that nobody knows: a symmetric Dirichlet with total concentration b, of mean 1/n and covariance (diag(1/n) -
1/n^2) / (b + 1) (Kotz, Balakrishnan, Johnson, Continuous Multivariate Distributions, 2000, chapter 49), matched by a
Gaussian. The total stays exact, the split free; what goes with the split (each plate's gain, what its neighbours feel)
goes with the one that was seen, so that these are densities only nearly. A plate that gave no reading is left out,
which widens all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from walkout.inference.model import Model
from walkout.sensing.event import ShelfEvent

Gains = Mapping[tuple[str, int, int], tuple[float, float]]
"""(Fixture, shelf, plate): by how much it tells too much, as a share, and the variance of that; what is not in it is
as the model has it."""


@dataclass(frozen=True, slots=True)
class Load:
    """Some equal items that left some plates of one shelf (quantity below 0: came to them)."""

    plates: tuple[int, ...]
    mass_g: float
    sd_g: float
    quantity: int
    spread_g: float | None = None
    """What may lie on one plate or another, grams; None: all of it."""
    leaking_g: float | None = None
    """What its neighbours feel a share of, grams that left; None: all of it."""
    log_share: float = 0.0
    """The log prior of this way of lying there, among the ways of the same items."""
    pushed: bool = False
    """Whether it went from some of its plates to others: what lay on each and leaves it is what that plate showed."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What all reading plates of one shelf showed at one event."""

    plates: tuple[int, ...]
    delta_g: NDArray[np.float64]
    """Shape (plates,), 0 for those that the event leaves out."""
    cov_g2: NDArray[np.float64]
    """Shape (plates, plates)."""
    main: tuple[int, ...]
    """The plates that take part."""
    hulls: tuple[tuple[int, ...], ...] = ()
    """The runs of plates on which something may have lain that has no place here: of all that take part, of those that
    do most."""
    gain: NDArray[np.float64] | None = None
    """By how much each plate tells too much, as a share, and the variance of that, shape (2, plates); None: as the
    model has it."""

    @property
    def total_g(self) -> float:
        """The change of the plates that take part, grams."""
        return float(sum(d for p, d in zip(self.plates, self.delta_g, strict=True) if p in self.main))


def change(event: ShelfEvent, reading: Iterable[int], model: Model, gains: Gains | None = None) -> Change:
    """The event over all plates of its shelf that gave readings, and its own."""
    plates = tuple(sorted({*reading, *event.plates}))
    at = [plates.index(p) for p in event.plates]
    delta = np.zeros(len(plates))
    delta[at] = event.delta_g
    wandered_g2 = model.wander_g2_s * max(0, event.end_ns - min(event.onset_ns, event.start_ns)) * 1e-9
    cov = np.eye(len(plates)) * model.plate_sd_g**2
    cov[at, at] = min(model.level_sd_g**2 + wandered_g2, model.plate_sd_g**2)
    cov[np.ix_(at, at)] += np.array(event.cov_g2, np.float64)
    most = max((abs(d) for d in event.delta_g), default=0.0)
    moved = sorted(zip(event.plates, event.delta_g, strict=True))
    main = tuple(p for p, d in moved if abs(d) >= model.main_share * most)
    chief = [p for p, d in moved if abs(d) >= model.chief_share * most]
    hulls = {tuple(range(min(some), max(some) + 1)) for some in (main, chief)}
    known = [(gains or {}).get((event.fixture, event.shelf, p), (0.0, model.gain_sd**2)) for p in plates]
    return Change(plates, delta, cov, main, tuple(sorted(hulls)), np.array(known, np.float64).reshape(-1, 2).T)


def log_densities(seen: Change, loads: Sequence[Sequence[Load]], model: Model) -> NDArray[np.float64]:
    """The log density of the change under each set of loads, shape (sets,), in 1/gram to the power of the plates."""
    n, sets = len(seen.plates), len(loads)
    if not sets:
        return np.zeros(0)
    index: dict[Load, int] = {}
    most = max(len(together) for together in loads)
    # Each set as rows of `alone`, filled up with a last row of nothing.
    rows = np.full((sets, most), -1)
    for k, together in enumerate(loads):
        rows[k, : len(together)] = [index.setdefault(load, len(index)) for load in together]
    grams, lain, gone, cov = (part[rows].sum(axis=1) for part in _alone(tuple(index), seen, model))
    at = np.array(seen.plates, np.float64)
    away = np.abs(at[:, None] - at)
    leak = np.where(away == 1, model.leak, np.where(away == 2, model.leak / 2, 0.0))
    cov = seen.cov_g2 + cov
    # Each plate's own gain; a leak is none at some plates, twice as much at others.
    gain, gain_var = (np.zeros(n), np.full(n, model.gain_sd**2)) if seen.gain is None else seen.gain
    cov[:, range(n), range(n)] += gain_var * lain**2 + gone**2 @ leak**2
    mean = -grams - gain * lain - gone @ leak
    factor = np.linalg.cholesky(cov)
    rest = np.linalg.solve(factor, (seen.delta_g - mean)[..., None])[..., 0]
    log_det = 2.0 * np.log(np.einsum("kii->ki", factor)).sum(axis=1)
    return np.asarray(-0.5 * ((rest * rest).sum(axis=1) + log_det + n * log(2.0 * pi)), np.float64)


def _alone(
    loads: Sequence[Load], seen: Change, model: Model
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Grams of each load, and of nothing at last, on each plate: evenly, as seen, as neighbours feel; the covariance.

    Shapes (loads + 1, plates), the same, the same, (loads + 1, plates, plates).
    """
    plates = seen.plates
    runs_of: dict[tuple[int, ...], int] = {}
    which = np.array([runs_of.setdefault(load.plates, len(runs_of)) for load in loads])
    on = np.array([np.isin(plates, run) / len(run) for run in runs_of], np.float64)
    both = on[:, :, None] * on[:, None, :]
    share = on[:, :, None] * np.eye(len(plates)) - both
    left = np.array([load.mass_g * load.quantity for load in loads])
    spread = np.array([abs(g) if load.spread_g is None else load.spread_g for load, g in zip(loads, left, strict=True)])
    felt = np.array([g if load.leaking_g is None else load.leaking_g for load, g in zip(loads, left, strict=True)])
    vary = np.array([abs(load.quantity) * load.sd_g**2 for load in loads])
    # Gain and leak go with where it lay, which the change itself tells well.
    down, up = (_as_seen(on, np.maximum(sign * seen.delta_g, 0.0)) for sign in (-1.0, 1.0))
    lay = np.where((left < 0.0)[:, None], up[which], down[which])
    cov = (spread**2 / (model.bend + 1.0))[:, None, None] * share[which] + vary[:, None, None] * both[which]
    lain = left[:, None] * lay
    gone = felt[:, None] * np.where((felt < 0.0)[:, None], up[which], down[which])
    pushed = np.array([load.pushed for load in loads])[:, None]
    lain, gone = (np.where(pushed, np.where(on[which] > 0.0, -seen.delta_g, 0.0), some) for some in (lain, gone))
    none = np.zeros((1, len(plates)))
    return (
        np.vstack((left[:, None] * on[which], none)),
        np.vstack((lain, none)),
        np.vstack((gone, none)),
        np.concatenate((cov, np.zeros((1, len(plates), len(plates))))),
    )


def _as_seen(on: NDArray[np.float64], seen_g: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each run, each plate's share of the change, shape (runs, plates); all the same where nothing changed."""
    there = np.where(on > 0.0, seen_g, 0.0)
    total = there.sum(axis=1, keepdims=True)
    return np.where(total > 0.0, there / np.where(total > 0.0, total, 1.0), on)


def counts(
    total_g: float, mass_g: float, sd_g: float, model: Model, *, hidden: bool = False, more_g2: float = 0.0
) -> tuple[int, ...]:
    """How many items of a mass may make up a change, signed as items that left; empty where none fits.

    A count fits within 6 standard deviations; where a plate is `hidden` (it gave no reading), any that is not too few.
    `more_g2` is further variance of the change.
    """
    if mass_g <= 0:
        return ()
    sign = 1 if total_g < 0 else -1
    near = round(abs(total_g) / mass_g)
    fits = []
    for q in range(max(1, near - 1), min(model.max_of_one, near + (2 if hidden else 1)) + 1):
        sd = (q * sd_g**2 + (model.gain_sd * q * mass_g) ** 2 + 4 * model.plate_sd_g**2 + more_g2) ** 0.5
        missing = abs(total_g) - q * mass_g
        if abs(missing) <= 6 * sd or (hidden and missing < 0):
            fits.append(sign * q)
    return tuple(fits)


def runs(plates: Sequence[int], main: Sequence[int]) -> tuple[tuple[tuple[int, ...], float], ...]:
    """The runs of a facing's plates on which what moved may have lain, each with its log prior.

    Any length is as likely as any other, and any place of that length. Only runs that the plates which took part
    speak for are given: their hull, each of them alone, and the whole facing.
    """
    every = tuple(sorted(plates))
    n = len(every)
    hit = [i for i, plate in enumerate(every) if plate in main]
    spans = {(i, i + 1) for i in hit} | {(0, n)}
    if hit:
        spans.add((hit[0], hit[-1] + 1))
    return tuple((every[a:b], -log(n) - log(n - (b - a) + 1)) for a, b in sorted(spans))


def over(plates: Sequence[int], main: Sequence[int], model: Model) -> tuple[tuple[int, ...], float] | None:
    """The run on which goods lay that reach beyond their facing's plates, with its log prior; None where none do."""
    beyond = len(set(main) - set(plates))
    if not beyond or beyond > model.over_most or not set(main) & set(plates):
        return None
    run = tuple(range(min(main), max(main) + 1))
    if len(run) - len(set(run) & set(plates)) > beyond:
        return None
    return run, log(model.over) + (beyond - 1) * log(model.over_more) - log(2.0 * len(plates))
