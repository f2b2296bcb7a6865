"""Crowded plays of the sample store, clips of their events as the product makes them, and what of whom they show."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmarks._suites import SAMPLE
from walkout.live.clip_view import Crop, best_cameras, crop_of, sights_at, view_of
from walkout.privacy.backdrop import Backdrop, learn, unknown
from walkout.privacy.bodies import REACH_M, Point
from walkout.privacy.redact import Marks, covered, marks, redact
from walkout.recording.people import PeopleFrame
from walkout.recording.truth import TruthMove, TruthNote
from walkout.store.folder import load
from walkout.store.layout import Camera
from walkout.store.shop import Store
from walkout.twin.body import Build, Kind
from walkout.twin.camera.looks import HeadCover
from walkout.twin.film import Scenery
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT
from walkout.twin.shoppers import random_build, random_visit
from walkout.twin.simulation import START_NS
from walkout.twin.watched import HEADS, Seen, Watched

AROUND_S, RATE_HZ = 3.0, 10.0
PARTIES, SPAN_S = 7, 30.0
MOST_CLIPS = 10
"""Of one play: events of one play are alike."""
NEAR_M = 2.2
"""Somebody else's head this near to the facing within the clip makes it a clip of several people."""
LEARN_EVERY_S = 2.0
ABSORB = 30
TARGET_R = 0.14
COVERS: tuple[HeadCover, ...] = ("none", "cap", "beanie", "headscarf", "hood", "turban")
KINDS: tuple[Kind, ...] = (*("walker",) * 7, "pushchair", "child_in_arms", "wheelchair")


@dataclass(frozen=True, slots=True)
class Track:
    """One person in one clip: how many of their pixels could not be filled less than were, in the worst picture."""

    name: str
    own: bool
    build: Build
    seen_px: int
    """Most pixels of the person in a picture of the clip."""
    leaked_px: int
    """Most pixels in one picture that should have been filled and were not (own: of the head)."""
    leaked_head_px: int


@dataclass(slots=True)
class ClipFound:
    """One event's clip."""

    seed: int
    event: str
    cameras: int
    frames: int = 0
    withheld: int = 0
    why: dict[str, int] = field(default_factory=dict)
    hand_shown: bool = False
    """Whether the wrist is to be seen in the middle picture of any of its cameras."""
    owner_right: bool = True
    shown_share: float = 0.0
    """Sum over its pictures that are not withheld of the share of pixels that is not filled."""
    tracks: list[Track] = field(default_factory=list)

    @property
    def several(self) -> bool:
        """Whether anybody else is in it."""
        return any(not track.own for track in self.tracks)


@dataclass(slots=True)
class _Part:
    """One camera's part of a clip while it is filmed."""

    clip: ClipFound
    camera: Camera
    crop: Crop
    owner: str
    actor: str
    hand: Point
    target: Point
    instants: list[float]
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)
    people: list[NDArray[np.int32]] = field(default_factory=list)
    found: list[Marks] = field(default_factory=list)


def coming(seed: int) -> tuple[Arrival, ...]:
    """Parties of one, close after one another, of all builds, coverings and aids."""
    rng = stream(seed, "clips")
    times = np.sort(rng.random(PARTIES)) * SPAN_S + 1.0
    made = []
    for t_s in times:
        build = replace(
            random_build(rng),
            stature_m=round(float(rng.uniform(1.45, 2.02)), 3),
            head_cover=COVERS[int(rng.integers(len(COVERS)))],
            kind=KINDS[int(rng.integers(len(KINDS)))],
        )
        made.append(Arrival(float(t_s), (Member(build, random_visit(rng, DEFAULT)),)))
    return tuple(made)


class Studio:
    """The sample store, its still part drawn once."""

    def __init__(self) -> None:
        self.store: Store = load(SAMPLE)
        self.scenery: Scenery | None = None

    def draw(self) -> Scenery:
        """Draw what stands still, once."""
        if self.scenery is None:
            film = Watched(self.store, 0, {}, lambda _: None)
            film.close()
            self.scenery = film.scenery
        return self.scenery

    def clips(self, seed: int) -> Iterator[ClipFound]:
        """The clips of one play."""
        moves, people, builds = _first_pass(self.store, seed)
        parts = list(_wanted(self.store, seed, moves, people))
        if not parts:
            return
        last_s = max(part.instants[-1] for part in parts)
        wanted: dict[str, set[float]] = {camera.id: set() for camera in self.store.cameras}
        for camera in {part.camera.id for part in parts}:
            wanted[camera] |= set(np.arange(0.0, 0.5, 0.1).round(3).tolist())
            wanted[camera] |= set(np.arange(2.0, last_s, LEARN_EVERY_S).round(3).tolist())
        for part in parts:
            wanted[part.camera.id] |= set(part.instants)
        filming = _Filming(self.store, people, parts, builds)
        film = Watched(self.store, seed, wanted, filming.look, DEFAULT, self.draw())
        filming.numbers = film.names
        try:
            for _ in simulate(self.store, coming(seed), seed=seed, film=film):
                pass
        finally:
            film.close()
        yield from {part.clip.event: part.clip for part in parts}.values()


class _Filming:
    """Takes pictures as they come: learns each camera's backdrop, redacts those of clips and judges them."""

    def __init__(self, store: Store, people: list[PeopleFrame], parts: list[_Part], builds: dict[str, Build]) -> None:
        self._people, self._parts, self._builds = people, parts, builds
        self.numbers: dict[str, int] = {}
        self._cameras = {camera.id: camera for camera in store.cameras}
        self._doors = [(gate.x_m, gate.y_m) for gate in store.gates]
        self._backdrops = {c.id: unknown(c.height_px, c.width_px) for c in store.cameras}

    def look(self, seen: Seen) -> None:
        """Take one picture."""
        t_ns = START_NS + round(seen.t_s * 1e6) * 1000
        sights = sights_at(self._people, t_ns, self._doors)
        camera = self._cameras[seen.camera]
        backdrop = self._backdrops[seen.camera]
        for part in self._parts:
            if part.camera.id == seen.camera and seen.t_s in part.instants:
                c = part.crop
                rows, columns = slice(c.top_px, c.top_px + c.height_px), slice(c.left_px, c.left_px + c.width_px)
                still = Backdrop(backdrop.mean[rows, columns], backdrop.differed[rows, columns])
                rgb = seen.rgb[rows, columns].copy()
                part.pictures.append(rgb)
                part.people.append(seen.people[rows, columns].copy())
                part.found.append(marks(rgb, view_of(camera, c), still, sights, part.owner, part.target, TARGET_R))
                if seen.t_s == part.instants[-1]:
                    _judge(part, {number: name for name, number in self.numbers.items()}, self._builds)
        if seen.t_s < 0.5 or (sights is not None and abs(seen.t_s / LEARN_EVERY_S % 1.0) < 1e-6):
            mask = covered(view_of(camera), sights or ())
            self._backdrops[seen.camera] = learn(backdrop, seen.rgb, mask, ABSORB)


def _first_pass(store: Store, seed: int) -> tuple[list[TruthMove], list[PeopleFrame], dict[str, Build]]:
    moves: list[TruthMove] = []
    people: list[PeopleFrame] = []
    builds: dict[str, Build] = {}
    for one in simulate(store, coming(seed), seed=seed):
        if isinstance(one, TruthMove):
            moves.append(one)
        elif isinstance(one, PeopleFrame):
            people.append(one)
        elif isinstance(one, TruthNote) and one.name == "build":
            name, kind, stature, _, _, clothing, skin, cover, bag = one.value.split(" ")
            builds[name] = Build(
                float(stature), kind=cast(Kind, kind), clothing=clothing, skin=int(skin), head_cover=cover, bag=bag
            )
    return moves, people, builds


def _wanted(store: Store, seed: int, moves: list[TruthMove], people: list[PeopleFrame]) -> Iterator[_Part]:
    """Parts of clips of several people, in the order of their events."""
    made = 0
    for move in moves:
        place = move.source if move.source.kind == "plates" else move.target
        if place.kind != "plates" or made >= MOST_CLIPS:
            continue
        middle_s = ((move.start_ns + move.end_ns) / 2 - START_NS) / 1e9
        from_s, to_s = middle_s - AROUND_S, middle_s + AROUND_S
        if from_s < 0.5:
            continue
        target = _target(store, place.fixture, place.shelf, place.plates)
        near = _near(people, START_NS + round(middle_s * 1e9), target)
        if near is None or not _several(people, from_s, to_s, target):
            continue
        owner, hand, head = near
        chosen = best_cameras(store.cameras, hand, head, 2)
        if not chosen:
            continue
        made += 1
        clip = ClipFound(seed, move.id, len(chosen), owner_right=owner == move.shopper)
        first = int(np.ceil(from_s * RATE_HZ))
        instants = [round(k / RATE_HZ, 3) for k in range(first, int(to_s * RATE_HZ) + 1)]
        for camera in chosen:
            yield _Part(clip, camera, crop_of(camera, hand, target), owner, move.shopper, hand, target, instants)


def _target(store: Store, fixture: str, shelf: int, plates: tuple[int, ...]) -> Point:
    spot = store.fixture(fixture)
    found = [store.plate(fixture, shelf, plate) for plate in plates]
    x_m = sum(plate.x_m + plate.width_m / 2 for plate in found) / len(found)
    board = store.shelf(fixture, shelf)
    return spot.to_store(x_m, 0.12, board.z_m + 0.10)


def _near(people: list[PeopleFrame], t_ns: int, target: Point) -> tuple[str, Point, Point | None] | None:
    """Whose wrist is nearest to a place, where it is, and their head; as the tracker says."""
    frame = min(people, key=lambda one: abs(one.t_ns - t_ns))
    found = []
    for person in frame.people:
        head = person.joints.get("head")
        for name in ("l_wrist", "r_wrist"):
            if name in person.joints:
                at = person.joints[name]
                wrist = (at.x_m, at.y_m, at.z_m)
                far = float(np.linalg.norm(np.subtract(wrist, target)))
                found.append((far, person.id, wrist, None if head is None else (head.x_m, head.y_m, head.z_m)))
    if not found:
        return None
    far, owner, wrist, head_m = min(found, key=lambda one: one[:2])
    return None if far > REACH_M else (owner, wrist, head_m)


def _several(people: list[PeopleFrame], from_s: float, to_s: float, target: Point) -> bool:
    for frame in people:
        if from_s <= (frame.t_ns - START_NS) / 1e9 <= to_s:
            heads = [person.joints["head"] for person in frame.people if "head" in person.joints]
            if sum(np.hypot(h.x_m - target[0], h.y_m - target[1]) < NEAR_M for h in heads) > 1:
                return True
    return False


def _judge(part: _Part, names: dict[int, str], builds: dict[str, Build]) -> None:
    """Redact what was filmed and compare it with who was there."""
    clip = part.clip
    done = redact(part.pictures, part.found)
    clip.frames += len(done)
    before = {track.name: track for track in clip.tracks}
    for k, (shown, people) in enumerate(zip(done, part.people, strict=True)):
        clip.withheld += bool(shown.withheld)
        if shown.withheld:
            clip.why[shown.withheld] = clip.why.get(shown.withheld, 0) + 1
        clip.shown_share += float(1.0 - shown.filled.mean()) * (not shown.withheld)
        if k == len(done) // 2 and not shown.withheld:
            column, row, _ = view_of(part.camera).pixel(part.hand)
            at = (int(row) - part.crop.top_px, int(column) - part.crop.left_px)
            inside = 0 <= at[0] < part.crop.height_px and 0 <= at[1] < part.crop.width_px
            clip.hand_shown |= inside and not shown.filled[at]
        for number in {int(n) % HEADS for n in np.unique(people) if n >= 0}:
            body, head = people == number, people == number + HEADS
            name = names[number]
            own = name == part.actor
            bare_head = int((head & ~shown.filled).sum())
            bare = bare_head if own else bare_head + int((body & ~shown.filled).sum())
            new = Track(name, own, builds[name], int((body | head).sum()), bare, bare_head)
            old = before.get(name)
            before[name] = (
                new
                if old is None
                else replace(
                    new,
                    seen_px=max(new.seen_px, old.seen_px),
                    leaked_px=max(new.leaked_px, old.leaked_px),
                    leaked_head_px=max(new.leaked_head_px, old.leaked_head_px),
                )
            )
    clip.tracks = list(before.values())
    part.pictures, part.people, part.found = [], [], []
