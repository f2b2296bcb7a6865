"""A body: statures, how it moves about the floor and reaches, and where its joints are at an instant.

Arms are two bones; the elbow follows from shoulder and wrist (law of cosines) and hangs down and outward. Whoever
cannot reach a point leans or crouches towards it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, pi
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

_Keys = deque[tuple[float, float, float, float, float]]
Kind = Literal["walker", "wheelchair", "pushchair", "child_in_arms"]

SWAY_M, TURN_S = 0.012, 0.5
"""How far whoever stands sways, and how long a turn on the spot takes. Chosen."""
SWING_RAD_S = 1.8 * pi
"""Arms swing once in two steps."""
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


@njit(cache=True)
def _smooth(share: float) -> float:
    """Least-jerk passage from 0 to 1."""
    s = min(max(share, 0.0), 1.0)
    return s * s * s * (10.0 - 15.0 * s + 6.0 * s * s)


@njit(cache=True)
def _walk(
    t_s: NDArray[np.float64],
    knots: NDArray[np.float64],
    face: float,
    speed_m_s: float,
    phase: float,
    out: NDArray[np.float64],
) -> None:
    """Position, heading and speed at instants of one leg, into `out` (instants, 4); knots are (t_s, x_m, y_m)."""
    last = len(knots) - 1
    arrived = face
    if last > 0:
        dx, dy = knots[last, 1] - knots[last - 1, 1], knots[last, 2] - knots[last - 1, 2]
        if np.hypot(dx, dy) >= 1e-6:
            arrived = np.arctan2(dy, dx)
    turn = (face - arrived + np.pi) % (2 * np.pi) - np.pi
    for k in range(len(t_s)):
        t = t_s[k]
        if t >= knots[last, 0]:
            out[k, 0] = knots[last, 1] + SWAY_M * np.sin(1.3 * t + phase)
            out[k, 1] = knots[last, 2] + SWAY_M * np.sin(1.7 * t + 2 * phase)
            out[k, 2] = arrived + turn * _smooth((t - knots[last, 0]) / TURN_S)
            out[k, 3] = 0.0
            continue
        i = 0
        while i + 2 <= last and knots[i + 1, 0] <= t:
            i += 1
        s = (t - knots[i, 0]) / max(knots[i + 1, 0] - knots[i, 0], 1e-9)
        dx, dy = knots[i + 1, 1] - knots[i, 1], knots[i + 1, 2] - knots[i, 2]
        moving = np.hypot(dx, dy) > 1e-6
        out[k, 0], out[k, 1] = knots[i, 1] + dx * s, knots[i, 2] + dy * s
        out[k, 2] = np.arctan2(dy, dx) if moving else face
        out[k, 3] = speed_m_s if moving else 0.0


@njit(cache=True)
def _stretch(t_s: float, keys: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Where a hand is between its keys (t_s, weight, x_m, y_m, z_m), into `out` (weight and point)."""
    out[0] = 0.0
    if len(keys) == 0 or t_s < keys[0, 0]:
        return
    i = 0
    while i + 1 < len(keys) and keys[i + 1, 0] <= t_s:
        i += 1
    if i + 1 == len(keys):
        out[:] = keys[i, 1:]
        return
    a, b = keys[i], keys[i + 1]
    s = _smooth((t_s - a[0]) / max(b[0] - a[0], 1e-9))
    out[0] = a[1] + (b[1] - a[1]) * s
    if a[1] == 0.0:
        out[1:] = b[2:]
    elif b[1] == 0.0:
        out[1:] = a[2:]
    else:
        out[1:] = a[2:] + (b[2:] - a[2:]) * s


@njit(cache=True)
def _poses(
    t_s: NDArray[np.float64],
    places: NDArray[np.float64],
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    stature_m: float,
    kind: int,
    phase: float,
    out: NDArray[np.float64],
) -> None:
    """Joints at instants, into `out` (instants, 8, 3), from the places of `_walk` and the keys of both hands."""
    reach = np.zeros((2, 4))
    for k in range(len(t_s)):
        swing = 0.14 * min(places[k, 3], 1.2) * np.sin(SWING_RAD_S * t_s[k] + phase)
        _stretch(t_s[k], left, reach[0])
        _stretch(t_s[k], right, reach[1])
        pose(places[k, 0], places[k, 1], places[k, 2], stature_m, kind, swing, reach, out[k])


@dataclass(frozen=True, slots=True, eq=False)
class _Leg:
    """A stretch of walking: knots of (t_s, x_m, y_m), and the heading at the end in radians."""

    start_s: float
    knots: NDArray[np.float64]
    face: float


NO_KEYS = np.zeros((0, 5))


class Motion:
    """How one body moves: told in order of time, asked for any time that is not forgotten."""

    def __init__(self, build: Build, x_m: float, y_m: float, heading: float, phase: float) -> None:
        self.build = build
        self._kind = KIND_CODE[build.kind]
        self._legs: deque[_Leg] = deque([_Leg(-1e9, np.array([[-1e9, x_m, y_m]] * 2), heading)])
        self._phase = phase
        self._keys: tuple[_Keys, _Keys] = (deque(), deque())
        """Where each hand was told to be and when: (t_s, weight, x_m, y_m, z_m), in order of time."""

    def walk(self, start_s: float, points: Sequence[tuple[float, float]], face: float) -> float:
        """Walk along points (the first is where the body stands), end facing `face`; the time of arrival, seconds."""
        t, times = start_s, [start_s]
        for (ax, ay), (bx, by) in pairwise(points):
            t += hypot(bx - ax, by - ay) / self.build.speed_m_s
            times.append(t)
        arrival = max(t, start_s + 0.05)
        times[-1] = arrival if len(times) > 1 else times[0]
        knots = np.array([(at, *point) for at, point in zip(times, points, strict=True)])
        self._legs.append(_Leg(start_s, knots, face))
        return arrival

    def hand(self, side: int, t_s: float, weight: float, point: tuple[float, float, float]) -> None:
        """Tell hand `side` (0 left, 1 right) to be at `point` (metres; `weight` 0: at rest) at `t_s`."""
        keys = self._keys[side]
        while keys and keys[-1][0] > t_s:
            keys.pop()
        keys.append((t_s, weight, *point))

    def point(self, side: int) -> tuple[float, float, float]:
        """Where hand `side` was last told to go, metres."""
        keys = self._keys[side]
        return keys[-1][2:] if keys else (0.0, 0.0, 0.0)

    def out(self, side: int) -> bool:
        """Whether hand `side` was last told to be anywhere but at rest."""
        keys = self._keys[side]
        return bool(keys) and keys[-1][1] > 0.0

    def _places(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Position, heading and speed at instants in order of time, shape (instants, 4)."""
        out = np.empty((len(t_s), 4))
        end, k = len(t_s), len(self._legs) - 1
        while end:
            leg = self._legs[k]
            start = int(np.searchsorted(t_s[:end], leg.start_s)) if k else 0
            if start < end:
                _walk(t_s[start:end], leg.knots, leg.face, self.build.speed_m_s, self._phase, out[start:end])
            end, k = start, k - 1
        return out

    def place(self, t_s: float) -> tuple[float, float, float, float]:
        """Position (metres), heading (radians) and speed (m/s) at `t_s`."""
        x_m, y_m, heading, speed_m_s = self._places(np.array([t_s]))[0].tolist()
        return x_m, y_m, heading, speed_m_s

    def forget(self, before_s: float) -> None:
        """Drop what lies wholly before an instant that nobody will ask about again."""
        while len(self._legs) > 1 and self._legs[1].start_s <= before_s:
            self._legs.popleft()
        for keys in self._keys:
            while len(keys) > 1 and keys[1][0] <= before_s:
                keys.popleft()

    def swing_rad(self, t_s: float) -> float:
        """The phase of the arms' swing at `t_s`, radians."""
        return SWING_RAD_S * t_s + self._phase

    def track(self, t_s: NDArray[np.float64], out: NDArray[np.float64]) -> None:
        """True joints at instants in order of time into `out` (instants, 8, 3), metres."""
        left, right = (np.array(keys) if keys else NO_KEYS for keys in self._keys)
        stature_m = self.build.stature_m
        _poses(t_s, self._places(t_s), left, right, stature_m, self._kind, self._phase, out)

    def joints(self, t_s: float, out: NDArray[np.float64]) -> None:
        """True joints at `t_s` into `out` (8, 3), metres."""
        self.track(np.array([t_s]), out[None])
