"""Small helpers for drawings: paths through points, thinned curves, and axes with round numbers."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, floor, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from walkout.web.markup import Child, Markup, el, number


def drawing(width: float, height: float, *children: Child, title: str, **attributes: str | float | None) -> Markup:
    """An SVG of this size in pixels that shrinks with the page, and says in `title` what it shows."""
    return el(
        "svg",
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=title,
        **attributes,
    )


def polyline(x: Iterable[float], y: Iterable[float]) -> str:
    """Path data through the points; a point that is not finite breaks the line."""
    parts, pen_up = [], True
    for px, py in zip(x, y, strict=True):
        if not (isfinite(px) and isfinite(py)):
            pen_up = True
            continue
        parts.append(f"{'M' if pen_up else 'L'}{number(px)} {number(py)}")
        pen_up = False
    return "".join(parts)


def broken(
    t_ns: NDArray[np.int64], y: NDArray[np.floating], most_ns: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The same samples with a NaN inside each pause longer than `most_ns`, so that no line is drawn across it."""
    after = np.flatnonzero(np.diff(t_ns) > most_ns)
    return np.insert(t_ns, after + 1, t_ns[after] + 1), np.insert(np.asarray(y, np.float64), after + 1, np.nan)


def thin(y: NDArray[np.floating], most: int) -> NDArray[np.intp]:
    """Which of the samples to draw, `most` at most: the lowest and the highest of each stretch, and the first gap.

    A spike stays visible and a gap stays a gap, however many samples are left out.
    """
    n = len(y)
    if n <= most:
        return np.arange(n)
    keep: set[int] = {0, n - 1}
    edges = np.linspace(0, n, max(1, (most - 2) // 3) + 1).astype(int)
    for low, high in pairwise(edges):
        part = y[low:high]
        seen = np.flatnonzero(np.isfinite(part))
        if seen.size < part.size:
            keep.add(int(low + np.flatnonzero(~np.isfinite(part))[0]))
        if seen.size:
            keep.add(int(low + seen[np.argmin(part[seen])]))
            keep.add(int(low + seen[np.argmax(part[seen])]))
    return np.array(sorted(keep))


def thin_path(xy_m: NDArray[np.floating], near_m: float, most: int) -> NDArray[np.intp]:
    """Which points of a walked path to draw: `near_m` apart at least, `most` at most, the first and the last always."""
    finite = np.flatnonzero(np.isfinite(xy_m).all(axis=1))
    if finite.size == 0:
        return finite
    keep = [int(finite[0])]
    for at in finite[1:]:
        if float(np.hypot(*(xy_m[at] - xy_m[keep[-1]]))) >= near_m:
            keep.append(int(at))
    if keep[-1] != finite[-1]:
        keep.append(int(finite[-1]))
    if len(keep) > most:
        keep = [keep[at] for at in np.linspace(0, len(keep) - 1, most).astype(int)]
    return np.array(keep)


def ticks(low: float, high: float, about: int) -> Sequence[float]:
    """Round numbers from low to high, some `about` of them: steps of 1, 2 or 5 times a power of ten."""
    if not (isfinite(low) and isfinite(high)) or high <= low:
        return (low,)
    raw_step = (high - low) / max(1, about)
    power = 10.0 ** floor(log10(raw_step))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= raw_step - 1e-12)
    return [k * step for k in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
