"""A body: statures, how it moves about the floor and reaches, and where its joints are at an instant.

Arms are two bones; the elbow follows from shoulder and wrist (law of cosines) and hangs down and outward. Whoever
cannot reach a point leans or crouches towards it.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import atan2, hypot, pi, sin
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

Kind = Literal["walker", "wheelchair", "pushchair", "child_in_arms"]

SWAY_M, TURN_S = 0.012, 0.5
"""How far whoever stands sways, and how long a turn on the spot takes. Chosen."""
KIND_CODE: dict[Kind, int] = {"walker": 0, "wheelchair": 1, "pushchair": 2, "child_in_arms": 3}


@dataclass(frozen=True, slots=True)
class Build:
    """A body's measures and looks.

    Joints of the real shopper (head 1.72 m, arm bones 0.33 and 0.25 m) fit a stature of 1.80 m.
    """

    stature_m: float = 1.75
    speed_m_s: float = 0.8
    handed: Literal["left", "right"] = "right"
    kind: Kind = "walker"
    weight: float = 1.0
    """How hard its steps are, against the measured walker."""
    clothing: str = "plain"
    skin: int = 3
    """Monk scale, 1 to 10."""
    head_cover: str = "none"
    bag: str = "none"

    @property
    def shoulder_m(self) -> float:
        """Height of the shoulders above the floor."""
        return (0.60 if self.kind == "wheelchair" else 0.80) * self.stature_m


@njit(cache=True)
def _elbow(
    shoulder: NDArray[np.float64],
    wrist: NDArray[np.float64],
    upper: float,
    fore: float,
    pole: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    d = wrist - shoulder
    length = max(np.sqrt((d * d).sum()), 1e-6)
    u = d / length
    reach = min(max(length, abs(upper - fore) + 1e-6), upper + fore - 1e-6)
    along = (upper * upper - fore * fore + reach * reach) / (2.0 * reach)
    aside = np.sqrt(max(upper * upper - along * along, 0.0))
    side = pole - (pole * u).sum() * u
    side = side / max(np.sqrt((side * side).sum()), 1e-6)
    out[:] = shoulder + along * u + aside * side


@njit(cache=True)
def pose(
    x_m: float,
    y_m: float,
    heading: float,
    stature_m: float,
    kind: int,
    swing: float,
    reach: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Joints of a body in the order of `JOINTS`, metres, into `out` (8, 3).

    `reach` is (2, 4): for the left and the right hand how far it has left its rest (0 to 1) and the point it goes to.
    `swing` is the arms' swing in metres. `kind` is a value of `KIND_CODE`.
    """
    forward = np.array([np.cos(heading), np.sin(heading), 0.0])
    left = np.array([-np.sin(heading), np.cos(heading), 0.0])
    upper, fore = 0.183 * stature_m, 0.139 * stature_m
    sits = 0.2 * stature_m if kind == 1 else 0.0
    ground = np.array([x_m, y_m, 0.0])
    neck = ground + np.array([0.0, 0.0, 0.84 * stature_m - sits])
    shoulders = np.empty((2, 3))
    rests = np.empty((2, 3))
    lean = np.zeros(3)
    for hand in range(2):
        side = 1.0 if hand == 0 else -1.0
        shoulders[hand] = neck + left * (side * 0.102 * stature_m) - np.array([0.0, 0.0, 0.036 * stature_m])
        ahead, down = 0.05 + side * swing, 0.297 * stature_m
        if kind == 2:
            ahead, down = 0.38, 0.22 * stature_m
        elif kind == 3 and hand == 0:
            ahead, down = 0.22, 0.10 * stature_m
        elif kind == 1:
            ahead, down = 0.25, 0.24 * stature_m
        rests[hand] = shoulders[hand] + forward * ahead + left * (side * 0.04) - np.array([0.0, 0.0, down])
        weight = reach[hand, 0]
        if weight > 0.0:
            want = rests[hand] + (reach[hand, 1:] - rests[hand]) * weight
            gap = want - shoulders[hand]
            far = np.sqrt((gap * gap).sum())
            over = far - 0.96 * (upper + fore)
            if over > 0.0:
                lean += gap / far * over
    for hand in range(2):
        side = 1.0 if hand == 0 else -1.0
        weight = reach[hand, 0]
        rest = rests[hand] + lean * 0.6
        wrist = rests[hand] + (reach[hand, 1:] - rests[hand]) * weight if weight > 0.0 else rest
        shoulder = shoulders[hand] + lean
        pole = left * (side * 0.6) - forward * 0.3 - np.array([0.0, 0.0, 1.0])
        out[2 + hand] = shoulder
        _elbow(shoulder, wrist, upper, fore, pole, out[4 + hand])
        out[6 + hand] = wrist
    out[1] = neck + lean
    out[0] = neck + lean * 1.15 + forward * 0.04 + np.array([0.0, 0.0, 0.115 * stature_m])


def _smooth(share: float) -> float:
    """Least-jerk passage from 0 to 1."""
    s = min(max(share, 0.0), 1.0)
    return s * s * s * (10.0 - 15.0 * s + 6.0 * s * s)


@dataclass(slots=True)
class _Hand:
    """Where a hand was told to be and when: (t_s, weight, x_m, y_m, z_m), in order of time."""

    keys: deque[tuple[float, float, float, float, float]] = field(default_factory=deque)

    def at(self, t_s: float, out: NDArray[np.float64]) -> None:
        keys = self.keys
        if not keys or t_s < keys[0][0]:
            out[0] = 0.0
            return
        i = 0
        while i + 1 < len(keys) and keys[i + 1][0] <= t_s:
            i += 1
        a = keys[i]
        if i + 1 == len(keys):
            out[:] = a[1:]
            return
        b = keys[i + 1]
        s = _smooth((t_s - a[0]) / max(b[0] - a[0], 1e-9))
        out[0] = a[1] + (b[1] - a[1]) * s
        if a[1] == 0.0:
            out[1:] = b[2:]
        elif b[1] == 0.0:
            out[1:] = a[2:]
        else:
            for k in (2, 3, 4):
                out[k - 1] = a[k] + (b[k] - a[k]) * s

    def forget(self, before_s: float) -> None:
        while len(self.keys) > 1 and self.keys[1][0] <= before_s:
            self.keys.popleft()


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of walking: times in seconds with positions in metres, and the heading at the end in radians."""

    t_s: tuple[float, ...]
    x_m: tuple[float, ...]
    y_m: tuple[float, ...]
    face: float


def _heading_of(leg: Leg) -> float:
    """The direction in which a leg was walked, radians; where it leads nowhere, the one it ends in."""
    if len(leg.t_s) < 2 or hypot(leg.x_m[-1] - leg.x_m[-2], leg.y_m[-1] - leg.y_m[-2]) < 1e-6:
        return leg.face
    return atan2(leg.y_m[-1] - leg.y_m[-2], leg.x_m[-1] - leg.x_m[-2])


class Motion:
    """How one body moves: told in order of time, asked for any time that is not forgotten."""

    def __init__(self, build: Build, x_m: float, y_m: float, heading: float, phase: float) -> None:
        self.build = build
        self._kind = KIND_CODE[build.kind]
        self._legs: deque[Leg] = deque([Leg((-1e9, -1e9), (x_m, x_m), (y_m, y_m), heading)])
        self._phase = phase
        self._hands = (_Hand(), _Hand())
        self._reach = np.zeros((2, 4))

    def walk(self, start_s: float, points: Sequence[tuple[float, float]], face: float) -> float:
        """Walk along points (the first is where the body stands), end facing `face`; the time of arrival, seconds."""
        t, times = start_s, [start_s]
        for (ax, ay), (bx, by) in pairwise(points):
            t += hypot(bx - ax, by - ay) / self.build.speed_m_s
            times.append(t)
        arrival = max(t, start_s + 0.05)
        times[-1] = arrival if len(times) > 1 else times[0]
        self._legs.append(Leg(tuple(times), tuple(p[0] for p in points), tuple(p[1] for p in points), face))
        return arrival

    def hand(self, side: int, t_s: float, weight: float, point: tuple[float, float, float]) -> None:
        """Tell hand `side` (0 left, 1 right) to be at `point` (metres; `weight` 0: at rest) at `t_s`."""
        keys = self._hands[side].keys
        while keys and keys[-1][0] > t_s:
            keys.pop()
        keys.append((t_s, weight, *point))

    def point(self, side: int) -> tuple[float, float, float]:
        """Where hand `side` was last told to go, metres."""
        keys = self._hands[side].keys
        return keys[-1][2:] if keys else (0.0, 0.0, 0.0)

    def place(self, t_s: float) -> tuple[float, float, float, float]:
        """Position (metres), heading (radians) and speed (m/s) at `t_s`."""
        legs = self._legs
        k = len(legs) - 1
        while k > 0 and legs[k].t_s[0] > t_s:
            k -= 1
        leg = legs[k]
        if t_s >= leg.t_s[-1]:
            arrived = _heading_of(leg)
            turn = (leg.face - arrived + pi) % (2 * pi) - pi
            x = leg.x_m[-1] + SWAY_M * sin(1.3 * t_s + self._phase)
            y = leg.y_m[-1] + SWAY_M * sin(1.7 * t_s + 2 * self._phase)
            return x, y, arrived + turn * _smooth((t_s - leg.t_s[-1]) / TURN_S), 0.0
        i = min(max(bisect_right(leg.t_s, t_s) - 1, 0), len(leg.t_s) - 2)
        ta, tb = leg.t_s[i], leg.t_s[i + 1]
        s = (t_s - ta) / max(tb - ta, 1e-9)
        ax, ay, bx, by = leg.x_m[i], leg.y_m[i], leg.x_m[i + 1], leg.y_m[i + 1]
        moving = hypot(bx - ax, by - ay) > 1e-6
        heading = atan2(by - ay, bx - ax) if moving else leg.face
        return ax + (bx - ax) * s, ay + (by - ay) * s, heading, self.build.speed_m_s if moving else 0.0

    def forget(self, before_s: float) -> None:
        """Drop what lies wholly before an instant that nobody will ask about again."""
        while len(self._legs) > 1 and self._legs[1].t_s[0] <= before_s:
            self._legs.popleft()
        for hand in self._hands:
            hand.forget(before_s)

    def swing_rad(self, t_s: float) -> float:
        """The phase of the arms' swing at `t_s`, radians."""
        return pi * 1.8 * t_s + self._phase

    def joints(self, t_s: float, out: NDArray[np.float64]) -> None:
        """True joints at `t_s` into `out` (8, 3), metres."""
        x, y, heading, speed = self.place(t_s)
        swing = 0.14 * min(speed, 1.2) * sin(self.swing_rad(t_s))
        for side in (0, 1):
            self._hands[side].at(t_s, self._reach[side])
        pose(x, y, heading, self.build.stature_m, self._kind, swing, self._reach, out)
