"""Colours, sizes and type for every page, as CSS variables: light and dark from the same names."""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final

VISIT_COLOURS: Final = 8

LIGHT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "paper": "#fcfcfa",
        "goods": "#eaeeec",
        "ink": "#1d2022",
        "muted": "#5a6065",
        "line": "#c6cacc",
        "unsure": "#9a5b00",
        "person": "#5b3fb5",
        "wrong": "#b3261e",
        "v1": "#996600",
        "v2": "#0000ff",
        "v3": "#004466",
        "v4": "#1199aa",
        "v5": "#ff3377",
        "v6": "#bb66ff",
        "v7": "#880022",
        "v8": "#7733aa",
    }
)
"""The same as in the drawings of `store/`, and more.

`person`: a person is involved; `unsure`, `wrong`: what they say; `v1`..`v8`: people, by visit. The eight were
searched for on a grid of sRGB: 3:1 against the paper at least, and as far apart as can be in OKLab (Ottosson 2020)
both for full colour vision and as protanopes, deuteranopes and tritanopes see them (Machado et al. 2009).
"""

DARK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "paper": "#15181a",
        "goods": "#252b2d",
        "ink": "#e7e9ea",
        "muted": "#a2a9ae",
        "line": "#42484d",
        "unsure": "#e3a34a",
        "person": "#b6a2ff",
        "wrong": "#ff8a80",
        "v1": "#007766",
        "v2": "#aacc00",
        "v3": "#8c11ff",
        "v4": "#ee22aa",
        "v5": "#33ccdd",
        "v6": "#9988ff",
        "v7": "#dd8877",
        "v8": "#bb3300",
    }
)

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'


def css_variables() -> str:
    """A style sheet that sets every token, and sets it again where the reader's system is dark."""
    return (
        f":root{{color-scheme:light dark;--font:{FONT};{_set(LIGHT)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_set(DARK)}}}}}\n"
    )


def style_sheet(*names: str) -> str:
    """The tokens, and then these style sheets of the package."""
    return css_variables() + "".join(packaged(name) for name in names)


def packaged(name: str) -> str:
    """A text file of this package."""
    return files("walkout.web").joinpath(name).read_text("utf-8")


def contrast(one: str, other: str) -> float:
    """The contrast of two #rrggbb colours, 1..21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _set(tokens: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in tokens.items())
