"""What a camera system makes of the people: joints with errors, scores, gaps, late, and under a wrong id at times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from walkout.recording.people import JOINTS, CameraBox, Joint, PeopleFrame, Person
from walkout.recording.truth import TruthNote
from walkout.store.layout import Camera
from walkout.twin import constants as c
from walkout.twin.seeds import number, stream
from walkout.twin.settings import Settings

if TYPE_CHECKING:
    from walkout.twin.actor import Actor
    from walkout.twin.simulation import Simulation

BODY_TOP_M, BODY_HALF_M = 0.12, 0.28
"""Above the head joint, and half a body's width: for the boxes of cameras."""


@dataclass(slots=True, eq=False)
class _Track:
    """How the tracker sees one actor."""

    actor: "Actor"
    id: str
    drift: NDArray[np.float64]
    lost_until_s: float = -1.0
    ids: int = 1


class Tracker:
    """People frames of everybody in the shop, under the tracker's own ids; where they are wrong, truth says so."""

    def __init__(self, seed: int, settings: Settings, cameras: Sequence[Camera]) -> None:
        self._rng = stream(seed, "tracker")
        self._seed, self._settings = seed, settings
        self._cameras = [_Projection(camera) for camera in cameras]
        self._tracks: dict[str, _Track] = {}
        self._next_s = 0.0
        self._twin_s: float | None = None
        self._last_s = 0.0
        self._seq = 0
        self._arrived_ns = 0

    def enter(self, actor: "Actor") -> None:
        """Somebody comes into view."""
        self._tracks[actor.id] = _Track(actor, actor.id, self._drawn() * self._drift_sd())

    def leave(self, actor: "Actor") -> None:
        """Somebody is gone."""
        self._tracks.pop(actor.id, None)

    def id_of(self, actor: "Actor") -> str:
        """The id under which the tracker knows somebody now."""
        return self._tracks[actor.id].id

    def _drawn(self) -> NDArray[np.float64]:
        return self._rng.standard_normal((len(JOINTS), 3))

    def _drift_sd(self) -> NDArray[np.float64]:
        return np.array(c.JOINT_DRIFT_M)[:, None] * self._settings.joint_noise

    def frames(self, sim: "Simulation", from_s: float, to_s: float) -> Iterator[PeopleFrame]:
        """The frames taken in a stretch of time, and in between what happens to identities."""
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
            yield self._frame(sim, max(t_s, from_s))

    def _frame(self, sim: "Simulation", t_s: float) -> PeopleFrame:
        names = sorted(self._tracks)
        truth = np.empty((len(names), len(JOINTS), 3))
        for i, name in enumerate(names):
            self._tracks[name].actor.motion.joints(t_s, truth[i])
        since_s, self._last_s = t_s - self._last_s, t_s
        crowding = _crowding(truth)
        self._identities(sim, t_s, since_s, names, truth)
        people = self._people(t_s, since_s, names, truth, crowding)
        mean, sd, least, most = c.POSE_LAG_S
        lag = min(max(mean + sd * float(self._rng.standard_normal()), least), most) * self._settings.pose_lag
        self._seq += 1
        # The pipeline delivers in order, as the real one does: a late frame holds up those behind it.
        self._arrived_ns = max(self._arrived_ns, sim.ns(t_s + lag))
        return PeopleFrame(sim.ns(t_s), self._arrived_ns, people, self._seq - 1)

    def _people(
        self, t_s: float, since_s: float, names: list[str], truth: NDArray[np.float64], crowding: NDArray[np.float64]
    ) -> tuple[Person, ...]:
        n = len(names)
        shape = (n, len(JOINTS), 3)
        noise = self._rng.standard_normal(shape) * np.array(c.JOINT_JITTER_M)[:, None] * self._settings.joint_noise
        fresh = self._rng.standard_normal(shape)
        chance = self._rng.random((n, len(JOINTS)))
        keep = exp(-since_s / c.JOINT_DRIFT_TAU_S)
        missing = np.array(c.JOINT_MISSING) * self._settings.missing_joints
        means = np.array([mean for mean, _ in c.JOINT_SCORE])
        sharp = np.array([sharpness for _, sharpness in c.JOINT_SCORE])
        people = []
        for i, name in enumerate(names):
            track = self._tracks[name]
            hidden = 1.0 + crowding[i]
            track.drift = keep * track.drift + sqrt(1 - keep * keep) * fresh[i] * self._drift_sd() * hidden
            scores = np.minimum(self._rng.beta(means / hidden * sharp, (1 - means / hidden) * sharp), 0.9999)
            seen = truth[i] + track.drift + noise[i] * hidden
            if t_s < track.lost_until_s:
                continue
            rows = seen.tolist()
            joints = {
                joint: Joint(rows[j][0], rows[j][1], rows[j][2], score)
                for j, (joint, score) in enumerate(zip(JOINTS, scores.tolist(), strict=True))
                if chance[i, j] >= missing[j] * hidden
            }
            boxes = tuple(
                box for camera in self._cameras if (box := camera.box(truth[i], round(t_s * 1e9))) is not None
            )
            people.append(Person(track.id, joints, boxes))
        return tuple(sorted(people, key=lambda person: person.id))

    def _identities(
        self, sim: "Simulation", t_s: float, since_s: float, names: list[str], truth: NDArray[np.float64]
    ) -> None:
        """Swap ids of people who touch, lose people and find them again, each at its rate."""
        losing = c.LOST_PER_S * self._settings.lost_people * since_s
        for name in names:
            track = self._tracks[name]
            if float(self._rng.random()) < losing and t_s > track.lost_until_s:
                track.lost_until_s = t_s + float(self._rng.uniform(*c.LOST_S))
                if float(self._rng.random()) < c.NEW_ID_SHARE:
                    before, track.ids = track.id, track.ids + 1
                    track.id = str(number(self._seed, "track", name, track.ids) - 2**63)
                    sim.emit(t_s, TruthNote("identity_new", f"{sim.ns(t_s)} {before} {track.id}"))
        swapping = c.SWAP_PER_S * self._settings.identity_swaps * since_s
        for i in range(len(names)):
            for j in range(i + 1, len(names)):
                near = float(np.hypot(*(truth[i, 0, :2] - truth[j, 0, :2]))) < c.SWAP_REACH_M
                if near and float(self._rng.random()) < swapping:
                    a, b = self._tracks[names[i]], self._tracks[names[j]]
                    a.id, b.id = b.id, a.id
                    sim.emit(t_s, TruthNote("identity_swap", f"{sim.ns(t_s)} {a.id} {b.id}"))


def _crowding(truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much others hide each person: 0 alone, 1 with one touching, less with distance; shape (people,)."""
    n = len(truth)
    if n < 2:
        return np.zeros(n)
    heads = truth[:, 0, :2]
    apart = np.hypot(heads[:, None, 0] - heads[None, :, 0], heads[:, None, 1] - heads[None, :, 1])
    np.fill_diagonal(apart, np.inf)
    hidden: NDArray[np.float64] = np.minimum(np.exp(-((apart / 0.5) ** 2)).sum(axis=1), 2.0)
    return hidden


class _Projection:
    """A pinhole camera as the tracker uses it: for the box of a body."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.centre = np.array([camera.x_m, camera.y_m, camera.z_m])
        ahead = np.array(camera.look_at_m) - self.centre
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, [0.0, 0.0, 1.0])
        size = float(np.linalg.norm(right))
        right = right / size if size > 1e-9 else np.array([1.0, 0.0, 0.0])
        self.axes = np.stack([right, np.cross(ahead, right), ahead])

    def box(self, joints: NDArray[np.float64], t_ns: int) -> CameraBox | None:
        """The box around a body in this camera's image; None where it is out of view."""
        x, y, top = joints[0]
        corners = np.array([(x + dx, y + dy, z) for dx in (-1, 1) for dy in (-1, 1) for z in (0.0, top)])
        corners[:, :2] += (corners[:, :2] - (x, y)) * (BODY_HALF_M - 1)
        corners[1::2, 2] += BODY_TOP_M
        seen = (corners - self.centre) @ self.axes.T
        if seen[:, 2].min() < 0.1:
            return None
        u = self.camera.focal_px * seen[:, 0] / seen[:, 2] + self.camera.width_px / 2
        v = self.camera.focal_px * seen[:, 1] / seen[:, 2] + self.camera.height_px / 2
        left, right = max(u.min(), 0.0), min(u.max(), self.camera.width_px)
        low, high = max(v.min(), 0.0), min(v.max(), self.camera.height_px)
        if right - left < 1 or high - low < 1:
            return None
        wide, tall = float(right - left), float(high - low)
        return CameraBox(
            self.camera.id, t_ns, float(round(left)), float(round(low)), float(round(wide)), float(round(tall))
        )
