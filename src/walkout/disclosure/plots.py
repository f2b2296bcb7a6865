"""Plain drawings for the public page: bars and intervals as SVG, readable without a script and in black and white."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, LEFT, RIGHT, ROW = 720, 250, 110, 30
JUST_WALK_OUT, TARGET = 700.0, 50.0
"""Of 1,000 sales, what press reports of 2022 said of Just Walk Out and of its target; Amazon disputes the first."""


def thousand(made: Mapping[str, Any]) -> str:
    """The two headline numbers and their intervals, per 1,000 visits, beside what others were said to need."""
    head = made["headline"]
    rows = [
        ("questions to settle", head["questions_to_settle_per_1000"], "unsure"),
        ("seen by any person", head["seen_by_any_person_per_1000"], "person"),
    ]
    width = WIDTH - LEFT - RIGHT
    most = max([JUST_WALK_OUT, *(one["ci95_high"] or 0.0 for _, one, _ in rows)]) * 1.05
    parts = []
    for n, (words, one, colour) in enumerate(rows):
        y = 14 + n * ROW
        parts.append(_label(words, y))
        if one["value"] is not None:
            x0, x, x1 = (LEFT + width * (one[key] or 0.0) / most for key in ("ci95_low", "value", "ci95_high"))
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{max(2.0, x - LEFT):.1f}" height="16" fill="var(--{colour})"/>'
                f'<path d="M{x0:.1f} {y + 8}H{x1:.1f}M{x0:.1f} {y + 3}v10M{x1:.1f} {y + 3}v10" stroke="var(--ink)" '
                f'fill="none"/><text x="{x1 + 8:.1f}" y="{y + 13}">{one["value"]:.1f}</text>'
            )
    foot = 14 + len(rows) * ROW
    marks = (
        (TARGET, "50: their target, as reported", foot + 18),
        (JUST_WALK_OUT, "700: Just Walk Out 2022, as reported", foot + 36),
    )
    for value, words, low in marks:
        x = LEFT + width * value / most
        parts.append(
            f'<path d="M{x:.1f} 6V{low - 12}" stroke="var(--muted)" stroke-dasharray="3 3" fill="none"/>'
            f'<text class="soft" x="{x + (4 if value < most / 2 else -4):.1f}" y="{low}" '
            f'text-anchor="{"start" if value < most / 2 else "end"}">{words}</text>'
        )
    return _svg(foot + 44, "The two headline numbers, per 1,000 visits", parts)


def bars(title: str, cells: Sequence[tuple[str, float, str]], colour: str = "software") -> str:
    """Bars with their values in words; cells are (words, value, value in words)."""
    if not cells:
        return ""
    width = WIDTH - LEFT - RIGHT
    most = max(value for _, value, _ in cells) or 1.0
    parts = []
    for n, (words, value, said) in enumerate(cells):
        y = 6 + n * ROW
        long = max(1.5, width * value / most)
        parts.append(_label(words, y))
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{long:.1f}" height="16" fill="var(--{colour})"/>')
        parts.append(f'<text x="{LEFT + long + 8:.1f}" y="{y + 13}">{escape(said)}</text>')
    return _svg(6 + len(cells) * ROW, title, parts)


def stack(title: str, cells: Sequence[tuple[str, int, str]]) -> str:
    """One bar of all visits, cut by how they were settled; cells are (words, count, colour)."""
    whole = sum(count for _, count, _ in cells)
    if not whole:
        return ""
    parts, x = [], 0.0
    for n, (words, count, colour) in enumerate(cells):
        long = WIDTH * count / whole
        parts.append(
            f'<rect x="{x:.1f}" y="4" width="{max(0.0, long - 1):.1f}" height="22" fill="var(--{colour})"/>'
            f'<rect x="0" y="{40 + n * 22}" width="12" height="12" fill="var(--{colour})"/>'
            f'<text x="20" y="{51 + n * 22}">{escape(words)}: {count:,} ({100 * count / whole:.1f} %)</text>'
        )
        x += long
    return _svg(42 + len(cells) * 22, title, parts)


def _label(words: str, y: float) -> str:
    return f'<text x="{LEFT - 10}" y="{y + 13}" text-anchor="end">{escape(words)}</text>'


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
