"""People nobody has seen: builds, clothes, aids and what hands do, drawn at random."""

from dataclasses import dataclass, replace
from math import cos, pi, sin
from typing import get_args

import numpy as np

from walkout.learning.shops import Place, Random, colour
from walkout.twin.body import KIND_CODE, Kind, pose
from walkout.twin.camera.figure import Figure, figure
from walkout.twin.camera.gait import with_legs
from walkout.twin.camera.looks import Aid, HeadCover, Looks, looks
from walkout.twin.camera.raycast import FLOOR_ID
from walkout.twin.camera.scene import Box, Pinhole, Solid, Vector, turned
from walkout.twin.camera.stage import item

AIDS: tuple[tuple[Aid, Kind, float], ...] = (
    ("none", "walker", 0.76),
    ("pushchair", "pushchair", 0.09),
    ("wheelchair", "wheelchair", 0.09),
    ("child_in_arms", "child_in_arms", 0.06),
)
"""Aid, how the body holds itself, and how often; far more often than in a shop, so that each is learned."""
MOST = 6
"""So many people are in a picture at most."""
SHORT_SHARE = 0.22
"""How many of those without an aid are 0.95 to 1.40 m tall; a first network missed them more often than others."""
SKINS = (0.085,) * 7 + (0.135,) * 3
"""How often each step of the Monk scale is drawn: the darkest three more often, which a first network missed more."""


@dataclass(frozen=True, slots=True, eq=False)
class Someone:
    """One drawn person: the figure, and what a report groups by."""

    body: Figure
    extra: tuple[Solid, ...]
    dress: Looks
    stature_m: float
    skin: int
    """Monk scale, 1 to 10."""


def crowd(rng: Random, where: Place, count: int, *, seen_clothes: bool = True) -> list[Someone]:
    """So many people on the floor of a place, most of them where its camera looks; fewer if the floor is full.

    `seen_clothes`: in any colours; else only in those the twin's shoppers wear, which is another draw.
    """
    spots: list[tuple[float, float]] = []
    for _ in range(40 * count):
        if len(spots) == count:
            break
        spot = _spot(rng, where)
        if spot is not None and all((spot[0] - x) ** 2 + (spot[1] - y) ** 2 > 0.42**2 for x, y in spots):
            spots.append(spot)
    return [_someone(rng, where, spot, number, seen_clothes) for number, spot in enumerate(spots)]


def _spot(rng: Random, where: Place) -> tuple[float, float] | None:
    """A place on the floor whose chest-high point the camera sees, near its edge at least."""
    left, front, right, back = where.floor_m
    eye = where.backdrop.camera
    x, y = float(rng.uniform(left, right)), float(rng.uniform(front, back))
    u, v, depth = eye.pixel((x, y, 1.2))
    near = 0.6 < depth < 9.0 and -40 < u < eye.width_px + 40 and -40 < v < eye.height_px + 60
    return (x, y) if near and _free(eye, where, x, y) else None


def _free(eye: Pinhole, where: Place, x: float, y: float) -> bool:
    """Whether nobody would stand in a fixture, as far as the camera can tell; behind one is allowed."""
    u, v, depth = eye.pixel((x, y, 0.05))
    if not (depth > 0 and 0 <= u < eye.width_px and 0 <= v < eye.height_px):
        return True
    ids, far = where.backdrop.frame.ids[int(v), int(u)], where.backdrop.frame.depth[int(v), int(u)]
    return bool(ids in (0, FLOOR_ID) or far < depth - 0.3)


def _someone(rng: Random, where: Place, spot: tuple[float, float], number: int, seen_clothes: bool) -> Someone:
    aid, kind, _ = AIDS[int(rng.choice(len(AIDS), p=[share for *_, share in AIDS]))]
    stature = float(np.clip(rng.normal(1.70, 0.11), 1.40, 2.05))
    if rng.random() < SHORT_SHARE and aid == "none":
        stature = float(rng.uniform(0.95, 1.4))
    heading, phase = float(rng.uniform(-pi, pi)), float(rng.uniform(0.0, 2 * pi))
    speed = 0.0 if aid == "wheelchair" or rng.random() < 0.5 else float(rng.uniform(0.2, 1.4))
    hands = np.zeros((2, 4))
    for hand in range(2):
        if rng.random() < 0.45:
            hands[hand] = (float(rng.uniform(0.4, 1.0)), *_target(rng, spot, heading, stature))
    upper = np.zeros((8, 3))
    pose(*spot, heading, stature, KIND_CODE[kind], 0.14 * speed * sin(phase), hands, upper)
    upper[0] += rng.normal(0.0, 0.012 * stature, 3)  # heads turn and nod
    joints = with_legs(upper, spot, heading, stature, phase, speed, aid)
    skin = int(rng.choice(np.arange(1, 11), p=SKINS))
    cover = str(rng.choice(get_args(HeadCover))) if rng.random() < 0.6 else "none"
    dress = looks(int(rng.integers(0, 2**31)), skin=skin, aid=aid, head_cover=cover)
    if seen_clothes:
        dress = _redressed(rng, dress)
    body = figure(joints, heading, dress, number, stature)
    extra: list[Solid] = []
    for elbow, wrist in ((joints.l_elbow, joints.l_wrist), (joints.r_elbow, joints.r_wrist)):
        if rng.random() < 0.25:
            extra += _held(rng, where, elbow, wrist)
    return Someone(body, tuple(extra), dress, stature, skin)


def _target(rng: Random, spot: tuple[float, float], heading: float, stature: float) -> Vector:
    """Where a hand goes: anywhere before and beside the body, from the floor to over the head."""
    turn, out = heading + float(rng.normal(0.0, 0.7)), float(rng.uniform(0.15, 0.62))
    high = stature * float(rng.choice((rng.uniform(0.1, 0.6), rng.uniform(0.5, 0.9), rng.uniform(0.8, 1.15))))
    return (spot[0] + out * cos(turn), spot[1] + out * sin(turn), high)


def _redressed(rng: Random, dress: Looks) -> Looks:
    """The same cut in any colours; skin and hair a little lighter or darker than the palette's."""
    light = float(rng.uniform(0.8, 1.15))
    red, green, blue = (int(np.clip(c * light, 12, 252)) for c in dress.skin)
    return replace(
        dress,
        skin=(red, green, blue),
        top_colour=colour(rng),
        top_second=colour(rng),
        bottom_colour=colour(rng) if rng.random() < 0.7 else dress.bottom_colour,
        shoes=colour(rng),
        cover_colour=colour(rng),
        bag_colour=colour(rng),
        girth=float(rng.uniform(0.84, 1.3)),
    )


def _held(rng: Random, where: Place, elbow: Vector, wrist: Vector) -> list[Solid]:
    """Something in a hand: goods, or a flat thing such as a phone or a computer."""
    way = np.array(wrist) - np.array(elbow)
    x, y, z = (np.array(wrist) + way / max(float(np.linalg.norm(way)), 1e-6) * 0.09).tolist()
    if where.gtins and rng.random() < 0.6:
        size = tuple(rng.uniform(0.05, 0.22, 3).tolist())
        gtin = where.gtins[int(rng.integers(0, len(where.gtins)))]
        return list(item(gtin, (x, y, z), (size[0], size[1], size[2]), turned(float(rng.uniform(0, 360))), 9))
    half = (float(rng.uniform(0.03, 0.18)), float(rng.uniform(0.05, 0.14)), float(rng.uniform(0.005, 0.03)))
    return [Box((x, y, z), half, 9, turned(float(rng.uniform(0, 360))), colour(rng))]
