"""Solids and lights as arrays that the kernels read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera.jit import kernel
from walkout.twin.camera.packaging import Atlas
from walkout.twin.camera.scene import PATTERNS, Capsule, Ellipsoid, Light, Solid

BOX, CYLINDER, SPHERE, CONE, NOTHING = 0, 1, 2, 3, 4
"""Shapes as the kernels see them; every solid is an affine image of one of these."""

# Columns of `Packed.geometry`: world to local (rows), local origin, local to world (rows), shape.
TO_LOCAL, ORIGIN, TO_WORLD = 0, 9, 12
HEIGHT, RADIUS_A, RADIUS_B, SLOPE, COSINE, LOW, HIGH, WIDEST = 21, 22, 23, 24, 25, 26, 27, 28
_GEOMETRY = 29
# Columns of `Packed.meta`.
SHAPE, ID, TEXTURE, PATTERN, STRUCTURE = 0, 1, 2, 3, 4

_PATTERN_INDEX = {name: float(index) for index, name in enumerate(PATTERNS)}
_LEAST_M = 1e-5
_NO_ROTATION = (0.0,) * 9
_WHITES = (255.0,) * 3


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Solids ready to be seen, in the order given.

    geometry: float64 (solids, 29); colours: float64 (solids, 6), linear 0..1, own and second; meta: int32 (solids, 5).
    """

    geometry: NDArray[np.float64]
    colours: NDArray[np.float64]
    meta: NDArray[np.int32]


def pack(solids: Sequence[Solid], atlas: Atlas) -> Packed:
    """Solids as arrays. One without thickness is not seen: a size of 0.01 mm or less, or a negative one.

    Raises ValueError for a number that is not finite, KeyError for a texture that the atlas lacks.
    """
    rows = [_row(solid, atlas) for solid in solids]
    raw = np.array(rows, np.float64).reshape(len(rows), 28)
    if not np.isfinite(raw).all():
        worst = int(np.flatnonzero(~np.isfinite(raw).all(axis=1))[0])
        raise ValueError(f"solid {worst} has a number that is not finite: {solids[worst]}")
    geometry = np.zeros((len(rows), _GEOMETRY))
    meta = np.ascontiguousarray(raw[:, :5].astype(np.int32))
    _prepare(raw, geometry, meta)
    return Packed(geometry, _LINEAR[np.clip(raw[:, 22:28], 0, 255).astype(np.int64)], meta)


def pack_lights(lights: Sequence[Light]) -> NDArray[np.float64]:
    """Lights as an array, shape (lights, 8): position, linear colour times power, panel width and depth."""
    rows = [(*light.at_m, *(light.power * _LINEAR[c] for c in light.colour), *light.size_m) for light in lights]
    return np.array(rows, np.float64).reshape(len(rows), 8)


def linear_of(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light 0..1 of an sRGB value 0..1 (IEC 61966-2-1)."""
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def code_of(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sRGB value 0..1 of a light 0..1; the inverse of `linear_of`."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0.0) ** (1 / 2.4) - 0.055)


_LINEAR = linear_of(np.arange(256) / 255.0)


def _row(solid: Solid, atlas: Atlas) -> tuple[float, ...]:
    """One solid in 28 numbers: shape, id, texture, pattern, structure, 6 of place, 9 of axes, 2 radii, 6 of colour."""
    if isinstance(solid, Capsule):
        head = (CONE, solid.id, -1, _PATTERN_INDEX[solid.pattern], 0)
        place = (*solid.a_m, *solid.b_m, *solid.flat, *_NO_ROTATION[:6])
        return (*head, *place, solid.radius_a_m, solid.radius_b_m, *solid.colour, *solid.second)
    x, y, z = solid.rotation
    if isinstance(solid, Ellipsoid):
        return (
            SPHERE,
            solid.id,
            -1,
            0,
            0,
            *solid.centre_m,
            *solid.half_m,
            *x,
            *y,
            *z,
            0.0,
            0.0,
            *solid.colour,
            *_WHITES,
        )
    shape = BOX if solid.shape == "box" else CYLINDER
    texture = atlas.index(solid.texture) if solid.texture else -1
    head = (shape, solid.id, texture, 0, int(solid.structure))
    return (*head, *solid.centre_m, *solid.half_m, *x, *y, *z, 0.0, 0.0, *solid.colour, *_WHITES)


@kernel
def _prepare(raw: NDArray[np.float64], geometry: NDArray[np.float64], meta: NDArray[np.int32]) -> None:
    for i in range(raw.shape[0]):
        if meta[i, SHAPE] == CONE:
            _prepare_cone(raw[i], geometry[i], meta[i])
            continue
        for axis in range(3):
            half = raw[i, 8 + axis]
            if half <= _LEAST_M:
                meta[i, SHAPE] = NOTHING
                half = 1.0
            geometry[i, ORIGIN + axis] = raw[i, 5 + axis]
            geometry[i, HEIGHT + axis] = half  # a box has no cone's numbers; its sizes choose the mipmap
            for k in range(3):
                geometry[i, TO_LOCAL + 3 * axis + k] = raw[i, 11 + 3 * axis + k] / half
                geometry[i, TO_WORLD + 3 * k + axis] = raw[i, 11 + 3 * axis + k] * half
        if meta[i, SHAPE] == SPHERE:
            geometry[i, HEIGHT] = 0.0
            geometry[i, RADIUS_A : HIGH + 1] = 0.0
            geometry[i, RADIUS_A] = geometry[i, RADIUS_B] = geometry[i, WIDEST] = 1.0


@kernel
def _prepare_cone(row: NDArray[np.float64], out: NDArray[np.float64], meta: NDArray[np.int32]) -> None:
    """A round cone stands in local metres on z from 0 to `height`; `flat` scales space along one direction first."""
    radius_a, radius_b = row[20], row[21]
    fx, fy, fz = row[11], row[12], row[13]
    factor = np.sqrt(fx * fx + fy * fy + fz * fz)
    if factor <= 1e-3 or factor >= 1.0:
        fx, fy, fz, factor = 0.0, 0.0, 1.0, 1.0
    else:
        fx, fy, fz = fx / factor, fy / factor, fz / factor
    grow, shrink = 1.0 / factor - 1.0, factor - 1.0
    ex, ey, ez = row[8] - row[5], row[9] - row[6], row[10] - row[7]
    along = grow * (ex * fx + ey * fy + ez * fz)
    ex, ey, ez = ex + along * fx, ey + along * fy, ez + along * fz
    height = np.sqrt(ex * ex + ey * ey + ez * ez)
    ox, oy, oz = row[5], row[6], row[7]
    if max(radius_a, radius_b) <= _LEAST_M or min(radius_a, radius_b) < 0.0:
        meta[SHAPE] = NOTHING
    if height <= abs(radius_a - radius_b) + 1e-9:  # one end holds the other
        meta[SHAPE] = NOTHING if meta[SHAPE] == NOTHING else SPHERE
        if radius_b > radius_a:
            ox, oy, oz = row[8], row[9], row[10]
        radius_a = radius_b = max(radius_a, radius_b)
        ex, ey, ez, height = 0.0, 0.0, 1.0, 0.0
        length = 1.0
    else:
        length = height
    zx, zy, zz = ex / length, ey / length, ez / length
    # Any two directions square to z; the pattern on the cone starts there.
    if abs(zz) < 0.9:
        xx, xy, xz = -zy, zx, 0.0
    else:
        xx, xy, xz = 0.0, -zz, zy
    norm = np.sqrt(xx * xx + xy * xy + xz * xz)
    xx, xy, xz = xx / norm, xy / norm, xz / norm
    yx, yy, yz = zy * xz - zz * xy, zz * xx - zx * xz, zx * xy - zy * xx
    axes = ((xx, xy, xz), (yx, yy, yz), (zx, zy, zz))
    scale = 1.0 / radius_a if meta[SHAPE] == SPHERE else 1.0
    for axis in range(3):
        ax, ay, az = axes[axis]
        onto = ax * fx + ay * fy + az * fz
        out[TO_LOCAL + 3 * axis] = (ax + grow * onto * fx) * scale
        out[TO_LOCAL + 3 * axis + 1] = (ay + grow * onto * fy) * scale
        out[TO_LOCAL + 3 * axis + 2] = (az + grow * onto * fz) * scale
        out[TO_WORLD + axis] = (ax + shrink * onto * fx) / scale
        out[TO_WORLD + 3 + axis] = (ay + shrink * onto * fy) / scale
        out[TO_WORLD + 6 + axis] = (az + shrink * onto * fz) / scale
    out[ORIGIN], out[ORIGIN + 1], out[ORIGIN + 2] = ox, oy, oz
    if meta[SHAPE] == SPHERE:
        radius_a = radius_b = 1.0
    slope = (radius_a - radius_b) / length if height > 0.0 else 0.0
    out[HEIGHT], out[RADIUS_A], out[RADIUS_B], out[SLOPE] = height, radius_a, radius_b, slope
    out[COSINE] = np.sqrt(max(0.0, 1.0 - slope * slope))
    out[LOW], out[HIGH], out[WIDEST] = radius_a * slope, height + radius_b * slope, max(radius_a, radius_b)
