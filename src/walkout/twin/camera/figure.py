"""A person as solids: joints and looks in, limbs, clothes, hair and bag out."""

from dataclasses import dataclass
from math import cos, sin

from walkout.twin.camera.aids import aid_solids
from walkout.twin.camera.gait import Joints
from walkout.twin.camera.looks import Looks
from walkout.twin.camera.parts import Cloth, along, darker, length, limb, minus, mix, times
from walkout.twin.camera.scene import Box, Colour, Ellipsoid, Rotation, Solid, Vector, cross, unit
from walkout.twin.camera.stage import PERSON_ID

_EYES: Colour = (30, 26, 26)


@dataclass(frozen=True, slots=True)
class Figure:
    """One person at one instant: solids, and where the floor under them is darker (x, y, radius, strength)."""

    id: int
    joints: Joints
    solids: tuple[Solid, ...]
    spots: tuple[tuple[float, float, float, float], ...]
    heads: tuple[int, ...] = ()
    """Which of the solids are heads, with hair and what covers it: the person's, and those of a child with them."""


def figure(joints: Joints, heading: float, dress: Looks, person: int = 0, stature_m: float = 1.75) -> Figure:
    """The solids of person number `person` (ids count from PERSON_ID), facing `heading` radians.

    Aids and a carried child have the person's id too: whoever is hidden behind their own pushchair is not hidden by
    another.
    """
    id_ = PERSON_ID + person
    body = _Body(joints, heading, dress, id_, stature_m / 1.75)
    below, head = [*_trunk(body), *_arms(body), *_legs(body)], _head(body)
    solids = [*below, *head, *_bag(body)]
    aid = len(solids)
    solids += aid_solids(joints, heading, dress, id_, stature_m)
    heads = [*range(len(below), len(below) + len(head))]
    heads += [k for k in range(aid, len(solids)) if _is_child_head(solids[k])]
    x, y = (joints.l_hip[0] + joints.r_hip[0]) / 2, (joints.l_hip[1] + joints.r_hip[1]) / 2
    spots = [(x, y, 0.62 if dress.aid in {"none", "child_in_arms"} else 0.85, 0.30)]
    spots += [(foot[0], foot[1], 0.24, 0.40) for foot in (joints.l_foot, joints.r_foot)]
    return Figure(id_, joints, tuple(solids), tuple(spots), tuple(heads))


def _is_child_head(solid: Solid) -> bool:
    """Whether one of the solids of an aid is a child's head or hair: its only small ellipsoids."""
    return isinstance(solid, Ellipsoid) and solid.half_m[0] < 0.1


class _Body:
    """What all parts need: the trunk's own axes, the size against a stature of 1.75 m, and the girth."""

    __slots__ = (
        "axes",
        "dress",
        "face",
        "fat",
        "forward",
        "hips",
        "id",
        "j",
        "left",
        "rotation",
        "shoulders",
        "size",
        "up",
        "waist",
    )

    def __init__(self, joints: Joints, heading: float, dress: Looks, id_: int, size: float) -> None:
        self.j, self.dress, self.id, self.size = joints, dress, id_, size
        self.fat = size * dress.girth
        self.shoulders = mix(joints.l_shoulder, joints.r_shoulder, 0.5)
        self.hips = mix(joints.l_hip, joints.r_hip, 0.5)
        self.waist = mix(self.hips, self.shoulders, 0.38)
        self.face: Vector = (cos(heading), sin(heading), 0.0)
        self.up = unit(minus(self.shoulders, self.hips))
        if self.up == (0.0, 0.0, 0.0):
            self.up = (0.0, 0.0, 1.0)
        left = unit(cross(self.up, self.face))
        self.left: Vector = left if left != (0.0, 0.0, 0.0) else (-self.face[1], self.face[0], 0.0)
        self.forward = cross(self.left, self.up)
        # A box on the body: its own -y, the front, looks forward.
        self.rotation: Rotation = (self.left, times(self.forward, -1.0), self.up)

    def at(self, origin: Vector, forward: float, left: float, up: float) -> Vector:
        """A point so far from the origin along the trunk's own axes, in metres for a stature of 1.75 m."""
        s = self.size
        return along(along(along(origin, self.forward, s * forward), self.left, s * left), self.up, s * up)


def _trunk(b: _Body) -> list[Solid]:
    d, fat = b.dress, b.fat
    cloth: Cloth = (d.top_colour, d.top_pattern, d.top_second)
    wide = 0.45 * length(minus(b.j.l_shoulder, b.j.r_shoulder))
    puff = 1.12 if d.top in {"coat", "jumper"} else 1.0
    chest = b.at(b.shoulders, 0.0, 0.0, -0.07)
    solids: list[Solid] = [
        limb(chest, b.waist, wide * puff, 0.140 * fat * puff, b.id, cloth, times(b.forward, 0.64)),
        limb(b.j.l_shoulder, b.j.r_shoulder, 0.056 * fat, 0.056 * fat, b.id, cloth),
        limb(
            b.j.neck, b.at(b.j.neck, 0.0, 0.0, -0.10), 0.060 * b.size, 0.10 * fat, b.id, cloth, times(b.forward, 0.75)
        ),
    ]
    below: Cloth = (d.bottom_colour, "weave" if d.bottom in {"skirt", "long_skirt"} else "denim", (150, 160, 180))
    if d.top in {"coat", "robe"}:
        below = cloth
    hem = b.at(b.hips, 0.0, 0.0, 0.02)
    solids.append(limb(b.waist, hem, 0.140 * fat * puff, 0.158 * fat, b.id, cloth, times(b.forward, 0.70)))
    solids.append(
        limb(hem, b.at(b.hips, 0.0, 0.0, -0.06), 0.156 * fat, 0.145 * fat, b.id, below, times(b.forward, 0.72))
    )
    if b.dress.aid == "wheelchair":
        return solids
    knees, feet = mix(b.j.l_knee, b.j.r_knee, 0.5), mix(b.j.l_foot, b.j.r_foot, 0.5)
    spread = 0.5 * length(minus(b.j.l_knee, b.j.r_knee))
    if d.top == "robe":
        solids.append(
            limb(
                b.hips,
                along(feet, (0.0, 0.0, 1.0), 0.02),
                0.165 * fat,
                0.13 + 0.8 * spread,
                b.id,
                cloth,
                times(b.face, 0.85),
            )
        )
    elif d.top == "coat":
        solids.append(
            limb(b.hips, mix(b.hips, knees, 0.95), 0.172 * fat, 0.13 + 0.8 * spread, b.id, cloth, times(b.face, 0.8))
        )
    elif d.bottom in {"skirt", "long_skirt"}:
        end = mix(b.hips, knees, 0.85) if d.bottom == "skirt" else mix(knees, feet, 0.7)
        solids.append(limb(b.hips, end, 0.160 * fat, 0.12 + 0.8 * spread, b.id, below, times(b.face, 0.85)))
    return solids


def _arms(b: _Body) -> list[Solid]:
    d, s = b.dress, b.size
    sleeve: Cloth = (d.top_colour if d.top != "vest" else d.top_second, d.top_pattern, d.top_second)
    if d.top == "vest":
        sleeve = (d.bottom_colour, "weave", d.bottom_colour)
    skin: Cloth = (d.skin, "plain", d.skin)
    thick = s * (0.9 + 0.1 * d.girth) * (1.18 if d.top in {"coat", "jumper"} else 1.0)
    solids: list[Solid] = []
    for shoulder, elbow, wrist in (
        (b.j.l_shoulder, b.j.l_elbow, b.j.l_wrist),
        (b.j.r_shoulder, b.j.r_elbow, b.j.r_wrist),
    ):
        fore = unit(minus(wrist, elbow))
        if d.long_sleeves:
            solids.append(limb(shoulder, elbow, 0.058 * thick, 0.044 * thick, b.id, sleeve))
            solids.append(limb(elbow, along(wrist, fore, -0.015), 0.044 * thick, 0.034 * thick, b.id, sleeve))
        else:
            middle = mix(shoulder, elbow, 0.55)
            solids.append(limb(shoulder, middle, 0.058 * thick, 0.052 * thick, b.id, sleeve))
            solids.append(limb(middle, elbow, 0.045 * s, 0.038 * s, b.id, skin))
            solids.append(limb(elbow, wrist, 0.040 * s, 0.027 * s, b.id, skin))
        across = unit(cross(fore, b.up))
        palm, tips = along(wrist, fore, 0.055 * s), along(wrist, fore, 0.15 * s)
        solids.append(limb(along(wrist, fore, 0.01), palm, 0.028 * s, 0.040 * s, b.id, skin, times(across, 0.55)))
        solids.append(limb(palm, tips, 0.038 * s, 0.020 * s, b.id, skin, times(across, 0.5)))
        thumb = along(along(palm, b.up, 0.03 * s), b.forward, 0.02 * s)
        solids.append(limb(along(wrist, fore, 0.03), along(thumb, fore, 0.04 * s), 0.016 * s, 0.012 * s, b.id, skin))
    return solids


def _legs(b: _Body) -> list[Solid]:
    d, s, fat = b.dress, b.size, b.fat
    cloth: Cloth = (d.bottom_colour, "denim", (150, 160, 180))
    skin: Cloth = (d.skin, "plain", d.skin)
    bare = d.bottom in {"shorts", "skirt"} and d.top != "robe"
    shoe: Cloth = (d.shoes, "plain", d.shoes)
    solids: list[Solid] = []
    for hip, knee, foot in ((b.j.l_hip, b.j.l_knee, b.j.l_foot), (b.j.r_hip, b.j.r_knee, b.j.r_foot)):
        solids.append(limb(hip, knee, 0.088 * fat, 0.060 * fat, b.id, cloth))
        solids.append(
            limb(
                knee,
                foot,
                (0.050 if bare else 0.060) * fat,
                (0.036 if bare else 0.048) * fat,
                b.id,
                skin if bare else cloth,
            )
        )
        heel = along(along(foot, b.face, -0.045 * s), (0.0, 0.0, 1.0), -0.025 * s)
        toe = along(heel, b.face, 0.20 * s)
        solids.append(limb(heel, toe, 0.043 * s, 0.040 * s, b.id, shoe, (0.0, 0.0, 0.85)))
    return solids


def _head(b: _Body) -> list[Solid]:
    d, s, id_ = b.dress, b.size, b.id
    middle = b.at(b.j.head, 0.0, 0.0, -0.045)
    skin: Cloth = (d.skin, "plain", d.skin)
    solids: list[Solid] = [
        limb(b.j.neck, middle, 0.056 * s, 0.052 * s, id_, skin),
        _ball(b, middle, (0.076, 0.096, 0.118), d.skin),
        limb(b.at(middle, 0.030, 0.0, -0.050), b.at(middle, 0.034, 0.0, -0.082), 0.050 * s, 0.034 * s, id_, skin),
        _ball(b, b.at(middle, 0.098, 0.0, -0.015), (0.014, 0.018, 0.022), d.skin),
    ]
    for side in (0.031, -0.031):
        solids.append(_ball(b, b.at(middle, 0.083, side, 0.016), (0.013, 0.012, 0.009), _EYES))
        solids.append(_ball(b, b.at(middle, 0.0, 2.45 * side, 0.0), (0.012, 0.022, 0.032), d.skin))
    mouth = tuple(round(0.72 * c) for c in d.skin)
    solids.append(_ball(b, b.at(middle, 0.077, 0.0, -0.060), (0.022, 0.008, 0.006), (mouth[0], mouth[1], mouth[2])))
    if d.head_cover in {"none", "cap"} and d.hair != "none":
        solids += _hair(b, middle)
    solids += _cover(b, middle)
    return solids


def _hair(b: _Body, middle: Vector) -> list[Solid]:
    d, s = b.dress, b.size
    colour: Cloth = (d.hair_colour, "weave", (90, 76, 66))
    if d.hair == "afro":
        return [_ball(b, b.at(middle, -0.035, 0.0, 0.055), (0.125, 0.125, 0.115), d.hair_colour)]
    solids: list[Solid] = [_ball(b, b.at(middle, -0.030, 0.0, 0.042), (0.085, 0.098, 0.096), d.hair_colour)]
    if d.hair == "long":
        low = b.at(b.j.neck, -0.075, 0.0, -0.10)
        solids.append(
            limb(b.at(middle, -0.045, 0.0, 0.0), low, 0.088 * s, 0.075 * s, b.id, colour, times(b.forward, 0.55))
        )
    elif d.hair == "bun":
        solids.append(_ball(b, b.at(middle, -0.11, 0.0, 0.06), (0.042, 0.042, 0.042), d.hair_colour))
    return solids


def _cover(b: _Body, middle: Vector) -> list[Solid]:
    d, s = b.dress, b.size
    colour = d.top_colour if d.head_cover == "hood" else d.cover_colour
    cloth: Cloth = (colour, "weave", d.top_second)
    crown = b.at(middle, -0.012, 0.0, 0.045)
    if d.head_cover == "cap":
        peak = limb(
            b.at(middle, 0.07, 0.03, 0.052),
            b.at(middle, 0.07, -0.03, 0.052),
            0.085 * s,
            0.085 * s,
            b.id,
            cloth,
            times(b.up, 0.12),
        )
        return [_ball(b, crown, (0.088, 0.103, 0.088), colour), peak]
    if d.head_cover == "beanie":
        return [_ball(b, crown, (0.089, 0.106, 0.095), colour)]
    if d.head_cover == "turban":
        return [
            _ball(b, b.at(middle, -0.012, 0.0, 0.075), (0.118, 0.130, 0.085), colour),
            _ball(b, b.at(middle, 0.010, 0.0, 0.105), (0.085, 0.095, 0.080), colour),
        ]
    if d.head_cover in {"headscarf", "hood"}:
        shawl = b.at(b.j.neck, 0.0, 0.0, -0.06)
        return [
            _ball(b, b.at(middle, -0.030, 0.0, 0.022), (0.100, 0.108, 0.120), colour),
            limb(b.at(middle, -0.03, 0.0, -0.04), shawl, 0.092 * s, 0.135 * s, b.id, cloth, times(b.forward, 0.78)),
        ]
    return []


def _ball(b: _Body, middle: Vector, half_m: tuple[float, float, float], colour: Colour) -> Ellipsoid:
    """An ellipsoid with its half axes to the left, forward and up, for a stature of 1.75 m."""
    s = b.size
    return Ellipsoid(middle, (s * half_m[0], s * half_m[1], s * half_m[2]), b.id, b.rotation, colour)


def _bag(b: _Body) -> list[Solid]:
    d, s, id_ = b.dress, b.size, b.id
    strap: Cloth = (d.bag_colour, "weave", (40, 40, 40))
    if d.bag == "backpack":
        middle = b.at(b.waist, -0.20 * d.girth, 0.0, 0.12)
        pocket = b.at(middle, -0.085, 0.0, -0.07)
        solids: list[Solid] = [
            Box(middle, (0.15 * s, 0.085 * s, 0.21 * s), id_, b.rotation, d.bag_colour),
            Box(pocket, (0.11 * s, 0.03 * s, 0.10 * s), id_, b.rotation, darker(d.bag_colour)),
        ]
        for side in (0.11, -0.11):
            over, under = b.at(b.shoulders, -0.02, side, 0.055), b.at(b.waist, 0.09 * d.girth, side, 0.1)
            solids += [limb(over, under, 0.02 * s, 0.02 * s, id_, strap)]
        return solids
    if d.bag == "tote":
        hung = b.at(b.hips, 0.0, -0.27 * d.girth, -0.02)
        return [
            Box(hung, (0.045 * s, 0.17 * s, 0.17 * s), id_, b.rotation, d.bag_colour),
            limb(b.at(hung, 0.08, 0.0, 0.16), b.j.r_shoulder, 0.012, 0.012, id_, strap),
            limb(b.at(hung, -0.08, 0.0, 0.16), b.j.r_shoulder, 0.012, 0.012, id_, strap),
        ]
    if d.bag == "shoulder_bag":
        hung = b.at(b.hips, -0.02, 0.23 * d.girth, 0.0)
        return [
            Box(hung, (0.05 * s, 0.14 * s, 0.10 * s), id_, b.rotation, d.bag_colour),
            limb(b.at(b.shoulders, 0.07, -0.10, 0.03), b.at(b.hips, 0.11, 0.18, 0.08), 0.014, 0.014, id_, strap),
            limb(b.at(b.shoulders, -0.07, -0.10, 0.03), b.at(b.hips, -0.11, 0.18, 0.08), 0.014, 0.014, id_, strap),
        ]
    return []
