"""Legs under a body whose upper joints are known: standing, walking or sitting."""

from collections.abc import Sequence
from math import cos, sin, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera.looks import Aid
from walkout.twin.camera.scene import Vector

# Segment lengths as shares of stature (Drillis and Contini 1966, as tabulated by Winter 2009, table 4.1).
_HIP, _HIP_HALF, _THIGH, _SHIN, _ANKLE = 0.530, 0.055, 0.245, 0.246, 0.039
_STRIDE_RAD = 0.42
"""How far a thigh swings to each side at 1.2 m/s; chosen to look right."""


class Joints(NamedTuple):
    """A whole body's joints, metres in the store frame; `head` is the middle of the head."""

    head: Vector
    neck: Vector
    l_shoulder: Vector
    r_shoulder: Vector
    l_elbow: Vector
    r_elbow: Vector
    l_wrist: Vector
    r_wrist: Vector
    l_hip: Vector
    r_hip: Vector
    l_knee: Vector
    r_knee: Vector
    l_foot: Vector
    r_foot: Vector


def with_legs(
    upper: Sequence[Sequence[float]] | NDArray[np.float64],
    ground_m: tuple[float, float],
    heading: float,
    stature_m: float,
    phase: float = 0.0,
    speed_m_s: float = 0.0,
    aid: Aid = "none",
) -> Joints:
    """Add hips, knees and feet to eight upper joints (in the order of `walkout.recording.people.JOINTS`).

    `heading` is where the body faces, radians; `phase` is that of the arms' swing, radians: the legs swing against it.
    A wheelchair's user sits.
    """
    top = [(float(joint[0]), float(joint[1]), float(joint[2])) for joint in upper]
    fx, fy = cos(heading), sin(heading)
    hips, knees, feet = [], [], []
    for side in (1.0, -1.0):
        half = side * _HIP_HALF * stature_m
        if aid == "wheelchair":
            hip = (ground_m[0] - half * fy, ground_m[1] + half * fx, 0.33 * stature_m)
            knee = (hip[0] + _THIGH * stature_m * fx, hip[1] + _THIGH * stature_m * fy, hip[2] + 0.01)
            out = 0.05 * stature_m
            low = max(_ANKLE * stature_m + 0.06, knee[2] - sqrt(_SHIN**2 - 0.05**2) * stature_m)
            foot = (knee[0] + out * fx, knee[1] + out * fy, low)
        else:
            swing = -side * _STRIDE_RAD * min(speed_m_s, 1.2) / 1.2 * sin(phase)
            moving = -side * min(speed_m_s, 1.2) / 1.2 * cos(phase)
            bend = 0.75 * max(0.0, moving)
            hip = (ground_m[0] - half * fy, ground_m[1] + half * fx, _HIP * stature_m)
            knee = _swung(hip, fx, fy, swing, _THIGH * stature_m)
            foot = _swung(knee, fx, fy, swing - bend, _SHIN * stature_m)
        hips.append(hip)
        knees.append(knee)
        feet.append(foot)
    return Joints(*top, *hips, *knees, *feet)


def _swung(start: Vector, fx: float, fy: float, angle: float, length: float) -> Vector:
    ahead = sin(angle) * length
    return (start[0] + ahead * fx, start[1] + ahead * fy, start[2] - cos(angle) * length)
