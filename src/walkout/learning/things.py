"""Things that are nobody and are easily taken for somebody: cones, chairs, tables of packages, stands, posts."""

from math import cos, pi, sin

import numpy as np

from walkout.learning.shops import Place, Random, colour
from walkout.twin.camera.scene import Box, Capsule, Colour, Ellipsoid, Pattern, Solid, Vector, turned
from walkout.twin.camera.stage import item

_ID = 8
_LOUD: tuple[Colour, ...] = ((226, 84, 28), (214, 48, 40), (240, 196, 40), (40, 92, 190), (232, 232, 226))


def clutter(rng: Random, where: Place, count: int) -> list[Solid]:
    """So many things on the floor of a place or in the air above it, about as large as people or smaller."""
    left, front, right, back = where.floor_m
    solids: list[Solid] = []
    for _ in range(count):
        at = (float(rng.uniform(left, right)), float(rng.uniform(front, back)))
        solids += _KINDS[int(rng.choice(len(_KINDS), p=_OFTEN))](rng, where, at)
    return solids


def _box(rng: Random, _: Place, at: tuple[float, float]) -> list[Solid]:
    half = tuple(np.exp(rng.uniform(-3.5, -0.9, 3)).tolist())
    place = (*at, float(rng.uniform(0.0, 1.9)))
    return [Box(place, (half[0], half[1], half[2]), _ID, turned(float(rng.uniform(0, 360))), colour(rng))]


def _ball(rng: Random, _: Place, at: tuple[float, float]) -> list[Solid]:
    radius = float(np.exp(rng.uniform(-3.0, -1.6)))
    high = radius * float(rng.uniform(0.7, 1.5))
    return [Ellipsoid((*at, float(rng.uniform(0.0, 1.9))), (radius, radius, high), _ID, colour=colour(rng))]


def _bar(rng: Random, _: Place, at: tuple[float, float]) -> list[Solid]:
    tilt, long_, z = float(rng.uniform(0.0, 2 * pi)), float(rng.uniform(0.2, 1.2)), float(rng.uniform(0.0, 1.9))
    end = (at[0] + 0.3 * long_ * cos(tilt), at[1] + 0.3 * long_ * sin(tilt), z + float(rng.uniform(-1, 1)) * long_)
    thick = float(rng.uniform(0.01, 0.16))
    return [Capsule((*at, z), end, thick, thick * float(rng.uniform(0.5, 1.2)), _ID, colour(rng), second=colour(rng))]


def _post(rng: Random, _: Place, at: tuple[float, float]) -> list[Solid]:
    """A cylinder, sometimes with a ball or a lid on top: a bin, a bollard, a lamp, a plant."""
    high, wide = float(rng.uniform(0.3, 1.9)), float(rng.uniform(0.05, 0.3))
    solids: list[Solid] = [
        Box((*at, high / 2), (wide, wide, high / 2), _ID, colour=colour(rng), shape="cylinder"),
    ]
    if rng.random() < 0.5:
        top = float(rng.uniform(0.06, 0.3))
        half = (top, top, top * float(rng.uniform(0.3, 1.4)))
        solids.append(Ellipsoid((*at, high + 0.5 * half[2]), half, _ID, colour=colour(rng)))
    return solids


def _cone(rng: Random, _: Place, at: tuple[float, float]) -> list[Solid]:
    """A traffic cone on its square foot, with bands or without, or a heap that narrows upward."""
    high, wide = float(rng.uniform(0.28, 1.1)), float(rng.uniform(0.10, 0.24))
    loud = _LOUD[int(rng.integers(0, len(_LOUD)))] if rng.random() < 0.7 else colour(rng)
    pattern: Pattern = "stripes" if rng.random() < 0.6 else "plain"
    second = (234, 234, 230) if rng.random() < 0.7 else colour(rng)
    foot = Box((*at, 0.02), (1.25 * wide, 1.25 * wide, 0.02), _ID, turned(float(rng.uniform(0, 90))), colour(rng))
    lean = 0.1 * float(rng.normal()) if rng.random() < 0.3 else 0.0
    top = (at[0] + lean, at[1], high)
    cone = Capsule((*at, wide), top, wide, float(rng.uniform(0.015, 0.06)), _ID, loud, pattern=pattern, second=second)
    return [foot, cone]


def _chair(rng: Random, _: Place, at: tuple[float, float]) -> list[Solid]:
    """A chair of four legs or of one, with a back and perhaps arms, in any direction."""
    yaw = float(rng.uniform(0, 360))
    c, s = cos(yaw * pi / 180), sin(yaw * pi / 180)

    def out(x: float, y: float, z: float) -> Vector:
        return (at[0] + c * x - s * y, at[1] + s * x + c * y, z)

    seat, wide = float(rng.uniform(0.38, 0.75)), float(rng.uniform(0.18, 0.27))
    tall, paint, frame = float(rng.uniform(0.2, 0.65)), colour(rng), colour(rng)
    turn = turned(yaw)
    solids: list[Solid] = [Box(out(0, 0, seat), (wide, wide, float(rng.uniform(0.015, 0.05))), _ID, turn, paint)]
    if rng.random() < 0.85:
        middle = out(0, wide, seat + 0.12 + tall / 2)
        if rng.random() < 0.5:
            solids.append(Ellipsoid(middle, (0.9 * wide, 0.05, tall / 2), _ID, turn, paint))
        else:
            solids.append(Box(middle, (0.9 * wide, 0.03, tall / 2), _ID, turn, paint))
        solids.append(Capsule(out(0, wide, seat), out(0, wide, seat + 0.2), 0.025, 0.025, _ID, frame))
    if rng.random() < 0.5:
        solids.append(Capsule(out(0, 0, 0.08), out(0, 0, seat), 0.03, 0.03, _ID, frame))
        for k in range(5):
            a = 2 * pi * k / 5
            solids.append(Capsule(out(0, 0, 0.1), out(0.28 * cos(a), 0.28 * sin(a), 0.05), 0.025, 0.025, _ID, frame))
    else:
        for x, y in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            leg = (0.9 * wide * x, 0.9 * wide * y)
            solids.append(Capsule(out(*leg, 0.0), out(*leg, seat), 0.018, 0.018, _ID, frame))
    if rng.random() < 0.4:
        for side in (-wide, wide):
            rest = (out(side, -0.6 * wide, seat + 0.2), out(side, wide, seat + 0.2))
            solids += [Capsule(*rest, 0.025, 0.025, _ID, frame)]
    return solids


def _table(rng: Random, where: Place, at: tuple[float, float]) -> list[Solid]:
    """A table, counter or trolley with packages and bottles on it."""
    yaw = float(rng.uniform(0, 360))
    c, s = cos(yaw * pi / 180), sin(yaw * pi / 180)
    turn = turned(yaw)
    long_, deep, high = float(rng.uniform(0.25, 0.9)), float(rng.uniform(0.2, 0.45)), float(rng.uniform(0.35, 1.1))
    paint = colour(rng)
    solids: list[Solid] = []
    if rng.random() < 0.4:
        solids.append(Box((*at, high / 2), (long_, deep, high / 2), _ID, turn, paint))
    else:
        solids.append(Box((*at, high), (long_, deep, 0.02), _ID, turn, paint))
        frame = colour(rng)
        for a, b in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            foot = (at[0] + 0.92 * (c * a * long_ - s * b * deep), at[1] + 0.92 * (s * a * long_ + c * b * deep))
            solids.append(Capsule((*foot, 0.0), (*foot, high), 0.02, 0.02, _ID, frame))
    for _ in range(int(rng.integers(0, 7))):
        x, y = float(rng.uniform(-0.85, 0.85)) * long_, float(rng.uniform(-0.8, 0.8)) * deep
        size = tuple(rng.uniform(0.05, 0.3, 3).tolist())
        place = (at[0] + c * x - s * y, at[1] + s * x + c * y, high + 0.02 + size[2] / 2)
        around = turned(yaw + float(rng.uniform(-40, 40)))
        if where.gtins and rng.random() < 0.6:
            gtin = where.gtins[int(rng.integers(0, len(where.gtins)))]
            solids += item(gtin, place, (size[0], size[1], size[2]), around, _ID)
        elif rng.random() < 0.5:
            solids.append(Box(place, (size[0] / 2, size[1] / 2, size[2] / 2), _ID, around, colour(rng)))
        else:
            radius = 0.35 * size[0]
            lower = (place[0], place[1], high + 0.02 + radius)
            upper = (place[0], place[1], high + 0.02 + size[2])
            solids.append(Capsule(lower, upper, radius, 0.5 * radius, _ID, colour(rng)))
    return solids


def _stand(rng: Random, _: Place, at: tuple[float, float]) -> list[Solid]:
    """A coat on a stand, a sack, a parasol: a trunk without a head on a thin leg, or a hood over nothing."""
    low, high = float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.9, 1.7))
    wide, narrow = float(rng.uniform(0.08, 0.3)), float(rng.uniform(0.03, 0.2))
    flat = (float(rng.uniform(0.4, 1.0)), 0.0, 0.0) if rng.random() < 0.5 else (0.0, 0.0, 0.0)
    cloth = Capsule(
        (*at, low), (*at, high), wide, narrow, _ID, colour(rng), flat,
        pattern="checks" if rng.random() < 0.3 else "plain", second=colour(rng),
    )  # fmt: skip
    pole = Capsule((*at, 0.0), (*at, high + float(rng.uniform(0.0, 0.2))), 0.02, 0.02, _ID, colour(rng))
    return [cloth, pole]


_KINDS = (_box, _ball, _bar, _post, _cone, _chair, _table, _stand)
_OFTEN = (0.12, 0.08, 0.12, 0.12, 0.18, 0.16, 0.14, 0.08)
