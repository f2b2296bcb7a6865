"""Many cameras, one person: every camera's sights to people with 3D joints who keep one id for their whole visit.

Cameras need not take their frames together: each frame corrects those whom it shows, at its own time. Somebody new
needs several cameras that agree, for some frames, or a door; whoever no camera sees any more is expected where they
went, and found again under the same id. Ids are drawn from the run's seed and say nothing of anybody. What people look
like is compared only within their visit and overwritten when it ends.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from walkout.recording.people import CameraBox, PeopleFrame
from walkout.sensing.vision import posture
from walkout.sensing.vision.births import Sight, alone, groups
from walkout.sensing.vision.lens import Floats, Lens
from walkout.sensing.vision.match import LOOKS_ALIKE, LOOKS_WEIGHT, match, sights_of
from walkout.sensing.vision.overlap import overlaps
from walkout.sensing.vision.posture import MIRRORED, SECOND_NS, Posture
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.track import Track, person_of, plain, restored
from walkout.store.shop import Store

LOOKS_KEEP: Final = 0.95
HEIGHT_SD_M: Final = 0.08
"""How far somebody's neck is from where it mostly is, where only one camera sees them: they bend at times."""
STRAIGHT_NS: Final = 400_000_000
"""So long after cameras disagreed on which side is which, sights are taken as they come."""
WORTH, SHARE = 0.55, 0.3
"""Somebody new is believed in where the model's own score and the share of the frames that show them are above both;
who falls below both is nobody: a model imagines people in single cameras, now here, now there."""
SHARE_KEEP: Final = 0.03
"""Shares are means over about thirty frames, half a second of six cameras."""
HEAD_M: Final = (0.8, 2.15)
"""Heights at which heads of people are when they come."""
EDGE_PX: Final = 20.0
"""Nearer to a picture's edge than this, nobody need be seen."""
TWICE: Final = 0.6
"""Two sights of one frame whose boxes overlap by so much (their common part against both) are of one person."""
POOL_NS: Final = 150_000_000
"""Sights of different cameras within this may be of one instant."""
DOOR_M: Final = 1.5
"""People come in within this of a gate."""
EXIT_M, DARK_EXIT_M = 0.8, 2.0
"""Whoever is not seen any more within this of a gate has left, or where no camera looks, within the second ..."""
GONE_S: Final = 0.8
"""... after so long."""
LOST_S: Final = 20.0
"""Elsewhere somebody who hides is waited for so long."""
FOLLOW_S: Final = 0.7
"""Somebody unseen for longer is found again only as somebody new would be, in whom a lost person is known."""
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
        shown: set[int] = set()
        boxes: list[tuple[float, float, float, float]] = []
        for believed in (True, False):
            tracks = [
                track
                for track in self.tracks
                if bool(track.id) is believed and t_ns - track.seen_ns <= FOLLOW_S * SECOND_NS
            ]
            for track, k, turned in match(tracks, [sights[i] for i in left], lens):
                shown.add(id(track))
                self._take(track, sights[left[k]], lens, turned)
                boxes.append(sights[left[k]].box)
                left[k] = -1
            left = [k for k in left if k >= 0]
        for track in self.tracks:
            if id(track) in shown or lens.sees(track.body.joints_m[:2], EDGE_PX).all():
                track.due += 1
                track.share += max(SHARE_KEEP, 1.0 / track.due) * (float(id(track) in shown) - track.share)
        # a model that finds one person twice shows nobody new
        self._pool[sighting.camera] = [
            sights[k]
            for k in left
            if not boxes or overlaps(np.array(sights[k].box, np.float32), np.array(boxes, np.float32)).max() < TWICE
        ]
        self._shown[sighting.camera] = shown

    def _take(self, track: Track, sight: Sight, lens: Lens, turned: bool) -> None:
        order = MIRRORED if turned else np.arange(posture.N)
        pixels, scores = sight.pixels[order], sight.scores[order]
        posture.update(track.body, lens, sight.t_ns, pixels, sight.spread_px[order])
        if track.neck_m is None:
            posture.keep_bones(track.body)
        else:
            posture.keep_bones(track.body, track.neck_m, HEIGHT_SD_M)
        track.seen_ns = max(track.seen_ns, sight.t_ns)
        track.frames[sight.camera] = track.frames.get(sight.camera, 0) + 1
        track.worth += 0.1 * (sight.score - track.worth)
        seen = np.isfinite(pixels[:, 0])
        track.scores += np.where(seen, 0.3 * (scores - track.scores), 0.0)
        for k in np.flatnonzero(seen).tolist():
            track.joint_seen_ns[k] = max(track.joint_seen_ns[k], sight.t_ns)
        left, top, right, bottom = sight.box
        track.boxes[sight.camera] = CameraBox(sight.camera, sight.t_ns, left, top, right - left, bottom - top)
        together = sum(sight.t_ns - box.t_ns < 300_000_000 for box in track.boxes.values())
        if together >= 2 and track.body.spread_m()[1] < 0.05:
            neck_m = float(track.body.joints_m[1, 2])
            track.neck_m = neck_m if track.neck_m is None else track.neck_m + 0.03 * (neck_m - track.neck_m)
        self._sides(track, sight, turned)
        if sight.looks is not None:
            if track.looks is None:
                track.looks = sight.looks.copy()
            else:  # in place, so that there is one buffer to overwrite at the end
                track.looks *= LOOKS_KEEP
                track.looks += (1 - LOOKS_KEEP) * sight.looks
                track.looks /= max(float(np.linalg.norm(track.looks)), 1e-9)

    def _sides(self, track: Track, sight: Sight, turned: bool) -> None:
        """All cameras at once: somebody turned round faster than a body is followed. One for long: it sees better."""
        track.turned[sight.camera] = track.turned.get(sight.camera, 0) + 1 if turned else 0
        recent = [track.turned.get(c, 0) for c, box in track.boxes.items() if sight.t_ns - box.t_ns < 300_000_000]
        if min(recent) >= 1 and sum(recent) >= 3:
            posture.mirror(track.body)
        elif max(recent) >= 5:
            posture.loosen(track.body)
            track.straight_to_ns = sight.t_ns + STRAIGHT_NS
        else:
            return
        track.turned = {}

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
        return _near(self._doors, neck) <= DOOR_M or len(self._looking(neck)) <= 1

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
            worth = float(np.mean([sight.score for sight in sights]))
            lost = Track("", t_ns, body, t_ns, [0] * posture.N, np.zeros(posture.N), worth=worth)
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
            most = 2.0 if _near(self._doors, here[1]) <= DOOR_M else 9.0
            if cost < most and off_m < 0.5 + posture.FASTEST_M_S * gap_s and (best is None or cost < best[0]):
                best = (cost, track)
        return None if best is None else best[1]

    def _believe(self, track: Track) -> None:
        count, cameras = sum(track.frames.values()), len(track.frames)
        head, neck = track.body.joints_m[:2]
        if track.worth < WORTH or track.share < SHARE or not HEAD_M[0] <= head[2] <= HEAD_M[1]:
            return
        at_door = _near(self._doors, neck) <= DOOR_M
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
            wait_s = TENTATIVE_S if not track.id else GONE_S if self._at_exit(neck) else LOST_S
            nobody = track.worth < WORTH and track.share < SHARE
            if unseen_s > wait_s or (track.id and nobody and unseen_s < FOLLOW_S):
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
        people = [person_of(track, t_ns) for track in self.tracks if track.id]
        told = sorted((person for person in people if person is not None), key=lambda person: person.id)
        return PeopleFrame(t_ns, arrived_ns, tuple(told), self._seq)

    # as plain values

    def snapshot(self) -> dict[str, Any]:
        """Everything but what people look like, which stays in memory alone; plain values."""
        return {
            "version": 1,
            "drawn": self._drawn,
            "seq": self._seq,
            "late": self.late,
            "alive": dict(self._alive),
            "tracks": [plain(track) for track in self.tracks],
        }

    def restore(self, values: Mapping[str, Any]) -> None:
        """Go on from a snapshot of a tracker with the same seed and cameras. Raises ValueError for another version."""
        if values.get("version") != 1:
            raise ValueError(f"a tracker's snapshot of version {values.get('version')!r}; right: 1")
        self._drawn, self._seq, self.late = int(values["drawn"]), int(values["seq"]), int(values["late"])
        self._alive = {str(camera): int(t_ns) for camera, t_ns in values["alive"].items()}
        self._pool, self._shown = {}, {}
        self.tracks = [restored(one) for one in values["tracks"]]

    def _at_exit(self, neck_m: Floats) -> bool:
        far_m = _near(self._exits, neck_m)
        return far_m <= EXIT_M or (far_m <= DARK_EXIT_M and not self._looking(neck_m))

    def _looking(self, at_m: Floats) -> list[str]:
        """The cameras that are alive and have a point in their picture; what stands between is not known."""
        newest = max(self._alive.values(), default=0)
        return [c for c, at in self._alive.items() if newest - at <= SECOND_NS and self.lenses[c].sees(at_m)]

    def _on_floor(self, at_m: Floats) -> bool:
        if len(self._floor) < 3:
            return True
        low, high = self._floor.min(axis=0) - 0.3, self._floor.max(axis=0) + 0.3
        return bool((at_m[:2] >= low).all() and (at_m[:2] <= high).all())


def _near(gates: Sequence[tuple[float, float]], at_m: Floats) -> float:
    return min((float(np.hypot(at_m[0] - x, at_m[1] - y)) for x, y in gates), default=float("inf"))
