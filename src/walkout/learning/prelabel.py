"""Drafts of annotations: what the pose model finds in a clip's pictures, for a person to put right."""

from collections.abc import Sequence

import numpy as np

from walkout.learning.annotation import Annotated, Mark, Point, Span
from walkout.recording.people import JOINTS
from walkout.sensing.vision.persons import Persons

LEAST = 0.3
"""A person, or a joint, that the model is less sure of is no draft: taking it away is work as well."""
WRISTS = ("l_wrist", "r_wrist")
Box = tuple[float, float, float, float]
HAND_PX = 0.12
"""A hand's box is this share of its person's height."""


def drafted(clip: Annotated, found: Sequence[Persons], spans: Sequence[Span] = ()) -> Annotated:
    """The clip with a box and joints for each person, and a box around each wrist; all of it by the model.

    `found` has one for each picture. Raises ValueError where it has not. `spans`: what shelf events say already.
    """
    if len(found) != len(clip.t_ns):
        raise ValueError(f"found {len(found)} pictures of people, right: {len(clip.t_ns)}, as the clip has")
    marks: list[Mark] = []
    for picture, people in enumerate(found):
        for n in range(len(people)):
            if float(people.scores[n]) >= LEAST:
                marks += _of(clip, picture, people, n)
    drafts = tuple(Span(s.first, s.last, s.happens, s.gtin, s.track, "model") for s in spans)
    return Annotated(
        clip.clip, clip.consent, clip.width_px, clip.height_px, clip.t_ns, tuple(marks), drafts, clip.origin
    )


def _of(clip: Annotated, picture: int, people: Persons, n: int) -> list[Mark]:
    box = _inside(clip, *people.boxes[n].tolist())
    if box is None:
        return []
    joints = tuple(
        (name, Point(round(float(x), 2), round(float(y), 2)))
        for name, (x, y, score) in zip(JOINTS, people.keypoints[n], strict=True)
        if np.isfinite(x) and score >= LEAST and 0 <= x <= clip.width_px and 0 <= y <= clip.height_px
    )
    marks = [Mark(picture, "person", box[0], box[1], box[2], box[3], joints=joints, by="model")]
    half = HAND_PX * box[3] / 2
    for name, point in joints:
        if name in WRISTS:
            around = point.x_px - half, point.y_px - half, point.x_px + half, point.y_px + half
            hand = _inside(clip, *around)
            if hand is not None:
                marks.append(Mark(picture, "hand", hand[0], hand[1], hand[2], hand[3], by="model"))
    return marks


def _inside(clip: Annotated, left: float, top: float, right: float, bottom: float) -> Box | None:
    x, y = max(0.0, left), max(0.0, top)
    width, height = min(float(clip.width_px), right) - x, min(float(clip.height_px), bottom) - y
    if width < 1.0 or height < 1.0:
        return None
    return round(x, 2), round(y, 2), round(width, 2), round(height, 2)
