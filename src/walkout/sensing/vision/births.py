"""Who is new: sights that belong to nobody known, of cameras whose rays meet, or of one, by how tall people are.

Two cameras' sights are of one person where the rays of their joints pass each other closely and the head is at a
head's height; the person there must then explain every other camera's sight that is added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from walkout.sensing.vision import posture
from walkout.sensing.vision.lens import Floats, Lens
from walkout.sensing.vision.posture import MIRRORED, TORSO, Posture
from walkout.sensing.vision.triangulate import ray_gap_m, triangulate

GAP_M: Final = 0.15
"""Rays of one person's torso pass each other within this (middle one): joints' errors, and steps between frames."""
FIT_D2: Final = 16.0
"""A further camera's sight fits a person where its torso is within this, squared, in spreads (middle one)."""
HEAD_M: Final = (0.8, 2.15)
"""Heights at which heads are."""
TALL_M: Final = (1.62, 0.15)
"""Where a single camera takes a head to be: the mean of standing adults, and their spread with a lowered head."""
NECK_BELOW_M: Final = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One person in one camera's frame."""

    camera: str
    t_ns: int
    pixels: Floats
    """(8, 2)."""
    spread_px: Floats
    """(8,)."""
    scores: Floats
    """(8,)."""
    box: tuple[float, float, float, float]
    score: float
    looks: Floats | None


def groups(pool: Sequence[Sight], lenses: Mapping[str, Lens]) -> list[tuple[Posture, tuple[Sight, ...]]]:
    """Sights of different cameras that are of one person, with where they are; the closest first, no sight twice."""
    pairs: list[tuple[float, int, int, bool]] = []
    for i, j in combinations(range(len(pool)), 2):
        a, b = pool[i], pool[j]
        if a.camera == b.camera:
            continue
        for turned in (False, True):
            gap = _gap_m(a, b, lenses, turned)
            if gap <= GAP_M:
                pairs.append((gap, i, j, turned))
    pairs.sort()
    taken: set[int] = set()
    found = []
    for _, i, j, turned in pairs:
        if i in taken or j in taken:
            continue
        members = [pool[i], _turned(pool[j]) if turned else pool[j]]
        body = meet(members, lenses)
        if body is None:
            continue
        used = {i, j}
        for k in range(len(pool)):
            if k in taken or k in used or pool[k].camera in {m.camera for m in members}:
                continue
            fits = min(((_fit(body, sight, lenses), n) for n, sight in enumerate((pool[k], _turned(pool[k])))))
            if fits[0] <= FIT_D2:
                members.append(pool[k] if fits[1] == 0 else _turned(pool[k]))
                used.add(k)
        body = meet(members, lenses)
        if body is None:
            continue
        taken |= used
        found.append((body, tuple(members)))
    return found


def meet(sights: Sequence[Sight], lenses: Mapping[str, Lens]) -> Posture | None:
    """The person whom two or more cameras see, or None where the rays make no person."""
    eyes = [lenses[sight.camera] for sight in sights]
    t_ns = max(sight.t_ns for sight in sights)
    fixes = {}
    for k in range(posture.N):
        fix = triangulate(eyes, np.stack([s.pixels[k] for s in sights]), np.array([s.spread_px[k] for s in sights]))
        if fix is not None:
            fixes[k] = fix
    torso = [k for k in TORSO if k in fixes]
    if not torso:
        return None
    head = [fixes[k].at_m[2] - posture.TEMPLATE_M[k] + posture.TEMPLATE_M[0] for k in torso]
    if not HEAD_M[0] <= float(np.median(head)) <= HEAD_M[1]:
        return None
    neck = np.median([fixes[k].at_m - [0.0, 0.0, posture.TEMPLATE_M[k]] for k in torso], axis=0)
    body = posture.standing(t_ns, neck, 0.15**2 * np.eye(3))
    for k, fix in fixes.items():
        _place(body, k, fix.at_m, fix.covariance_m2 + 0.03**2 * np.eye(3))
    for sight in sights:
        only = np.where(np.isin(np.arange(posture.N), list(fixes))[:, None], np.nan, sight.pixels)
        posture.update(body, lenses[sight.camera], t_ns, only, sight.spread_px)
    posture.keep_bones(body)
    return body


def alone(sight: Sight, lenses: Mapping[str, Lens]) -> Posture | None:
    """The person whom one camera sees, as far away as makes their head as high as heads are; None where none is."""
    lens = lenses[sight.camera]
    for k in TORSO:
        if not np.isfinite(sight.pixels[k]).all():
            continue
        height = TALL_M[0] - posture.TEMPLATE_M[0] + posture.TEMPLATE_M[k]
        at = lens.on_plane(sight.pixels[k], height)
        if not np.isfinite(at).all() or np.linalg.norm(at - lens.at_m) > 12.0:
            return None
        toward = (at - lens.at_m) / np.linalg.norm(at - lens.at_m)
        # who is less tall is nearer the floor along the same ray: wide along it, narrow across
        along = TALL_M[1] / max(abs(toward[2]), 0.15)
        neck = at - np.array([0.0, 0.0, posture.TEMPLATE_M[k]])
        body = posture.standing(sight.t_ns, neck, along**2 * np.outer(toward, toward) + 0.05**2 * np.eye(3))
        posture.update(body, lens, sight.t_ns, sight.pixels, sight.spread_px)
        posture.keep_bones(body)
        return body
    return None


def _place(body: Posture, joint: int, at_m: Floats, covariance_m2: Floats) -> None:
    h = np.zeros((3, 6 * posture.N))
    h[:, 3 * joint : 3 * joint + 3] = np.eye(3)
    ph = body.covariance @ h.T
    gain = np.linalg.solve(h @ ph + covariance_m2, ph.T).T
    body.mean = body.mean + gain @ (at_m - body.joints_m[joint])
    body.covariance = body.covariance - gain @ ph.T


def _turned(sight: Sight) -> Sight:
    """The same sight with left for right: models take a back for a front."""
    return Sight(
        sight.camera,
        sight.t_ns,
        sight.pixels[MIRRORED],
        sight.spread_px[MIRRORED],
        sight.scores[MIRRORED],
        sight.box,
        sight.score,
        sight.looks,
    )


def _gap_m(a: Sight, b: Sight, lenses: Mapping[str, Lens], turned: bool) -> float:
    """The middle of the gaps between the rays of a pair's torsos; infinite where they share no joint."""
    torso = list(TORSO)
    there = np.asarray(MIRRORED[torso]) if turned else np.asarray(torso)
    pixels = b.pixels[there]
    both = np.isfinite(a.pixels[torso]).all(axis=1) & np.isfinite(pixels).all(axis=1)
    if not both.any() or (turned and not both[2:].all()):
        return float("inf")
    gaps = ray_gap_m(lenses[a.camera], a.pixels[torso][both], lenses[b.camera], pixels[both])
    # an exchange of sides must pay: unturned comes first where both fit
    return float(np.median(gaps)) + (0.02 if turned else 0.0)


def _fit(body: Posture, sight: Sight, lenses: Mapping[str, Lens]) -> float:
    seen = posture.expected(body, lenses[sight.camera], body.t_ns)
    d2, _ = posture.distances(seen, sight.pixels, np.hypot(sight.spread_px, 4.0))
    torso = d2[list(TORSO)]
    return float(np.median(torso[np.isfinite(torso)])) if np.isfinite(torso).any() else float("inf")
