"""Found people against drawn ones: detection, joints, and whether the network knows how far off it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkout.learning.renders import AIDS, COVERS, SIGHTS, Chunk
from walkout.recording.people import JOINTS
from walkout.sensing.vision.overlap import overlaps
from walkout.sensing.vision.persons import Persons

LEAST_SHARE, LEAST_HEIGHT_SHARE, FAR_OUT_SHARE = 0.12, 1 / 15, 0.125
"""Who is asked for: seen to at least this share, at least so high in the picture, neck no farther outside (shares of
the picture's height and width). The same as in training, where they are pixels of 320 x 180."""
LEAST_OVERLAP = 0.5
_PASSED_OVERLAP = 0.3
_NECK = JOINTS.index("neck")
_SIDED = ("shoulder", "elbow", "wrist")
_PAIRS = np.array([(JOINTS.index(f"l_{name}"), JOINTS.index(f"r_{name}")) for name in _SIDED])


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One drawn person who is asked for: found or not, and how far off each joint was (NaN: not seen, or not found).

    `about` as in Chunk; `crowd` is how many are in the picture; `turned` of shoulders, elbows and wrists: 1 where from
    right to left points the wrong way, 0 where it does not, NaN where not both are seen.
    """

    found: bool
    errors_px: NDArray[np.float64]
    hidden_errors_px: NDArray[np.float64]
    spreads_px: NDArray[np.float64]
    about: tuple[float, ...]
    crowd: int
    share: float
    turned: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """All drawn people who are asked for, and how many were found that are nobody."""

    cases: tuple[Case, ...]
    false: int
    frames: int
    scale: float
    """Pixels of a 640 x 360 picture a pixel of these pictures."""


def judge(model: Callable[[NDArray[np.uint8]], Persons], chunks: Iterable[Chunk]) -> Outcome:
    """Show a model all frames and compare what it says with what was drawn."""
    cases: list[Case] = []
    false = frames = 0
    scale = 1.0
    for chunk in chunks:
        scale = 640.0 / chunk.rgb.shape[2]
        for k in range(len(chunk.rgb)):
            new, nobody = compare(model(chunk.rgb[k]), chunk, k)
            cases += new
            false += nobody
            frames += 1
    return Outcome(tuple(cases), false, frames, scale)


def compare(found: Persons, chunk: Chunk, k: int) -> tuple[list[Case], int]:
    """The people of frame k, and how many of the found ones are nobody."""
    rows, columns = chunk.rgb.shape[1:3]
    there = np.flatnonzero(chunk.share[k] >= 0.0)
    boxes = np.clip(chunk.boxes[k], 0.0, np.array([columns, rows, columns, rows], np.float32))
    neck = chunk.joints[k, :, _NECK]
    out = np.linalg.norm(neck - np.clip(neck, 0.0, [columns - 1.0, rows - 1.0]), axis=1)
    high = boxes[:, 3] - boxes[:, 1]
    asked = [
        int(p)
        for p in there
        if chunk.share[k, p] >= LEAST_SHARE
        and high[p] >= LEAST_HEIGHT_SHARE * rows
        and out[p] <= FAR_OUT_SHARE * columns
    ]
    partner: dict[int, int] = {}
    false = 0
    for one in range(len(found)):
        box = np.clip(found.boxes[one], 0.0, np.array([columns, rows, columns, rows], np.float32))
        shares = overlaps(box, boxes)
        free = [p for p in asked if p not in partner and shares[p] >= LEAST_OVERLAP]
        if free:
            partner[max(free, key=lambda p: float(shares[p]))] = one
        elif not any(shares[p] >= _PASSED_OVERLAP for p in there if p not in asked):
            false += 1
    return [_case(found, chunk, k, p, partner.get(p), len(there)) for p in asked], false


def _case(found: Persons, chunk: Chunk, k: int, p: int, one: int | None, crowd: int) -> Case:
    errors, turned = np.full((2, len(JOINTS)), np.nan), np.full(len(_PAIRS), np.nan)
    spreads = np.full(len(JOINTS), np.nan)
    if one is not None:
        sight = chunk.sight[k, p]
        far = np.linalg.norm(found.keypoints[one, :, :2] - chunk.joints[k, p], axis=1)
        errors[0] = np.where(sight == SIGHTS.index("seen"), far, np.nan)
        within = (sight == SIGHTS.index("behind_self")) | (sight == SIGHTS.index("hidden"))
        errors[1] = np.where(within, far, np.nan)
        spreads = found.spread_px[one].astype(np.float64)
        told, true = found.keypoints[one, :, :2], chunk.joints[k, p]
        alike = np.array([(told[left] - told[right]) @ (true[left] - true[right]) for left, right in _PAIRS])
        both = np.isfinite(errors[0, _PAIRS]).all(axis=1)
        turned = np.where(both, alike < 0.0, np.nan)
    about = tuple(float(value) for value in chunk.about[k, p])
    return Case(one is not None, errors[0], errors[1], spreads, about, crowd, float(chunk.share[k, p]), turned)


def figures(outcome: Outcome) -> dict[str, Any]:
    """Detection and joints, over all and by group; pixels are of a 640 x 360 picture."""
    cases = outcome.cases
    groups: dict[str, Callable[[Case], bool]] = {f"{n} people": lambda c, n=n: c.crowd == n for n in range(1, 7)}  # type: ignore[misc]
    groups |= {
        "under 1.40 m": lambda c: c.about[0] < 1.4,
        "1.40 to 1.60 m": lambda c: 1.4 <= c.about[0] < 1.6,
        "1.60 to 1.80 m": lambda c: 1.6 <= c.about[0] < 1.8,
        "1.80 m and over": lambda c: c.about[0] >= 1.8,
    }
    groups |= {f"aid: {aid}": lambda c, a=i: c.about[1] == a for i, aid in enumerate(AIDS)}  # type: ignore[misc]
    groups |= {f"head: {cover}": lambda c, a=i: c.about[2] == a for i, cover in enumerate(COVERS)}  # type: ignore[misc]
    groups |= {
        "skin 1 to 3": lambda c: c.about[3] <= 3,
        "skin 4 to 7": lambda c: 4 <= c.about[3] <= 7,
        "skin 8 to 10": lambda c: c.about[3] >= 8,
        "dark top": lambda c: c.about[4] < 60,
        "middle top": lambda c: 60 <= c.about[4] < 140,
        "bright top": lambda c: c.about[4] >= 140,
        "half hidden or more": lambda c: c.share < 0.5,
    }
    by = {name: summary([c for c in cases if chosen(c)], outcome.scale) for name, chosen in groups.items()}
    return {
        "frames": outcome.frames,
        "people": len(cases),
        "false": outcome.false,
        "precision": _share(sum(c.found for c in cases), sum(c.found for c in cases) + outcome.false),
        **summary(cases, outcome.scale),
        "joints_px": {
            name: _quantiles(np.array([c.errors_px[j] for c in cases]) * outcome.scale) for j, name in enumerate(JOINTS)
        },
        "turned": _turned(cases),
        "hidden_joints_px": _quantiles(np.array([c.hidden_errors_px for c in cases]) * outcome.scale),
        "error_over_spread": _calibration(cases),
        "by": {name: row for name, row in by.items() if row["people"]},
    }


def summary(cases: list[Case] | tuple[Case, ...], scale: float) -> dict[str, Any]:
    """How many were found, and how far off heads, wrists and all joints that are seen were."""
    errors = np.array([c.errors_px for c in cases]).reshape(len(cases), len(JOINTS)) * scale
    wrists = [JOINTS.index("l_wrist"), JOINTS.index("r_wrist")]
    return {
        "people": len(cases),
        "recall": _share(sum(c.found for c in cases), len(cases)),
        "head_px": _quantiles(errors[:, JOINTS.index("head")]),
        "wrist_px": _quantiles(errors[:, wrists]),
        "all_px": _quantiles(errors),
    }


def _turned(cases: Iterable[Case]) -> dict[str, float]:
    """The share of found people with both of a pair seen whose left and right are taken for each other."""
    turned = np.array([c.turned for c in cases]).reshape(-1, len(_SIDED))
    return {
        name: round(float(np.nanmean(of)), 4) if np.isfinite(of).any() else float("nan")
        for name, of in zip(_SIDED, turned.T, strict=True)
    }


def _calibration(cases: Iterable[Case]) -> dict[str, float]:
    """The share of seen joints within 1 and 2 spreads in each axis's sense, 0.39 and 0.86 for a round normal error."""
    ratio = np.concatenate([c.errors_px / c.spreads_px for c in cases] or [np.zeros(0)])
    ratio = ratio[np.isfinite(ratio)]
    return {f"within_{k}": round(float((ratio <= k).mean()), 4) if len(ratio) else float("nan") for k in (1, 2, 3)}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else float("nan")


def _quantiles(errors: NDArray[np.float64]) -> dict[str, float]:
    flat = errors[np.isfinite(errors)]
    if not len(flat):
        return {"n": 0}
    return {
        "n": len(flat),
        "median": round(float(np.median(flat)), 2),
        "p90": round(float(np.quantile(flat, 0.9)), 2),
    }
