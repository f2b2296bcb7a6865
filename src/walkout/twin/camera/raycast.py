"""Pictures of a scene: what stands still is drawn once a camera, what moves is drawn over it in each frame.

Colour, depth and ids come from the same rays, so they agree to the pixel; the still part's colour alone is the mean of
nine rays. One thread, strict floating point, no graphics library: the same inputs give the same bytes on machines of
one kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera import light, trace
from walkout.twin.camera.pack import ID, Packed, code_of, linear_of, pack, pack_lights
from walkout.twin.camera.packaging import Atlas
from walkout.twin.camera.scene import UPRIGHT, Box, Pinhole, Scene, Solid

FLOOR_ID = 1
"""The id of the floor: only there people leave shadows."""

Window = tuple[int, int, int, int]
"""Pixels: left, top, right, bottom, the last two outside."""

_LINEAR = linear_of(np.arange(256) / 255.0)
_CODE = np.rint(255.0 * code_of(np.arange(4096) / 4095.0)).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture, arrays of (rows, columns): rgb uint8 with 3 channels (sRGB), depth float32, ids int32.

    Depth is metres along the optical axis, infinity where nothing is seen (and id 0).
    """

    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32]
    ids: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """What stands still as one camera sees it, with what is needed to draw over it."""

    camera: Pinhole
    frame: Frame
    ambient: float


@dataclass(frozen=True, slots=True, eq=False)
class Moving:
    """What moves at one instant, ready for every camera."""

    packed: Packed
    light: NDArray[np.float64]
    texels: NDArray[np.uint8]
    spots: NDArray[np.float64]
    """Where the floor is darker: x, y, radius (metres), strength 0..1; float64 (spots, 4)."""


def bake(scene: Scene, camera: Pinhole, atlas: Atlas) -> Backdrop:
    """Draw what stands still. Raises ValueError and KeyError as `pack` does."""
    rows, columns = camera.height_px, camera.width_px
    frame = Frame(np.zeros((rows, columns, 3), np.uint8), _nothing(rows, columns), np.zeros((rows, columns), np.int32))
    _draw(scene, camera, atlas, (0, 0, columns, rows), frame)
    return Backdrop(camera, frame, scene.ambient)


def rebake(backdrop: Backdrop, scene: Scene, atlas: Atlas, changed: Sequence[Box]) -> Backdrop:
    """Draw a scene again where some of its boxes came or went; equal to `bake(scene, ...)` if only those did."""
    camera, old = backdrop.camera, backdrop.frame
    window: Window = (0, 0, camera.width_px, camera.height_px)
    packed = pack(changed, atlas)
    areas = trace.bounds(packed.geometry, packed.meta, trace.lens(camera), window)
    seen = areas[(areas[:, 0] < areas[:, 2]) & (areas[:, 1] < areas[:, 3])]
    if not len(seen):
        return backdrop
    area = (int(seen[:, 0].min()), int(seen[:, 1].min()), int(seen[:, 2].max()), int(seen[:, 3].max()))
    frame = Frame(old.rgb.copy(), old.depth.copy(), old.ids.copy())
    _draw(scene, camera, atlas, area, frame)
    return Backdrop(camera, frame, backdrop.ambient)


def move(
    solids: Sequence[Solid], scene: Scene, atlas: Atlas, spots: Sequence[tuple[float, float, float, float]] = ()
) -> Moving:
    """Prepare what moves at one instant, once for all cameras. Raises ValueError and KeyError as `pack` does."""
    packed = pack(solids, atlas)
    panels = light.lit(packed.geometry, pack_lights(scene.lights))
    return Moving(packed, panels, atlas.texels, np.array(spots, np.float64).reshape(len(spots), 4))


def render(backdrop: Backdrop, moving: Moving, out: Frame | None = None) -> Frame:
    """One picture; `out`, a frame of the same size that is no longer needed, is written over to save new memory."""
    camera, still, packed = backdrop.camera, backdrop.frame, moving.packed
    if out is None:
        frame = Frame(still.rgb.copy(), still.depth.copy(), still.ids.copy())
    else:
        frame = out
        np.copyto(frame.rgb, still.rgb)
        np.copyto(frame.depth, still.depth)
        np.copyto(frame.ids, still.ids)
    view, whole = trace.lens(camera), (0, 0, camera.width_px, camera.height_px)
    if len(moving.spots):
        around = _around(moving.spots)
        areas = trace.bounds(around.geometry, around.meta, view, whole)
        light.darken_floor(moving.spots, FLOOR_ID, view, areas, frame.depth, frame.ids, frame.rgb)
    areas = trace.bounds(packed.geometry, packed.meta, view, whole)
    seen = areas[(areas[:, 0] < areas[:, 2]) & (areas[:, 1] < areas[:, 3])]
    if not len(seen):
        return frame
    window = (int(seen[:, 0].min()), int(seen[:, 1].min()), int(seen[:, 2].max()), int(seen[:, 3].max()))
    trace.cast(packed.geometry, packed.meta, view, areas, (0.5, 0.5), frame.depth, frame.ids)
    light.paint_moving(
        packed.geometry,
        packed.colours,
        packed.meta,
        moving.texels,
        _LINEAR,
        _CODE,
        moving.light,
        backdrop.ambient,
        view,
        window,
        frame.depth,
        frame.rgb,
        frame.ids,
    )
    return frame


def _draw(scene: Scene, camera: Pinhole, atlas: Atlas, window: Window, frame: Frame) -> None:
    """Draw what stands still into a window of a frame, in place."""
    packed, view = pack(scene.boxes, atlas), trace.lens(camera)
    lights = pack_lights(scene.lights)
    areas = trace.bounds(packed.geometry, packed.meta, view, window)
    left, top, right, bottom = window
    glow = np.zeros((camera.height_px, camera.width_px, 3), np.float32)
    for k, (du, dv) in enumerate(light.NINE.tolist()):
        sample = (0.5 + du, 0.5 + dv)
        depth = _nothing(camera.height_px, camera.width_px)
        who = np.zeros((camera.height_px, camera.width_px), np.int32)
        trace.cast(packed.geometry, packed.meta, view, areas, sample, depth, who)
        # The points of panels and sky are taken in another order than the points of the pixel, so that edges do not
        # line up.
        turn = (float(light.NINE[4 * k % 9, 0]), float(light.NINE[4 * k % 9, 1]))
        light.paint_still(
            packed.geometry,
            packed.colours,
            packed.meta,
            atlas.texels,
            _LINEAR,
            lights,
            scene.ambient,
            view,
            sample,
            turn,
            depth,
            who,
            window,
            glow,
        )
        if k == len(light.NINE) // 2:
            part = (slice(top, bottom), slice(left, right))
            frame.depth[part] = depth[part]
            seen = np.append(packed.meta[:, ID], np.int32(0))  # 0 means nothing, so -1 - 0 takes the last
            frame.ids[part] = seen[-1 - who[part]]
    level = np.minimum(glow[top:bottom, left:right] / len(light.NINE) * 4095.0, 4095.0).astype(np.int32)
    frame.rgb[top:bottom, left:right] = _CODE[level]


def _nothing(rows: int, columns: int) -> NDArray[np.float32]:
    return np.full((rows, columns), np.inf, np.float32)


def _around(spots: NDArray[np.float64]) -> Packed:
    """Flat boxes that hold the spots on the floor."""
    boxes = [Box((x, y, 0.0), (r, r, 0.02), 0, UPRIGHT) for x, y, r, _ in spots.tolist()]
    return pack(boxes, _NO_ATLAS)


_NO_ATLAS = Atlas((), np.zeros((1, 3, 128, 192, 3), np.uint8))
