"""What the cameras made of a recording as one page: their pictures with what was found, plan, 3D, beside the plates."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout import __version__
from walkout.recording.people import PeopleFrame
from walkout.sensing.vision.lens import Lens
from walkout.store.shop import Store
from walkout.web.markup import Markup, el, name, raw
from walkout.web.svg import drawing, polyline, thin, ticks
from walkout.web.tokens import packaged, style_sheet
from walkout.web.views import View, camera_view, colours_of, from_above, outside

MAX_POINTS: Final = 300
TRAIL_NS: Final = 10_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One instant of the page."""

    t_ns: int
    views: tuple[View, ...]
    people: PeopleFrame | None


@dataclass(frozen=True, slots=True, eq=False)
class Weight:
    """How the weight on a fixture changed: grams against the start, (samples,)."""

    fixture: str
    t_ns: NDArray[np.int64]
    grams: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """All that the page shows."""

    store: Store
    origin: str
    model: str
    shots: tuple[Shot, ...]
    frames: Sequence[PeopleFrame]
    weights: tuple[Weight, ...]
    said: str
    """What was seen in numbers, and why no pictures are shown where none are."""


def see_html(seen: Seen) -> str:
    """The page: self-contained, nothing from the network; equal input gives equal bytes."""
    style, script = style_sheet("drawing.css", "report.css", "see.css"), packaged("see.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    colours = colours_of([person.id for frame in seen.frames for person in frame.people])
    start_ns = seen.frames[0].t_ns if seen.frames else (seen.shots[0].t_ns if seen.shots else 0)
    lenses = {camera.id: Lens.of(camera) for camera in seen.store.cameras}
    title = f"What {len(lenses)} cameras saw: {len(colours)} people"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("style", raw(style)),
    )
    slider = el(
        "p",
        el("label", "Instant ", for_="instant"),
        el("input", type="range", id="instant", min="0", max=str(max(len(seen.shots) - 1, 0)), value="0", step="1"),
        el("output", "", for_="instant", id="said"),
        id="scrub",
        hidden="hidden",
    )
    main = el(
        "main",
        el("h1", title),
        el("p", seen.said),
        _key(colours),
        slider,
        [_shot(shot, seen, colours, lenses, start_ns) for shot in seen.shots],
        el("section", el("h2", "What the plates felt"), [_weight(w, seen.shots, start_ns) for w in seen.weights]),
        el(
            "footer",
            f"Found by {seen.model}. Bold lines are people placed in 3D by all cameras and drawn back into each; thin "
            f"ones are what the model found in that picture alone. Made by Walkout {__version__}. This page asks "
            "nothing of the network.",
            class_="small-print",
        ),
        class_="page",
    )
    origin = el("header", el("b", seen.origin), el("span", name(seen.store.name)), class_="origin")
    body = el("body", origin, main, el("script", raw(script)))
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def _key(colours: Mapping[str, str]) -> Markup:
    people = [el("li", el("span", "●", class_=f"dot {colour}"), f" {id_}") for id_, colour in colours.items()]
    return el("ul", people, class_="people")


def _shot(shot: Shot, seen: Seen, colours: Mapping[str, str], lenses: Mapping[str, Lens], start_ns: int) -> Markup:
    trails: dict[str, list[tuple[float, float]]] = {}
    for frame in seen.frames:
        if shot.t_ns - TRAIL_NS <= frame.t_ns <= shot.t_ns:
            for person in frame.people:
                head = person.joints.get("head") or person.joints.get("neck")
                if head is not None:
                    trails.setdefault(person.id, []).append((head.x_m, head.y_m))
    paths = {id_: np.array(points) for id_, points in trails.items()}
    when = f"{(shot.t_ns - start_ns) / 1e9:.1f} s"
    cameras = [
        el(
            "figure",
            camera_view(seen.store, lenses[view.camera], view, shot.people, colours),
            el("figcaption", name(view.camera), class_="quiet"),
        )
        for view in shot.views
    ]
    return el(
        "section",
        el("h2", f"At {when}: {len(shot.people.people) if shot.people is not None else 0} people"),
        el("div", cameras, class_="cameras"),
        el(
            "div",
            from_above(seen.store, paths, shot.people, colours),
            outside(seen.store, shot.people, colours),
            class_="both",
        ),
        class_="shot",
        data_when=when,
    )


def _weight(weight: Weight, shots: Sequence[Shot], start_ns: int) -> Markup:
    wide, tall, left = 960.0, 96.0, 72.0
    keep = thin(weight.grams, MAX_POINTS)
    t_s = (weight.t_ns[keep] - start_ns) / 1e9
    grams = weight.grams[keep]
    finite = grams[np.isfinite(grams)]
    if len(finite) < 2 or float(np.ptp(t_s)) <= 0:
        return el("p", f"{weight.fixture}: no readings", class_="quiet")
    low, high = min(float(finite.min()), -50.0), max(float(finite.max()), 50.0)
    t0, t1 = float(t_s[0]), float(t_s[-1])
    x = left + (t_s - t0) / (t1 - t0) * (wide - left)
    y = 8 + (high - grams) / (high - low) * (tall - 16)
    rows = []
    for mark in ticks(low, high, 2):
        down = 8 + (high - mark) / (high - low) * (tall - 16) + 4
        rows.append(el("text", f"{mark:+.0f} g" if mark else "0 g", x=left - 8, y=down, class_="small end"))
    marks = []
    for shot in shots:
        at = left + ((shot.t_ns - start_ns) / 1e9 - t0) / (t1 - t0) * (wide - left)
        if left <= at <= wide:
            marks.append(el("line", x1=at, y1=0, x2=at, y2=tall, class_="cursor"))
    picture = drawing(
        wide, tall, rows, marks, el("path", d=polyline(x, y), class_="plate"), title=f"Weight on {weight.fixture}"
    )
    return el("figure", picture, el("figcaption", name(weight.fixture), class_="quiet"))


def _hash(source: str) -> str:
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"
