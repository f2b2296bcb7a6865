"""The surface a pixel sees: its normal and its colour, from packaging, cloth or paint."""

from math import atan2, floor, log2, pi, sqrt

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
    TEXTURE,
    TO_LOCAL,
)


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
    bits = (floor(z / 0.012) * 73856093) ^ (floor(round_m / 0.012) * 19349663)
    grain = ((bits * 2654435761) >> 16 & 255) / 255.0
    return (0.12 if pattern == 4 else 0.35) * grain, folds
