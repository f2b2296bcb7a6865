"""One person as the tracker knows them, and the same as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from walkout.recording.people import CameraBox
from walkout.sensing.vision import posture
from walkout.sensing.vision.lens import Floats
from walkout.sensing.vision.posture import Posture


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
        {row[0]: CameraBox(*row) for row in values["boxes"]},
        {str(c): int(row) for c, row in values["turned"].items()},
        int(values["straight_to_ns"]),
        values["neck_m"],
        values["beside_ns"],
    )
