"""Light on what is seen: panels, light from everywhere, shadows.

What stands still is lit by every panel with soft shadows of boards and walls, and by light from everywhere that finds
less way into a shelf (nine samples a pixel, each with its own point of the panel and its own direction). What moves
is lit by the panels without shadows, and darkens the floor under it. Light falls with the square of the distance and
with both cosines (a Lambert panel).
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera.jit import kernel
from walkout.twin.camera.pack import ID, ORIGIN, STRUCTURE, TO_LOCAL
from walkout.twin.camera.shade import surface
from walkout.twin.camera.trace import hit_box

NINE = np.array([(i % 3 - 1.0, i // 3 - 1.0) for i in range(9)]) / 3.0
"""Nine points of a square from -1/3 to 1/3: where in a pixel, and where on a panel, each sample lies."""

MOST_PANELS = 4
"""How many panels light what moves from their own side."""

_NEARBY_M = 0.7
"""Boards farther away than this take no light from everywhere."""


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
    guess: int,
) -> int:
    """Which of the boards stands between a point and the point plus d, -1 for none; the guess is tried first."""
    for n in range(-1, boards.shape[0]):
        k = guess if n < 0 else n
        if k < 0:
            continue
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
            return k
    return -1


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
    # What shaded the last pixel mostly shades the next; it changes how soon a board is found, never whether.
    guesses = np.full(lights.shape[0] + 1, -1)
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
            guess = int(guesses[lights.shape[0]])
            found = blocked(geometry, boards, x, y, z, dx * reach, dy * reach, dz * reach, guess)
            guesses[lights.shape[0]] = found
            open_share = 0.35 if found >= 0 else 1.0
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
                found = blocked(geometry, boards, x, y, z, 0.98 * dx, 0.98 * dy, 0.98 * dz, int(guesses[k]))
                guesses[k] = found
                if found >= 0:
                    continue
                sum_red += weight * lights[k, 3]
                sum_green += weight * lights[k, 4]
                sum_blue += weight * lights[k, 5]
            out[row, column, 0] += red * sum_red
            out[row, column, 1] += green * sum_green
            out[row, column, 2] += blue * sum_blue


@kernel
def lit(geometry: NDArray[np.float64], lights: NDArray[np.float64]) -> NDArray[np.float64]:
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
            ids[row, column] = meta[i, ID]


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
