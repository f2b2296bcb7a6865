"""The few marks that the drawings of a shop are made of: SVG text, light and dark from the same variables."""

import re
from collections.abc import Iterable
from html import escape

FONT_PX = 11.0
LINE_PX = 13.0
_CHARACTER = 0.56
"""Mean width of a character of a system font in em; text is wrapped by it, since nothing is measured here."""

VARIABLES = """
:root { color-scheme: light dark; --paper: #fcfcfa; --ink: #1d2022; --muted: #5a6065; --line: #c6cacc;
  --goods: #eaeeec; --unsure: #9a5b00; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181a; --ink: #e7e9ea; --muted: #a2a9ae; --line: #42484d; --goods: #252b2d; --unsure: #e3a34a; }
}"""
STYLE = """
svg.shop { background: var(--paper); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
svg.shop text { fill: var(--ink); }
svg.shop text.muted { fill: var(--muted); }
svg.shop text.title { font-size: 13px; font-weight: 600; }
svg.shop .line { stroke: var(--line); fill: none; } svg.shop .ink { stroke: var(--ink); fill: none; }
svg.shop .muted-line { stroke: var(--muted); fill: none; } svg.shop .front { stroke: var(--ink); stroke-width: 3; }
svg.shop .goods { fill: var(--goods); stroke: none; } svg.shop .slot { fill: transparent; stroke: var(--line); }
svg.shop .shared { stroke: var(--unsure); stroke-dasharray: 4 3; } svg.shop .floor { fill: none; stroke: var(--muted); }
svg.shop .body { fill: var(--goods); stroke: var(--ink); } svg.shop .dot { fill: var(--ink); }
svg.shop .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }"""


def number(value: float) -> str:
    """A length in pixels, short, and the same on every machine."""
    text = f"{value:.1f}"
    return text.removesuffix(".0").replace("-0", "0") if text in {"-0.0", "0.0"} else text.removesuffix(".0")


def said(words: str) -> str:
    """Words for markup; control characters, which XML forbids, become a mark."""
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", words))


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "line") -> str:
    """A straight line."""
    return f'<path class="{kind}" d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"/>'


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    """An upright rectangle."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect class="{kind}" {place}/>'


def outline(points: Iterable[tuple[float, float]], kind: str) -> str:
    """A closed polygon."""
    return f'<polygon class="{kind}" points="{" ".join(f"{number(x)},{number(y)}" for x, y in points)}"/>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start", turn: float = 0.0) -> str:
    """A line of text; `turn` in degrees, clockwise."""
    turned = f' transform="rotate({number(turn)} {number(x)} {number(y)})"' if turn else ""
    place = f'x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"{turned}'
    return f'<text class="{kind}" {place}>{said(words)}</text>'


def group(parts: Iterable[str], title: str) -> str:
    """Parts that share a name, shown under the pointer and read out."""
    return f"<g><title>{said(title)}</title>{''.join(parts)}</g>"


def picture(parts: Iterable[str], width: float, height: float, label: str) -> str:
    """A whole SVG, with its style inside, so that it also stands alone."""
    size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    head = f'<svg class="shop" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{said(label)}" {size}>'
    return f"{head}<style>{VARIABLES}{STYLE}</style>{''.join(parts)}</svg>\n"


def wrap(words: str, width_px: float, lines: int) -> list[str]:
    """Text in lines of a width, at most so many; words too long are cut, what does not fit ends in an ellipsis."""
    room = width_px / (FONT_PX * _CHARACTER)
    joined = re.sub(r"(?<=[0-9]) (?=[a-zA-Z%]{1,2}\b)", "\u00a0", words)  # a number and its unit stay together
    rows: list[str] = []
    for word in re.split(r"[ \t\r\n\f\v]+", joined.strip()):
        if rows and _size(f"{rows[-1]} {word}") <= room:
            rows[-1] += f" {word}"
            continue
        rows.append("")
        for character in word:
            if rows[-1] and _size(rows[-1] + character) > room:
                rows.append("")
            rows[-1] += character
    if len(rows) <= lines:
        return rows
    return [*rows[: lines - 1], f"{rows[lines - 1][: max(int(room) - 1, 0)]}…"] if lines > 0 else []


def _size(words: str) -> float:
    """Width in mean characters; capitals are wider."""
    return sum(1.3 if character.isupper() else 1.0 for character in words)
