"""One person as the tracker knows them, and the same as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from walkout.recording.people import JOINTS, CameraBox, Joint, Person
from walkout.sensing.vision import posture
from walkout.sensing.vision.lens import Floats
from walkout.sensing.vision.posture import SECOND_NS, Posture

COAST_S: Final = 0.6
"""A joint that no camera saw for so long is not told any more; a person whom none saw, neither."""
BOX_NS: Final = 200_000_000
"""A camera's box older than this is not told."""
MOST_SPREAD_M: Final = 0.25
"""A joint less certain than this is not told."""


@dataclass(slots=True, eq=False)
class Track:
    """One person, or what may be one."""

    id: str
    """Empty as long as it is not believed in."""
    born_ns: int
    body: Posture
    seen_ns: int
    joint_seen_ns: list[int]
    scores: Floats
    """(8,)."""
    frames: dict[str, int] = field(default_factory=dict)
    """How many frames of each camera showed them."""
    worth: float = 0.5
    """The model's own score of them, of late ..."""
    share: float = 1.0
    """... and the share of the frames that should show them and do, of late: of so many up to now."""
    due: int = 0
    boxes: dict[str, CameraBox] = field(default_factory=dict)
    """The last one of each camera."""
    turned: dict[str, int] = field(default_factory=dict)
    """How many of each camera's last sights, in a row, fitted better with left for right."""
    straight_to_ns: int = 0
    """Until then sights are taken as they come."""
    neck_m: float | None = None
    """How high their neck mostly is, where several cameras said so."""
    beside_ns: int | None = None
    """Since when somebody else is where they are."""
    looks: Floats | None = None


def person_of(track: Track, t_ns: int) -> Person | None:
    """A person as the recording tells them, with each joint's spread; None: not seen for too long, or all unsure."""
    if t_ns - track.seen_ns > COAST_S * SECOND_NS:
        return None
    at, spread = track.body.at(t_ns), track.body.spread_m()
    joints, said = {}, {}
    for k, name in enumerate(JOINTS):
        unseen_s = (t_ns - track.joint_seen_ns[k]) / SECOND_NS
        if unseen_s <= COAST_S and spread[k] <= MOST_SPREAD_M:
            score = float(track.scores[k]) * float(np.exp(-max(unseen_s - 0.15, 0.0) / 0.4))
            x, y, z = (round(float(c), 4) for c in at[k])
            joints[name] = Joint(x, y, z, round(min(max(score, 0.01), 1.0), 3))
            said[name] = round(float(spread[k]), 4)
    if not joints:
        return None
    boxes = tuple(box for _, box in sorted(track.boxes.items()) if t_ns - box.t_ns <= BOX_NS)
    return Person(track.id, joints, boxes, {"spread_m": said})


def plain(track: Track) -> dict[str, Any]:
    """Everything but what they look like."""
    half = np.tril_indices(6 * posture.N)
    return {
        "id": track.id,
        "born_ns": track.born_ns,
        "seen_ns": track.seen_ns,
        "joint_seen_ns": list(track.joint_seen_ns),
        "scores": track.scores.tolist(),
        "frames": dict(track.frames),
        "worth": track.worth,
        "share": track.share,
        "due": track.due,
        "turned": dict(track.turned),
        "straight_to_ns": track.straight_to_ns,
        "neck_m": track.neck_m,
        "beside_ns": track.beside_ns,
        "t_ns": track.body.t_ns,
        "mean": track.body.mean.tolist(),
        "covariance": track.body.covariance[half].tolist(),
        "boxes": [
            [b.camera, b.t_ns, b.left_px, b.top_px, b.width_px, b.height_px] for _, b in sorted(track.boxes.items())
        ],
    }


def restored(values: Mapping[str, Any]) -> Track:
    """The inverse of `plain`."""
    covariance = np.zeros((6 * posture.N, 6 * posture.N))
    covariance[np.tril_indices(6 * posture.N)] = values["covariance"]
    covariance = covariance + np.tril(covariance, -1).T
    body = Posture(int(values["t_ns"]), np.array(values["mean"], np.float64), covariance)
    return Track(
        values["id"],
        int(values["born_ns"]),
        body,
        int(values["seen_ns"]),
        [int(t) for t in values["joint_seen_ns"]],
        np.array(values["scores"], np.float64),
        {str(c): int(n) for c, n in values["frames"].items()},
        float(values["worth"]),
        float(values["share"]),
        int(values["due"]),
        {row[0]: CameraBox(*row) for row in values["boxes"]},
        {str(c): int(row) for c, row in values["turned"].items()},
        int(values["straight_to_ns"]),
        values["neck_m"],
        values["beside_ns"],
    )
