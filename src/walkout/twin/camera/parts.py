"""Small parts that people and things are made of, and the few vector sums they need."""

from math import sqrt

from walkout.twin.camera.scene import Capsule, Colour, Pattern, Vector

Cloth = tuple[Colour, Pattern, Colour]
"""Colour, pattern, the pattern's other colour."""


def limb(
    a_m: Vector,
    b_m: Vector,
    radius_a_m: float,
    radius_b_m: float,
    owner: int,
    cloth: Cloth,
    flat: Vector = (0.0, 0.0, 0.0),
) -> Capsule:
    """A round cone in a cloth."""
    return Capsule(a_m, b_m, radius_a_m, radius_b_m, owner, cloth[0], flat, cloth[1], cloth[2])


def plain(colour: Colour) -> Cloth:
    """A cloth, or skin, or metal, of one colour."""
    return (colour, "plain", colour)


def darker(colour: Colour) -> Colour:
    """Four fifths of a colour."""
    return (colour[0] * 4 // 5, colour[1] * 4 // 5, colour[2] * 4 // 5)


def mix(a: Vector, b: Vector, share: float) -> Vector:
    """The point that far on the way from a to b."""
    k = 1.0 - share
    return (k * a[0] + share * b[0], k * a[1] + share * b[1], k * a[2] + share * b[2])


def along(a: Vector, way: Vector, by: float) -> Vector:
    """The point `by` times `way` from a."""
    return (a[0] + by * way[0], a[1] + by * way[1], a[2] + by * way[2])


def times(a: Vector, k: float) -> Vector:
    """The vector k times as long."""
    return (a[0] * k, a[1] * k, a[2] * k)


def minus(a: Vector, b: Vector) -> Vector:
    """From b to a."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def length(a: Vector) -> float:
    """How long a vector is."""
    return sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
