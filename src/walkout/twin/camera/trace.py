"""Rays against solids: which solid each pixel sees first, and how far away.

A ray leaves the camera toward a pixel with a forward part of 1, so its length `t` is the depth along the optical axis.
In a solid's own frame the ray stays a straight line with the same `t`, and the solid is a unit cube, a unit cylinder, a
unit sphere or a round cone. The round cone is the convex hull of two spheres on z: two spheres and the cone that
touches both, whose outline is the line rho cos + z sin = radius_a with sin = (radius_a - radius_b) / height.
"""

from math import ceil, floor, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera.jit import inlined, kernel
from walkout.twin.camera.pack import (
    BOX,
    CONE,
    COSINE,
    CYLINDER,
    HEIGHT,
    HIGH,
    LOW,
    NOTHING,
    ORIGIN,
    RADIUS_A,
    RADIUS_B,
    SHAPE,
    SLOPE,
    SPHERE,
    TO_LOCAL,
    TO_WORLD,
    WIDEST,
)
from walkout.twin.camera.scene import Pinhole

NEAR_M = 0.02
"""Nothing nearer is seen; a solid that the camera is inside of is not seen either."""


def lens(camera: Pinhole) -> NDArray[np.float64]:
    """A pinhole as 15 numbers: position, right and down divided by the focal length, forward, middle, focal length."""
    right = (np.array(camera.right) / camera.focal_px).tolist()
    down = (np.array(camera.down) / camera.focal_px).tolist()
    middle = (camera.width_px / 2, camera.height_px / 2, camera.focal_px)
    return np.array([*camera.at_m, *right, *down, *camera.forward, *middle])


@inlined
def hit_box(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Where a ray enters the cube from -1 to 1; infinity for a miss."""
    # Written so that 0 / 0, a ray in the plane of a side, compares false and changes nothing.
    a, b = (-1.0 - ox) / dx, (1.0 - ox) / dx
    first, last = (a, b) if a < b else (b, a)
    a, b = (-1.0 - oy) / dy, (1.0 - oy) / dy
    low, high = (a, b) if a < b else (b, a)
    first, last = max(first, low), min(last, high)
    a, b = (-1.0 - oz) / dz, (1.0 - oz) / dz
    low, high = (a, b) if a < b else (b, a)
    first, last = max(first, low), min(last, high)
    return first if first <= last else inf


@inlined
def hit_cylinder(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Where a ray enters the cylinder of radius 1 and z from -1 to 1; infinity for a miss."""
    a = dx * dx + dy * dy
    b = ox * dx + oy * dy
    c = ox * ox + oy * oy - 1.0
    root = b * b - a * c
    best = inf
    if root >= 0.0:
        t = (-b - sqrt(root)) / a
        if abs(oz + t * dz) <= 1.0:
            best = t
        t = ((1.0 if dz < 0.0 else -1.0) - oz) / dz
        x, y = ox + t * dx, oy + t * dy
        if x * x + y * y <= 1.0:
            best = min(best, t)
    return best


@inlined
def hit_sphere(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Where a ray enters the unit sphere; infinity for a miss."""
    a = dx * dx + dy * dy + dz * dz
    b = ox * dx + oy * dy + oz * dz
    c = ox * ox + oy * oy + oz * oz - 1.0
    root = b * b - a * c
    return (-b - sqrt(root)) / a if root >= 0.0 else inf


@inlined
def hit_cone(g: NDArray[np.float64], ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Where a ray enters a round cone (a row of `Packed.geometry`); infinity for a miss."""
    dxy = dx * dx + dy * dy
    best = inf
    c2 = g[COSINE] * g[COSINE]
    k = g[RADIUS_A] - g[SLOPE] * oz
    sz = g[SLOPE] * dz
    a = c2 * dxy - sz * sz
    b = c2 * (ox * dx + oy * dy) + k * sz
    c = c2 * (ox * ox + oy * oy) - k * k
    root = b * b - a * c
    at_a = at_b = True
    if a > 0.0:
        if root < 0.0:
            return inf  # both spheres are inside the endless cone
        t = (-b - sqrt(root)) / a
        z = oz + t * dz
        if g[LOW] <= z <= g[HIGH]:
            return float(t)
        # The ray is in the endless cone beyond one end, so it enters through that end's sphere or not at all.
        at_a, at_b = z < g[LOW], z > g[HIGH]
    elif root >= 0.0:
        q = -(b + (sqrt(root) if b > 0.0 else -sqrt(root)))
        t = q / a
        if g[LOW] <= oz + t * dz <= g[HIGH] and t > 0.0:
            best = t
        t = c / q
        if t < best and g[LOW] <= oz + t * dz <= g[HIGH] and t > 0.0:
            best = t
    d2 = dxy + dz * dz
    along = ox * dx + oy * dy
    across = ox * ox + oy * oy
    b = along + oz * dz
    root = b * b - d2 * (across + oz * oz - g[RADIUS_A] * g[RADIUS_A])
    if at_a and root >= 0.0:
        t = (-b - sqrt(root)) / d2
        if t < best and oz + t * dz <= g[LOW]:
            best = t
    top = oz - g[HEIGHT]
    b = along + top * dz
    root = b * b - d2 * (across + top * top - g[RADIUS_B] * g[RADIUS_B])
    if at_b and root >= 0.0:
        t = (-b - sqrt(root)) / d2
        if t < best and oz + t * dz >= g[HIGH]:
            best = t
    return best


@kernel
def inside(shape: int, g: NDArray[np.float64], x: float, y: float, z: float) -> bool:
    """Whether a point of the solid's own frame is inside it."""
    if shape == BOX:
        return max(abs(x), abs(y), abs(z)) <= 1.0
    if shape == CYLINDER:
        return x * x + y * y <= 1.0 and abs(z) <= 1.0
    if shape == SPHERE:
        return x * x + y * y + z * z <= 1.0
    if z < g[LOW]:
        return bool(x * x + y * y + z * z <= g[RADIUS_A] * g[RADIUS_A])
    if z > g[HIGH]:
        top = z - g[HEIGHT]
        return bool(x * x + y * y + top * top <= g[RADIUS_B] * g[RADIUS_B])
    return bool(sqrt(x * x + y * y) * g[COSINE] + z * g[SLOPE] <= g[RADIUS_A])


@kernel
def bounds(
    geometry: NDArray[np.float64], meta: NDArray[np.int32], view: NDArray[np.float64], window: tuple[int, int, int, int]
) -> NDArray[np.int32]:
    """The pixels where each solid may be seen, int32 (solids, 4): left, top, right, bottom, the last two outside.

    Never too small: the solid's own bounding cuboid, cut off behind the camera, projected.
    """
    left, top, right, bottom = window
    out = np.zeros((geometry.shape[0], 4), np.int32)
    corners, f2 = np.empty((8, 3)), view[14] * view[14]
    for i in range(geometry.shape[0]):
        g, shape = geometry[i], meta[i, SHAPE]
        if shape == NOTHING:
            continue
        low_z = -g[RADIUS_A] if shape == CONE else -1.0
        high_z = g[HEIGHT] + g[RADIUS_B] if shape == CONE else 1.0
        wide = g[WIDEST] if shape == CONE else 1.0
        # The hull of the two ends' spheres reaches no lower and no higher than the lower or higher of both.
        if shape == CONE:
            low_z, high_z = min(low_z, g[HEIGHT] - g[RADIUS_B]), max(high_z, g[RADIUS_A])
        for corner in range(8):
            x = wide if corner & 1 else -wide
            y = wide if corner & 2 else -wide
            z = high_z if corner & 4 else low_z
            wx = g[ORIGIN] - view[0] + g[TO_WORLD] * x + g[TO_WORLD + 1] * y + g[TO_WORLD + 2] * z
            wy = g[ORIGIN + 1] - view[1] + g[TO_WORLD + 3] * x + g[TO_WORLD + 4] * y + g[TO_WORLD + 5] * z
            wz = g[ORIGIN + 2] - view[2] + g[TO_WORLD + 6] * x + g[TO_WORLD + 7] * y + g[TO_WORLD + 8] * z
            corners[corner, 0] = f2 * (wx * view[3] + wy * view[4] + wz * view[5])
            corners[corner, 1] = f2 * (wx * view[6] + wy * view[7] + wz * view[8])
            corners[corner, 2] = wx * view[9] + wy * view[10] + wz * view[11]
        u0, v0, u1, v1 = inf, inf, -inf, -inf
        for corner in range(8):
            depth = corners[corner, 2]
            if depth >= NEAR_M:
                u, v = corners[corner, 0] / depth, corners[corner, 1] / depth
                u0, v0, u1, v1 = min(u0, u), min(v0, v), max(u1, u), max(v1, v)
                continue
            for axis in (1, 2, 4):  # an edge that leaves the space behind the camera is seen from where it does
                other = corner ^ axis
                if corners[other, 2] >= NEAR_M:
                    share = (NEAR_M - depth) / (corners[other, 2] - depth)
                    u = (corners[corner, 0] + share * (corners[other, 0] - corners[corner, 0])) / NEAR_M
                    v = (corners[corner, 1] + share * (corners[other, 1] - corners[corner, 1])) / NEAR_M
                    u0, v0, u1, v1 = min(u0, u), min(v0, v), max(u1, u), max(v1, v)
        u0, v0, u1, v1 = u0 + view[12], v0 + view[13], u1 + view[12], v1 + view[13]
        if not (u0 < u1 and v0 < v1):
            continue
        # One pixel more on each side for samples away from the pixel's middle.
        out[i, 0] = max(left, floor(min(max(u0, -1e6), 1e6)) - 1)
        out[i, 1] = max(top, floor(min(max(v0, -1e6), 1e6)) - 1)
        out[i, 2] = min(right, ceil(max(min(u1, 1e6), -1e6)) + 1)
        out[i, 3] = min(bottom, ceil(max(min(v1, 1e6), -1e6)) + 1)
    return out


@kernel
def _span(
    shape: int,
    g: NDArray[np.float64],
    ox: float,
    oy: float,
    oz: float,
    sx: float,
    sy: float,
    sz: float,
    ux: float,
    uy: float,
    uz: float,
) -> tuple[float, float]:
    """Between which u the rays s + u * (ux, uy, uz) of one row may meet a sphere, or the cylinder around a cone.

    Both are met where a quadratic in u is not negative; low above high: nowhere.
    """
    if shape == SPHERE:
        k = ox * ox + oy * oy + oz * oz - 1.0
        su, ss = ox * ux + oy * uy + oz * uz, ox * sx + oy * sy + oz * sz
        a = su * su - k * (ux * ux + uy * uy + uz * uz)
        b = su * ss - k * (sx * ux + sy * uy + sz * uz)
        c = ss * ss - k * (sx * sx + sy * sy + sz * sz)
    else:
        w2 = g[WIDEST] * g[WIDEST]
        pu, ps = ox * uy - oy * ux, ox * sy - oy * sx
        a = w2 * (ux * ux + uy * uy) - pu * pu
        b = w2 * (sx * ux + sy * uy) - ps * pu
        c = w2 * (sx * sx + sy * sy) - ps * ps
    if a > -1e-18:
        return -1e9, 1e9  # the camera is so near, or looks so much along the limb, that no side bounds it
    root = b * b - a * c
    if root < 0.0:
        return 1.0, 0.0
    root = sqrt(root)
    return (-b + root) / a, (-b - root) / a


@kernel
def cast(
    geometry: NDArray[np.float64],
    meta: NDArray[np.int32],
    view: NDArray[np.float64],
    boxes: NDArray[np.int32],
    sample: tuple[float, float],
    depth: NDArray[np.float32],
    ids: NDArray[np.int32],
) -> None:
    """Put each solid that is nearer than `depth` into `depth`, and -1 - its index into `ids`, both in place.

    `sample` is where in a pixel the ray goes, (0.5, 0.5) the middle. Of two solids at the same depth the first one
    stays.
    """
    for i in range(geometry.shape[0]):
        left, top, right, bottom = boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3]
        if left >= right or top >= bottom:
            continue
        g, shape = geometry[i], meta[i, SHAPE]
        px, py, pz = view[0] - g[ORIGIN], view[1] - g[ORIGIN + 1], view[2] - g[ORIGIN + 2]
        a0, a1, a2 = g[TO_LOCAL], g[TO_LOCAL + 1], g[TO_LOCAL + 2]
        b0, b1, b2 = g[TO_LOCAL + 3], g[TO_LOCAL + 4], g[TO_LOCAL + 5]
        c0, c1, c2 = g[TO_LOCAL + 6], g[TO_LOCAL + 7], g[TO_LOCAL + 8]
        ox, oy, oz = a0 * px + a1 * py + a2 * pz, b0 * px + b1 * py + b2 * pz, c0 * px + c1 * py + c2 * pz
        if inside(shape, g, ox, oy, oz):
            continue
        rx, ry, rz = view[3], view[4], view[5]
        ux, uy, uz = a0 * rx + a1 * ry + a2 * rz, b0 * rx + b1 * ry + b2 * rz, c0 * rx + c1 * ry + c2 * rz
        rx, ry, rz = view[6], view[7], view[8]
        vx, vy, vz = a0 * rx + a1 * ry + a2 * rz, b0 * rx + b1 * ry + b2 * rz, c0 * rx + c1 * ry + c2 * rz
        rx, ry, rz = view[9], view[10], view[11]
        fx, fy, fz = a0 * rx + a1 * ry + a2 * rz, b0 * rx + b1 * ry + b2 * rz, c0 * rx + c1 * ry + c2 * rz
        for row in range(top, bottom):
            v = row + sample[1] - view[13]
            sx, sy, sz = fx + v * vx, fy + v * vy, fz + v * vz
            first, last = left, right
            if shape in (CONE, SPHERE):
                low, high = _span(shape, g, ox, oy, oz, sx, sy, sz, ux, uy, uz)
                low, high = low - sample[0] + view[12], high - sample[0] + view[12]
                first = max(left, floor(min(max(low, -1e6), 1e6)))
                last = min(right, ceil(max(min(high, 1e6), -1e6)) + 1)
            for column in range(first, last):
                u = column + sample[0] - view[12]
                dx, dy, dz = sx + u * ux, sy + u * uy, sz + u * uz
                if shape == CONE:
                    t = hit_cone(g, ox, oy, oz, dx, dy, dz)
                elif shape == BOX:
                    t = hit_box(ox, oy, oz, dx, dy, dz)
                elif shape == SPHERE:
                    t = hit_sphere(ox, oy, oz, dx, dy, dz)
                else:
                    t = hit_cylinder(ox, oy, oz, dx, dy, dz)
                if NEAR_M < t < depth[row, column]:
                    depth[row, column] = t
                    ids[row, column] = -1 - i
