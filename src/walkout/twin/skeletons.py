"""What a camera system makes of the people: joints with errors, scores, gaps, late, and under a wrong id at times."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from walkout.recording.people import JOINTS, CameraBox, Joint, PeopleFrame, Person
from walkout.recording.truth import TruthNote
from walkout.store.layout import Camera
from walkout.twin import constants as c
from walkout.twin.projection import Projection
from walkout.twin.seeds import number, stream
from walkout.twin.settings import Settings

if TYPE_CHECKING:
    from walkout.twin.actor import Actor
    from walkout.twin.simulation import Simulation

CROWDED_M = 0.5
"""People nearer than about this hide each other: errors and gaps grow, scores fall."""
_MISSING = np.array(c.JOINT_MISSING)
_SCORE_LOSS = np.array(c.JOINT_SCORE_LOSS)


@njit(cache=True)
def _wander(
    errors: NDArray[np.float64],
    sd: NDArray[np.float64],
    drawn: NDArray[np.float64],
    hidden: NDArray[np.float64],
    keep: float,
    follow: float,
    hold: float,
    total: NDArray[np.float64],
) -> None:
    """Let the joints' errors wander in place: a rough part that a drift follows, and jitter; `total` is their sum."""
    fresh_rough, fresh_jitter = np.sqrt(1 - keep * keep), np.sqrt(1 - hold * hold)
    for i in range(errors.shape[1]):
        for j in range(errors.shape[2]):
            for k in range(3):
                rough = keep * errors[0, i, j, k] + fresh_rough * sd[0, j] * drawn[0, i, j, k] * hidden[i]
                drift = follow * errors[1, i, j, k] + (1 - follow) * rough
                jitter = hold * errors[2, i, j, k] + fresh_jitter * sd[2, j] * drawn[1, i, j, k] * hidden[i]
                errors[0, i, j, k], errors[1, i, j, k], errors[2, i, j, k] = rough, drift, jitter
                total[i, j, k] = drift + jitter


@dataclass(slots=True, eq=False)
class _Track:
    """How the tracker knows one actor."""

    actor: "Actor"
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
        self._error_sd = (
            np.array([c.JOINT_DRIFT_M, c.JOINT_DRIFT_M, c.JOINT_JITTER_M])[:, :, None] * settings.joint_noise
        )
        self._next_s = 0.0
        self._twin_s: float | None = None
        self._last_s = 0.0
        self._arrived_s = 0.0
        self._seq = 0

    def enter(self, actor: "Actor") -> None:
        """Somebody comes into view at its own now."""
        self._tracks[actor.id] = _Track(actor, actor.id, actor.now)
        at = bisect_left(self._names, actor.id)
        self._names.insert(at, actor.id)
        drawn = self._rng.standard_normal((3, len(JOINTS), 3)) * self._error_sd
        self._errors = np.insert(self._errors, at, drawn, axis=1)

    def leave(self, actor: "Actor") -> None:
        """Somebody is gone from its own now on."""
        self._tracks[actor.id].until_s = actor.now

    def _forget(self, before_s: float) -> None:
        for name in [name for name in self._names if self._tracks[name].until_s <= before_s]:
            at = self._names.index(name)
            del self._names[at], self._tracks[name]
            self._errors = np.delete(self._errors, at, axis=1)
        for track in self._tracks.values():
            track.actor.motion.forget(before_s)

    def id_of(self, actor: "Actor") -> str:
        """The id under which the tracker knows somebody now."""
        return self._tracks[actor.id].id

    def frames(self, sim: "Simulation", from_s: float, to_s: float) -> Iterator[tuple[float, PeopleFrame]]:
        """The frames taken in a stretch of time, each with its second, and in between what happens to identities."""
        self._forget(from_s)
        while True:
            t_s = self._next_s if self._twin_s is None else self._twin_s
            if t_s >= to_s:
                return
            if self._twin_s is None:
                skips = float(self._rng.random()) < c.POSE_SKIP_SHARE
                jitter = c.POSE_JITTER_S * float(np.clip(self._rng.standard_normal(), -3, 3))
                every = 1.0 / c.POSE_HZ
                self._next_s = every * (round(t_s / every) + (2 if skips else 1)) + jitter
                if float(self._rng.random()) < c.POSE_TWIN_SHARE:
                    self._twin_s = (
                        t_s + c.POSE_TWIN_S[0] + c.POSE_TWIN_S[1] * float(np.clip(self._rng.standard_normal(), -3, 3))
                    )
            else:
                self._twin_s = None
            yield t_s, self._frame(sim, max(t_s, from_s))

    def _frame(self, sim: "Simulation", t_s: float) -> PeopleFrame:
        truth = np.empty((len(self._names), len(JOINTS), 3))
        for i, name in enumerate(self._names):
            self._tracks[name].actor.motion.joints(t_s, truth[i])
        since_s, self._last_s = t_s - self._last_s, t_s
        apart = _apart(truth[:, 0, :2])
        self._identities(sim, t_s, since_s, apart)
        hidden = 1.0 + np.minimum(np.exp(-((apart / CROWDED_M) ** 2)).sum(axis=1), 2.0)
        people = self._people(sim, t_s, since_s, truth, hidden) if self._names else ()
        mean, sd, least, most = c.POSE_LAG_S
        lag_s = min(max(mean + sd * float(self._rng.standard_normal()), least), most) * self._settings.pose_lag
        # the tracker delivers in order: a frame never overtakes the one before
        self._arrived_s = max(round(t_s + lag_s, 3), self._arrived_s)
        self._seq += 1
        return PeopleFrame(sim.ns(t_s), sim.ns(self._arrived_s), people, self._seq - 1)

    def _people(
        self, sim: "Simulation", t_s: float, since_s: float, truth: NDArray[np.float64], hidden: NDArray[np.float64]
    ) -> tuple[Person, ...]:
        chance = self._rng.random(truth.shape[:2])
        found = chance >= _MISSING * (self._settings.missing_joints * hidden[:, None])
        losses = self._rng.standard_exponential(truth.shape[:2]) * _SCORE_LOSS * hidden[:, None]
        scores = np.clip(1.0 - losses, 0.01, 0.9999)
        seen = truth + self._move_errors(since_s, hidden)
        t_ns = sim.ns(t_s)
        late_ns = (self._rng.random(len(self._cameras)) * c.BOX_AGE_S * 1e6).astype(int) * 1000
        boxes = [camera.boxes(truth, t_ns - int(late)) for camera, late in zip(self._cameras, late_ns, strict=True)]
        people = []
        rows = zip(self._names, seen.transpose(0, 2, 1).tolist(), scores.tolist(), found.tolist(), strict=True)
        for i, (name, (xs, ys, zs), score, there) in enumerate(rows):
            track = self._tracks[name]
            if t_s < track.lost_until_s or not track.from_s <= t_s < track.until_s:
                continue
            known = dict(zip(JOINTS, map(Joint, xs, ys, zs, score), strict=True))
            if not all(there):
                known = {joint: known[joint] for joint, is_there in zip(JOINTS, there, strict=True) if is_there}
            seen_by = [box for of_it in boxes if (box := of_it[i]) is not None]
            people.append(Person(track.id, known, tuple(self._largest(seen_by))))
        return tuple(sorted(people, key=lambda person: person.id))

    def _largest(self, boxes: list[CameraBox]) -> list[CameraBox]:
        if self._most_boxes is None or len(boxes) <= self._most_boxes:
            return boxes
        return sorted(boxes, key=lambda box: (-box.width_px * box.height_px, box.camera))[: self._most_boxes]

    def _move_errors(self, since_s: float, hidden: NDArray[np.float64]) -> NDArray[np.float64]:
        """Let the joints' errors wander on; their sum now, metres."""
        keep, follow, hold = (exp(-since_s / tau_s) for tau_s in (*c.JOINT_DRIFT_TAU_S, c.JOINT_JITTER_TAU_S))
        drawn = self._rng.standard_normal((2, *self._errors.shape[1:]))
        total = np.empty(self._errors.shape[1:])
        _wander(self._errors, self._error_sd[:, :, 0], drawn, hidden, keep, follow, hold, total)
        return total

    def _identities(self, sim: "Simulation", t_s: float, since_s: float, apart: NDArray[np.float64]) -> None:
        """Swap ids of people who touch, lose people and find them again, each at its rate."""
        losing = c.LOST_PER_S * self._settings.lost_people * since_s
        for k in np.flatnonzero(self._rng.random(len(self._names)) < losing).tolist():
            track = self._tracks[self._names[k]]
            if t_s > track.lost_until_s:
                track.lost_until_s = t_s + float(self._rng.uniform(*c.LOST_S))
                if float(self._rng.random()) < c.NEW_ID_SHARE:
                    before, track.ids = track.id, track.ids + 1
                    track.id = str(number(self._seed, "track", self._names[k], track.ids) - 2**63)
                    sim.emit(t_s, TruthNote("identity_new", f"{sim.ns(t_s)} {before} {track.id}"))
        swapping = c.SWAP_PER_S * self._settings.identity_swaps * since_s
        for i, j in np.argwhere(np.triu(apart < c.SWAP_REACH_M)).tolist():
            if float(self._rng.random()) < swapping:
                a, b = self._tracks[self._names[i]], self._tracks[self._names[j]]
                a.id, b.id = b.id, a.id
                sim.emit(t_s, TruthNote("identity_swap", f"{sim.ns(t_s)} {a.id} {b.id}"))


def _apart(heads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances between heads, metres, shape (people, people); infinite to oneself."""
    apart = np.hypot(heads[:, None, 0] - heads[None, :, 0], heads[:, None, 1] - heads[None, :, 1])
    np.fill_diagonal(apart, np.inf)
    return apart
