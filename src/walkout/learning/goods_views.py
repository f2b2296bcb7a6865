"""Pictures of invented goods as cameras and phones take them: turned, held, in a row, blurred, dim, small.

A view is a square crop around the goods, RGB, with a mask of where they are. Needs OpenCV (extra `eyes`).
"""

from collections.abc import Sequence
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from walkout.learning.goods_pictures import Goods, Picture
from walkout.twin.camera.looks import MONK

SIDE_PX = 96
"""Rows and columns of a view, as the network takes them."""
_DRAWN_PX = 144
"""Drawn larger, then shrunk: edges come out as a lens makes them."""
LEAST_PX, MOST_PX = 20.0, 96.0
"""How many pixels the camera had for what the view shows."""

Points = NDArray[np.float64]


def view(
    goods: Goods, others: Sequence[Goods], backgrounds: Sequence[Picture], rng: np.random.Generator
) -> tuple[Picture, Picture, float]:
    """One picture of a product: RGB uint8 (96, 96, 3), its mask uint8 (96, 96), and the camera's pixels across."""
    picture = _behind(backgrounds[int(rng.integers(len(backgrounds)))], rng)
    mask = np.zeros((_DRAWN_PX, _DRAWN_PX), np.uint8)
    skin = np.array(MONK[int(rng.integers(len(MONK)))]) * rng.uniform(0.7, 1.1)
    held = goods.form != "heap" and rng.random() < 0.65
    side = float(rng.choice([-1, 1]))
    if goods.form == "heap":
        _fill(picture, mask, goods, rng)
    else:
        if not held and rng.random() < 0.5:
            _row(picture, goods, others, rng)
        if held:
            _arm(picture, skin, side, rng)
        _solid(picture, mask, goods, rng)
        if held:
            _fingers(picture, mask, skin, side, rng)
    if rng.random() < 0.2:
        _cover(picture, mask, rng)
    picture = np.asarray(cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA), np.uint8)
    mask = np.asarray(cv2.resize(mask, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA), np.uint8)
    across = float(np.exp(rng.uniform(np.log(LEAST_PX), np.log(MOST_PX)))) if rng.random() < 0.6 else MOST_PX
    return _taken(picture, across, rng), mask, across


def _behind(background: Picture, rng: np.random.Generator) -> Picture:
    """A background as it is, or mirrored, or upside down, at another brightness."""
    turned = background[:: int(rng.choice([1, -1])), :: int(rng.choice([1, -1]))]
    shades = np.clip(np.arange(256) * rng.uniform(0.6, 1.1), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(np.ascontiguousarray(turned), shades), np.uint8)


def background(others: Sequence[Goods], rng: np.random.Generator) -> Picture:
    """What may be behind goods: shelves full of others, clothes and furniture, a wall; uint8 RGB (144, 144, 3)."""
    n = _DRAWN_PX
    picture = np.empty((n, n, 3), np.uint8)
    base = np.clip(rng.uniform(25, 240) + rng.normal(0, 14, 3), 0, 255)
    picture[:] = base
    kind = rng.random()
    if kind < 0.62 and others:
        _shelves(picture, others, rng)
    elif kind < 0.8:
        for _ in range(int(rng.integers(2, 9))):  # clothes, floor, furniture
            a, b = rng.integers(-30, n + 30, 2), rng.integers(-30, n + 30, 2)
            colour = np.clip(rng.uniform(0, 255) + rng.normal(0, 35, 3), 0, 255).tolist()
            cv2.line(picture, a.tolist(), b.tolist(), colour, int(rng.integers(8, 60)))
    else:
        coarse = np.clip(base + rng.normal(0, 25, (7, 7, 3)), 0, 255).astype(np.uint8)
        picture[:] = cv2.resize(coarse, (n, n), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.7:
        width = 2 * int(rng.integers(1, 6)) + 1
        picture = np.asarray(cv2.blur(picture, (width, width)), np.uint8)
    if rng.random() < 0.6:
        turn = cv2.getRotationMatrix2D((n / 2, n / 2), float(rng.uniform(-30, 30)), float(rng.uniform(1.2, 1.8)))
        picture = np.asarray(cv2.warpAffine(picture, turn, (n, n), borderMode=cv2.BORDER_REFLECT), np.uint8)
    return picture


def _shelves(picture: Picture, others: Sequence[Goods], rng: np.random.Generator) -> None:
    n, top = _DRAWN_PX, -int(rng.integers(0, 40))
    while top < n:
        high = int(rng.integers(20, 75))
        left = -int(rng.integers(0, 30))
        while left < n:
            goods = others[int(rng.integers(len(others)))]
            wide = max(8, int(high * goods.front.shape[1] / goods.front.shape[0]))
            face = np.asarray(cv2.resize(goods.front, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
            for _ in range(int(rng.integers(1, 4))):
                _paste(picture, face, left, top)
                left += wide + 1
        rail = int(rng.integers(2, 9))
        cv2.rectangle(picture, (0, top + high), (n, top + high + rail), rng.integers(0, 255, 3).tolist(), -1)
        top += high + rail + int(rng.integers(0, 6))


def _paste(picture: Picture, face: Picture, left: int, top: int) -> None:
    rows, columns = picture.shape[:2]
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(top + face.shape[0], rows), min(left + face.shape[1], columns)
    if y1 > y0 and x1 > x0:
        picture[y0:y1, x0:x1] = face[y0 - top : y1 - top, x0 - left : x1 - left]


def _row(picture: Picture, goods: Goods, others: Sequence[Goods], rng: np.random.Generator) -> None:
    """The same goods to the left and right, as on a shelf; further out perhaps others."""
    n, high = _DRAWN_PX, int(_DRAWN_PX * rng.uniform(0.4, 0.8))
    wide = max(10, int(high * goods.front.shape[1] / goods.front.shape[0]))
    top = int(n / 2 - high / 2 + rng.uniform(-8, 8))
    for step in range(-3, 4):
        same = abs(step) <= 1 or not others
        shown = goods if same else others[int(rng.integers(len(others)))]
        face = cv2.resize(shown.front, (wide, high), interpolation=cv2.INTER_AREA)
        _paste(
            picture,
            np.asarray(cv2.convertScaleAbs(face, alpha=0.85), np.uint8),
            int(n / 2 + step * wide * 1.03 - wide / 2),
            top,
        )


def _fill(picture: Picture, mask: Picture, goods: Goods, rng: np.random.Generator) -> None:
    """Loose goods fill a part of the view, or all of it."""
    n, scale = _DRAWN_PX, rng.uniform(0.8, 1.8)
    size = int(n * scale)
    heap = np.asarray(cv2.resize(goods.front, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)
    shape = np.zeros((n, n), np.uint8)
    middle = (n / 2 + rng.uniform(-20, 20), n / 2 + rng.uniform(-20, 20))
    box = (middle, (n * rng.uniform(0.5, 1.4), n * rng.uniform(0.5, 1.4)), float(rng.uniform(0, 90)))
    cv2.fillPoly(shape, [np.rint(cv2.boxPoints(box)).astype(np.int32)], 255)
    canvas = picture.copy()
    left, top = int(middle[0] - size / 2), int(middle[1] - size / 2)
    _paste(canvas, heap, left, top)
    cv2.copyTo(canvas, shape, picture)
    mask[max(top, 0) : top + size, max(left, 0) : left + size] = shape[
        max(top, 0) : top + size, max(left, 0) : left + size
    ]


def _solid(picture: Picture, mask: Picture, goods: Goods, rng: np.random.Generator) -> None:
    """A box or a round body seen by a pinhole: its faces that look at the camera, the farther ones first."""
    wide, high = goods.front.shape[1] / goods.front.shape[0], 1.0
    deep = 0.04 if goods.form == "pouch" else goods.side.shape[1] / goods.side.shape[0]
    round_body = goods.form in ("can", "bottle")
    if round_body:
        deep = wide
    yaw = float(rng.normal(0, 28 if round_body else 32)) * pi / 180
    if rng.random() < 0.06:
        yaw += pi / 2 * float(rng.choice([-1, 1]))
    pitch, roll = float(rng.normal(12, 18)) * pi / 180, float(rng.normal(0, 20)) * pi / 180
    if rng.random() < 0.08:
        roll += pi / 2 * int(rng.integers(1, 4))
    spin = _turn(yaw, pitch, roll)
    away = rng.uniform(2.2, 6.0)
    scale = _DRAWN_PX * rng.uniform(0.45, 0.98) / max(high, (wide * wide + deep * deep) ** 0.5)
    middle = _DRAWN_PX / 2 + rng.normal(0, 7, 2)
    w, h, d = wide / 2, high / 2, deep / 2
    glow = rng.uniform(0.55, 1.0, 3)
    if goods.cap is not None:
        _cap(picture, mask, goods, (w, h, d), spin, away, scale, middle)
    faces = [
        (goods.top, [(-w, -h, d), (w, -h, d), (w, -h, -d), (-w, -h, -d)], glow[2]),
        (goods.side, [(w, -h, -d), (w, -h, d), (w, h, d), (w, h, -d)], glow[1]),
        (goods.side, [(-w, -h, d), (-w, -h, -d), (-w, h, -d), (-w, h, d)], glow[1]),
        (goods.front, [(-w, -h, -d), (w, -h, -d), (w, h, -d), (-w, h, -d)], max(glow[0], 0.75)),
    ]
    if round_body:
        # The label turns about the body, so what is seen of it is a strip; darker toward both edges.
        faces = [faces[0], (_rounded(goods, rng), faces[3][1], 1.0)]
    for texture, corners, light in faces:
        at = _seen(np.array(corners), spin, away, scale, middle)
        if _faces_us(at):
            _warp(picture, mask, texture, at, float(light))


def _rounded(goods: Goods, rng: np.random.Generator) -> Picture:
    rows, columns = goods.front.shape[:2]
    strip = np.concatenate([goods.side, goods.front, goods.side], axis=1)
    across = np.arcsin(np.linspace(-0.999, 0.999, columns)) / (pi / 2)
    start = strip.shape[1] / 2 + rng.normal(0, 0.2) * columns
    at = np.clip(start + across * columns * 0.7, 0, strip.shape[1] - 1).astype(int)
    dim = 0.5 + 0.5 * np.cos(np.linspace(-1.3, 1.3, columns) - rng.uniform(-0.5, 0.5))
    return np.asarray(strip[:rows, at] * dim[None, :, None], np.uint8)


def _turn(yaw: float, pitch: float, roll: float) -> Points:
    about_y = np.array([[cos(yaw), 0, sin(yaw)], [0, 1, 0], [-sin(yaw), 0, cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, cos(pitch), -sin(pitch)], [0, sin(pitch), cos(pitch)]])
    about_z = np.array([[cos(roll), -sin(roll), 0], [sin(roll), cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y, np.float64)


def _seen(corners: Points, spin: Points, away: float, scale: float, middle: Points) -> Points:
    turned = corners @ spin.T
    return np.asarray(turned[:, :2] * (away / (away + turned[:, 2:])) * scale + middle, np.float64)


def _faces_us(at: Points) -> bool:
    (ax, ay), (bx, by) = at[1] - at[0], at[3] - at[0]
    return bool(ax * by - ay * bx > 1.0)


def _warp(picture: Picture, mask: Picture, texture: Picture, at: Points, light: float) -> None:
    rows, columns = texture.shape[:2]
    left, top = np.clip(np.floor(at.min(axis=0)), 0, _DRAWN_PX - 1).astype(int).tolist()
    right, bottom = np.clip(np.ceil(at.max(axis=0)) + 1, 1, _DRAWN_PX).astype(int).tolist()
    if right <= left or bottom <= top:
        return
    at = at - (left, top)
    corners = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    to_view = cv2.getPerspectiveTransform(corners, at.astype(np.float32))
    lit = cv2.convertScaleAbs(texture, alpha=light)
    size = (right - left, bottom - top)
    seen = cv2.warpPerspective(lit, to_view, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    shape = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillConvexPoly(shape, np.rint(at).astype(np.int32), 255)
    here = (slice(top, bottom), slice(left, right))
    cv2.copyTo(seen, shape, picture[here])
    np.maximum(mask[here], shape, out=mask[here])


def _cap(
    picture: Picture,
    mask: Picture,
    goods: Goods,
    half: tuple[float, float, float],
    spin: Points,
    away: float,
    scale: float,
    middle: Points,
) -> None:
    w, h, _ = half
    narrow = 0.35 * w
    ends = _seen(np.array([(0.0, -h, 0.0), (0.0, -h - 0.5 * w, 0.0)]), spin, away, scale, middle)
    a, b = np.rint(ends).astype(int).tolist()
    thick = max(2, int(2 * narrow * scale))
    cap = goods.cap or (235, 235, 235)
    cv2.line(picture, a, b, cap, thick, cv2.LINE_AA)
    cv2.line(mask, a, b, 255, thick)


def _arm(picture: Picture, skin: NDArray[np.float64], side: float, rng: np.random.Generator) -> None:
    n = _DRAWN_PX
    x0 = n / 2 + side * n * rng.uniform(0.15, 0.3)
    y0 = n * rng.uniform(0.45, 0.75)
    x1, y1 = n / 2 + side * n * rng.uniform(0.3, 0.7), n * rng.uniform(1.0, 1.3)
    thick = int(n * rng.uniform(0.14, 0.28))
    cv2.line(picture, (int(x0), int(y0)), (int(x1), int(y1)), (skin * 0.85).tolist(), thick, cv2.LINE_AA)
    if rng.random() < 0.5:  # a sleeve
        colour = rng.integers(0, 255, 3).tolist()
        sleeve = (int(0.5 * (x0 + x1)), int(0.5 * (y0 + y1)))
        cv2.line(picture, sleeve, (int(x1), int(y1)), colour, int(1.3 * thick), cv2.LINE_AA)


def _fingers(picture: Picture, mask: Picture, skin: NDArray[np.float64], side: float, rng: np.random.Generator) -> None:
    """Fingers over an edge of what is held; from a camera above, the whole hand may lie over it."""
    n = _DRAWN_PX
    left, top, wide, high = cv2.boundingRect(mask)
    if not wide or not high:
        return
    edge = left + wide if side > 0 else left
    low = top + high * rng.uniform(0.3, 0.75)
    thick, reach = int(n * rng.uniform(0.05, 0.10)), n * rng.uniform(0.04, 0.2)
    for k in range(int(rng.integers(1, 5))):
        y = int(low + k * thick * 1.05)
        end = (int(edge - side * reach * rng.uniform(0.7, 1.2)), y + int(rng.normal(0, 4)))
        shade = np.clip(skin * rng.uniform(0.85, 1.1), 0, 255).tolist()
        for canvas, colour in ((picture, shade), (mask, 0)):
            cv2.line(canvas, (int(edge + side * n * 0.1), y), end, colour, thick, cv2.LINE_AA)


def _cover(picture: Picture, mask: Picture, rng: np.random.Generator) -> None:
    """Something else in the way: an arm, a head, a shelf's edge."""
    n = _DRAWN_PX
    a = rng.uniform(0, n, 2)
    b = a + rng.normal(0, n, 2)
    colour = np.clip(rng.uniform(10, 240) + rng.normal(0, 25, 3), 0, 255).tolist()
    thick = int(n * rng.uniform(0.08, 0.3))
    cv2.line(picture, a.astype(int).tolist(), b.astype(int).tolist(), colour, thick, cv2.LINE_AA)
    cv2.line(mask, a.astype(int).tolist(), b.astype(int).tolist(), 0, thick)


def _taken(picture: Picture, across: float, rng: np.random.Generator) -> Picture:
    """What lens, chip and coding make of it; `across` is how many pixels the camera had."""
    n = SIDE_PX
    if across < n:
        small = max(6, round(across))
        picture = np.asarray(cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA), np.uint8)
    bent = np.linspace(0.0, 1.0, 256) ** np.exp(rng.normal(0, 0.18))
    light = np.asarray(cv2.LUT(picture, bent.astype(np.float32)), np.float32)
    if rng.random() < 0.5:
        width = float(rng.uniform(0.3, 1.1)) * light.shape[0] / n * (2.5 if rng.random() < 0.1 else 1.0)
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), max(width, 0.2)), np.float32)
    if rng.random() < 0.2:
        long_ = max(2, int(light.shape[0] * rng.uniform(0.03, 0.12)))
        kernel = np.zeros((long_, long_), np.float32)
        cv2.line(kernel, (0, int(rng.integers(long_))), (long_ - 1, int(rng.integers(long_))), 1.0, 1)
        light = np.asarray(cv2.filter2D(light, -1, kernel / kernel.sum()), np.float32)
    slope = rng.normal(0, 0.25, 2)
    ramp = np.linspace(-0.5, 0.5, light.shape[0], dtype=np.float32)
    shade = 1.0 + slope[0] * ramp[:, None] + slope[1] * ramp[None, :]
    tint = np.exp(rng.normal(0, 0.09, 3) + rng.normal(0.1, 0.2)).astype(np.float32)
    # Colours fade toward grey or grow, then each takes its share of the lamp's tint: one matrix.
    fade = rng.uniform(0.6, 1.2)
    mixed = np.float32(fade) * np.eye(3, dtype=np.float32) + np.float32((1.0 - fade) / 3.0)
    light = np.asarray(cv2.transform(light, mixed * tint[:, None]), np.float32)
    light *= shade[:, :, None].astype(np.float32)
    light += rng.standard_normal(light.shape, np.float32) * np.float32(rng.uniform(0.0, 0.05))
    out = np.clip(255.0 * light, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])[1]
        out = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    if out.shape[0] != n:
        out = np.asarray(cv2.resize(out, (n, n), interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.asarray(out, np.uint8)
