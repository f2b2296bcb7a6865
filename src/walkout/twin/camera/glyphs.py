"""A small alphabet of 5 x 7 dots, for marks on packages and names on contact sheets."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

HEIGHT_PX = 7
WIDTH_PX = 5

# Seven rows of five dots a character, each row a number whose highest bit is the left dot.
_ROWS = {
    "A": (14, 17, 17, 31, 17, 17, 17),
    "B": (30, 17, 17, 30, 17, 17, 30),
    "C": (14, 17, 16, 16, 16, 17, 14),
    "D": (28, 18, 17, 17, 17, 18, 28),
    "E": (31, 16, 16, 30, 16, 16, 31),
    "F": (31, 16, 16, 30, 16, 16, 16),
    "G": (14, 17, 16, 23, 17, 17, 15),
    "H": (17, 17, 17, 31, 17, 17, 17),
    "I": (14, 4, 4, 4, 4, 4, 14),
    "J": (7, 2, 2, 2, 2, 18, 12),
    "K": (17, 18, 20, 24, 20, 18, 17),
    "L": (16, 16, 16, 16, 16, 16, 31),
    "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 17, 25, 21, 19, 17, 17),
    "O": (14, 17, 17, 17, 17, 17, 14),
    "P": (30, 17, 17, 30, 16, 16, 16),
    "Q": (14, 17, 17, 17, 21, 18, 13),
    "R": (30, 17, 17, 30, 20, 18, 17),
    "S": (15, 16, 16, 14, 1, 1, 30),
    "T": (31, 4, 4, 4, 4, 4, 4),
    "U": (17, 17, 17, 17, 17, 17, 14),
    "V": (17, 17, 17, 17, 17, 10, 4),
    "W": (17, 17, 17, 21, 21, 21, 10),
    "X": (17, 17, 10, 4, 10, 17, 17),
    "Y": (17, 17, 17, 10, 4, 4, 4),
    "Z": (31, 1, 2, 4, 8, 16, 31),
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    " ": (0, 0, 0, 0, 0, 0, 0),
    "-": (0, 0, 0, 31, 0, 0, 0),
    ".": (0, 0, 0, 0, 0, 12, 12),
    ",": (0, 0, 0, 0, 12, 4, 8),
    ":": (0, 12, 12, 0, 12, 12, 0),
    "/": (0, 1, 2, 4, 8, 16, 0),
    "%": (24, 25, 2, 4, 8, 19, 3),
    "+": (0, 4, 4, 31, 4, 4, 0),
    "_": (0, 0, 0, 0, 0, 0, 31),
}
_UNKNOWN = (31, 17, 17, 17, 17, 17, 31)


@cache
def _glyph(character: str) -> NDArray[np.bool_]:
    rows = _ROWS.get(character.upper(), _UNKNOWN)
    return np.array([[bool(row >> (WIDTH_PX - 1 - column) & 1) for column in range(WIDTH_PX)] for row in rows])


def written(text: str, scale: int = 1) -> NDArray[np.bool_]:
    """The dots of one line of text, shape (7 scale, (6 len - 1) scale); an unknown character is an empty frame."""
    if not text:
        return np.zeros((HEIGHT_PX * scale, 0), np.bool_)
    gap = np.zeros((HEIGHT_PX, 1), np.bool_)
    cells = [part for character in text for part in (_glyph(character), gap)][:-1]
    return np.kron(np.concatenate(cells, axis=1), np.ones((scale, scale), np.bool_)).astype(np.bool_)


def write(
    picture: NDArray[np.uint8], text: str, left_px: int, top_px: int, colour: tuple[int, int, int], scale: int = 1
) -> None:
    """Write a line of text into an RGB picture in place, shape (rows, columns, 3); what falls outside is cut off."""
    dots = written(text, scale)
    rows, columns = picture.shape[:2]
    top, left = max(top_px, 0), max(left_px, 0)
    bottom, right = min(top_px + dots.shape[0], rows), min(left_px + dots.shape[1], columns)
    if top < bottom and left < right:
        picture[top:bottom, left:right][dots[top - top_px : bottom - top_px, left - left_px : right - left_px]] = colour
