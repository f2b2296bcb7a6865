"""Invented packaging: a product's front, side and top, drawn from its GTIN alone, so that it always looks the same.

Two products differ in colours, layout, emblem and the words on them, as packages on a shelf do; none of them is a real
brand.
"""

from collections.abc import Iterable
from colorsys import hsv_to_rgb
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera.glyphs import write, written
from walkout.twin.camera.scene import Colour

SIZE_PX = 128
"""A face's sharpest picture is SIZE_PX square; smaller ones, each half the last, lie to its right."""
LEVELS = 7
FRONT, SIDE, TOP = 0, 1, 2

Form = Literal["carton", "can", "bottle"]

_MASK = (1 << 64) - 1
T = TypeVar("T")
_STARTS = (
    "VAN",
    "MO",
    "KEL",
    "SU",
    "BRI",
    "TO",
    "LA",
    "FEN",
    "ORI",
    "PA",
    "ZU",
    "NOR",
    "CA",
    "JU",
    "HEL",
    "DRO",
    "WIN",
    "GA",
)
_ENDS = (
    "ORA",
    "LINO",
    "TA",
    "BERG",
    "SO",
    "NELL",
    "VITA",
    "KO",
    "MAR",
    "ETTE",
    "DAY",
    "RIX",
    "FOOD",
    "LEA",
    "UNI",
    "PUR",
)
_KINDS = (
    "TEA",
    "OATS",
    "COLA",
    "SOUP",
    "NUTS",
    "SOAP",
    "CHIPS",
    "MILK",
    "RICE",
    "BEANS",
    "JUICE",
    "WATER",
    "CHOCO",
    "CORN",
    "PASTA",
)
_NOTES = ("NEW", "BIO", "XXL", "0%", "PLUS", "EXTRA", "CLASSIC", "LIGHT")


class Draw:
    """Numbers from a seed, the same on every machine and every version of numpy (splitmix64; Steele et al., 2014)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def bits(self) -> int:
        """64 random bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def unit(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number from low to high."""
        return low + (high - low) * (self.bits() >> 11) / (1 << 53)

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return (self.bits() >> 32) * count >> 32

    def pick(self, choices: tuple[T, ...]) -> T:
        """One of the choices."""
        return choices[self.below(len(choices))]


@dataclass(frozen=True, slots=True)
class Design:
    """What a product's packaging looks like, drawn from its GTIN."""

    gtin: str
    form: Form
    ground: Colour
    accent: Colour
    ink: Colour
    layout: int
    emblem: int
    brand: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """Packaging of many products: `texels[i]` belongs to `gtins[i]`, shape (products, 3 faces, 128, 192, 3), sRGB."""

    gtins: tuple[str, ...]
    texels: NDArray[np.uint8]

    def index(self, gtin: str) -> int:
        """Where a product's packaging is; KeyError where the atlas does not hold it."""
        low, high = 0, len(self.gtins)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.gtins[middle] < gtin else (low, middle)
        if low == len(self.gtins) or self.gtins[low] != gtin:
            raise KeyError(
                f"no packaging for GTIN {gtin} in this atlas of {len(self.gtins)} products; name it in atlas(...)"
            )
        return low


def atlas(gtins: Iterable[str]) -> Atlas:
    """The packaging of these products, each once, in order of GTIN."""
    chosen = tuple(sorted(set(gtins)))
    texels = np.zeros((max(len(chosen), 1), 3, SIZE_PX, SIZE_PX * 3 // 2, 3), np.uint8)
    for i, gtin in enumerate(chosen):
        drawn = design(gtin)
        for face in (FRONT, SIDE, TOP):
            texels[i, face] = _mipmapped(_face(drawn, face))
    texels.flags.writeable = False
    return Atlas(chosen, texels)


def design(gtin: str) -> Design:
    """The look of a product; ValueError for a GTIN that is not digits."""
    if not (gtin.isascii() and gtin.isdigit()):
        raise ValueError(f"a GTIN is digits only, found {gtin!r}")
    draw = Draw(int(gtin) * 0x2545F4914F6CDD1D + 7)
    hue = draw.unit()
    ground = _colour(hue, draw.pick((0.15, 0.55, 0.8, 0.9)), draw.pick((0.45, 0.75, 0.9)))
    accent = _colour(hue + draw.pick((0.08, 0.33, 0.5, 0.67)), draw.unit(0.5, 1.0), draw.unit(0.5, 1.0))
    bright = 0.3 * ground[0] + 0.59 * ground[1] + 0.11 * ground[2]
    ink = _colour(draw.unit(), 0.3, 0.15) if bright > 120 else _colour(draw.unit(), 0.12, 1.0)
    form: Form = draw.pick(("carton", "carton", "carton", "can", "bottle"))
    brand = draw.pick(_STARTS) + draw.pick(_ENDS)
    return Design(
        gtin, form, ground, accent, ink, draw.below(6), draw.below(6), brand, draw.pick(_KINDS), draw.pick(_NOTES)
    )


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = hsv_to_rgb(hue % 1.0, saturation, value)
    return (round(255 * red), round(255 * green), round(255 * blue))


def _face(drawn: Design, face: int) -> NDArray[np.uint8]:
    picture = np.empty((SIZE_PX, SIZE_PX, 3), np.uint8)
    picture[:] = drawn.ground
    y, x = np.mgrid[0:SIZE_PX, 0:SIZE_PX]
    if face == TOP:
        picture[np.abs(y - SIZE_PX // 2) < 18] = drawn.accent
        _centred(picture, drawn.brand, 58, drawn.ink, 90)
    elif face == SIDE:
        picture[_background(drawn.layout, x, y)] = drawn.accent
        _small_print(picture, drawn)
        _barcode(picture, drawn.gtin)
    else:
        picture[_background(drawn.layout, x, y)] = drawn.accent
        picture[_emblem(drawn.emblem, x - 64, y - 82)] = drawn.ink
        picture[_emblem(drawn.emblem, (x - 64) * 1.35, (y - 82) * 1.35)] = drawn.ground
        picture[_emblem(drawn.emblem, (x - 64) * 2.2, (y - 82) * 2.2)] = drawn.accent
        picture[10:42, 6:122] = drawn.ground
        _centred(picture, drawn.brand, 15, drawn.ink, 112)
        _centred(picture, drawn.kind, 113, drawn.ink, 70)
        write(picture, drawn.note, 6, 46, drawn.ink)
    return picture


def _background(layout: int, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.bool_]:
    shapes = (
        y > 76,
        np.abs(x - y) < 26,
        (y // 12) % 2 == 1,
        (x < 26) | (x > 101),
        y > 80 + 14 * np.sin(x / 20.0),
        (x // 16 + y // 16) % 2 == 0,
    )
    return np.asarray(shapes[layout], np.bool_)


def _emblem(emblem: int, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    shapes = (
        radius < 30,
        (np.abs(x) < 34) & (np.abs(y) < 22),
        np.abs(x) + np.abs(y) < 36,
        radius < 20 + 11 * np.cos(5 * angle),
        (np.hypot(x - 14, y) < 22) | (np.hypot(x + 14, y) < 22),
        (np.hypot(x, y + 22) < 36) & (np.hypot(x, y - 22) < 36),
    )
    return np.asarray(shapes[emblem], np.bool_)


def _centred(picture: NDArray[np.uint8], text: str, top_px: int, colour: Colour, room_px: int) -> None:
    """Write as large as the room allows, in the middle."""
    scale = max(1, min(3, room_px // written(text).shape[1]))
    write(picture, text, (SIZE_PX - written(text, scale).shape[1]) // 2, top_px, colour, scale)


def _small_print(picture: NDArray[np.uint8], drawn: Design) -> None:
    """Lines that look like ingredients and a table; nobody could read them from a ceiling."""
    draw = Draw(int(drawn.gtin) + 99)
    picture[8:78, 10:118] = (240, 240, 236)
    for line in range(7):
        column = 14
        while column < 108:
            word = 3 + draw.below(11)
            picture[13 + 9 * line : 17 + 9 * line, column : min(column + word, 112)] = (60, 60, 60)
            column += word + 3


def _barcode(picture: NDArray[np.uint8], gtin: str) -> None:
    """Bars drawn from the digits; they look like a barcode and are none."""
    picture[84:122, 14:114] = (250, 250, 250)
    column = 19
    for digit in gtin.zfill(14)[-14:]:
        width = 1 + int(digit) % 4
        picture[87:112, column : column + width] = (20, 20, 20)
        column += 6
    write(picture, gtin.zfill(14)[-14:], 20, 113, (20, 20, 20))


def _mipmapped(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The face with its halves to the right, shape (128, 192, 3); level 1 at the top, each next one below it."""
    sheet = np.zeros((SIZE_PX, SIZE_PX * 3 // 2, 3), np.uint8)
    sheet[:, :SIZE_PX] = picture
    level = (picture.astype(np.float64) / 255.0) ** 2.2  # averaged as light, not as code values
    top = 0
    for _ in range(LEVELS):
        size = level.shape[0] // 2
        level = level.reshape(size, 2, size, 2, 3).mean(axis=(1, 3))
        sheet[top : top + size, SIZE_PX : SIZE_PX + size] = np.rint(255.0 * level ** (1 / 2.2)).astype(np.uint8)
        top += size
    return sheet
