"""Invented goods for training: thousands of products in families, drawn from a seed; none is a real brand.

A family shares its layout, brand and most colours; its members differ in a colour, an emblem or a word, as kinds of
one maker's yoghurt do. Needs OpenCV (extra `eyes`).
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera.packaging import FRONT, SIDE, SIZE_PX, TOP, atlas

HIGH_PX = 112
"""Rows of a drawn face; columns follow from the form."""
FORMS = ("carton", "can", "bottle", "pouch", "heap")
_FORM_SHARE = (0.46, 0.14, 0.14, 0.16, 0.10)
FROM_THE_TWIN = 0.2
"""So many families are packaging of the twin, GTINs drawn at random among 10^13: a shop's own hardly ever occur."""
_LETTERS = "AABCDEEFGHIJKLMNOOPRSTUVWYaabcdeefghiijklmnnooprsttuvy"
_FONTS = (0, 1, 2, 3, 4, 5, 6, 7)

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Style:
    """What a face is drawn from: colours in RGB, shapes by number, words, and a seed for what only decorates."""

    form: str
    wide: float
    """Width over height of the front."""
    deep: float
    """Width over height of the side."""
    ground: tuple[int, int, int]
    fade: tuple[int, int, int]
    accent: tuple[int, int, int]
    second: tuple[int, int, int]
    ink: tuple[int, int, int]
    paper: tuple[int, int, int]
    layout: int
    picture: int
    picture_colour: tuple[int, int, int]
    badge: int
    brand: str
    kind: str
    font: int
    cap: tuple[int, int, int]
    capped: bool
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Goods:
    """One product: its faces (front, side, top, each uint8 RGB), form, and the colour of its cap where it has one."""

    form: str
    front: Picture
    side: Picture
    top: Picture
    cap: tuple[int, int, int] | None


def family(rng: np.random.Generator, members: int) -> list[Goods]:
    """So many products of one maker, each a little unlike the others."""
    if rng.random() < FROM_THE_TWIN:
        return _of_the_twin(rng, members)
    first = _style(rng)
    styles = [first]
    while len(styles) < members:
        styles.append(_varied(first, rng))
    return [_goods(style) for style in styles]


def _of_the_twin(rng: np.random.Generator, members: int) -> list[Goods]:
    """The twin's own packaging, unrelated products, since the twin knows no families."""
    gtins = [f"{int(rng.integers(10**13)):014d}" for _ in range(members)]
    drawn = atlas(gtins)
    found = []
    for gtin in gtins:
        texels = drawn.texels[drawn.index(gtin), :, :, :SIZE_PX]
        form = str(rng.choice(["carton", "carton", "can", "bottle"]))
        wide, deep = int(HIGH_PX * rng.uniform(0.4, 1.1)), int(HIGH_PX * rng.uniform(0.3, 0.8))
        faces = [
            np.asarray(cv2.resize(np.ascontiguousarray(texels[k]), size, interpolation=cv2.INTER_AREA), np.uint8)
            for k, size in ((FRONT, (wide, HIGH_PX)), (SIDE, (deep, HIGH_PX)), (TOP, (wide, deep)))
        ]
        found.append(Goods(form, faces[0], faces[1], faces[2], _colour(rng) if form == "bottle" else None))
    return found


def _style(rng: np.random.Generator) -> Style:
    form = str(rng.choice(FORMS, p=_FORM_SHARE))
    pale = rng.random() < 0.4
    ground = _pale(rng) if pale else _colour(rng)
    fade = _near(ground, rng, 60) if rng.random() < 0.4 else ground
    return Style(
        form=form,
        wide=float(rng.uniform(0.34, 0.75) if form != "pouch" else rng.uniform(0.6, 1.2)),
        deep=float(rng.uniform(0.2, 0.7)),
        ground=ground,
        fade=fade,
        accent=_colour(rng),
        second=_colour(rng),
        ink=_colour(rng, dark=rng.random() < 0.7),
        paper=_pale(rng) if rng.random() < 0.6 else _colour(rng),
        layout=int(rng.integers(9)),
        picture=int(rng.integers(6)),
        picture_colour=_colour(rng),
        badge=int(rng.integers(5)),
        brand=_word(rng),
        kind=_word(rng),
        font=int(rng.choice(_FONTS)),
        cap=_colour(rng) if rng.random() < 0.7 else (235, 235, 235),
        capped=bool(rng.random() < 0.45),
        seed=int(rng.integers(1 << 31)),
    )


def _varied(style: Style, rng: np.random.Generator) -> Style:
    """Another kind of the same maker: one to three things differ, at least one of them to be seen from afar."""
    seen: list[dict[str, Any]] = [
        {"accent": _colour(rng), "cap": _colour(rng)},
        {"second": _colour(rng), "picture_colour": _colour(rng)},
        {"ground": (g := _colour(rng)), "fade": _near(g, rng, 40)},
        {"picture_colour": _colour(rng), "picture": int(rng.integers(6))},
        {"accent": _colour(rng), "ink": _colour(rng, dark=True)},
        {"layout": int(rng.integers(9)), "seed": int(rng.integers(1 << 31))},
    ]
    changes: dict[str, Any] = {"kind": _word(rng)}
    for k in rng.choice(len(seen), int(rng.integers(1, 3)), replace=False):
        changes |= seen[int(k)]
    if style.form == "heap":  # loose goods show nothing but their own colour, size and spots
        changes |= seen[2] | seen[-1]
    return replace(style, **changes)


def _goods(style: Style) -> Goods:
    if style.form == "heap":
        return _heap(style)
    front, side = _face(style, style.wide, front=True), _face(style, style.deep, front=False)
    top = np.empty((side.shape[1], front.shape[1], 3), np.uint8)
    top[:] = style.accent if style.seed % 3 == 0 else style.ground
    capped = style.form == "bottle" or (style.form == "carton" and style.capped)
    return Goods(style.form, front, side, top, style.cap if capped else None)


def _heap(style: Style) -> Goods:
    """Loose goods, such as fruit: many round things of one colour."""
    rng = np.random.default_rng(style.seed)
    face = np.empty((HIGH_PX, HIGH_PX, 3), np.uint8)
    face[:] = [c // 3 for c in style.ground]
    size = int(rng.integers(7, 34))
    stretch = float(rng.uniform(0.5, 1.0))
    for _ in range(int(2.6 * HIGH_PX**2 / (3.1 * size * size * stretch))):
        at = (int(rng.integers(HIGH_PX)), int(rng.integers(HIGH_PX)))
        colour = np.clip(np.array(style.ground) * rng.uniform(0.65, 1.15) + rng.normal(0, 8, 3), 0, 255)
        turn = float(rng.uniform(0, 180))
        axes = (size, max(2, int(size * stretch)))
        cv2.ellipse(face, at, axes, turn, 0, 360, (colour * 0.6).tolist(), -1, cv2.LINE_AA)
        cv2.ellipse(face, at, (axes[0] * 4 // 5, axes[1] * 4 // 5), turn, 0, 360, colour.tolist(), -1, cv2.LINE_AA)
        if style.badge:
            spot = np.clip(0.5 * colour + 0.5 * np.array(style.accent), 0, 255).tolist()
            cv2.circle(face, (at[0] - size // 4, at[1] - size // 4), max(1, size // 4), spot, -1, cv2.LINE_AA)
    return Goods("heap", face, face, face, None)


def _face(style: Style, wide: float, *, front: bool) -> Picture:
    columns = max(24, round(HIGH_PX * wide))
    rng = np.random.default_rng(style.seed + (0 if front else 1))
    share = np.linspace(0.0, 1.0, HIGH_PX)[:, None, None]
    face = np.empty((HIGH_PX, columns, 3), np.uint8)
    face[:] = np.array(style.ground) * (1.0 - share) + np.array(style.fade) * share
    _lay(face, style, rng)
    if front:
        _depict(face, style, rng)
        _label(face, style, rng)
    else:
        _print(face, style, rng)
    return face


def _lay(face: Picture, style: Style, rng: np.random.Generator) -> None:
    """The large shapes, the same on front and side but for where they are."""
    rows, columns = face.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns]
    at, by = rng.uniform(0.25, 0.8), rng.uniform(0.08, 0.3)
    shapes = (
        y > at * rows,
        np.abs(y - at * rows) < by * rows,
        np.abs(x - columns / 2 + (y - rows / 2) * rng.uniform(-1, 1)) < by * columns * 2,
        (y // max(6, int(by * 50))) % 2 == 1,
        y > at * rows + by * rows * np.sin(x / columns * rng.uniform(3, 9) + rng.uniform(0, 6)),
        np.hypot((x - columns * rng.uniform(0, 1)), (y - at * rows)) < by * rows * 2.2,
        (x < by * columns) | (x > (1 - by) * columns),
        (x + y * rng.choice([-1, 1])) % max(12, int(by * 120)) < 6,
        np.zeros_like(x, bool),
    )
    face[np.asarray(shapes[style.layout])] = style.accent
    if rng.random() < 0.5:
        edge = int(rng.uniform(0.05, 0.25) * rows)
        face[:edge] = style.second
    if rng.random() < 0.4:
        face[rows - int(rng.uniform(0.05, 0.3) * rows) :] = style.second


def _depict(face: Picture, style: Style, rng: np.random.Generator) -> None:
    """The picture of what is inside: fruit, a glass, leaves, a splash."""
    rows, columns = face.shape[:2]
    base = np.array(style.picture_colour, float)
    x, y = columns * rng.uniform(0.3, 0.7), rows * rng.uniform(0.55, 0.8)
    count = (0, 1, 3, 5, 9, 16)[style.picture]
    for _ in range(count):
        size = rng.uniform(0.5, 1.1) * columns * 0.42 / max(1.0, count**0.5)
        at = (int(x + rng.normal(0, 0.16) * columns), int(y + rng.normal(0, 0.1) * rows))
        axes = (max(2, int(size)), max(2, int(size * rng.uniform(0.5, 1.0))))
        colour = np.clip(base * rng.uniform(0.6, 1.2) + rng.normal(0, 10, 3), 0, 255)
        turn = float(rng.uniform(0, 180))
        cv2.ellipse(face, at, axes, turn, 0, 360, (0.7 * colour).tolist(), -1, cv2.LINE_AA)
        cv2.ellipse(face, at, (axes[0] * 3 // 4, axes[1] * 3 // 4), turn, 0, 360, colour.tolist(), -1, cv2.LINE_AA)


def _label(face: Picture, style: Style, rng: np.random.Generator) -> None:
    """Brand, kind, a badge."""
    rows, columns = face.shape[:2]
    high = rng.uniform(0.14, 0.4) * rows
    middle = (columns // 2, int(high))
    if style.badge == 1:
        cv2.rectangle(face, (2, int(high - 14)), (columns - 3, int(high + 12)), style.paper, -1)
    elif style.badge == 2:
        cv2.ellipse(face, middle, (int(0.46 * columns), 18), 0, 0, 360, style.paper, -1, cv2.LINE_AA)
    elif style.badge == 3:
        cv2.circle(face, middle, int(0.42 * columns), style.second, -1, cv2.LINE_AA)
    elif style.badge == 4:
        at = (int(rng.uniform(0.2, 0.8) * columns), int(rng.uniform(0.4, 0.9) * rows))
        cv2.circle(face, at, int(0.16 * columns) + 3, style.paper, -1, cv2.LINE_AA)
    upright = rng.random() < 0.12
    if upright:
        turned = np.ascontiguousarray(np.rot90(face))
        _text(turned, style.brand, (rows // 2, columns // 2), 0.8 * rows, style.ink, style.font, 3)
        face[:] = np.rot90(turned, -1)
    else:
        _text(face, style.brand, middle, 0.86 * columns, style.ink, style.font, int(rng.integers(1, 4)))
    kind_at = (columns // 2, int(min(rows - 6, high + rng.uniform(16, 40))))
    _text(face, style.kind, kind_at, rng.uniform(0.4, 0.8) * columns, style.ink, style.font, 1)
    for line in range(int(rng.integers(0, 4))):
        where = int(rows * rng.uniform(0.4, 0.97))
        left = int(columns * rng.uniform(0.05, 0.4))
        cv2.line(face, (left, where), (left + int(columns * rng.uniform(0.1, 0.5)), where), style.ink, 1 + line % 2)


def _print(face: Picture, style: Style, rng: np.random.Generator) -> None:
    """Small print, a table, a barcode; sometimes the brand once more."""
    rows, columns = face.shape[:2]
    if rng.random() < 0.5:
        _text(face, style.brand, (columns // 2, int(0.15 * rows)), 0.9 * columns, style.ink, style.font, 2)
    top, bottom = int(rng.uniform(0.2, 0.4) * rows), int(rng.uniform(0.6, 0.95) * rows)
    left, right = int(0.1 * columns), int(0.9 * columns)
    if rng.random() < 0.5:
        cv2.rectangle(face, (left, top), (right, bottom), style.paper, -1)
    for y in range(top + 3, bottom - 2, 4):
        x = left + 2
        while x < right - 4:
            word = int(rng.integers(2, 9))
            cv2.line(face, (x, y), (min(x + word, right - 2), y), style.ink, 1)
            x += word + 3
    if rng.random() < 0.5:
        y0 = int(rng.uniform(0.7, 0.85) * rows)
        face[y0 : y0 + 12, left:right] = 245
        for x in range(left + 2, right - 2, 2):
            if rng.random() < 0.5:
                face[y0 + 1 : y0 + 11, x] = 20


def _text(
    face: Picture,
    words: str,
    middle: tuple[int, int],
    room_px: float,
    colour: tuple[int, int, int],
    font: int,
    thick: int,
) -> None:
    (wide, high), _ = cv2.getTextSize(words, font, 1.0, thick)
    scale = min(1.6, max(0.25, room_px / max(wide, 1)))
    at = (int(middle[0] - scale * wide / 2), int(middle[1] + scale * high / 2))
    cv2.putText(face, words, at, font, scale, colour, max(1, round(thick * min(1.0, scale * 1.5))), cv2.LINE_AA)


def _word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(list(_LETTERS), int(rng.integers(3, 9))))


def _colour(rng: np.random.Generator, *, dark: bool = False) -> tuple[int, int, int]:
    hue, saturation = rng.uniform(0, 180), 255 * rng.beta(2.2, 1.2)
    value = 255 * (rng.uniform(0.1, 0.5) if dark else rng.uniform(0.35, 1.0))
    pixel = np.array([[[hue, saturation, value]]], np.uint8)
    red, green, blue = cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0].tolist()
    return (int(red), int(green), int(blue))


def _pale(rng: np.random.Generator) -> tuple[int, int, int]:
    base, tint = rng.uniform(205, 252), rng.normal(0, 10, 3)
    red, green, blue = np.clip(base + tint, 150, 255).astype(int).tolist()
    return (red, green, blue)


def _near(colour: tuple[int, int, int], rng: np.random.Generator, by: float) -> tuple[int, int, int]:
    red, green, blue = np.clip(np.array(colour) + rng.uniform(-by, by, 3), 0, 255).astype(int).tolist()
    return (red, green, blue)
