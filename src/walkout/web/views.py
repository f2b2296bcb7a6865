"""What cameras see as drawings: the shop's edges, boxes and joints over a picture, and the shop from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.recording.people import JOINTS, PeopleFrame, Person
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.persons import Persons
from walkout.store.layout import Fixture
from walkout.store.shop import Store
from walkout.web.markup import Markup, el
from walkout.web.svg import drawing, polyline

Floats = NDArray[np.float64]
LIMBS: Final = ((0, 1), (2, 1), (3, 1), (2, 4), (3, 5), (4, 6), (5, 7))
_PIECES: Final = 12
"""An edge is drawn in so many pieces: a lens may bend it, and it may leave the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One camera at one instant: `uri` is a data: URI of its picture, None where none may be shown."""

    camera: str
    uri: str | None
    found: Persons | None


def edges(store: Store) -> list[tuple[str, Floats]]:
    """The shop as lines in the store frame, (points, 3) each, with what they are: floor, fixture or shelf."""
    lines: list[tuple[str, Floats]] = []
    floor = [(x, y, 0.0) for x, y in store.floor_m]
    lines += [("floor", np.array([a, b])) for a, b in zip(floor, [*floor[1:], *floor[:1]], strict=True)]
    for fixture in store.fixtures:
        lines += _fixture(fixture)
    return lines


def _fixture(fixture: Fixture) -> list[tuple[str, Floats]]:
    w, d = fixture.width_m, fixture.depth_m
    top = max((shelf.z_m + shelf.height_m for shelf in fixture.shelves), default=1.0)
    corners = ((0.0, 0.0), (w, 0.0), (w, d), (0.0, d))

    def line(*points: tuple[float, float, float]) -> Floats:
        return np.array([fixture.to_store(*point) for point in points])

    lines = []
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        lines += [("fixture", line((ax, ay, z), (bx, by, z))) for z in (0.0, top)]
        lines.append(("fixture", line((ax, ay, 0.0), (ax, ay, top))))
    lines += [("shelf", line((0.0, 0.0, shelf.z_m), (w, 0.0, shelf.z_m))) for shelf in fixture.shelves]
    return lines


def camera_view(store: Store, lens: Lens, view: View, people: PeopleFrame | None, colours: Mapping[str, str]) -> Markup:
    """A camera's picture with the shop's edges, what the model found (thin), and the people of all cameras (bold)."""
    parts: list[Markup] = []
    if view.uri is not None:
        parts.append(el("image", href=view.uri, x=0, y=0, width=lens.width_px, height=lens.height_px))
    parts += [_seen_line(lens, line, f"edge {kind}") for kind, line in edges(store)]
    if view.found is not None:
        parts += [_found(view.found, n) for n in range(len(view.found))]
    for person in people.people if people is not None else ():
        parts.append(_skeleton(lens, person, colours.get(person.id, "v1")))
    return drawing(
        lens.width_px,
        lens.height_px,
        el("rect", x=0, y=0, width=lens.width_px, height=lens.height_px, class_="blank") if view.uri is None else None,
        parts,
        title=f"Camera {view.camera}",
        class_="camera",
    )


def _seen_line(lens: Lens, line: Floats, class_: str) -> Markup:
    share = np.linspace(0.0, 1.0, _PIECES + 1)[:, None]
    pixels, _ = lens.project(line[0] + share * (line[1] - line[0]))
    far = np.abs(pixels - [lens.width_px / 2, lens.height_px / 2]) > 2 * lens.width_px
    pixels[far.any(axis=1)] = np.nan
    return el("path", d=polyline(pixels[:, 0], pixels[:, 1]), class_=class_)


def _found(found: Persons, n: int) -> Markup:
    left, top, right, bottom = (float(v) for v in found.boxes[n])
    keys = found.keypoints[n].astype(float)
    dots = [el("circle", cx=u, cy=v, r=2, class_="found") for u, v, _ in keys if np.isfinite(u)]
    box = el("rect", x=left, y=top, width=max(right - left, 0), height=max(bottom - top, 0), class_="found box")
    return el("g", box, dots)


def _skeleton(lens: Lens, person: Person, colour: str) -> Markup:
    at = np.full((len(JOINTS), 3), np.nan)
    for k, name in enumerate(JOINTS):
        joint = person.joints.get(name)
        if joint is not None:
            at[k] = joint.x_m, joint.y_m, joint.z_m
    pixels, _ = lens.project(at)
    return _bones(pixels, colour)


def _bones(pixels: Floats, colour: str) -> Markup:
    there = [bool(np.isfinite(pixel).all()) for pixel in pixels]
    lines = [
        el("line", x1=pixels[a, 0], y1=pixels[a, 1], x2=pixels[b, 0], y2=pixels[b, 1])
        for a, b in LIMBS
        if there[a] and there[b]
    ]
    head = el("circle", cx=pixels[0, 0], cy=pixels[0, 1], r=6) if there[0] else None
    return el("g", lines, head, class_=f"told {colour}")


def outside(store: Store, people: PeopleFrame | None, colours: Mapping[str, str], width: float = 480.0) -> Markup:
    """The shop from above one corner, as a drawing in parallel projection, with everybody's joints."""
    corners = np.array(store.floor_m or [(0.0, 0.0), (5.0, 0.0), (5.0, 5.0), (0.0, 5.0)])
    right = np.array([0.83, -0.56, 0.0])
    up = np.array([0.28, 0.41, 0.87])
    ground = np.concatenate([corners, np.zeros((len(corners), 1))], axis=1)
    all_ = np.concatenate([ground, ground + np.array([0.0, 0.0, 2.1])])
    u, v = all_ @ right, all_ @ up
    scale = (width - 16) / float(np.ptp(u))
    height = float(np.ptp(v)) * scale + 16

    def flat(points: Floats) -> Floats:
        return np.stack([8 + (points @ right - u.min()) * scale, 8 + (v.max() - points @ up) * scale], axis=-1)

    lines = [el("path", d=polyline(*flat(line).T), class_=f"edge {kind}") for kind, line in edges(store)]
    bodies = []
    for person in people.people if people is not None else ():
        at = np.full((len(JOINTS), 3), np.nan)
        for k, name in enumerate(JOINTS):
            joint = person.joints.get(name)
            if joint is not None:
                at[k] = joint.x_m, joint.y_m, joint.z_m
        bodies.append(_bones(flat(at), colours.get(person.id, "v1")))
    return drawing(width, height, lines, bodies, title="The shop from above a corner", class_="outside")


def from_above(
    store: Store, paths: Mapping[str, Floats], people: PeopleFrame | None, colours: Mapping[str, str]
) -> Markup:
    """The plan: fixtures, gates, everybody's path so far, and where they are."""
    corners = np.array(store.floor_m or [(0.0, 0.0), (5.0, 0.0), (5.0, 5.0), (0.0, 5.0)])
    low, high = corners.min(axis=0) - 0.2, corners.max(axis=0) + 0.2
    scale = 480.0 / float(high[0] - low[0])

    def flat(points: Floats) -> Floats:
        return np.stack([(points[:, 0] - low[0]) * scale, (high[1] - points[:, 1]) * scale], axis=-1)

    parts = [el("path", d=polyline(*flat(line[:, :2]).T), class_=f"edge {kind}") for kind, line in edges(store)]
    for gate in store.gates:
        x, y = flat(np.array([[gate.x_m, gate.y_m]]))[0]
        parts.append(el("circle", cx=x, cy=y, r=5, class_="gate"))
    for id_, path in sorted(paths.items()):
        parts.append(el("path", d=polyline(*flat(path).T), class_=f"path {colours.get(id_, 'v1')}"))
    for person in people.people if people is not None else ():
        head = person.joints.get("head") or person.joints.get("neck")
        if head is not None:
            x, y = flat(np.array([[head.x_m, head.y_m]]))[0]
            parts.append(el("circle", cx=x, cy=y, r=7, class_=f"here {colours.get(person.id, 'v1')}"))
    return drawing(480.0, float(high[1] - low[1]) * scale, parts, title="The shop from above", class_="above")


def colours_of(ids: Sequence[str]) -> dict[str, str]:
    """A colour's name for each person, in the order in which they came; eight, then again from the first."""
    return {id_: f"v{k % 8 + 1}" for k, id_ in enumerate(dict.fromkeys(ids))}
