"""The curves around one event: the weight on the plates, and on the same clock how near each hand came to the goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.live.outcome import Curve
from walkout.sensing.event import ShelfEvent
from walkout.web import words
from walkout.web.labels import Labels
from walkout.web.markup import Markup, el
from walkout.web.svg import broken, drawing, polyline, thin, ticks

MAX_POINTS: Final = 240
"""Samples drawn of one plate at most."""

FAR_M: Final = 1.0
"""A hand farther from the goods than this is not drawn."""

PAUSE_NS: Final = 500_000_000
"""No line is drawn across a longer pause."""

LEAST_RANGE_G: Final = 20.0
"""The scale never shows less than this, so that the noise of an idle plate does not look like an event."""

_DASHES: Final = (None, "6 3", "2 3", "10 3 2 3")
_WIDTH, _LEFT, _RIGHT = 576.0, 64.0, 152.0
_TOP, _GRAMS, _BETWEEN, _HANDS, _FOOT = 8.0, 160.0, 24.0, 72.0, 24.0


@dataclass(frozen=True, slots=True, eq=False)
class Wrist:
    """How near one person's hands came to the goods of one candidate of one event."""

    event: str
    person: str
    gtin: str
    t_ns: NDArray[np.int64]
    """Shape (frames,)."""
    distance_m: NDArray[np.float64]
    """Shape (frames,): the nearer hand to the facing's box; NaN: not seen."""


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """One line of a chart with its words at the right end."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    said: str
    class_: str
    dash: str | None


def chart(curve: Curve, event: ShelfEvent, wrists: Sequence[Wrist], labels: Labels) -> Markup | None:
    """The drawing; None where the recording has no readings around the event."""
    if len(curve.t_ns) < 2 or not np.isfinite(curve.grams).any():
        return None
    start_s, end_s = 0.0, float(int(curve.t_ns[-1]) - int(curve.t_ns[0])) / 1e9
    if end_s <= start_s:
        return None
    base_ns = int(curve.t_ns[0])
    wide = _WIDTH - _LEFT - _RIGHT

    def across(t_ns: int) -> float:
        return _LEFT + min(max((t_ns - base_ns) / 1e9 / end_s, 0.0), 1.0) * wide

    seen = [wrist for wrist in wrists if np.isfinite(wrist.distance_m).any() and np.nanmin(wrist.distance_m) <= FAR_M]
    low = _TOP + _GRAMS
    foot = low + (_BETWEEN + _HANDS if seen else 0.0)
    x0, x1 = across(event.start_ns), across(event.end_ns)
    return drawing(
        _WIDTH,
        foot + _FOOT,
        el("rect", x=x0, y=_TOP, width=max(x1 - x0, 1.5), height=foot - _TOP, class_="interval"),
        _grams(curve, event, base_ns, end_s, wide),
        _hands(seen, labels, base_ns, end_s, wide, low + _BETWEEN) if seen else None,
        el("line", x1=across(event.onset_ns), y1=_TOP, x2=across(event.onset_ns), y2=foot, class_="onset"),
        el("line", x1=across(event.reported_ns), y1=_TOP, x2=across(event.reported_ns), y2=foot, class_="reported"),
        _time_axis(base_ns, end_s, wide, foot, labels),
        title=f"Weight on {words.plates(event.plates)} around event {labels.events[event.id]}",
        class_="chart",
    )


def relative(curve: Curve, onset_ns: int) -> NDArray[np.float64]:
    """Grams relative to each plate's level before the hand came: the median until then, else the first reading."""
    grams = np.asarray(curve.grams, float)
    before = curve.t_ns < onset_ns
    level = np.zeros(grams.shape[1])
    for plate in range(grams.shape[1]):
        finite = np.isfinite(grams[:, plate])
        first = grams[finite & before, plate]
        level[plate] = np.median(first) if first.size else grams[finite, plate][0] if finite.any() else 0.0
    return grams - level


def _grams(curve: Curve, event: ShelfEvent, base_ns: int, end_s: float, wide: float) -> Markup:
    y = relative(curve, event.onset_ns)
    finite = y[np.isfinite(y)]
    low, high = min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)
    room = max((high - low) * 0.06, (LEAST_RANGE_G - (high - low)) / 2)
    low, high = low - room, high + room

    def down(grams: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(_TOP + (high - grams) / (high - low) * _GRAMS)

    lines, style = [], 0
    changed = dict(zip(event.plates, event.delta_g, strict=True))
    order = sorted(range(len(curve.plates)), key=lambda c: (-abs(changed.get(curve.plates[c], 0.0)), c))
    for column in order:  # the largest change gets the plain stroke
        plate = curve.plates[column]
        t_ns, change = broken(curve.t_ns, y[:, column], PAUSE_NS)
        keep = thin(change, MAX_POINTS)
        x = _LEFT + (t_ns[keep] - base_ns) / 1e9 / end_s * wide
        if plate in changed:
            said = f"plate {plate} {words.grams(changed[plate], signed=True)}"
            lines.append(_Drawn(x, down(change[keep]), said, "plate", _DASHES[style % len(_DASHES)]))
            style += 1
        else:
            lines.append(_Drawn(x, down(change[keep]), "", "other-plate", None))
    lines.sort(key=lambda line: bool(line.said))
    marks = ticks(low, high, 4)
    return el(
        "g",
        _rows([(float(down(np.array(g))), f"{g:+,.0f}".replace("-", "−") if g else "0") for g in marks], "g", wide),
        _lines(lines, wide),
    )


def _hands(seen: Sequence[Wrist], labels: Labels, base_ns: int, end_s: float, wide: float, top: float) -> Markup:
    lines = []
    for wrist in seen:
        inside = (wrist.t_ns >= base_ns) & (wrist.t_ns <= base_ns + end_s * 1e9)
        near = np.where(wrist.distance_m[inside] <= FAR_M, wrist.distance_m[inside], np.nan)
        t_ns, far = broken(wrist.t_ns[inside], near, PAUSE_NS)
        keep = thin(far, MAX_POINTS)
        x = _LEFT + (t_ns[keep] - base_ns) / 1e9 / end_s * wide
        visit = next((visit for visit, party in labels.parties.items() if wrist.person in party), "")
        lines.append(
            _Drawn(
                x,
                top + (1 - far[keep] / FAR_M) * _HANDS,
                f"hand of {labels.person(wrist.person)}",
                f"hand {labels.colour(visit)}",
                labels.dash(wrist.person, visit),
            )
        )
    rows = [(top + (1 - m / FAR_M) * _HANDS, f"{m * 100:.0f}") for m in (0.0, 0.5, 1.0)]
    return el("g", _rows(rows, "cm", wide), _lines(lines, wide))


def _rows(rows: Sequence[tuple[float, str]], unit: str, wide: float) -> Markup:
    """Level lines with their numbers; the topmost carries the unit."""
    top = min(y for y, _ in rows)
    return el(
        "g",
        [
            [
                el("line", x1=_LEFT, y1=y, x2=_LEFT + wide, y2=y, class_="grid"),
                el("text", f"{said} {unit}" if y == top else said, x=_LEFT - 8, y=y + 4, class_="small end"),
            ]
            for y, said in rows
        ],
    )


def _lines(lines: Sequence[_Drawn], wide: float) -> Markup:
    """The lines, and their words beside their last points, moved apart where they would lie on each other."""
    ends = []
    for line in lines:
        finite = np.flatnonzero(np.isfinite(line.y))
        if line.said and finite.size:
            ends.append((float(line.y[finite[-1]]), line))
    ends.sort(key=lambda end: end[0])
    said, below = [], -1e9
    x = _LEFT + wide + 8
    for y, line in ends:
        below = max(y, below + 16)
        said.append(el("line", x1=x, y1=below, x2=x + 16, y2=below, class_=line.class_, stroke_dasharray=line.dash))
        said.append(el("text", line.said, x=x + 20, y=below + 4, class_="small ink"))
    paths = [el("path", d=polyline(line.x, line.y), class_=line.class_, stroke_dasharray=line.dash) for line in lines]
    return el("g", paths, said)


def _time_axis(base_ns: int, end_s: float, wide: float, foot: float, labels: Labels) -> Markup:
    """Whole seconds of the shop's clock; hours and minutes only where they change."""
    first_ns = -(-base_ns // 1_000_000_000) * 1_000_000_000
    offset_s = (first_ns - base_ns) / 1e9
    step = next((s for s in (1, 2, 5, 10, 15, 30, 60) if end_s / s <= wide / 68), 120)
    parts, minute = [], ""
    for k in range(int((end_s - offset_s) // step) + 1):
        x = _LEFT + (offset_s + k * step) / end_s * wide
        said = labels.clock.time(first_ns + k * step * 1_000_000_000)
        short, minute = said[-3:] if said[:-3] == minute else said, said[:-3]
        parts.append(el("line", x1=x, y1=foot, x2=x, y2=foot + 4, class_="tick"))
        parts.append(el("text", short, x=x, y=foot + 18, class_="small middle"))
    return el("g", el("line", x1=_LEFT, y1=foot, x2=_LEFT + wide, y2=foot, class_="tick"), parts)
