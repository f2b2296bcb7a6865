"""Contact sheets: a plan of the shop and what its cameras see, as one PNG."""

import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from walkout.store.layout import Camera
from walkout.store.shop import Store
from walkout.twin.camera.glyphs import write
from walkout.twin.camera.raycast import Moving, bake, move, render
from walkout.twin.camera.scene import Colour, Pinhole, Scene, pinhole
from walkout.twin.camera.stage import extent, stage

THUMB_PX = (320, 180)
"""Width and height of a picture on the sheet."""
_GAP_PX = 6
_LABEL_PX = 12
_PAPER: Colour = (24, 26, 30)
_INK: Colour = (236, 236, 230)
_MARK: Colour = (255, 170, 40)
_PLAN_LIGHT = 0.75
_PLAN_HEIGHT_M = 40.0
"""From how high the plan is taken: high enough that walls stand almost upright in it."""


def contact_sheet(
    store: Store, frames: Mapping[str, Sequence[NDArray[np.uint8]]], moving: Moving | None = None
) -> bytes:
    """A PNG: the plan on top with the cameras marked, then a row of pictures for each camera that has some.

    `frames` gives each camera's pictures in order of time, uint8 (rows, columns, 3); `moving` is who stands in the
    plan. Raises ValueError for a camera that the store does not have.
    """
    known = [camera.id for camera in store.cameras]
    strange = sorted(set(frames) - set(known))
    if strange:
        raise ValueError(f"no camera {', '.join(strange)} in this store; there are {', '.join(known) or 'none'}")
    rows = [(camera, frames[camera]) for camera in known if frames.get(camera)]
    across = max([2, *(len(pictures) for _, pictures in rows)])
    wide = _GAP_PX + across * (THUMB_PX[0] + _GAP_PX)
    drawn = plan(store, wide - 2 * _GAP_PX, moving)
    high = _LABEL_PX + drawn.shape[0] + _GAP_PX + len(rows) * (THUMB_PX[1] + _LABEL_PX + _GAP_PX)
    sheet = np.empty((high, wide, 3), np.uint8)
    sheet[:] = _PAPER
    write(sheet, f"{store.name} - simulated", _GAP_PX, 3, _INK)
    top = _LABEL_PX
    sheet[top : top + drawn.shape[0], _GAP_PX : _GAP_PX + drawn.shape[1]] = drawn
    top += drawn.shape[0] + _GAP_PX
    for camera, pictures in rows:
        write(sheet, camera, _GAP_PX, top + 2, _INK)
        for k, picture in enumerate(pictures):
            left = _GAP_PX + k * (THUMB_PX[0] + _GAP_PX)
            sheet[top + _LABEL_PX : top + _LABEL_PX + THUMB_PX[1], left : left + THUMB_PX[0]] = _thumb(picture)
        top += THUMB_PX[1] + _LABEL_PX + _GAP_PX
    return png(sheet)


def plan(store: Store, width_px: int, moving: Moving | None = None) -> NDArray[np.uint8]:
    """The shop from above, uint8 (rows, columns, 3): cameras and where they look in orange, names beside them."""
    set_up = stage(store, ceiling=False)
    left, front, right, back = extent(store)
    focal = width_px * _PLAN_HEIGHT_M / (right - left + 0.4)
    height_px = max(16, round((back - front + 0.4) * focal / _PLAN_HEIGHT_M))
    middle = ((left + right) / 2, (front + back) / 2)
    above = pinhole(Camera("plan", *middle, _PLAN_HEIGHT_M, (*middle, 0.0), focal, width_px, min(height_px, 10_000)))
    # Light from everywhere alone: no panel blinds the view from above, and the plan is drawn several times sooner.
    scene = Scene(set_up.scene.boxes, (), _PLAN_LIGHT)
    present = moving or move((), scene, set_up.atlas)
    picture = render(bake(scene, above, set_up.atlas), present).rgb
    for fixture in store.fixtures:
        # Names go on the shopper's side, where there is only floor.
        u, v, _ = above.pixel(fixture.to_store(fixture.width_m / 2, -0.25, 0.0))
        write(picture, fixture.id, round(u) - 3 * len(fixture.id), round(v) - 3, (40, 40, 44))
    for camera in store.cameras:
        _mark(picture, above, camera)
    return picture


def png(picture: NDArray[np.uint8]) -> bytes:
    """An RGB picture as PNG (ISO/IEC 15948, 8 bits, colour type 2); the same bytes again with the same zlib."""
    rows, columns = picture.shape[:2]
    lines = np.zeros((rows, 1 + 3 * columns), np.uint8)  # each line starts with filter type 0, none
    lines[:, 1:] = picture.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _thumb(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture as large as fits a thumbnail, on paper; each of its pixels is the mean of what it covers."""
    rows, columns = picture.shape[:2]
    scale = min(THUMB_PX[0] / columns, THUMB_PX[1] / rows)
    wide, high = max(1, int(columns * scale)), max(1, int(rows * scale))
    out = np.empty((THUMB_PX[1], THUMB_PX[0], 3), np.uint8)
    out[:] = _PAPER
    sums = np.zeros((rows + 1, columns + 1, 3), np.int64)
    sums[1:, 1:] = picture.astype(np.int64).cumsum(axis=0).cumsum(axis=1)
    y0, x0 = np.arange(high) * rows // high, np.arange(wide) * columns // wide
    y1, x1 = (
        np.maximum((np.arange(high) + 1) * rows // high, y0 + 1),
        np.maximum((np.arange(wide) + 1) * columns // wide, x0 + 1),
    )
    total = sums[y1][:, x1] - sums[y0][:, x1] - sums[y1][:, x0] + sums[y0][:, x0]
    out[:high, :wide] = total // ((y1 - y0)[:, None, None] * (x1 - x0)[None, :, None])
    return out


def _mark(picture: NDArray[np.uint8], above: Pinhole, camera: Camera) -> None:
    """A dot where a camera is, and a line toward the point on which it looks."""
    u, v, _ = above.pixel((camera.x_m, camera.y_m, camera.z_m))
    to_u, to_v, _ = above.pixel(camera.look_at_m)
    for share in np.linspace(0.0, 0.4, 60).tolist():
        _dot(picture, u + share * (to_u - u), v + share * (to_v - v), 0)
    _dot(picture, u, v, 4)
    left = min(max(round(u) + 8, 2), picture.shape[1] - 6 * len(camera.id) - 2)
    write(picture, camera.id, left, min(max(round(v) - 3, 2), picture.shape[0] - 9), (200, 90, 0))


def _dot(picture: NDArray[np.uint8], u: float, v: float, radius: int) -> None:
    top, left = max(round(v) - radius, 0), max(round(u) - radius, 0)
    picture[top : max(round(v) + radius + 1, 0), left : max(round(u) + radius + 1, 0)] = _MARK
