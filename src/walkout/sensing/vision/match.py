"""Which sight of a camera's frame shows whom: by how well its joints fit, against being anywhere in the picture."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from walkout.sensing.vision import posture
from walkout.sensing.vision import posture_kernel as kernel
from walkout.sensing.vision.births import Sight
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.posture import MIRRORED, TORSO
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.track import Track

LEAST_SCORE: Final = 0.2
"""Sights that the model itself believes less are not looked at."""
LEAST_JOINT: Final = 0.1
WORST: Final = -10.0
"""One joint counts at most so much against a match: models misplace single joints."""
TURNED: Final = 0.5
"""What it costs to take left for right."""
LOOKS_ALIKE, LOOKS_WEIGHT = 0.8, 10.0
"""Cosine of two sights of one person, about, and what a difference from it weighs; assumed."""
_STRAIGHT: Final = np.arange(posture.N)
_WEIGHT: Final = np.where(np.isin(np.arange(posture.N), TORSO), 1.0, 0.4)


def match(tracks: Sequence[Track], sights: Sequence[Sight], lens: Lens) -> list[tuple[Track, int, bool]]:
    """Pairs of a track and the place of its sight, each at most once, as is likeliest; True: with left for right."""
    if not tracks or not sights:
        return []
    pixels = np.stack([sight.pixels for sight in sights])
    spread = np.hypot(np.stack([sight.spread_px for sight in sights]), 2.0)
    clutter = 2.0 * float(np.log(lens.width_px * lens.height_px)) - 2.0 * float(np.log(2 * np.pi))
    gain = np.zeros((len(tracks), len(sights)))
    turned = np.zeros((len(tracks), len(sights)), bool)
    for i, track in enumerate(tracks):
        seen = posture.expected(track.body, lens, sights[0].t_ns)
        straight = kernel.gain(*seen.plain, pixels, spread, _STRAIGHT, _WEIGHT, clutter, WORST)
        cost = TURNED if sights[0].t_ns > track.straight_to_ns else 1e3
        back = kernel.gain(*seen.plain, pixels, spread, MIRRORED, _WEIGHT, clutter, WORST) - cost
        gain[i], turned[i] = np.maximum(straight, back), back > straight
        for j, sight in enumerate(sights):
            if gain[i, j] > WORST and track.looks is not None and sight.looks is not None:
                alike = float(track.looks @ sight.looks)
                gain[i, j] += LOOKS_WEIGHT * min(alike - LOOKS_ALIKE, 0.1)
    rows, columns = linear_sum_assignment(np.maximum(gain, 0.0), maximize=True)
    return [(tracks[int(i)], int(j), bool(turned[i, j])) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0]


def sights_of(sighting: Sighting) -> list[Sight]:
    """The people of a frame one by one; joints that the model does not believe are left out, spreads are filled in."""
    persons, found = sighting.persons, []
    for n in range(len(persons)):
        if persons.scores[n] < LEAST_SCORE:
            continue
        pixels = persons.keypoints[n, :, :2].astype(np.float64)
        scores = persons.keypoints[n, :, 2].astype(np.float64)
        pixels[~(scores >= LEAST_JOINT)] = np.nan
        if not np.isfinite(pixels[:, 0]).any():
            continue
        left, top, right, bottom = (float(v) for v in persons.boxes[n])
        assumed = np.maximum(1.5, 0.015 * (bottom - top)) / np.sqrt(np.maximum(scores, 0.1))
        spread = persons.spread_px[n].astype(np.float64)
        spread = np.where(np.isfinite(spread), np.maximum(spread, 0.5), assumed)
        looks = None
        if sighting.looks is not None and np.isfinite(sighting.looks[n]).all():
            looks = sighting.looks[n].astype(np.float64)
            looks /= max(float(np.linalg.norm(looks)), 1e-9)
        box = (left, top, right, bottom)
        found.append(
            Sight(sighting.camera, sighting.t_ns, pixels, spread, scores, box, float(persons.scores[n]), looks)
        )
    return found
