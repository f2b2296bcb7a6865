"""Pictures fit to be seen: everything that may be a person is filled, but for the hand that a question is about.

Default deny. Shown is only: the backdrop as it was learnt with nobody there, the reaching forearm and hand of the one
whose event it is, and changes at the facing itself. Filled is: every person's head (also of the one it is about), every
other person's body, the own body but for that forearm, and whatever else differs from the backdrop. The fill is burnt
into the pixels. A picture in which somebody cannot be placed, or where a person-sized change belongs to nobody, is
withheld. All of it is the union over the pictures just before and after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from walkout.privacy.backdrop import Backdrop, differs
from walkout.privacy.bodies import Point, Sight, UnplacedError, View, body_balls, head_balls, reaching_balls

OTHERS, HEADS, OWN, CHANGED, WITHHELD = (64, 72, 84), (28, 30, 34), (112, 122, 138), (88, 92, 100), (20, 20, 22)
"""Colours of the fill; they tell a reviewer what is behind, and nothing of who."""
NEIGHBOURS: Final = 2
"""Pictures before and after whose fill holds here too."""
STRANGE_PX: Final = 260
"""Pixels of a change, outside of everybody, that may be a person at 640 x 360: a head at four metres has about 350."""
GROW_PX: Final = 5
JOIN_PX: Final = 13
GOODS_SHARE: Final = 0.7
"""Of a change that must lie at the facing for it to be taken for goods that came or went."""


class RedactionMissingError(RuntimeError):
    """Clips were asked for and OpenCV is not installed."""


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What one picture by itself says: masks (rows, columns), and why it must be withheld (empty: it need not)."""

    heads: NDArray[np.bool_]
    others: NDArray[np.bool_]
    own: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    withheld: str


@dataclass(frozen=True, slots=True, eq=False)
class Redacted:
    """A picture that may be seen: pixels, where they are filled, and why all of it is withheld (empty: it is not)."""

    rgb: NDArray[np.uint8]
    filled: NDArray[np.bool_]
    withheld: str


def marks(
    rgb: NDArray[np.uint8],
    view: View,
    backdrop: Backdrop,
    sights: Sequence[Sight] | None,
    owner: str,
    target: Point,
    target_r: float,
    boxes_px: Sequence[tuple[float, float, float, float]] = (),
) -> Marks:
    """What a picture shows of whom, before its neighbours are asked.

    Args:
        rgb: The part of the picture, uint8 (rows, columns, 3); red, green, blue.
        view: Which part, of which camera.
        backdrop: The same part with nobody there.
        sights: Everybody as the tracker placed them about that instant (several of one person are all filled); None:
            the tracker said nothing then.
        owner: Whose event it is, an id in `sights`.
        target: The middle of the facing, metres in the store frame; changes within `target_r` of it are shown.
        target_r: Metres.
        boxes_px: Boxes of people in the part that a detector found (left, top, right, bottom).
    """
    cv2 = _cv2()
    shape = rgb.shape[:2]
    nothing = np.zeros(shape, np.bool_)
    if sights is None:
        return Marks(nothing, nothing, nothing, nothing, nothing, "the tracker said nothing at that time")
    heads, others, own, kept = (np.zeros(shape, np.uint8) for _ in range(4))
    try:
        for sight in sights:
            _fill(cv2, heads, view, head_balls(sight))
            _fill(cv2, own if sight.id == owner else others, view, body_balls(sight, own=sight.id == owner))
            if sight.id == owner:
                _fill(cv2, kept, view, reaching_balls(sight, target))
    except UnplacedError as error:
        return Marks(nothing, nothing, nothing, nothing, nothing, str(error))
    somebody = (heads | others | own).astype(np.bool_)
    for left, top, right, bottom in boxes_px:
        box = somebody[max(round(top), 0) : max(round(bottom), 0), max(round(left), 0) : max(round(right), 0)]
        if box.size and box.mean() < 0.3:
            return Marks(nothing, nothing, nothing, nothing, nothing, "a person was detected and could not be placed")
    spot = np.zeros(shape, np.uint8)
    _fill(cv2, spot, view, np.array([[*target, target_r]]))
    changed, why = _changed(cv2, differs(backdrop, rgb), somebody, kept.astype(np.bool_), spot.astype(np.bool_))
    return Marks(
        heads.astype(np.bool_), others.astype(np.bool_), own.astype(np.bool_), changed, kept.astype(np.bool_), why
    )


def covered(view: View, sights: Sequence[Sight]) -> NDArray[np.bool_]:
    """Where somebody may be: for learning the backdrop around them; everywhere, if one of them cannot be placed."""
    mask = np.zeros((view.height_px, view.width_px), np.uint8)
    try:
        for sight in sights:
            _fill(_cv2(), mask, view, body_balls(sight))
    except UnplacedError:
        mask[:] = 1
    return mask.astype(np.bool_)


def redact(pictures: Sequence[NDArray[np.uint8]], found: Sequence[Marks]) -> list[Redacted]:
    """The pictures of one camera in order, filled; `found` are the marks of each."""
    done = []
    for k, rgb in enumerate(pictures):
        near = found[max(0, k - NEIGHBOURS) : k + NEIGHBOURS + 1]
        why = next((one.withheld for one in near if one.withheld), "")
        out = rgb.copy()
        if why:
            out[:] = WITHHELD
            done.append(Redacted(out, np.ones(rgb.shape[:2], np.bool_), why))
            continue
        heads, others, own, changed = (
            np.logical_or.reduce([getattr(one, name) for one in near]) for name in ("heads", "others", "own", "changed")
        )
        # The own body gives way to the reaching arm as it is now; heads and other people never do.
        own &= ~found[k].kept
        changed &= ~found[k].kept
        for mask, colour in ((changed, CHANGED), (own, OWN), (others, OTHERS), (heads, HEADS)):
            out[mask] = colour
        done.append(Redacted(out, changed | own | others | heads, ""))
    return done


def _changed(
    cv2: Any,
    strange: NDArray[np.bool_],
    somebody: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    spot: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], str]:
    """What else to fill: each change outside of everybody, its hull and some more; why to withhold, if nobody's.

    A change that lies at the facing, most of it, is of goods, and shown; one that reaches beyond is somebody's.
    """
    free = ~(somebody | kept)
    rest = (strange & free).astype(np.uint8)
    rest = cv2.morphologyEx(rest, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    # Pieces of one thing (wheels, rods, a seat) are one: between them is more of it that looks like what is behind.
    rest = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((JOIN_PX, JOIN_PX), np.uint8)) & free
    filled, goods = np.zeros(rest.shape, np.uint8), np.zeros(rest.shape, np.bool_)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    touched = set(np.unique(labels[cv2.dilate(somebody.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0]).tolist())
    for one in range(1, count):
        here, area = labels == one, int(stats[one, cv2.CC_STAT_AREA])
        if (here & spot).sum() >= GOODS_SHARE * area:
            goods |= here
            continue
        if area >= STRANGE_PX and one not in touched:
            return np.ones(rest.shape, np.bool_), "something person-sized changed, and it is nobody that was placed"
        rows, columns = np.nonzero(here)
        hull = cv2.convexHull(np.stack([columns, rows], axis=1).astype(np.int32))
        cv2.fillConvexPoly(filled, hull, 1)
    grown = cv2.dilate(filled, np.ones((2 * GROW_PX + 1, 2 * GROW_PX + 1), np.uint8))
    return (grown > 0) & ~kept & ~goods, ""


def _fill(cv2: Any, mask: NDArray[np.uint8], view: View, balls: NDArray[np.float64]) -> None:
    """Fill the hull of balls as the camera sees them."""
    rings = view.rings(balls)
    if rings:
        points = np.clip(np.concatenate(rings), -30_000, 30_000).round().astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)


def _cv2() -> Any:
    try:
        return import_module("cv2")
    except ModuleNotFoundError as error:
        raise RedactionMissingError("clips need OpenCV, which is optional; './run extras' installs it") from error
