"""What a person detector would make of the twin's people, from exact truth: for judging what comes after it alone.

Joints are off by a share of the person's height in the picture, in part the same way from frame to frame; what is
hidden is missed or guessed badly; people are missed and seen where nobody is; left is taken for right at times. The
rates are assumed, of the order of small networks on 640 x 360; figures made with them say so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkout.recording.people import JOINTS
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.sighting import Sighting
from walkout.store.shop import Store
from walkout.twin.glimpses import Glimpse

ARMS = np.array([1.0, 1.0, 1.0, 1.0, 1.5, 1.5, 1.8, 1.8])
"""How much worse elbows and wrists are placed than the torso."""


@dataclass(frozen=True, slots=True)
class Flaws:
    """How a pretended detector errs."""

    least_px: float = 1.5
    share: float = 0.012
    """Of the person's height in the picture, one standard deviation along each axis, of the torso's joints."""
    lasting: float = 0.5
    """Of that variance, so much stays from frame to frame ..."""
    lasts_s: float = 0.6
    """... for so long."""
    hidden_missed: float = 0.7
    hidden_worse: float = 3.0
    joint_missed: float = 0.02
    person_missed: float = 0.03
    least_seen: int = 3
    """Fewer joints in sight make no person, nine times in ten."""
    false_people: float = 0.02
    """A frame."""
    turned: float = 0.02
    """Left for right."""
    twice: float = 0.01


def pretended(
    glimpses: Iterable[Glimpse],
    store: Store,
    seed: int,
    flaws: Flaws = Flaws(),
) -> Iterator[Sighting]:
    """The sights of a detector with these flaws, one a glimpse."""
    lenses = {camera.id: Lens.of(camera) for camera in store.cameras}
    rng = np.random.default_rng(seed)
    lasting: dict[tuple[str, str], tuple[int, NDArray[np.float64]]] = {}
    for glimpse in glimpses:
        lens, rows = lenses[glimpse.camera], []
        pixels, depth = lens.project(glimpse.joints_m)
        ground = glimpse.joints_m[:, 1] * np.array([1.0, 1.0, 0.0])
        feet, _ = lens.project(ground)
        for n, name in enumerate(glimpse.people):
            inside = (
                (depth[n] > 0.3) & (pixels[n] > 0).all(axis=1) & (pixels[n] < [lens.width_px, lens.height_px]).all(1)
            )
            seen = inside & ~glimpse.hidden[n]
            missed = flaws.person_missed if seen.sum() >= flaws.least_seen else 0.9
            if not inside.any() or not seen.any() or rng.random() < missed:
                continue
            tall = float(np.hypot(*(pixels[n, 0] - feet[n]))) if np.isfinite(feet[n]).all() else 300.0
            spread = np.maximum(flaws.least_px, flaws.share * max(tall, 80.0)) * ARMS
            slow = _slow(lasting, (glimpse.camera, name), glimpse.t_ns, flaws, rng)
            fast = np.sqrt(1 - flaws.lasting) * rng.standard_normal((len(JOINTS), 2))
            off = spread[:, None] * (slow + fast) * np.where(seen, 1.0, flaws.hidden_worse)[:, None]
            found = inside & np.where(seen, rng.random(8) >= flaws.joint_missed, rng.random(8) >= flaws.hidden_missed)
            scores = np.where(seen, 0.95, 0.45) - 0.2 * rng.random(8)
            said = spread * np.exp(0.25 * rng.standard_normal(8)) * np.where(seen, 1.0, 0.6 * flaws.hidden_worse)
            key = np.concatenate([pixels[n] + off, scores[:, None]], axis=1)
            key[~found] = [np.nan, np.nan, 0.0]
            if rng.random() < flaws.turned:
                key, said = key[[0, 1, 3, 2, 5, 4, 7, 6]], said[[0, 1, 3, 2, 5, 4, 7, 6]]
            rows.append((_box(pixels[n], feet[n], lens), 0.9 - 0.3 * rng.random(), key, said))
            if rng.random() < flaws.twice:
                rows.append((rows[-1][0], 0.4, key + np.array([3.0, 3.0, 0.0]), said))
        if rng.random() < flaws.false_people:
            rows.append(_nobody(lens, rng))
        yield Sighting(glimpse.camera, glimpse.t_ns, _persons(rows, lens))


def _slow(
    kept: dict[tuple[str, str], tuple[int, NDArray[np.float64]]],
    key: tuple[str, str],
    t_ns: int,
    flaws: Flaws,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    fresh = rng.standard_normal((len(JOINTS), 2))
    if key in kept:
        keep = float(np.exp(-(t_ns - kept[key][0]) / 1e9 / flaws.lasts_s))
        fresh = keep * kept[key][1] + np.sqrt(1 - keep * keep) * fresh
    kept[key] = (t_ns, fresh)
    return np.sqrt(flaws.lasting) * fresh


def _box(pixels: NDArray[np.float64], foot: NDArray[np.float64], lens: Lens) -> tuple[float, float, float, float]:
    points = np.concatenate([pixels, foot[None]])
    points = points[np.isfinite(points).all(axis=1)]
    low, high = points.min(axis=0) - 12.0, points.max(axis=0) + 12.0
    return (
        float(np.clip(low[0], 0, lens.width_px)),
        float(np.clip(low[1], 0, lens.height_px)),
        float(np.clip(high[0], 0, lens.width_px)),
        float(np.clip(high[1], 0, lens.height_px)),
    )


def _nobody(
    lens: Lens, rng: np.random.Generator
) -> tuple[tuple[float, float, float, float], float, NDArray[np.float64], NDArray[np.float64]]:
    middle = rng.random(2) * [lens.width_px, lens.height_px]
    shape = np.array([[0, -60], [0, -30], [-20, -25], [20, -25], [-25, 10], [25, 10], [-25, 40], [25, 40]], float)
    key = np.concatenate([middle + shape + 8 * rng.standard_normal((8, 2)), np.full((8, 1), 0.4)], axis=1)
    low, high = key[:, :2].min(axis=0), key[:, :2].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1])), 0.35, key, np.full(8, 6.0)


def _persons(
    rows: list[tuple[tuple[float, float, float, float], float, NDArray[np.float64], NDArray[np.float64]]], lens: Lens
) -> Persons:
    if not rows:
        return Persons.none(lens.width_px, lens.height_px)
    boxes, scores, keys, spreads = zip(*rows, strict=True)
    return Persons.of(
        lens.width_px,
        lens.height_px,
        np.array(boxes, np.float32),
        np.array(scores, np.float32),
        np.array(keys, np.float32),
        np.array(spreads, np.float32),
    )
