"""What people wear and carry, and the colours they have: drawn from a seed, or named.

Skin follows the ten steps of the Monk scale (Ellis Monk, 2022; values as published at skintone.google, in sRGB).
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from walkout.twin.camera.packaging import Draw
from walkout.twin.camera.scene import Colour, Pattern

Top = Literal["shirt", "jumper", "coat", "vest", "robe"]
Bottom = Literal["trousers", "shorts", "skirt", "long_skirt"]
HeadCover = Literal["none", "cap", "beanie", "headscarf", "hood", "turban"]
Bag = Literal["none", "backpack", "tote", "shoulder_bag"]
Hair = Literal["none", "short", "long", "bun", "afro"]
Aid = Literal["none", "wheelchair", "pushchair", "child_in_arms"]

MONK: tuple[Colour, ...] = (
    (246, 237, 228),
    (243, 231, 219),
    (247, 234, 208),
    (234, 218, 186),
    (215, 189, 150),
    (160, 126, 86),
    (130, 92, 67),
    (96, 65, 52),
    (58, 49, 42),
    (41, 36, 32),
)
_HAIR: tuple[Colour, ...] = (
    (28, 22, 20),
    (52, 36, 26),
    (88, 60, 36),
    (150, 112, 66),
    (196, 168, 118),
    (120, 116, 112),
    (206, 202, 196),
)
_CLOTH: tuple[Colour, ...] = (
    (38, 46, 66),
    (58, 58, 62),
    (122, 36, 40),
    (40, 92, 74),
    (196, 188, 172),
    (224, 222, 214),
    (92, 110, 148),
    (178, 132, 60),
    (110, 74, 122),
    (206, 112, 92),
    (70, 124, 160),
    (26, 26, 30),
)
_TROUSERS: tuple[Colour, ...] = ((44, 56, 84), (34, 34, 38), (96, 88, 74), (150, 138, 112), (70, 74, 80), (62, 50, 44))
_SHOES: tuple[Colour, ...] = ((30, 28, 28), (232, 232, 230), (96, 62, 40), (70, 78, 96), (170, 44, 44))
_BRIGHT: tuple[Colour, ...] = ((226, 60, 52), (250, 186, 40), (56, 156, 220), (70, 180, 90), (236, 110, 168))
_PATTERNS: tuple[Pattern, ...] = ("weave", "weave", "weave", "stripes", "checks", "dots")


@dataclass(frozen=True, slots=True)
class Looks:
    """One person's looks; `girth` scales trunk and limbs across, 1 for the middle of adults."""

    skin: Colour
    hair: Hair
    hair_colour: Colour
    top: Top
    top_colour: Colour
    top_second: Colour
    top_pattern: Pattern
    long_sleeves: bool
    bottom: Bottom
    bottom_colour: Colour
    shoes: Colour
    head_cover: HeadCover
    cover_colour: Colour
    bag: Bag
    bag_colour: Colour
    aid: Aid
    girth: float


def looks(seed: int, *, clothing: str = "", skin: int = 0, head_cover: str = "", bag: str = "", aid: str = "") -> Looks:
    """Draw a person's looks; what is named is kept. The same seed always gives the same person.

    `clothing`: plain, striped, dark, bright, high_visibility or long_coat; `skin`: 1 to 10 on the Monk scale. Raises
    ValueError for another word or number.
    """
    draw = Draw(seed * 6364136223846793005 + 1442695040888963407)
    if not 0 <= skin <= len(MONK):
        raise ValueError(f"skin is 1 to {len(MONK)} on the Monk scale (0 draws one), found {skin}")
    tone = skin or 1 + draw.below(len(MONK))
    hair: Hair = draw.pick(("none", "short", "short", "short", "long", "long", "bun", "afro"))
    hair_colour = draw.pick(_HAIR if tone < 6 else _HAIR[:2])
    top: Top = draw.pick(("shirt", "shirt", "jumper", "jumper", "coat", "robe"))
    colour, second, pattern = draw.pick(_CLOTH), draw.pick(_CLOTH), draw.pick(_PATTERNS)
    bottom: Bottom = draw.pick(("trousers", "trousers", "trousers", "trousers", "shorts", "skirt", "long_skirt"))
    bottom_colour, shoes = draw.pick(_TROUSERS), draw.pick(_SHOES)
    sleeves, girth = top != "shirt" or draw.below(3) == 0, draw.unit(0.88, 1.22)
    bright = draw.pick(_BRIGHT)
    covers: tuple[HeadCover, ...] = ("none", "none", "none", "cap", "beanie", "headscarf", "hood", "turban")
    bags: tuple[Bag, ...] = ("none", "none", "backpack", "tote", "shoulder_bag")
    cover, carried = draw.pick(covers), draw.pick(bags)
    if clothing == "plain":
        pattern = "weave"
    elif clothing == "striped":
        pattern, top = "stripes", "jumper" if top == "robe" else top
    elif clothing == "dark":
        colour, pattern, bottom_colour = (30, 30, 36), "weave", (34, 34, 38)
    elif clothing == "bright":
        colour, pattern = bright, "weave"
    elif clothing == "high_visibility":
        colour, second, pattern, top = (214, 236, 40), (226, 228, 230), "stripes", "vest"
    elif clothing == "long_coat":
        top, sleeves, pattern = "coat", True, "weave"
    elif clothing:
        raise ValueError(
            f"clothing is plain, striped, dark, bright, high_visibility or long_coat (empty: any), found {clothing!r}"
        )
    chosen_cover: HeadCover = _named("head_cover", head_cover, cover, get_args(HeadCover))
    chosen_bag: Bag = _named("bag", bag, carried, get_args(Bag))
    chosen_aid: Aid = _named("aid", aid, "none", get_args(Aid))
    return Looks(
        skin=MONK[tone - 1],
        hair=hair,
        hair_colour=hair_colour,
        top=top,
        top_colour=colour,
        top_second=second,
        top_pattern=pattern,
        long_sleeves=sleeves,
        bottom=bottom,
        bottom_colour=bottom_colour,
        shoes=shoes,
        head_cover=chosen_cover,
        cover_colour=draw.pick((*_CLOTH, *_BRIGHT)),
        bag=chosen_bag,
        bag_colour=draw.pick((*_CLOTH, *_BRIGHT)),
        aid=chosen_aid,
        girth=girth,
    )


def _named(what: str, given: str, drawn: str, allowed: tuple[Any, ...]) -> Any:
    """What was given if it is allowed, what was drawn if nothing was given."""
    if given and given not in allowed:
        raise ValueError(f"{what} is one of {', '.join(allowed)} (empty: any), found {given!r}")
    return given or drawn
