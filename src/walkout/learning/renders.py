"""Pictures of made-up people in made-up shops with exact truth: a chunk follows from its seed and number alone."""

from dataclasses import dataclass
from typing import TypeVar, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from walkout.learning.crowds import MOST, Someone, crowd
from walkout.learning.shops import Place, Random, flat_place, place
from walkout.learning.things import clutter
from walkout.recording.people import JOINTS
from walkout.twin.camera.looks import Aid, HeadCover
from walkout.twin.camera.raycast import Backdrop, Frame, move, render
from walkout.twin.camera.scene import Pinhole, Solid
from walkout.twin.camera.sensor import SENSORS, Sensor, chip, expose, of_camera
from walkout.twin.camera.truth import PersonView, people_in

WIDTH_PX, HEIGHT_PX = 320, 180
FRAMES = 128
"""Frames of one chunk, all in one shop and some before patterns."""
LARGE_FRAMES = 160
"""Frames of a chunk of large pictures, whose shop takes longer to draw."""
FLAT_SHARE = 0.35
SIGHTS = ("seen", "behind_self", "hidden", "outside")
T = TypeVar("T", bound=np.generic)
AIDS, COVERS = get_args(Aid), get_args(HeadCover)


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some frames and who is in them; a person that is not there has share -1. n frames, at most six people each.

    `rgb` uint8 (n, 180, 320, 3); `boxes` float32 (n, 6, 4), the whole person within the picture, pixels; `share`
    float32 (n, 6), how much of that is seen; `joints` float32 (n, 6, 8, 2), pixels, also of joints that are hidden or
    outside; `sight` int8 (n, 6, 8), indices into SIGHTS; `about` float32 (n, 6, 5): stature in metres, aid and head
    covering as indices, skin on the Monk scale, brightness of the top 0..255.
    """

    rgb: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    share: NDArray[np.float32]
    joints: NDArray[np.float32]
    sight: NDArray[np.int8]
    about: NDArray[np.float32]

    @classmethod
    def empty(cls, frames: int, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> "Chunk":
        """Room for so many frames, with nobody in them."""
        k = len(JOINTS)
        return cls(
            np.zeros((frames, height_px, width_px, 3), np.uint8),
            np.zeros((frames, MOST, 4), np.float32),
            np.full((frames, MOST), -1.0, np.float32),
            np.zeros((frames, MOST, k, 2), np.float32),
            np.full((frames, MOST, k), SIGHTS.index("outside"), np.int8),
            np.zeros((frames, MOST, 5), np.float32),
        )


def render_chunk(seed: int, number: int, frames: int = FRAMES) -> Chunk:
    """Chunk `number` of a seed: the same numbers give the same bytes on machines of one kind."""
    rng = np.random.default_rng([seed, number])
    chunk = Chunk.empty(frames)
    shop = place(rng, WIDTH_PX, HEIGHT_PX)
    large_shop, large_flat = _twice(shop), _twice(flat_place(rng, shop, WIDTH_PX, HEIGHT_PX))
    for k in range(frames):
        if rng.random() < FLAT_SHARE:
            if k % 4 == 0:
                large_flat = _twice(flat_place(rng, shop, WIDTH_PX, HEIGHT_PX))
            _shoot(rng, large_flat, chunk, k)
        else:
            _shoot(rng, _relit(rng, large_shop), chunk, k)
    return chunk


def large_chunk(seed: int, number: int, frames: int = LARGE_FRAMES) -> Chunk:
    """As `render_chunk`, but pictures of 640 x 360 as they were drawn, not halved, with somebody in most of them."""
    rng = np.random.default_rng([seed, number, 360])
    wide, high = 2 * WIDTH_PX, 2 * HEIGHT_PX
    chunk, shop = Chunk.empty(frames, wide, high), place(rng, wide, high)
    flat = flat_place(rng, shop, wide, high)
    for k in range(frames):
        where = _relit(rng, shop)
        if rng.random() < FLAT_SHARE:
            flat = flat_place(rng, shop, wide, high) if k % 4 == 0 else flat
            where = flat
        people = crowd(rng, where, int(rng.choice(np.arange(1, MOST + 1), p=(0.25, 0.25, 0.18, 0.14, 0.10, 0.08))))
        things = int(rng.integers(1, 6)) if rng.random() < 0.6 else 0
        picture, views = draw(rng, where, people, things, halved=True)
        chunk.rgb[k] = photograph(rng, picture)
        note(chunk, k, people, views)
    chunk.boxes[:] *= 2.0
    chunk.joints[:] *= 2.0
    return chunk


def exam_chunk(seed: int, number: int, frames: int) -> Chunk:
    """Frames as the twin's cameras give them: 640 x 360, a shop in the twin's colours, shoppers in its clothes.

    None of what training adds: no patterns, no clutter, no other lamps, no JPEG. 0 to 6 people, evenly.
    """
    rng = np.random.default_rng([seed, number, 640])
    wide, high = 2 * WIDTH_PX, 2 * HEIGHT_PX
    chunk, where = Chunk.empty(frames, wide, high), place(rng, wide, high, plain=True)
    through = chip(of_camera(SENSORS["default"], seed, f"exam-{number}"), wide, high)
    for k in range(frames):
        people = crowd(rng, where, int(rng.integers(0, MOST + 1)), seen_clothes=False)
        picture, views = draw(rng, where, people, 0, halved=False)
        chunk.rgb[k] = expose(picture, through, k * 1_000_000_000)
        note(chunk, k, people, views)
    return chunk


def _twice(where: Place) -> Place:
    """The same place at twice the size, so that people's edges are smooth once it is halved again."""
    eye, frame = where.backdrop.camera, where.backdrop.frame
    large = Pinhole(eye.at_m, eye.right, eye.down, eye.forward, 2 * eye.focal_px, 2 * eye.width_px, 2 * eye.height_px)
    still = Frame(_doubled(frame.rgb), _doubled(frame.depth), _doubled(frame.ids))
    return _with(where, Backdrop(large, still, where.backdrop.ambient))


def _doubled(array: NDArray[T]) -> NDArray[T]:
    return np.repeat(np.repeat(array, 2, axis=0), 2, axis=1)


def _with(where: Place, backdrop: Backdrop) -> Place:
    return Place(backdrop, where.scene, where.atlas, where.gtins, where.floor_m)


def _relit(rng: Random, where: Place) -> Place:
    """The same place with what stands still brighter or darker and of another tint, as curtains and dusk do."""
    still, levels = where.backdrop.frame, np.arange(256, dtype=np.float32)[:, None] / 255.0
    table = levels ** np.exp(rng.normal(0.0, 0.25, (1, 1))) * np.exp(rng.normal(0.0, 0.15, (1, 3)))
    table = np.clip(255.0 * table, 0.0, 255.0).astype(np.uint8)
    rgb = cv2.LUT(still.rgb, np.ascontiguousarray(table[None]))
    relit = Frame(np.asarray(rgb, np.uint8), still.depth, still.ids)
    return _with(where, Backdrop(where.backdrop.camera, relit, where.backdrop.ambient))


def _shoot(rng: Random, large: Place, chunk: Chunk, k: int) -> None:
    """Draw frame k: people and clutter over a place of twice the size, halved, exposed, squeezed."""
    people = crowd(rng, large, int(rng.choice(MOST + 1, p=(0.09, 0.21, 0.21, 0.17, 0.14, 0.10, 0.08))))
    picture, views = draw(rng, large, people, int(rng.integers(1, 6)) if rng.random() < 0.6 else 0, halved=True)
    half = cv2.resize(picture, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    chunk.rgb[k] = photograph(rng, np.asarray(half, np.uint8))
    note(chunk, k, people, views)


def draw(
    rng: Random, where: Place, people: list[Someone], things: int, *, halved: bool
) -> tuple[NDArray[np.uint8], tuple[PersonView, ...]]:
    """A clean picture of the people at a place, with some clutter, and what is so in it.

    `halved`: the truth is of a picture of half the size.
    """
    solids: list[Solid] = [solid for one in people for solid in (*one.body.solids, *one.extra)]
    spots = [spot for one in people for spot in one.body.spots]
    moving = move([*solids, *clutter(rng, where, things)], where.scene, where.atlas, spots)
    frame, eye = render(where.backdrop, moving), where.backdrop.camera
    rgb, bodies = frame.rgb, [one.body for one in people]
    if halved:  # truth needs no more than every other pixel, at a quarter of the time
        frame = Frame(
            np.ascontiguousarray(frame.rgb[1::2, 1::2]),
            np.ascontiguousarray(frame.depth[1::2, 1::2]),
            np.ascontiguousarray(frame.ids[1::2, 1::2]),
        )
        eye = Pinhole(
            eye.at_m, eye.right, eye.down, eye.forward, eye.focal_px / 2, eye.width_px // 2, eye.height_px // 2
        )
    return rgb, people_in(frame, eye, moving, bodies)


def photograph(rng: Random, rgb: NDArray[np.uint8], quality: bool = True) -> NDArray[np.uint8]:
    """The picture through a random small camera: lens, exposure, light, noise, and often a JPEG's squares."""
    bright = (float(rng.uniform(60.0, 160.0)) / max(float(rgb[::4, ::4].mean()), 1.0)) ** 2.2
    sensor = Sensor(
        seed=int(rng.integers(0, 2**31)),
        full_well_e=float(np.exp(rng.uniform(7.0, 10.0))),
        read_noise_e=float(rng.uniform(2.0, 16.0)),
        vignetting=float(rng.uniform(0.0, 0.5)),
        softness=float(rng.uniform(0.0, 0.8)),
        exposure=float(np.clip(bright, 0.3, 4.0)) if rng.random() < 0.85 else 1.0,
        drift=0.1,
        tint=0.08,
        flicker=0.02,
    )
    made = expose(rgb, chip(sensor, rgb.shape[1], rgb.shape[0]), int(rng.integers(0, 10**12)))
    if quality and rng.random() < 0.6:
        made = squeezed(made, int(rng.integers(25, 92)))
    return made


def squeezed(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """What a JPEG of that quality leaves of a picture."""
    done, data = cv2.imencode(".jpg", rgb, (cv2.IMWRITE_JPEG_QUALITY, quality))
    if not done:
        raise ValueError(f"a picture of shape {rgb.shape} could not be made a JPEG")
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def note(chunk: Chunk, k: int, people: list[Someone], views: tuple[PersonView, ...]) -> None:
    """Write down who is in frame k; whoever shows not one pixel is not in it."""
    column = 0
    for one, view in zip(people, views, strict=True):
        if view.whole.box is None:
            continue
        chunk.boxes[k, column] = view.whole.box
        chunk.share[k, column] = view.share
        for j, joint in enumerate(view.joints[: len(JOINTS)]):
            at = (joint.column_px, joint.row_px)
            chunk.joints[k, column, j] = at if np.isfinite(at).all() else (-1e4, -1e4)
            chunk.sight[k, column, j] = SIGHTS.index(joint.sight)
        red, green, blue = one.dress.top_colour
        chunk.about[k, column] = (
            one.stature_m,
            AIDS.index(one.dress.aid),
            COVERS.index(one.dress.head_cover),
            one.skin,
            0.30 * red + 0.59 * green + 0.11 * blue,
        )
        column += 1
