"""Light on solids: what colour a pixel has once it is known which solid it sees, and how far away.

What stands still is lit by every panel with soft shadows of boards and walls, and by light from everywhere that finds less way into a
shelf (nine samples a pixel, each with its own point of the panel and its own direction). What moves is lit by the panels without
shadows, and darkens the floor under it. Light falls with the square of the distance and with both cosines (a Lambert panel).
"""

from math import atan2, floor, inf, log2, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera.jit import kernel
from walkout.twin.camera.pack import (
    BOX,
    CONE,
    COSINE,
    CYLINDER,
    HEIGHT,
    HIGH,
    LOW,
    ORIGIN,
    PATTERN,
    SHAPE,
    SLOPE,
    STRUCTURE,
    TEXTURE,
    TO_LOCAL,
)
from walkout.twin.camera.trace import hit_box

NINE = np.array([(i % 3 - 1.0, i // 3 - 1.0) for i in range(9)]) / 3.0
"""Nine points of a square from -1/3 to 1/3: where in a pixel, and where on a panel, each sample lies."""

MOST_PANELS = 4
"""How many panels light what moves from their own side."""

_NEARBY_M = 0.7
"""Boards farther away than this take no light from everywhere."""


@kernel
def surface(
    i: int,
    geometry: NDArray[np.float64],
    colours: NDArray[np.float64],
    meta: NDArray[np.int32],
    texels: NDArray[np.uint8],
    linear: NDArray[np.float64],
    x: float,
    y: float,
    z: float,
    footprint_m: float,
) -> tuple[float, float, float, float, float, float]:
    """Normal (unit, store frame) and linear colour where solid i is seen at a point of the store frame.

    `footprint_m` is how wide a pixel is there; it picks the mipmap.
    """
    g, shape = geometry[i], meta[i, SHAPE]
    wx, wy, wz = x - g[ORIGIN], y - g[ORIGIN + 1], z - g[ORIGIN + 2]
    px = g[TO_LOCAL] * wx + g[TO_LOCAL + 1] * wy + g[TO_LOCAL + 2] * wz
    py = g[TO_LOCAL + 3] * wx + g[TO_LOCAL + 4] * wy + g[TO_LOCAL + 5] * wz
    pz = g[TO_LOCAL + 6] * wx + g[TO_LOCAL + 7] * wy + g[TO_LOCAL + 8] * wz
    nx, ny, nz = px, py, pz
    if shape == CONE:
        if pz > g[HIGH]:
            nz = pz - g[HEIGHT]
        elif pz > g[LOW]:
            # Along the cone's side the normal leans by the slope; across, it points away from the axis.
            nz = g[SLOPE] * sqrt(px * px + py * py) / max(g[COSINE], 1e-9)
    elif shape == BOX:
        ax, ay, az = abs(px), abs(py), abs(pz)
        nx = (1.0 if px > 0.0 else -1.0) if ax >= ay and ax >= az else 0.0
        ny = (1.0 if py > 0.0 else -1.0) if nx == 0.0 and ay >= az else 0.0
        nz = (1.0 if pz > 0.0 else -1.0) if nx == 0.0 and ny == 0.0 else 0.0
    elif shape == CYLINDER:
        if abs(pz) >= sqrt(px * px + py * py):
            nx, ny, nz = 0.0, 0.0, (1.0 if pz > 0.0 else -1.0)
        else:
            nz = 0.0
    red, green, blue = colours[i, 0], colours[i, 1], colours[i, 2]
    if meta[i, TEXTURE] >= 0:
        row, column, face = _texel(g, shape, nx, ny, nz, px, py, pz, footprint_m)
        texel = texels[meta[i, TEXTURE], face, row, column]
        red, green, blue = red * linear[texel[0]], green * linear[texel[1]], blue * linear[texel[2]]
    elif meta[i, PATTERN] > 0:
        share, folds = _cloth(meta[i, PATTERN], px, py, pz)
        red = folds * (red + share * (colours[i, 3] - red))
        green = folds * (green + share * (colours[i, 4] - green))
        blue = folds * (blue + share * (colours[i, 5] - blue))
    wx = g[TO_LOCAL] * nx + g[TO_LOCAL + 3] * ny + g[TO_LOCAL + 6] * nz
    wy = g[TO_LOCAL + 1] * nx + g[TO_LOCAL + 4] * ny + g[TO_LOCAL + 7] * nz
    wz = g[TO_LOCAL + 2] * nx + g[TO_LOCAL + 5] * ny + g[TO_LOCAL + 8] * nz
    scale = 1.0 / sqrt(max(wx * wx + wy * wy + wz * wz, 1e-30))
    return wx * scale, wy * scale, wz * scale, red, green, blue


@kernel
def _texel(
    g: NDArray[np.float64],
    shape: int,
    nx: float,
    ny: float,
    nz: float,
    px: float,
    py: float,
    pz: float,
    footprint_m: float,
) -> tuple[int, int, int]:
    """Row and column in the mipmapped sheet, and the face: front and back 0, sides 1, top and bottom 2."""
    width_m = 2.0 * g[HEIGHT]
    if nz != 0.0:
        face, u, v = 2, px, py
    elif shape == CYLINDER:
        face, u, v = 0, 2.0 * atan2(px, -py) / pi, pz
        u = u - 2.0 * floor((u + 1.0) / 2.0)
        width_m = pi * g[HEIGHT]
    elif ny != 0.0:
        face, u, v = 0, (px if ny < 0.0 else -px), pz
    else:
        face, u, v = 1, (py if nx > 0.0 else -py), pz
        width_m = 2.0 * g[HEIGHT + 1]
    level = int(max(0.0, min(7.0, log2(max(footprint_m * 128.0 / width_m, 1e-6)) + 0.5)))
    size = 128 >> level
    column = min(size - 1, max(0, int((0.5 + 0.5 * u) * size)))
    row = min(size - 1, max(0, int((0.5 - 0.5 * v) * size)))
    if level > 0:
        row += 128 - (128 >> (level - 1))
        column += 128
    return row, column, face


@kernel
def _wave(x: float) -> float:
    """A wave from -1 to 1 with period 1, two parabolas."""
    part = x - floor(x)
    return 16.0 * part * (0.5 - part) if part < 0.5 else 16.0 * (part - 0.5) * (part - 1.0)


@kernel
def _cloth(pattern: int, x: float, y: float, z: float) -> tuple[float, float]:
    """How much of the pattern's other colour shows, and how folds darken the cloth, at a point of a limb (metres)."""
    # A square's angle instead of the circle's, and parabolas instead of sines: cheap, and as good for cloth.
    share = y / max(abs(x) + abs(y), 1e-9)
    round_m = 0.19 * (share if x > 0.0 else 2.0 - share)
    folds = 0.93 + 0.07 * _wave(6.0 * z + 0.4 * _wave(5.5 * round_m))
    if pattern == 1:
        return (1.0 if floor(z / 0.045) % 2.0 == 0.0 else 0.0), folds
    if pattern == 2:
        return 0.5 * (floor(z / 0.055) % 2.0) + 0.5 * (floor(round_m / 0.055) % 2.0), folds
    if pattern == 3:
        du, dv = round_m / 0.06, z / 0.06
        du, dv = du - floor(du) - 0.5, dv - floor(dv) - 0.5
        return (1.0 if du * du + dv * dv < 0.08 else 0.0), folds
    # Thread by thread, from the place alone (an integer hash).
    bits = (int(floor(z / 0.012)) * 73856093) ^ (int(floor(round_m / 0.012)) * 19349663)
    grain = ((bits * 2654435761) >> 16 & 255) / 255.0
    return (0.12 if pattern == 4 else 0.35) * grain, folds


@kernel
def blocked(
    geometry: NDArray[np.float64],
    boards: NDArray[np.int64],
    x: float,
    y: float,
    z: float,
    dx: float,
    dy: float,
    dz: float,
) -> bool:
    """Whether a board stands between a point and the point plus d."""
    for k in range(boards.shape[0]):
        g = geometry[boards[k]]
        wx, wy, wz = x - g[ORIGIN], y - g[ORIGIN + 1], z - g[ORIGIN + 2]
        t = hit_box(
            g[TO_LOCAL] * wx + g[TO_LOCAL + 1] * wy + g[TO_LOCAL + 2] * wz,
            g[TO_LOCAL + 3] * wx + g[TO_LOCAL + 4] * wy + g[TO_LOCAL + 5] * wz,
            g[TO_LOCAL + 6] * wx + g[TO_LOCAL + 7] * wy + g[TO_LOCAL + 8] * wz,
            g[TO_LOCAL] * dx + g[TO_LOCAL + 1] * dy + g[TO_LOCAL + 2] * dz,
            g[TO_LOCAL + 3] * dx + g[TO_LOCAL + 4] * dy + g[TO_LOCAL + 5] * dz,
            g[TO_LOCAL + 6] * dx + g[TO_LOCAL + 7] * dy + g[TO_LOCAL + 8] * dz,
        )
        if 0.0 < t < 1.0:
            return True
    return False


@kernel
def paint_still(
    geometry: NDArray[np.float64],
    colours: NDArray[np.float64],
    meta: NDArray[np.int32],
    texels: NDArray[np.uint8],
    linear: NDArray[np.float64],
    lights: NDArray[np.float64],
    ambient: float,
    view: NDArray[np.float64],
    sample: tuple[float, float],
    turn: tuple[float, float],
    depth: NDArray[np.float32],
    ids: NDArray[np.int32],
    window: tuple[int, int, int, int],
    out: NDArray[np.float32],
) -> None:
    """Add one sample's light to `out`, float32 (rows, columns, 3), for every pixel of the window that sees something.

    `turn` is where the sample's points of the panels and its direction of light from everywhere are, -1/3..1/3 each.
    """
    boards = np.flatnonzero(meta[:, STRUCTURE] == 1)
    left, top, right, bottom = window
    for row in range(top, bottom):
        v = row + sample[1] - view[13]
        for column in range(left, right):
            i = -1 - ids[row, column]
            if i < 0:
                continue
            u, t = column + sample[0] - view[12], float(depth[row, column])
            x = view[0] + t * (view[9] + u * view[3] + v * view[6])
            y = view[1] + t * (view[10] + u * view[4] + v * view[7])
            z = view[2] + t * (view[11] + u * view[5] + v * view[8])
            pixel_m = t / view[14] / 2.0
            nx, ny, nz, red, green, blue = surface(i, geometry, colours, meta, texels, linear, x, y, z, pixel_m)
            # Rays start a little off the surface, so that it does not shade itself.
            x, y, z = x + 2e-3 * nx, y + 2e-3 * ny, z + 2e-3 * nz
            dx, dy, dz = nx + 2.4 * turn[0], ny + 2.4 * turn[1], nz + 0.35
            reach = _NEARBY_M / sqrt(max(dx * dx + dy * dy + dz * dz, 1e-9))
            open_share = 0.35 if blocked(geometry, boards, x, y, z, dx * reach, dy * reach, dz * reach) else 1.0
            everywhere = ambient * (0.75 + 0.25 * nz) * open_share
            sum_red, sum_green, sum_blue = everywhere, everywhere, everywhere
            for k in range(lights.shape[0]):
                dx = lights[k, 0] + turn[0] * lights[k, 6] - x
                dy = lights[k, 1] + turn[1] * lights[k, 7] - y
                dz = lights[k, 2] - z
                onto = nx * dx + ny * dy + nz * dz
                if onto <= 0.0 or dz <= 0.0:
                    continue
                d2 = dx * dx + dy * dy + dz * dz
                weight = onto * dz / (d2 * d2)
                if blocked(geometry, boards, x, y, z, 0.98 * dx, 0.98 * dy, 0.98 * dz):
                    continue
                sum_red += weight * lights[k, 3]
                sum_green += weight * lights[k, 4]
                sum_blue += weight * lights[k, 5]
            out[row, column, 0] += red * sum_red
            out[row, column, 1] += green * sum_green
            out[row, column, 2] += blue * sum_blue


@kernel
def lit(geometry: NDArray[np.float64], meta: NDArray[np.int32], lights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Direction to each solid's brightest panels and their light there, float64 (solids, MOST_PANELS + 1, 6).

    The last row holds the light of all other panels, as if it came from everywhere.
    """
    out = np.zeros((geometry.shape[0], MOST_PANELS + 1, 6))
    for i in range(geometry.shape[0]):
        weights = np.zeros(lights.shape[0])
        for k in range(lights.shape[0]):
            dx = lights[k, 0] - geometry[i, ORIGIN]
            dy = lights[k, 1] - geometry[i, ORIGIN + 1]
            dz = lights[k, 2] - geometry[i, ORIGIN + 2]
            d2 = max(dx * dx + dy * dy + dz * dz, 0.01)
            weights[k] = max(0.0, dz) / (d2 * sqrt(d2))
        for place in range(lights.shape[0]):
            k = int(np.argmax(weights))
            weight, weights[k] = weights[k], -1.0
            if place >= MOST_PANELS:
                for c in range(3):
                    out[i, MOST_PANELS, 3 + c] += 0.3 * weight * lights[k, 3 + c]
                continue
            dx = lights[k, 0] - geometry[i, ORIGIN]
            dy = lights[k, 1] - geometry[i, ORIGIN + 1]
            dz = lights[k, 2] - geometry[i, ORIGIN + 2]
            d = max(sqrt(dx * dx + dy * dy + dz * dz), 0.1)
            out[i, place, 0], out[i, place, 1], out[i, place, 2] = dx / d, dy / d, dz / d
            for c in range(3):
                out[i, place, 3 + c] = weight * lights[k, 3 + c]
    return out


@kernel
def paint_moving(
    geometry: NDArray[np.float64],
    colours: NDArray[np.float64],
    meta: NDArray[np.int32],
    texels: NDArray[np.uint8],
    linear: NDArray[np.float64],
    code: NDArray[np.uint8],
    light: NDArray[np.float64],
    ambient: float,
    view: NDArray[np.float64],
    window: tuple[int, int, int, int],
    depth: NDArray[np.float32],
    rgb: NDArray[np.uint8],
    ids: NDArray[np.int32],
) -> None:
    """Write colour and id of every pixel of the window that sees something that moves (see `trace.cast`), in place."""
    left, top, right, bottom = window
    last = code.shape[0] - 1
    for row in range(top, bottom):
        v = row + 0.5 - view[13]
        for column in range(left, right):
            i = -1 - ids[row, column]
            if i < 0:
                continue
            u, t = column + 0.5 - view[12], float(depth[row, column])
            x = view[0] + t * (view[9] + u * view[3] + v * view[6])
            y = view[1] + t * (view[10] + u * view[4] + v * view[7])
            z = view[2] + t * (view[11] + u * view[5] + v * view[8])
            nx, ny, nz, red, green, blue = surface(i, geometry, colours, meta, texels, linear, x, y, z, t / view[14])
            # The floor sends a little light back up.
            everywhere = ambient * (0.72 + 0.28 * nz)
            sum_red = everywhere + light[i, MOST_PANELS, 3]
            sum_green = everywhere + light[i, MOST_PANELS, 4]
            sum_blue = everywhere + light[i, MOST_PANELS, 5]
            for k in range(MOST_PANELS):
                onto = nx * light[i, k, 0] + ny * light[i, k, 1] + nz * light[i, k, 2]
                if onto > 0.0:
                    sum_red += onto * light[i, k, 3]
                    sum_green += onto * light[i, k, 4]
                    sum_blue += onto * light[i, k, 5]
            rgb[row, column, 0] = code[min(last, int(last * red * sum_red))]
            rgb[row, column, 1] = code[min(last, int(last * green * sum_green))]
            rgb[row, column, 2] = code[min(last, int(last * blue * sum_blue))]
            ids[row, column] = meta[i, 1]


@kernel
def darken_floor(
    spots: NDArray[np.float64],
    floor_id: int,
    view: NDArray[np.float64],
    boxes: NDArray[np.int32],
    depth: NDArray[np.float32],
    ids: NDArray[np.int32],
    rgb: NDArray[np.uint8],
) -> None:
    """Darken the floor around each spot (x, y, radius, strength; float64 (spots, 4)) in place."""
    for k in range(spots.shape[0]):
        cx, cy, radius, strength = spots[k, 0], spots[k, 1], spots[k, 2], spots[k, 3]
        scale = 1.0 / max(radius * radius, 1e-9)
        for row in range(boxes[k, 1], boxes[k, 3]):
            v = row + 0.5 - view[13]
            for column in range(boxes[k, 0], boxes[k, 2]):
                if ids[row, column] != floor_id:
                    continue
                u, t = column + 0.5 - view[12], float(depth[row, column])
                dx = view[0] + t * (view[9] + u * view[3] + v * view[6]) - cx
                dy = view[1] + t * (view[10] + u * view[4] + v * view[7]) - cy
                far = 1.0 - (dx * dx + dy * dy) * scale
                if far > 0.0:
                    keep = 1.0 - strength * far * far
                    for c in range(3):
                        rgb[row, column, c] = np.uint8(rgb[row, column, c] * keep)


def infinite(rows: int, columns: int) -> NDArray[np.float32]:
    """A depth picture of nothing."""
    return np.full((rows, columns), inf, np.float32)
