"""What a camera system makes of the people: joints with errors, scores, gaps, late, and under a wrong id at times."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import repeat
from operator import attrgetter
from typing import Any, Protocol, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from walkout.recording.people import JOINTS, CameraBox, Joint, PeopleFrame, Person
from walkout.recording.truth import TruthNote
from walkout.store.layout import Camera
from walkout.twin import constants as c
from walkout.twin.actor import Actor
from walkout.twin.projection import Projection
from walkout.twin.seeds import number, stream
from walkout.twin.settings import Settings

CROWDED_M = 0.5
"""People nearer than about this hide each other: errors and gaps grow, scores fall."""
_MISSING = np.array(c.JOINT_MISSING)
_SCORE_LOSS = np.array(c.JOINT_SCORE_LOSS)
_TAU_S = np.array([*c.JOINT_DRIFT_TAU_S, c.JOINT_JITTER_TAU_S])
_id = attrgetter("id")
_JOINT = [vars(Joint)[field.name].__set__ for field in fields(Joint)]
_BOX = [vars(CameraBox)[field.name].__set__ for field in fields(CameraBox)]


@njit(cache=True)
def _wander(
    errors: NDArray[np.float64],
    sd: NDArray[np.float64],
    drawn: NDArray[np.float64],
    hidden: NDArray[np.float64],
    since_s: NDArray[np.float64],
    tau_s: NDArray[np.float64],
    seen: NDArray[np.float64],
) -> None:
    """Let the joints' errors wander on from frame to frame, in place, and add them to `seen`.

    A rough part that a drift follows, and jitter: `errors` is (3, people, joints, 3), `drawn` (frames, 2, people,
    joints, 3), `seen` (3, frames, people, joints); `hidden` (frames, people) makes them larger.
    """
    for f in range(len(since_s)):
        keep, follow, hold = (
            np.exp(-since_s[f] / tau_s[0]),
            np.exp(-since_s[f] / tau_s[1]),
            np.exp(-since_s[f] / tau_s[2]),
        )
        fresh_rough, fresh_jitter = np.sqrt(1 - keep * keep), np.sqrt(1 - hold * hold)
        for i in range(errors.shape[1]):
            for j in range(errors.shape[2]):
                for k in range(3):
                    rough = keep * errors[0, i, j, k] + fresh_rough * sd[0, j] * drawn[f, 0, i, j, k] * hidden[f, i]
                    drift = follow * errors[1, i, j, k] + (1 - follow) * rough
                    jitter = hold * errors[2, i, j, k] + fresh_jitter * sd[2, j] * drawn[f, 1, i, j, k] * hidden[f, i]
                    errors[0, i, j, k], errors[1, i, j, k], errors[2, i, j, k] = rough, drift, jitter
                    seen[k, f, i, j] += drift + jitter


class Output(Protocol):
    """Takes what happens to identities; times are seconds from the start of the simulation."""

    def ns(self, t_s: float) -> int:
        """An instant as UTC nanoseconds, to the microsecond."""

    def emit(self, t_s: float, observation: TruthNote) -> None:
        """Put a fact into the output at its time."""


@dataclass(slots=True, eq=False)
class _Track:
    """How the tracker knows one actor."""

    actor: Actor
    id: str
    from_s: float
    until_s: float = float("inf")
    lost_until_s: float = -1.0
    ids: int = 1


class Tracker:
    """People frames of everybody in the shop, under the tracker's own ids; where they are wrong, truth says so."""

    def __init__(self, seed: int, settings: Settings, cameras: Sequence[Camera], most_boxes: int | None = None) -> None:
        self._rng = stream(seed, "tracker")
        self._seed, self._settings = seed, settings
        self._cameras = [Projection(camera) for camera in cameras]
        self._most_boxes = most_boxes
        self._tracks: dict[str, _Track] = {}
        self._names: list[str] = []
        self._errors = np.zeros((3, 0, len(JOINTS), 3))
        self._error_sd = np.array([c.JOINT_DRIFT_M, c.JOINT_DRIFT_M, c.JOINT_JITTER_M]) * settings.joint_noise
        self._next_s = 0.0
        self._twin_s: float | None = None
        self._last_s = 0.0
        self._arrived_s = 0.0
        self._seq = 0

    def enter(self, actor: Actor) -> None:
        """Somebody comes into view at its own now."""
        self._tracks[actor.id] = _Track(actor, actor.id, actor.now)
        at = bisect_left(self._names, actor.id)
        self._names.insert(at, actor.id)
        drawn = self._rng.standard_normal((3, len(JOINTS), 3)) * self._error_sd[:, :, None]
        self._errors = np.insert(self._errors, at, drawn, axis=1)

    def leave(self, actor: Actor) -> None:
        """Somebody is gone from its own now on."""
        self._tracks[actor.id].until_s = actor.now

    def _forget(self, before_s: float) -> None:
        for name in [name for name in self._names if self._tracks[name].until_s <= before_s]:
            at = self._names.index(name)
            del self._names[at], self._tracks[name]
            self._errors = np.delete(self._errors, at, axis=1)
        for track in self._tracks.values():
            track.actor.motion.forget(before_s)

    def id_of(self, actor: Actor) -> str:
        """The id under which the tracker knows somebody now."""
        return self._tracks[actor.id].id

    def frames(self, sim: Output, from_s: float, to_s: float) -> Iterator[tuple[float, PeopleFrame]]:
        """The frames taken in a stretch of time, each with its second; what happens to identities goes to the truth."""
        self._forget(from_s)
        t_s = np.array(self._instants(to_s))
        if len(t_s):
            yield from zip(t_s.tolist(), self._frames(sim, np.maximum(t_s, from_s)), strict=True)

    def _instants(self, to_s: float) -> list[float]:
        """When the next frames are taken, up to an instant."""
        instants: list[float] = []
        while True:
            t_s = self._next_s if self._twin_s is None else self._twin_s
            if t_s >= to_s:
                return instants
            instants.append(t_s)
            if self._twin_s is not None:
                self._twin_s = None
                continue
            skips, twins = (self._rng.random(2) < (c.POSE_SKIP_SHARE, c.POSE_TWIN_SHARE)).tolist()
            late, later = (min(max(z, -3.0), 3.0) for z in self._rng.standard_normal(2).tolist())
            every = 1.0 / c.POSE_HZ
            self._next_s = every * (round(t_s / every) + (2 if skips else 1)) + c.POSE_JITTER_S * late
            if twins:
                self._twin_s = t_s + c.POSE_TWIN_S[0] + c.POSE_TWIN_S[1] * later

    def _frames(self, sim: Output, t_s: NDArray[np.float64]) -> Iterator[PeopleFrame]:
        tracks = [self._tracks[name] for name in self._names]
        truth = np.empty((len(tracks), len(t_s), len(JOINTS), 3))
        for i, track in enumerate(tracks):
            track.actor.motion.track(t_s, truth[i])
        truth = truth.transpose(1, 0, 2, 3)
        inside = np.empty((len(t_s), len(tracks)), dtype=np.bool_)
        for i, track in enumerate(tracks):
            inside[:, i] = (track.from_s <= t_s) & (t_s < track.until_s)
        since_s = np.diff(t_s, prepend=self._last_s)
        self._last_s = float(t_s[-1])
        apart = _apart(truth[:, :, 0, :2], inside)
        hidden = 1.0 + np.minimum(np.exp(-((apart / CROWDED_M) ** 2)).sum(axis=2), 2.0)
        happens = self._identities(since_s, inside, apart)
        shows = self._shows(truth, hidden, since_s)
        times_ns = [sim.ns(at_s) for at_s in t_s.tolist()]
        boxes = self._boxes(truth[:, :, 0], times_ns)
        mean, sd, least, most = c.POSE_LAG_S
        lags_s = np.clip(mean + sd * self._rng.standard_normal(len(t_s)), least, most) * self._settings.pose_lag
        there: list[list[bool]] = inside.tolist()
        for f, at_s in enumerate(t_s.tolist()):
            for i, j in happens.get(f, ()):
                self._happen(sim, at_s, tracks[i], tracks[j])
            people = []
            for i, track in enumerate(tracks):
                if there[f][i] and at_s >= track.lost_until_s:
                    people.append(Person(track.id, shows(f, i), boxes(f, i)))
            people.sort(key=_id)
            # the tracker delivers in order: a frame never overtakes the one before
            self._arrived_s = max(round(at_s + float(lags_s[f]), 3), self._arrived_s)
            self._seq += 1
            yield PeopleFrame(times_ns[f], sim.ns(self._arrived_s), tuple(people), self._seq - 1)

    def _shows(
        self, truth: NDArray[np.float64], hidden: NDArray[np.float64], since_s: NDArray[np.float64]
    ) -> Callable[[int, int], dict[str, Joint]]:
        """What the tracker makes of the joints of one person (second number) in one frame (first number)."""
        shape = truth.shape[:3]
        found = self._rng.random(shape) >= _MISSING * (self._settings.missing_joints * hidden[:, :, None])
        losses = self._rng.standard_exponential(shape) * _SCORE_LOSS * hidden[:, :, None]
        scores = np.clip(1.0 - losses, 0.01, 0.9999)
        drawn = self._rng.standard_normal((shape[0], 2, *shape[1:], 3))
        seen = truth.transpose(3, 0, 1, 2).copy()
        _wander(self._errors, self._error_sd, drawn, hidden, since_s, _TAU_S, seen)
        joints = _many(Joint, _JOINT, *seen.reshape(3, -1).tolist(), scores.reshape(-1).tolist())
        whole: list[list[bool]] = np.all(found, axis=2).tolist()
        there: list[list[list[bool]]] = found.tolist()
        count, people = len(JOINTS), shape[1]

        def shows(f: int, i: int) -> dict[str, Joint]:
            at = (f * people + i) * count
            known = dict(zip(JOINTS, joints[at : at + count], strict=True))
            if whole[f][i]:
                return known
            return {joint: known[joint] for joint, is_there in zip(JOINTS, there[f][i], strict=True) if is_there}

        return shows

    def _boxes(self, heads: NDArray[np.float64], times_ns: list[int]) -> Callable[[int, int], tuple[CameraBox, ...]]:
        """The cameras' boxes of one person (second number) in one frame (first number), frames taken at `times_ns`."""
        flat = np.ascontiguousarray(heads.reshape(-1, 3))
        names = [camera.camera.id for camera in self._cameras]
        found = np.empty((len(flat), len(names), 4))
        for k, camera in enumerate(self._cameras):
            found[:, k] = camera.boxes(flat)
        people = heads.shape[1]
        late_ns = (self._rng.random((len(heads), len(names))) * c.BOX_AGE_S * 1e6).astype(int) * 1000
        taken_ns = np.array(times_ns, dtype=np.int64)[:, None] - late_ns
        row, of = np.nonzero(found[:, :, 2] > 0.0)
        cameras = [names[k] for k in of.tolist()]
        seen = _many(CameraBox, _BOX, cameras, taken_ns[row // max(people, 1), of].tolist(), *found[row, of].T.tolist())
        ends = np.searchsorted(row, np.arange(1, len(flat) + 1)).tolist()

        def boxes(f: int, i: int) -> tuple[CameraBox, ...]:
            at = f * people + i
            own = seen[ends[at - 1] if at else 0 : ends[at]]
            if self._most_boxes is not None and len(own) > self._most_boxes:
                own = sorted(own, key=lambda box: (-box.width_px * box.height_px, box.camera))[: self._most_boxes]
            return tuple(own)

        return boxes

    def _identities(
        self, since_s: NDArray[np.float64], inside: NDArray[np.bool_], apart: NDArray[np.float64]
    ) -> dict[int, list[tuple[int, int]]]:
        """Who may be lost (twice the same) and who may swap ids, frame by frame, each at its rate."""
        losing = c.LOST_PER_S * self._settings.lost_people * since_s
        lost = (self._rng.random(inside.shape) < losing[:, None]) & inside
        happens: dict[int, list[tuple[int, int]]] = {}
        for f, i in np.argwhere(lost).tolist():
            happens.setdefault(f, []).append((i, i))
        touching = np.argwhere(np.triu(apart < c.SWAP_REACH_M))
        swapping = c.SWAP_PER_S * self._settings.identity_swaps * since_s[touching[:, 0]]
        for f, i, j in touching[self._rng.random(len(touching)) < swapping].tolist():
            happens.setdefault(f, []).append((i, j))
        return happens

    def _happen(self, sim: Output, t_s: float, a: _Track, b: _Track) -> None:
        """Lose somebody who is not lost, to be found under a new id at times; or swap the ids of two."""
        if a is not b:
            a.id, b.id = b.id, a.id
            sim.emit(t_s, TruthNote("identity_swap", f"{sim.ns(t_s)} {a.id} {b.id}"))
        elif t_s > a.lost_until_s:
            a.lost_until_s = t_s + float(self._rng.uniform(*c.LOST_S))
            if float(self._rng.random()) < c.NEW_ID_SHARE:
                before, a.ids = a.id, a.ids + 1
                a.id = str(number(self._seed, "track", a.actor.id, a.ids) - 2**63)
                sim.emit(t_s, TruthNote("identity_new", f"{sim.ns(t_s)} {before} {a.id}"))


Made = TypeVar("Made", Joint, CameraBox)


def _many(kind: type[Made], fill: Sequence[Callable[[Made, Any], None]], *columns: Sequence[Any]) -> list[Made]:
    """Many of a kind from their parts: slots filled by loops in C, as calls would be a third of the time."""
    made = list(map(object.__new__, repeat(kind, len(columns[0]))))
    for set_it, values in zip(fill, columns, strict=True):
        deque(map(set_it, made, values), maxlen=0)
    return made


def _apart(heads: NDArray[np.float64], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distances between heads, metres, shape (frames, people, people); infinite to oneself and to who is not there."""
    apart = np.hypot(heads[:, :, None, 0] - heads[:, None, :, 0], heads[:, :, None, 1] - heads[:, None, :, 1])
    apart[~(inside[:, :, None] & inside[:, None, :])] = np.inf
    every = np.arange(heads.shape[1])
    apart[:, every, every] = np.inf
    return apart
