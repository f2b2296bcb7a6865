"""Many cameras, one person: every camera's sights to people with 3D joints who keep one id for their whole visit.

Cameras need not take their frames together: each frame corrects those whom it shows, at its own time. Somebody new
needs several cameras that agree, for some frames, or a door; whoever no camera sees any more is expected where they
went, and found again under the same id. Ids are drawn from the run's seed and say nothing of anybody. What people look
like is compared only within their visit and overwritten when it ends.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from walkout.recording.people import JOINTS, CameraBox, Joint, PeopleFrame, Person
from walkout.sensing.vision import posture
from walkout.sensing.vision.births import Sight, alone, groups
from walkout.sensing.vision.lens import Floats, Lens
from walkout.sensing.vision.posture import MIRRORED, SECOND_NS, TORSO, Posture
from walkout.sensing.vision.sighting import Sighting
from walkout.store.shop import Store

LEAST_SCORE: Final = 0.2
"""Sights that the model itself believes less are not looked at."""
LEAST_JOINT: Final = 0.1
CLUTTER: Final = 2.0 * np.log(640.0 * 360.0)
"""A joint that belongs to nobody known may be anywhere in the picture: what a sight must beat to be somebody's."""
WORST: Final = -10.0
"""One joint counts at most so much against a match: models misplace single joints."""
LOOKS_ALIKE, LOOKS_WEIGHT = 0.8, 10.0
"""Cosine of two sights of one person, about, and what a difference from it weighs; assumed."""
LOOKS_KEEP: Final = 0.95
POOL_NS: Final = 150_000_000
"""Sights of different cameras within this may be of one instant."""
DOOR_M: Final = 1.5
"""People come in within this of a gate."""
EXIT_M: Final = 1.0
"""Whoever is not seen any more within this of a gate has left ..."""
GONE_S: Final = 0.8
"""... after so long."""
LOST_S: Final = 20.0
"""Elsewhere somebody who hides is waited for so long."""
COAST_S: Final = 0.6
"""A joint that no camera saw for so long is not told any more; a person whom none saw, neither."""
TENTATIVE_S: Final = 0.5
"""Who is not yet believed in and not seen for so long never was."""
ENOUGH, ENOUGH_AT_DOOR, ENOUGH_ALONE = 8, 4, 8
"""Frames that must show somebody new: anywhere (by two cameras at least), at a door, and by one camera at a door or
where no other looks."""
APART_M: Final = 0.35
"""Somebody new is not so near to somebody known, unless a camera shows both."""
SAME_M: Final = 0.12
"""Two who are so near each other for `SAME_S` are one."""
SAME_S: Final = 0.6
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
    boxes: dict[str, CameraBox] = field(default_factory=dict)
    """The last one of each camera."""
    turned: float = 0.0
    """The share of sights, of late, that fitted better with left for right."""
    beside_ns: int | None = None
    """Since when somebody else is where they are."""
    looks: Floats | None = None


class Tracker:
    """People in a shop, from the sights of its cameras; feed it in event time with `step`."""

    def __init__(self, store: Store, seed: bytes, lenses: Mapping[str, Lens] | None = None) -> None:
        """`seed` gives the ids: the same seed and sights give the same people; keep it secret where ids must be so."""
        self.lenses = {camera.id: Lens.of(camera) for camera in store.cameras} if lenses is None else dict(lenses)
        self._doors = [(gate.x_m, gate.y_m) for gate in store.gates if gate.way != "exit"]
        self._exits = [(gate.x_m, gate.y_m) for gate in store.gates if gate.way != "entry"]
        self._floor = np.array(store.floor_m, np.float64).reshape(-1, 2)
        self._seed = seed
        self._drawn = 0
        self._seq = 0
        self.tracks: list[Track] = []
        self._pool: dict[str, list[Sight]] = {}
        self._alive: dict[str, int] = {}
        """When each camera was last heard of."""
        self._shown: dict[str, set[int]] = {}
        """Whom (by place in `tracks`' birth) each camera's last frame showed."""
        self.late = 0
        """Frames that came too late to be used."""

    def step(self, sightings: Sequence[Sighting], t_ns: int, arrived_ns: int | None = None) -> PeopleFrame:
        """Take the frames since the last step, each at its own time; the people in the shop at `t_ns`."""
        for sighting in sorted(sightings, key=lambda s: (s.t_ns, s.camera)):
            if sighting.camera in self.lenses:
                self._look(sighting)
        self._begin(t_ns)
        self._end(t_ns)
        frame = self._tell(t_ns, t_ns if arrived_ns is None else arrived_ns)
        self._seq += 1
        return frame

    def forget(self, id_: str) -> None:
        """Somebody's visit is over: what they look like is overwritten, and they are not followed any more."""
        for track in [track for track in self.tracks if track.id == id_]:
            self._drop(track)

    # one frame of one camera

    def _look(self, sighting: Sighting) -> None:
        lens, t_ns = self.lenses[sighting.camera], sighting.t_ns
        last_ns = self._alive.get(sighting.camera)
        if last_ns is not None and t_ns <= last_ns:
            self.late += 1
            return
        self._alive[sighting.camera] = t_ns
        sights = sights_of(sighting)
        for track in self.tracks:
            if t_ns > track.body.t_ns:
                posture.predict(track.body, t_ns)
        left = list(range(len(sights)))
        shown = set()
        for believed in (True, False):
            tracks = [track for track in self.tracks if bool(track.id) is believed]
            for track, k, turned in self._match(tracks, [sights[i] for i in left], lens):
                shown.add(id(track))
                self._take(track, sights[left[k]], lens, turned)
                left[k] = -1
            left = [k for k in left if k >= 0]
        self._pool[sighting.camera] = [sights[k] for k in left]
        self._shown[sighting.camera] = shown

    def _match(self, tracks: Sequence[Track], sights: Sequence[Sight], lens: Lens) -> list[tuple[Track, int, bool]]:
        """Which sight shows whom, each at most once, as is likeliest; and whether with left for right."""
        if not tracks or not sights:
            return []
        gain = np.zeros((len(tracks), len(sights)))
        turned = np.zeros((len(tracks), len(sights)), bool)
        for i, track in enumerate(tracks):
            for j, sight in enumerate(sights):
                seen = posture.expected(track.body, lens, sight.t_ns)
                straight = _gain(seen, sight.pixels, sight.spread_px)
                back = _gain(seen, sight.pixels[MIRRORED], sight.spread_px[MIRRORED]) - 1.0
                gain[i, j] = max(straight, back)
                turned[i, j] = back > straight
                if gain[i, j] > WORST and track.looks is not None and sight.looks is not None:
                    alike = float(track.looks @ sight.looks)
                    gain[i, j] += LOOKS_WEIGHT * min(alike - LOOKS_ALIKE, 0.1)
        rows, columns = linear_sum_assignment(np.maximum(gain, 0.0), maximize=True)
        return [(tracks[i], int(j), bool(turned[i, j])) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0.0]

    def _take(self, track: Track, sight: Sight, lens: Lens, turned: bool) -> None:
        order = MIRRORED if turned else np.arange(posture.N)
        pixels, scores = sight.pixels[order], sight.scores[order]
        posture.update(track.body, lens, sight.t_ns, pixels, sight.spread_px[order])
        posture.keep_bones(track.body)
        track.seen_ns = max(track.seen_ns, sight.t_ns)
        track.frames[sight.camera] = track.frames.get(sight.camera, 0) + 1
        for k in np.flatnonzero(np.isfinite(pixels[:, 0])):
            track.joint_seen_ns[k] = max(track.joint_seen_ns[k], sight.t_ns)
            track.scores[k] += 0.3 * (scores[k] - track.scores[k])
        left, top, right, bottom = sight.box
        track.boxes[sight.camera] = CameraBox(sight.camera, sight.t_ns, left, top, right - left, bottom - top)
        track.turned += 0.05 * (float(turned) - track.turned)
        if track.turned > 0.6:
            posture.mirror(track.body)
            track.turned = 1.0 - track.turned
        if sight.looks is not None:
            mixed = sight.looks if track.looks is None else LOOKS_KEEP * track.looks + (1 - LOOKS_KEEP) * sight.looks
            track.looks = mixed / max(float(np.linalg.norm(mixed)), 1e-9)

    # who is new

    def _begin(self, t_ns: int) -> None:
        pool = [s for camera in sorted(self._pool) for s in self._pool[camera] if t_ns - s.t_ns <= POOL_NS]
        if not pool:
            return
        used: set[tuple[str, tuple[float, ...]]] = set()
        for body, sights in groups(pool, self.lenses):
            used |= {(sight.camera, sight.box) for sight in sights}
            self._welcome(body, sights, t_ns)
        for sight in pool:
            if (sight.camera, sight.box) not in used:
                body_alone = alone(sight, self.lenses)
                if body_alone is not None and self._may_stand_alone(body_alone):
                    self._welcome(body_alone, (sight,), t_ns)
        self._pool = {}

    def _may_stand_alone(self, body: Posture) -> bool:
        """Whether one camera is enough: at a door, or where no other camera that is alive looks."""
        neck = body.joints_m[1]
        if self._near(self._doors, neck) <= DOOR_M:
            return True
        newest = max(self._alive.values())
        looking = [c for c, at in self._alive.items() if newest - at <= SECOND_NS and self.lenses[c].sees(neck)]
        return len(looking) <= 1

    def _welcome(self, body: Posture, sights: Sequence[Sight], t_ns: int) -> None:
        """Somebody whom nobody known explains: one who was lost, one nobody believed in yet, or one who is new."""
        if not self._on_floor(body.joints_m[1]):
            return
        for track in self.tracks:
            near_m = float(np.linalg.norm(track.body.at(body.t_ns)[1, :2] - body.joints_m[1, :2]))
            both = sum(id(track) in self._shown.get(sight.camera, ()) for sight in sights)
            if near_m < APART_M and track.seen_ns > t_ns - 300_000_000 and both < min(2, len(sights)):
                return
        posture.predict(body, max(t_ns, body.t_ns))
        lost = self._lost(body, sights, t_ns)
        if lost is None:
            lost = Track("", t_ns, body, t_ns, [0] * posture.N, np.zeros(posture.N))
            self.tracks.append(lost)
        lost.body = body
        for sight in sights:
            lost.seen_ns = max(lost.seen_ns, sight.t_ns)
            lost.frames[sight.camera] = lost.frames.get(sight.camera, 0) + 1
            for k in np.flatnonzero(np.isfinite(sight.pixels[:, 0])):
                lost.joint_seen_ns[k], lost.scores[k] = sight.t_ns, max(lost.scores[k], sight.scores[k])

    def _lost(self, body: Posture, sights: Sequence[Sight], t_ns: int) -> Track | None:
        """Who of those not seen any more this can be: near enough for the time, alike in height and looks."""
        best: tuple[float, Track] | None = None
        seen = [sight.looks for sight in sights if sight.looks is not None]
        for track in self.tracks:
            gap_s = (t_ns - track.seen_ns) / SECOND_NS
            if not track.id or gap_s < 0.25:
                continue
            there, here = track.body.joints_m, body.joints_m
            off_m = float(np.linalg.norm(there[1, :2] - here[1, :2]))
            reach_m = 0.3 + 0.5 * min(gap_s, 4.0)
            tall = np.hypot(0.08, min(body.spread_m()[1], 0.3))
            cost = (off_m / reach_m) ** 2 + ((there[1, 2] - here[1, 2]) / tall) ** 2
            if track.looks is not None and seen:
                cost += 2 * LOOKS_WEIGHT * (LOOKS_ALIKE - float(np.mean([track.looks @ one for one in seen])))
            if cost < 9.0 and off_m < 0.5 + posture.FASTEST_M_S * gap_s and (best is None or cost < best[0]):
                best = (cost, track)
        return None if best is None else best[1]

    def _believe(self, track: Track) -> None:
        count, cameras = sum(track.frames.values()), len(track.frames)
        neck = track.body.joints_m[1]
        at_door = self._near(self._doors, neck) <= DOOR_M
        enough = (cameras >= 2 and count >= (ENOUGH_AT_DOOR if at_door else ENOUGH)) or (
            cameras == 1 and count >= ENOUGH_ALONE and self._may_stand_alone(track.body)
        )
        if enough:
            self._drawn += 1
            digest = hashlib.blake2b(self._drawn.to_bytes(8, "big"), key=self._seed[:64], digest_size=8).digest()
            track.id = str(int.from_bytes(digest, "big", signed=True))

    # who is gone

    def _end(self, t_ns: int) -> None:
        for track in self.tracks:
            if not track.id:
                self._believe(track)
        for track in list(self.tracks):
            unseen_s = (t_ns - track.seen_ns) / SECOND_NS
            neck = track.body.joints_m[1]
            if not track.id:
                over = unseen_s > TENTATIVE_S
            else:
                left = self._near(self._exits, neck) <= EXIT_M and unseen_s > GONE_S
                over = left or unseen_s > LOST_S
            if over:
                self._drop(track)
        self._one_for_two(t_ns)

    def _one_for_two(self, t_ns: int) -> None:
        """Two tracks of one person: the one that fewer frames showed goes."""
        for track in list(self.tracks):
            beside = [
                other
                for other in self.tracks
                if other is not track
                and bool(other.id) >= bool(track.id)
                and np.linalg.norm(other.body.joints_m[:2] - track.body.joints_m[:2], axis=1).mean() < SAME_M
            ]
            if not beside:
                track.beside_ns = None
                continue
            track.beside_ns = t_ns if track.beside_ns is None else track.beside_ns
            stronger = any(sum(o.frames.values()) > sum(track.frames.values()) for o in beside)
            if stronger and t_ns - track.beside_ns > SAME_S * SECOND_NS:
                self._drop(track)

    def _drop(self, track: Track) -> None:
        if track.looks is not None:
            track.looks.fill(0.0)
            track.looks = None
        self.tracks.remove(track)

    # what is told

    def _tell(self, t_ns: int, arrived_ns: int) -> PeopleFrame:
        people = []
        for track in self.tracks:
            if not track.id or t_ns - track.seen_ns > COAST_S * SECOND_NS:
                continue
            at, spread = track.body.at(t_ns), track.body.spread_m()
            joints = {}
            for k, name in enumerate(JOINTS):
                unseen_s = (t_ns - track.joint_seen_ns[k]) / SECOND_NS
                if unseen_s <= COAST_S and spread[k] <= MOST_SPREAD_M:
                    score = float(track.scores[k]) * float(np.exp(-max(unseen_s - 0.15, 0.0) / 0.4))
                    x, y, z = (round(float(c), 4) for c in at[k])
                    joints[name] = Joint(x, y, z, round(min(max(score, 0.01), 1.0), 3))
            if not joints:
                continue
            boxes = tuple(box for _, box in sorted(track.boxes.items()) if t_ns - box.t_ns <= 200_000_000)
            said = {"spread_m": {name: round(float(spread[JOINTS.index(name)]), 4) for name in joints}}
            people.append(Person(track.id, joints, boxes, said))
        people.sort(key=lambda person: person.id)
        return PeopleFrame(t_ns, arrived_ns, tuple(people), self._seq)

    # as plain values

    def snapshot(self) -> dict[str, Any]:
        """Everything but what people look like, which stays in memory alone; plain values."""
        return {
            "version": 1,
            "drawn": self._drawn,
            "seq": self._seq,
            "late": self.late,
            "alive": dict(self._alive),
            "tracks": [_plain(track) for track in self.tracks],
        }

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Go on from a snapshot of a tracker with the same seed and cameras. Raises ValueError for another version."""
        if plain.get("version") != 1:
            raise ValueError(f"a tracker's snapshot of version {plain.get('version')!r}; right: 1")
        self._drawn, self._seq, self.late = int(plain["drawn"]), int(plain["seq"]), int(plain["late"])
        self._alive = {str(camera): int(t_ns) for camera, t_ns in plain["alive"].items()}
        self._pool, self._shown = {}, {}
        self.tracks = [_track(one) for one in plain["tracks"]]

    def _near(self, gates: Sequence[tuple[float, float]], at_m: Floats) -> float:
        return min((float(np.hypot(at_m[0] - x, at_m[1] - y)) for x, y in gates), default=float("inf"))

    def _on_floor(self, at_m: Floats) -> bool:
        if len(self._floor) < 3:
            return True
        low, high = self._floor.min(axis=0) - 0.3, self._floor.max(axis=0) + 0.3
        return bool((at_m[:2] >= low).all() and (at_m[:2] <= high).all())


def sights_of(sighting: Sighting) -> list[Sight]:
    """The people of a frame one by one; joints that the model does not believe are left out, spreads are filled in."""
    persons, found = sighting.persons, []
    for n in range(len(persons)):
        if persons.scores[n] < LEAST_SCORE:
            continue
        pixels = persons.keypoints[n, :, :2].astype(np.float64)
        scores = persons.keypoints[n, :, 2].astype(np.float64)
        pixels[~(scores >= LEAST_JOINT)] = np.nan
        if not np.isfinite(pixels[:, 0]).any():
            continue
        left, top, right, bottom = (float(v) for v in persons.boxes[n])
        assumed = np.maximum(1.5, 0.015 * (bottom - top)) / np.sqrt(np.maximum(scores, 0.1))
        spread = persons.spread_px[n].astype(np.float64)
        spread = np.where(np.isfinite(spread), np.maximum(spread, 0.5), assumed)
        looks = None
        if sighting.looks is not None and np.isfinite(sighting.looks[n]).all():
            looks = sighting.looks[n].astype(np.float64)
            looks /= max(float(np.linalg.norm(looks)), 1e-9)
        box = (left, top, right, bottom)
        found.append(
            Sight(sighting.camera, sighting.t_ns, pixels, spread, scores, box, float(persons.scores[n]), looks)
        )
    return found


def _gain(seen: posture.Expected, pixels: Floats, spread_px: Floats) -> float:
    """How much likelier it is that these pixels are this person's than anything's: the mean over joints, twice nats."""
    d2, log_det = posture.distances(seen, pixels, np.hypot(spread_px, 2.0))
    there = np.isfinite(d2)
    if not there.any():
        return WORST
    weight = np.where(np.isin(np.arange(posture.N), TORSO), 1.0, 0.4)[there]
    each = np.maximum(CLUTTER - d2[there] - log_det[there] - 2.0 * np.log(2 * np.pi), WORST)
    return float((weight * each).sum() / weight.sum())


def _plain(track: Track) -> dict[str, Any]:
    half = np.tril_indices(6 * posture.N)
    return {
        "id": track.id,
        "born_ns": track.born_ns,
        "seen_ns": track.seen_ns,
        "joint_seen_ns": list(track.joint_seen_ns),
        "scores": track.scores.tolist(),
        "frames": dict(track.frames),
        "turned": track.turned,
        "beside_ns": track.beside_ns,
        "t_ns": track.body.t_ns,
        "mean": track.body.mean.tolist(),
        "covariance": track.body.covariance[half].tolist(),
        "boxes": [
            [b.camera, b.t_ns, b.left_px, b.top_px, b.width_px, b.height_px] for _, b in sorted(track.boxes.items())
        ],
    }


def _track(plain: Mapping[str, Any]) -> Track:
    covariance = np.zeros((6 * posture.N, 6 * posture.N))
    covariance[np.tril_indices(6 * posture.N)] = plain["covariance"]
    covariance = covariance + np.tril(covariance, -1).T
    body = Posture(int(plain["t_ns"]), np.array(plain["mean"], np.float64), covariance)
    return Track(
        plain["id"],
        int(plain["born_ns"]),
        body,
        int(plain["seen_ns"]),
        [int(t) for t in plain["joint_seen_ns"]],
        np.array(plain["scores"], np.float64),
        {str(c): int(n) for c, n in plain["frames"].items()},
        {row[0]: CameraBox(*row) for row in plain["boxes"]},
        float(plain["turned"]),
        plain["beside_ns"],
    )
