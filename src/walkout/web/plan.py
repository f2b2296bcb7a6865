"""The plan of a shop from above: fixtures, gates, where people walked, and where things happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, isfinite, radians, sin

import numpy as np
from numpy.typing import NDArray

from walkout.live.outcome import Path, Replay
from walkout.sensing.event import ShelfEvent
from walkout.store.layout import Fixture, Gate
from walkout.store.shop import Store
from walkout.web.labels import Labels
from walkout.web.markup import Markup, el, number
from walkout.web.svg import drawing, polyline, thin_path

MAX_POINTS = 400
"""Points drawn of one path at most."""

PATH_STEP_M = 0.04
"""Points of a path nearer than this are drawn as one: less than two pixels."""

_BEYOND_M = 2.5
_MARGIN_M = 0.3
_BADGE_PX = 9.0
_APART_PX = 20.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """Metres of the store frame to pixels of a drawing: y up becomes y down."""

    left_m: float
    top_m: float
    scale: float
    width: float
    height: float

    def at(self, x_m: float, y_m: float) -> tuple[float, float]:
        """The pixel of a point."""
        return ((x_m - self.left_m) * self.scale, (self.top_m - y_m) * self.scale)


def plan(replay: Replay, labels: Labels, width: float = 480.0, height: float = 560.0) -> Markup:
    """The plan in at most this size, with the paths of the shown visits and the shown events."""
    store = labels.store
    paths = [path for path in replay.paths if path.visit in labels.shown_visits or path.visit not in labels.visits]
    shown = frozenset(labels.shown_events)
    events = [event for event in replay.events if event.id in shown]
    sheet = fit(store, paths, width, height)
    taken: list[tuple[float, float]] = []
    badges = [_event(event, sheet, labels, taken) for event in events]
    walked = _walks(paths, sheet, labels, taken)
    return drawing(
        sheet.width,
        sheet.height,
        _floor(store, sheet),
        [_gate(gate, sheet) for gate in store.gates],
        [_fixture(fixture, sheet, labels) for fixture in store.fixtures],
        walked,
        badges,
        _scale_bar(sheet),
        title=f"The shop from above, with the paths of {len(paths)} people and the places of {len(events)} events",
        class_="plan",
    )


def fit(store: Store, paths: Iterable[Path], width: float, height: float) -> Sheet:
    """A sheet for the shop and for the paths near it; a path that strays far does not shrink the shop."""
    shop = list(store.floor_m)
    for fixture in store.fixtures:
        shop += _corners(fixture)
    for gate in store.gates:
        shop += _ends(gate)
    walked = np.concatenate([np.empty((0, 2)), *(path.xy_m for path in paths)]).astype(float)
    walked = walked[np.isfinite(walked).all(axis=1)]
    if shop:
        low, high = np.min(shop, axis=0), np.max(shop, axis=0)
        walked = np.clip(walked, low - _BEYOND_M, high + _BEYOND_M)
        walked = np.concatenate([walked, [low, high]])
    if not len(walked):
        walked = np.array([[0.0, 0.0], [1.0, 1.0]])
    (x0, y0), (x1, y1) = walked.min(axis=0) - _MARGIN_M, walked.max(axis=0) + _MARGIN_M
    scale = min(width / (x1 - x0), height / (y1 - y0))
    return Sheet(float(x0), float(y1), float(scale), float((x1 - x0) * scale), float((y1 - y0) * scale))


def _floor(store: Store, sheet: Sheet) -> Markup | None:
    if len(store.floor_m) < 3:
        return None
    return el("path", d=_outline(store.floor_m, sheet), class_="floor")


def _fixture(fixture: Fixture, sheet: Sheet, labels: Labels) -> Markup:
    corners = _corners(fixture)
    front = [sheet.at(*corner) for corner in corners[:2]]
    x, y = _on(fixture, fixture.width_m / 2, fixture.depth_m * 0.74, sheet)
    upright = abs(front[1][1] - front[0][1]) > abs(front[1][0] - front[0][0])
    room = fixture.width_m * sheet.scale
    said = labels.fixture(fixture.id)
    return el(
        "g",
        el("path", d=_outline(corners, sheet), class_="body"),
        el("path", d=polyline(*zip(*front, strict=True)), class_="front"),
        el(
            "text",
            said if room > 6.5 * len(said) else fixture.id,
            x=x + 4 if upright else x,
            y=y if upright else y + 4,
            transform=f"rotate(-90 {number(x + 4)} {number(y)})" if upright else None,
            class_="small middle",
        ),
    )


def _gate(gate: Gate, sheet: Sheet) -> Markup:
    (x0, y0), (x1, y1) = (sheet.at(*end) for end in _ends(gate))
    said = {"entry": "way in", "exit": "way out", "both": "way in and out"}[gate.way]
    x, y = (x0 + x1) / 2, max(y0, y1) + 14
    middle = min(max(x, 40), sheet.width - 40)
    return el(
        "g",
        el("line", x1=x0, y1=y0, x2=x1, y2=y1, class_="gate"),
        [el("rect", x=ex - 3, y=ey - 3, width=6, height=6, class_="post") for ex, ey in ((x0, y0), (x1, y1))],
        el("text", said, x=middle, y=y if y < sheet.height - 2 else min(y0, y1) - 6, class_="small middle"),
    )


def _walks(paths: Sequence[Path], sheet: Sheet, labels: Labels, taken: Sequence[tuple[float, float]]) -> list[Markup]:
    """The paths, each with its letter on the line where the fewest others are near."""
    drawn = []
    for path in paths:
        xy = np.asarray(path.xy_m, float)
        keep = thin_path(xy, PATH_STEP_M, MAX_POINTS)
        if keep.size:
            drawn.append((path, np.array([sheet.at(float(xy[i, 0]), float(xy[i, 1])) for i in keep])))
    few = [points[np.linspace(0, len(points) - 1, min(len(points), 48)).astype(int)] for _, points in drawn]
    letters = [np.array(place) for place in taken]
    parts = []
    for k, (path, points) in enumerate(drawn):
        others = np.concatenate([np.empty((0, 2)), *few[:k], *few[k + 1 :]])
        near = _nearest(few[k], others, 24.0) + 2 * _nearest(few[k], np.array(letters).reshape(-1, 2), 24.0)
        ends = np.stack((points[0], points[-1]))
        at = few[k][int(np.argmax(near + _nearest(few[k], ends, 24.0)))]
        letters.append(at)
        (x0, y0), (x1, y1) = ends.tolist()
        parts.append(
            el(
                "g",
                el("path", d=polyline(*points.T), class_="walk", stroke_dasharray=labels.dash(path.person, path.visit)),
                el("circle", cx=x0, cy=y0, r=4, class_="first"),
                el("rect", x=x1 - 4, y=y1 - 4, width=8, height=8, class_="last"),
                el("text", labels.person(path.person), x=float(at[0]), y=float(at[1]) + 4, class_="letter middle"),
                class_=f"track-of {labels.colour(path.visit)}",
            )
        )
    return parts


def _nearest(points: NDArray[np.float64], others: NDArray[np.float64], most: float) -> NDArray[np.float64]:
    """From each point to the nearest of the others, `most` at most, shape (points,)."""
    if not len(others):
        return np.full(len(points), most)
    apart = np.hypot(points[:, None, 0] - others[None, :, 0], points[:, None, 1] - others[None, :, 1])
    return np.asarray(np.minimum(apart.min(axis=1), most))


def _event(event: ShelfEvent, sheet: Sheet, labels: Labels, taken: list[tuple[float, float]]) -> Markup | None:
    spot = event_place(event, labels.store)
    if spot is None:
        return None
    fixture, x_m = spot
    px, py = _on(fixture, x_m, 0.0, sheet)
    hx, hy = _on(fixture, x_m, 0.36 * fixture.depth_m, sheet)
    c, s = cos(radians(fixture.yaw_deg)), sin(radians(fixture.yaw_deg))
    wide = fixture.width_m * sheet.scale
    wanted = []
    for row in range(4):
        for along in (0, 1, -1, 2, -2, 3, -3):
            dx, dy = along * _APART_PX, row * _APART_PX
            if _BADGE_PX <= x_m * sheet.scale + dx <= wide - _BADGE_PX:
                wanted.append((hx + c * dx + s * dy, hy - s * dx + c * dy))
    wanted.append((hx, hy))
    bx, by = _free(wanted, taken, _APART_PX - 1, sheet)
    said = str(labels.events[event.id])
    away = hypot(bx - px, by - py) or 1.0
    edge = (bx + (px - bx) * _BADGE_PX / away, by + (py - by) * _BADGE_PX / away)
    return el(
        "a",
        el("line", x1=px, y1=py, x2=edge[0], y2=edge[1], class_="lead"),
        el("circle", cx=bx, cy=by, r=_BADGE_PX if len(said) < 3 else _BADGE_PX + 3, class_="badge"),
        el("text", said, x=bx, y=by + 4, class_="badge-number middle"),
        href=f"#event-{said}",
        class_="ev",
        data_event=said,
        aria_label=f"event {said}",
    )


def event_place(event: ShelfEvent, store: Store) -> tuple[Fixture, float] | None:
    """The fixture of an event, and how far along it the weight changed, metres; None where there is no such shelf."""
    try:
        fixture = store.fixture(event.fixture)
        plates = [store.plate(event.fixture, event.shelf, plate) for plate in event.plates]
    except KeyError:
        return None
    share = [abs(grams) for grams in event.delta_g]
    middle = [plate.x_m + plate.width_m / 2 for plate in plates]
    if not middle:
        return None
    whole = sum(share)
    if not isfinite(whole) or whole <= 0:
        return fixture, sum(middle) / len(middle)
    return fixture, sum(x * part for x, part in zip(middle, share, strict=True)) / whole


def _free(
    wanted: Sequence[tuple[float, float]], taken: list[tuple[float, float]], apart: float, sheet: Sheet
) -> tuple[float, float]:
    """The first wanted place with room for it inside the sheet, else the first; it is taken then."""
    place = next(
        (
            (x, y)
            for x, y in wanted
            if 10 < x < sheet.width - 10
            and 10 < y < sheet.height - 10
            and all(hypot(x - tx, y - ty) >= apart for tx, ty in taken)
        ),
        wanted[0],
    )
    taken.append(place)
    return place


def _scale_bar(sheet: Sheet) -> Markup:
    x, y = sheet.width - sheet.scale - 8, sheet.height - 8
    return el(
        "g",
        el("path", d=f"M{number(x)} {number(y - 4)}v4h{number(sheet.scale)}v-4", class_="scale"),
        el("text", "1 m", x=x + sheet.scale / 2, y=y - 5, class_="small middle"),
    )


def _outline(points: Iterable[tuple[float, float]], sheet: Sheet) -> str:
    return polyline(*zip(*(sheet.at(*point) for point in points), strict=True)) + "Z"


def _on(fixture: Fixture, x_m: float, y_m: float, sheet: Sheet) -> tuple[float, float]:
    x, y, _ = fixture.to_store(x_m, y_m, 0.0)
    return sheet.at(x, y)


def _corners(fixture: Fixture) -> list[tuple[float, float]]:
    """Front left, front right, back right, back left."""
    w, d = fixture.width_m, fixture.depth_m
    return [fixture.to_store(x, y, 0.0)[:2] for x, y in ((0.0, 0.0), (w, 0.0), (w, d), (0.0, d))]


def _ends(gate: Gate) -> list[tuple[float, float]]:
    """A gate's line on the floor; its place is the middle."""
    c, s = cos(radians(gate.yaw_deg)) * gate.width_m / 2, sin(radians(gate.yaw_deg)) * gate.width_m / 2
    return [(gate.x_m - c, gate.y_m - s), (gate.x_m + c, gate.y_m + s)]
