"""What people sit in, push, or carry in their arms besides goods: wheelchair, pushchair, child."""

from math import cos, sin

from walkout.twin.camera.gait import Joints
from walkout.twin.camera.looks import Looks
from walkout.twin.camera.parts import along, darker, limb, mix, plain, times
from walkout.twin.camera.scene import Box, Colour, Ellipsoid, Rotation, Solid, Vector

_STEEL: Colour = (150, 154, 160)
_TYRE: Colour = (34, 34, 36)
_SEAT: Colour = (46, 48, 58)
_UP: Vector = (0.0, 0.0, 1.0)


def aid_solids(joints: Joints, heading: float, dress: Looks, owner: int, stature_m: float) -> list[Solid]:
    """The solids of what a person's looks name; empty for none."""
    face: Vector = (cos(heading), sin(heading), 0.0)
    left: Vector = (-face[1], face[0], 0.0)
    hips = mix(joints.l_hip, joints.r_hip, 0.5)
    if dress.aid == "wheelchair":
        return _wheelchair(hips, joints, face, left, owner)
    if dress.aid == "pushchair":
        return _pushchair(joints, hips, face, left, dress, owner)
    if dress.aid == "child_in_arms":
        return _child(joints, face, left, dress, owner, stature_m)
    return []


def _wheel(middle: Vector, left: Vector, face: Vector, radius_m: float, owner: int) -> list[Solid]:
    turned: Rotation = (face, _UP, times(left, -1.0))
    return [
        Box(middle, (radius_m, radius_m, 0.016), owner, turned, _TYRE, shape="cylinder"),
        Box(middle, (0.86 * radius_m, 0.86 * radius_m, 0.018), owner, turned, _STEEL, shape="cylinder"),
        Box(middle, (0.25 * radius_m, 0.25 * radius_m, 0.030), owner, turned, _SEAT, shape="cylinder"),
    ]


def _wheelchair(hips: Vector, joints: Joints, face: Vector, left: Vector, owner: int) -> list[Solid]:
    upright: Rotation = (left, times(face, -1.0), _UP)
    seat: Vector = (hips[0] + 0.14 * face[0], hips[1] + 0.14 * face[1], hips[2] - 0.13)
    back = along(along(hips, face, -0.17), _UP, 0.12)
    solids: list[Solid] = [
        Box(seat, (0.23, 0.24, 0.03), owner, upright, _SEAT),
        Box(back, (0.23, 0.02, 0.28), owner, upright, _SEAT),
    ]
    for side in (0.29, -0.29):
        hub = along(along(hips, left, side), face, -0.02)
        solids += _wheel((hub[0], hub[1], 0.31), left, face, 0.31, owner)
        caster = along(along(hips, left, 0.8 * side), face, 0.46)
        solids += _wheel((caster[0], caster[1], 0.08), left, face, 0.08, owner)
        rest = along(along(seat, left, 0.87 * side), _UP, 0.24)
        solids.append(limb(along(rest, face, -0.2), along(rest, face, 0.16), 0.025, 0.025, owner, plain(_SEAT)))
        post = along(back, left, 0.8 * side)
        solids.append(limb(along(post, _UP, -0.3), along(post, _UP, 0.34), 0.016, 0.016, owner, plain(_STEEL)))
    for foot in (joints.l_foot, joints.r_foot):
        plate = along(along(foot, face, 0.05), _UP, -0.075)
        solids.append(Box(plate, (0.08, 0.13, 0.012), owner, upright, _STEEL))
    return solids


def _pushchair(joints: Joints, hips: Vector, face: Vector, left: Vector, dress: Looks, owner: int) -> list[Solid]:
    middle: Vector = (hips[0] + 0.72 * face[0], hips[1] + 0.72 * face[1], 0.0)
    colour = dress.bag_colour
    upright: Rotation = (left, times(face, -1.0), _UP)

    def at(forward: float, aside: float, z: float) -> Vector:
        return along(along((middle[0], middle[1], z), face, forward), left, aside)

    steel, cloth = plain(_STEEL), plain(colour)
    solids: list[Solid] = [
        Box(at(0.02, 0.0, 0.42), (0.19, 0.24, 0.05), owner, upright, colour),
        limb(at(-0.22, 0.0, 0.46), at(-0.30, 0.0, 0.80), 0.19, 0.19, owner, cloth, times(face, 0.3)),
        Ellipsoid(at(-0.10, 0.0, 0.86), (0.21, 0.24, 0.17), owner, upright, darker(colour)),
        Box(at(0.02, 0.0, 0.22), (0.17, 0.22, 0.06), owner, upright, _SEAT),
        *_small_child(at(-0.02, 0.0, 0.50), face, left, dress, owner),
    ]
    for side in (0.24, -0.24):
        for ahead in (-0.26, 0.36):
            solids += _wheel(at(ahead, side, 0.11), left, face, 0.11, owner)
        solids.append(limb(at(0.36, side, 0.11), at(-0.30, side, 0.76), 0.014, 0.014, owner, steel))
        solids.append(limb(at(-0.26, side, 0.11), at(0.05, side, 0.44), 0.014, 0.014, owner, steel))
    for wrist, side in ((joints.l_wrist, 0.24), (joints.r_wrist, -0.24)):
        solids.append(limb(at(-0.30, side, 0.76), wrist, 0.014, 0.014, owner, steel))
    solids.append(limb(joints.l_wrist, joints.r_wrist, 0.018, 0.018, owner, plain(_SEAT)))
    return solids


def _small_child(seat: Vector, face: Vector, left: Vector, dress: Looks, owner: int) -> list[Solid]:
    """A child of about a year, sitting."""
    shirt, skin = plain(dress.cover_colour), plain(dress.skin)
    head = along(along(seat, _UP, 0.34), face, 0.02)
    solids: list[Solid] = [
        limb(seat, along(seat, _UP, 0.18), 0.085, 0.075, owner, shirt),
        Ellipsoid(head, (0.075, 0.080, 0.088), owner, (left, times(face, -1.0), _UP), dress.skin),
        Ellipsoid(
            along(along(head, face, -0.02), _UP, 0.025),
            (0.078, 0.08, 0.075),
            owner,
            (left, times(face, -1.0), _UP),
            dress.hair_colour,
        ),
    ]
    for side in (0.07, -0.07):
        hip, knee = along(seat, left, side), along(along(seat, left, 1.2 * side), face, 0.20)
        solids.append(limb(hip, knee, 0.05, 0.04, owner, plain(dress.bottom_colour)))
        solids.append(limb(knee, along(knee, _UP, -0.15), 0.04, 0.03, owner, plain(dress.bottom_colour)))
        shoulder = along(along(seat, _UP, 0.19), left, 1.2 * side)
        solids.append(limb(shoulder, along(along(seat, left, 1.5 * side), face, 0.13), 0.032, 0.022, owner, skin))
    return solids


def _child(joints: Joints, face: Vector, left: Vector, dress: Looks, owner: int, stature_m: float) -> list[Solid]:
    """A child on the left arm, looking over the shoulder."""
    size = stature_m / 1.75
    seat = along(along(along(joints.l_shoulder, face, 0.17 * size), left, -0.02), _UP, -0.30 * size)
    return _small_child(seat, times(face, -1.0), times(left, -1.0), dress, owner)
