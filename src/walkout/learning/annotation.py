"""What people mark in clips for learning: boxes, wrists and other joints, what a hand holds, spans of what happens.

Coordinates are pixels of the clip, (0, 0) the outer corner of the first one; pictures of a clip count from 0.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from walkout.recording.people import JOINTS

What = Literal["person", "hand", "product"]
WHATS: tuple[What, ...] = get_args(What)
Happens = Literal["take", "return", "touch", "hand-over", "move"]
HAPPENS: tuple[Happens, ...] = get_args(Happens)
By = Literal["model", "person"]
Visibility = Literal[0, 1, 2]
"""0: not marked; 1: where it must be, hidden; 2: seen. As COCO has it."""


class AnnotationError(ValueError):
    """A mark that cannot be so; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Point:
    """A joint in a picture."""

    x_px: float
    y_px: float
    visible: Visibility = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A box in one picture."""

    picture: int
    what: What
    x_px: float
    y_px: float
    width_px: float
    height_px: float
    track: int = 0
    """The same number is the same person, hand or thing in other pictures; 0: not said."""
    gtin: str = ""
    """Of a product, or of what a hand holds; "": not said, or nothing."""
    joints: tuple[tuple[str, Point], ...] = ()
    """Of a person: by the names of `recording.people.JOINTS`, in that order; those not marked are left out."""
    by: By = "person"
    """Who placed it: a model, and nobody has looked yet, or a person, who may have left it where it was."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something that happens from one picture to another, both among it."""

    first: int
    last: int
    happens: Happens
    gtin: str = ""
    track: int = 0
    """Whose hand."""
    by: By = "person"


@dataclass(frozen=True, slots=True)
class Annotated:
    """One clip with all its marks; of a visit whose shopper agreed to it."""

    clip: str
    """The clip's name, which says nothing of the visit."""
    consent: str
    """The consent that it rests on, by its number; whose it is stands with the consent alone."""
    width_px: int
    height_px: int
    t_ns: tuple[int, ...]
    """Each picture's instant."""
    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()
    origin: Literal["real", "simulated"] = "real"

    def __post_init__(self) -> None:
        count = len(self.t_ns)
        for mark in self.marks:
            _check_mark(mark, self.width_px, self.height_px, count)
        for span in self.spans:
            if not 0 <= span.first <= span.last < count or span.happens not in HAPPENS:
                raise AnnotationError(
                    f"found a span {span.happens} of pictures {span.first} to {span.last}, right: one of "
                    f"{', '.join(HAPPENS)} within 0 to {count - 1}"
                )

    @property
    def looked_at(self) -> bool:
        """Whether a person placed, or left standing, all of it."""
        placed = [*(mark.by for mark in self.marks), *(span.by for span in self.spans)]
        return all(by == "person" for by in placed)


def corrected(draft: Annotated, marks: tuple[Mark, ...], spans: tuple[Span, ...]) -> Annotated:
    """What a person made of a draft: all that they leave is theirs now, wherever a model had put it."""
    return replace(
        draft,
        marks=tuple(replace(mark, by="person") for mark in marks),
        spans=tuple(replace(span, by="person") for span in spans),
    )


def plain(found: Annotated) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "clip": found.clip,
        "consent": found.consent,
        "width_px": found.width_px,
        "height_px": found.height_px,
        "t_ns": list(found.t_ns),
        "origin": found.origin,
        "marks": [mark_plain(mark) for mark in found.marks],
        "spans": [
            {name: getattr(span, name) for name in ("first", "last", "happens", "gtin", "track", "by")}
            for span in found.spans
        ],
    }


def mark_plain(mark: Mark) -> dict[str, Any]:
    """One box as plain JSON values."""
    names = ("picture", "what", "x_px", "y_px", "width_px", "height_px", "track", "gtin", "by")
    joints = {name: [point.x_px, point.y_px, point.visible] for name, point in mark.joints}
    return {name: getattr(mark, name) for name in names} | {"joints": joints}


def from_plain(read: Any) -> Annotated:
    """From plain JSON values. Raises AnnotationError where they are none."""
    try:
        marks = tuple(_mark(one) for one in read["marks"])
        spans = tuple(
            Span(
                int(one["first"]), int(one["last"]), one["happens"], str(one.get("gtin", "")),
                int(one.get("track", 0)), one.get("by", "person"),
            )
            for one in read["spans"]
        )  # fmt: skip
        size = int(read["width_px"]), int(read["height_px"])
        times = tuple(int(t) for t in read["t_ns"])
        return Annotated(str(read["clip"]), str(read["consent"]), *size, times, marks, spans, read["origin"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, AnnotationError):
            raise
        raise AnnotationError(f"found no annotated clip ({error}), right: as its page sends it") from error


def _mark(one: Any) -> Mark:
    given = dict(one.get("joints", {}))
    if strange := sorted(set(given) - set(JOINTS)):
        raise AnnotationError(f"found the joints {', '.join(strange)}, right: some of {', '.join(JOINTS)}")
    joints = tuple((name, Point(float(p[0]), float(p[1]), p[2])) for name in JOINTS if (p := given.get(name)))
    x, y, w, h = (float(one[name]) for name in ("x_px", "y_px", "width_px", "height_px"))
    track, gtin = int(one.get("track", 0)), str(one.get("gtin", ""))
    return Mark(int(one["picture"]), one["what"], x, y, w, h, track, gtin, joints, one.get("by", "person"))


def _check_mark(mark: Mark, width_px: int, height_px: int, count: int) -> None:
    if not 0 <= mark.picture < count or mark.what not in WHATS:
        raise AnnotationError(
            f"found a {mark.what} in picture {mark.picture}, right: one of {', '.join(WHATS)} in 0 to {count - 1}"
        )
    inside = 0.0 <= mark.x_px <= width_px and 0.0 <= mark.y_px <= height_px
    fits = mark.x_px + mark.width_px <= width_px + 1e-6 and mark.y_px + mark.height_px <= height_px + 1e-6
    if not (mark.width_px > 0.0 and mark.height_px > 0.0 and inside and fits):
        raise AnnotationError(f"found a box beyond the picture of {width_px} x {height_px}, right: one inside it")
    if mark.joints and mark.what != "person":
        raise AnnotationError(f"found joints of a {mark.what}, right: of a person")
    for name, point in mark.joints:
        if name not in JOINTS or point.visible not in (1, 2):
            raise AnnotationError(f"found the joint {name} with visibility {point.visible}, right: 1 or 2")
