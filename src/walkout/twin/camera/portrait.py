"""Pictures of one product as a catalogue has them: on its own, before grey, from the front and from a few sides."""

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from walkout.store.layout import Camera
from walkout.twin.camera.packaging import atlas
from walkout.twin.camera.raycast import bake
from walkout.twin.camera.scene import UPRIGHT, Box, Light, Scene, Vector, pinhole
from walkout.twin.camera.stage import item

SIDE_PX = 144
SIDES_DEG: tuple[tuple[float, float], ...] = ((0.0, 8.0), (35.0, 30.0), (-35.0, 30.0), (0.0, 50.0), (70.0, 20.0))
"""Of each picture: how far round to the right the camera stands, and how high above the goods' middle it looks from."""
_FAR = 5.0
"""Distance over the goods' largest size."""
_FILLED = 0.62
"""Of the picture's side, what the largest size fills."""
_GREY = (150, 150, 148)


def portraits(gtin: str, size_m: Vector, count: int = 3) -> list[NDArray[np.uint8]]:
    """`count` pictures (1 to 5) of an item of a size (width, depth, height), uint8 (144, 144, 3), RGB.

    Raises ValueError for another count or a GTIN that is no digits.
    """
    if not 1 <= count <= len(SIDES_DEG):
        raise ValueError(f"a product has 1 to {len(SIDES_DEG)} portraits, found {count}")
    largest = max(size_m)
    far_m = _FAR * largest
    goods = item(gtin, (0.0, 0.0, 0.0), size_m, UPRIGHT, 1)
    ground = Box((0.0, 0.0, -0.5 * size_m[2] - 0.02), (far_m, far_m, 0.02), 2, UPRIGHT, _GREY)
    wall = Box((0.0, 3.0 * largest, 0.0), (4 * far_m, 0.02, 4 * far_m), 3, UPRIGHT, _GREY)
    packaging, taken = atlas([gtin]), []
    # the panel's light falls with the square of its distance: as bright for a sachet as for a crate
    lamp = Light((-1.2 * largest, -3.0 * largest, 4.0 * largest), 0.8 * (5.0 * largest) ** 2, (largest, largest))
    for right, up in SIDES_DEG[:count]:
        a, b = radians(right), radians(up)
        at = (far_m * sin(a) * cos(b), -far_m * cos(a) * cos(b), far_m * sin(b))
        camera = Camera("portrait", *at, (0.0, 0.0, 0.0), _FAR * SIDE_PX * _FILLED, SIDE_PX, SIDE_PX)
        scene = Scene((*goods, ground, wall) if right == 0.0 else (*goods, ground), (lamp,), 0.55)
        taken.append(bake(scene, pinhole(camera), packaging).frame.rgb)
    return taken
