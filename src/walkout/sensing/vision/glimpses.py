"""Shelf events, people and cameras to looks: which pictures to cut, and what they say of the product that moved.

For each event there are two kinds of pictures. What a hand holds: squares beyond the wrist of whoever reached there,
just after a take or just before a return. What changed on the shelf: the place in a picture without anybody before it,
against the same place afterwards; what was taken is in the first, what was put back in the second.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from walkout.recording.look import Look
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.recording.video import Picture
from walkout.sensing.event import ShelfEvent
from walkout.sensing.reach import distances, to_fixture
from walkout.sensing.vision.crops import Eye, Floats, Rgb, Window, changed, cut, hand_window, holds, place_window
from walkout.sensing.vision.looks import Measure, Prototype, Scores, likelihoods, score, together
from walkout.sensing.vision.looks_model import LooksModel
from walkout.store.planogram import Box
from walkout.store.shop import Store

SECOND_NS = 1_000_000_000
NEARBY_M = 0.25
"""Products whose facings are nearer to the event's plates than this, along the shelf and in height, are candidates."""
REACHED_M = 0.30
"""A wrist that came nearer than this to the plates' goods reached there."""
HAND_S = (0.15, 0.35, 0.55, 0.80, 1.10)
"""After a take has ended, or before a return begins, the hand is looked at then."""
CLEAR_S = (0.4, 0.7, 1.0, 1.5, 2.2, 3.0)
"""So long before and after an event the place is looked at; the first instant without anybody before it counts."""
AROUND_S = 0.7
GOODS_SHARE = 0.6
"""Of the square's side, what goods fill; as in training."""
SIDES_M = (0.14, 0.45)
HIGH_M = 0.35
"""So high over the shelf's board a change is looked for, where the shelf leaves room."""
LATE_NS = 200_000_000
"""A picture that comes later than this after the instant asked for does not show it."""

Kind = Literal["hand", "before", "after"]
HANDS: Mapping[Literal["left", "right"], tuple[str, str]] = {
    "left": ("l_wrist", "l_elbow"),
    "right": ("r_wrist", "r_elbow"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """One cut that is wanted: from the first picture of a camera at `t_ns` or soon after."""

    t_ns: int
    event: int
    camera: str
    kind: Kind
    person: str
    window: Window


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody's hand that reached to an event's plates."""

    person: str
    side: Literal["left", "right"]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One event with what is asked about it: who reached there, and which products it may have been of."""

    event: ShelfEvent
    hands: tuple[Hand, ...]
    candidates: tuple[str, ...]


class People:
    """Frames of people in order of time."""

    def __init__(self, frames: Iterable[PeopleFrame]) -> None:
        self.frames = sorted(frames, key=lambda frame: frame.t_ns)
        self._times = [frame.t_ns for frame in self.frames]

    def between(self, start_ns: int, end_ns: int) -> list[PeopleFrame]:
        """From start to end, both included."""
        return self.frames[bisect_left(self._times, start_ns) : bisect_left(self._times, end_ns + 1)]

    def at(self, t_ns: int) -> PeopleFrame | None:
        """The frame nearest to an instant; None where the nearest is more than 0.2 s off."""
        k = bisect_left(self._times, t_ns)
        near = min(self.frames[max(k - 1, 0) : k + 1], key=lambda frame: abs(frame.t_ns - t_ns), default=None)
        return near if near is not None and abs(near.t_ns - t_ns) <= LATE_NS else None


def candidates(event: ShelfEvent, store: Store) -> tuple[str, ...]:
    """The products with a facing near the plates of an event, sorted."""
    place = plates_box(event, store)
    found = {
        facing.gtin
        for facing in store.planogram
        if facing.fixture == event.fixture and _near(place, store.box(facing), NEARBY_M)
    }
    return tuple(sorted(found))


def plates_box(event: ShelfEvent, store: Store) -> Box:
    """The room over an event's plates in its fixture's frame, no higher than `HIGH_M`."""
    shelf = store.shelf(event.fixture, event.shelf)
    plates = [store.plate(event.fixture, event.shelf, plate) for plate in event.plates]
    left, right = min(p.x_m for p in plates), max(p.x_m + p.width_m for p in plates)
    return Box((left, 0.0, shelf.z_m), (right, shelf.depth_m, shelf.z_m + min(shelf.height_m, HIGH_M)))


def plan(
    number: int, event: ShelfEvent, people: People, store: Store, eyes: Mapping[str, Eye]
) -> tuple[Scene, list[Wish]] | None:
    """What to cut for one event; None where nobody reached there or it is no place of this store."""
    try:
        place = plates_box(event, store)
    except KeyError:
        return None
    hands, compared = _reached(event, place, people, store), candidates(event, store)
    if not hands or len(compared) < 2:
        return None
    side_m = _side_m(event, compared, store)
    taken = sum(event.delta_g) < 0.0
    wishes: list[Wish] = []
    for hand in hands:
        for after_s in HAND_S:
            start_ns = min(event.onset_ns, event.start_ns)
            t_ns = event.end_ns + int(after_s * SECOND_NS) if taken else start_ns - int(after_s * SECOND_NS)
            wishes += _hand_wishes(number, hand, t_ns, people, side_m, eyes)
    wishes += _place_wishes(number, event, place, people, store, eyes)
    return Scene(event, hands, compared), wishes


def cuts(wishes: Iterable[Wish], pictures: Iterable[Picture]) -> Iterator[tuple[Wish, Rgb]]:
    """The cuts that are wanted, from pictures of any cameras, each camera's in order of time."""
    waiting: dict[str, list[Wish]] = {}
    for wish in sorted(wishes, key=lambda w: (w.t_ns, w.event), reverse=True):
        waiting.setdefault(wish.camera, []).append(wish)
    for picture in pictures:
        own = waiting.get(picture.camera, [])
        while own and own[-1].t_ns <= picture.t_ns:
            wish = own.pop()
            if picture.t_ns - wish.t_ns <= LATE_NS:
                yield wish, cut(picture.rgb, wish.window)


def looks_of(
    events: Sequence[ShelfEvent],
    people: Iterable[PeopleFrame],
    pictures: Iterable[Picture],
    store: Store,
    eyes: Mapping[str, Eye],
    prototypes: Mapping[str, Prototype],
    model: LooksModel,
) -> list[Look]:
    """What the cameras say of each event, for each hand that reached there, in order of time.

    `people` and `events` are by one set of ids; `eyes` are the calibrated cameras by id; products without a prototype
    are not compared. A look's `arrived_ns` is when the last picture it used was taken: what it took to get it and to
    think about it comes on top.
    """
    crowd = People(people)
    plans = [plan(k, event, crowd, store, eyes) for k, event in enumerate(events)]
    wishes = [wish for planned in plans if planned is not None for wish in planned[1]]
    got: dict[int, list[tuple[Wish, Rgb]]] = {}
    for wish, crop in cuts(wishes, pictures):
        got.setdefault(wish.event, []).append((wish, crop))
    found = []
    for k, planned in enumerate(plans):
        if planned is not None and k in got:
            found += judge(planned[0], got[k], prototypes, model)
    return sorted(found, key=lambda look: (look.t_ns, look.person, look.hand))


def judge(
    scene: Scene, got: Sequence[tuple[Wish, Rgb]], prototypes: Mapping[str, Prototype], model: LooksModel
) -> list[Look]:
    """The looks of one event from its cuts, one for each hand; none where nothing could be compared."""
    known = {gtin: prototypes[gtin] for gtin in scene.candidates if gtin in prototypes}
    event, looks = scene.event, []
    if len(known) < 2:
        return []
    goods = _on_the_shelf(got, taken=sum(event.delta_g) < 0.0)
    shelf = together(_scores([crop for _, crop in goods], known, model), model.measure)
    last_ns = max([event.end_ns, *(t_ns for t_ns, _ in goods)])
    for hand in scene.hands:
        held = [(wish, crop) for wish, crop in got if wish.kind == "hand" and wish.person == hand.person]
        seen = together(_scores([crop for _, crop in held], known, model), model.measure)
        if not seen and not shelf:
            continue
        logs = {gtin: seen.get(gtin, 0.0) + shelf.get(gtin, 0.0) for gtin in known}
        late_ns = max([last_ns, *(wish.t_ns for wish, _ in held)])
        source = {"hand_pictures": len(held), "shelf_pictures": len(goods), "event": event.id}
        at_ns = (event.start_ns + event.end_ns) // 2
        place = (event.fixture, event.shelf)
        looks.append(Look(at_ns, late_ns, hand.person, hand.side, *place, likelihoods(logs), source))
    return looks


def _scores(crops: Sequence[Rgb], known: Mapping[str, Prototype], model: LooksModel) -> list[Scores]:
    measure: Measure = model.measure
    if not crops:
        return []
    return [
        score(row, float(crop.shape[0]), known, measure)
        for row, crop in zip(model.coordinates(crops), crops, strict=True)
    ]


def _on_the_shelf(got: Sequence[tuple[Wish, Rgb]], *, taken: bool) -> list[tuple[int, Rgb]]:
    """From each camera that saw the place before and after: what was there and went, or came."""
    pairs: dict[str, dict[str, tuple[int, Rgb]]] = {}
    for wish, crop in got:
        if wish.kind != "hand":
            pairs.setdefault(wish.camera, {})[wish.kind] = (wish.t_ns, crop)
    found = []
    for _, pair in sorted(pairs.items()):
        if len(pair) == 2 and pair["before"][1].shape == pair["after"][1].shape:
            before, after = pair["before"][1], pair["after"][1]
            whole = Window(0.0, 0.0, float(before.shape[1]), float(before.shape[0]))
            where = changed(before, after, whole)
            if where is not None:
                found.append((pair["after"][0], cut(before if taken else after, where)))
    return found


def _reached(event: ShelfEvent, place: Box, people: People, store: Store) -> tuple[Hand, ...]:
    """The hand of each person that came nearest to the plates' goods, if it came near."""
    fixture, best = store.fixture(event.fixture), dict[str, tuple[float, Literal["left", "right"]]]()
    around = int(AROUND_S * SECOND_NS)
    for frame in people.between(min(event.onset_ns, event.start_ns) - around, event.end_ns + around):
        for person in frame.people:
            for side, (wrist, _) in HANDS.items():
                if (joint := person.joints.get(wrist)) is None:
                    continue
                far_m = float(distances(to_fixture(_point(joint), fixture), [place])[0])
                if far_m <= REACHED_M and far_m < best.get(person.id, (np.inf, side))[0]:
                    best[person.id] = (far_m, side)
    return tuple(Hand(person, side) for person, (_, side) in sorted(best.items()))


def _hand_wishes(
    number: int, hand: Hand, t_ns: int, people: People, side_m: float, eyes: Mapping[str, Eye]
) -> Iterator[Wish]:
    frame = people.at(t_ns)
    person = next((p for p in frame.people if p.id == hand.person), None) if frame is not None else None
    if person is None or frame is None:
        return
    wrist, elbow = (person.joints.get(name) for name in HANDS[hand.side])
    if wrist is None:
        return
    for camera, eye in sorted(eyes.items()):
        window = hand_window(eye, _point(wrist), None if elbow is None else _point(elbow), side_m)
        if window is not None:
            # the joints' own instant, so that hand and picture are of one moment
            yield Wish(frame.t_ns, number, camera, "hand", hand.person, window)


def _place_wishes(
    number: int, event: ShelfEvent, place: Box, people: People, store: Store, eyes: Mapping[str, Eye]
) -> Iterator[Wish]:
    """Each camera that sees the place without anybody before it, at one instant before and one after the event."""
    fixture = store.fixture(event.fixture)
    corners = np.array(
        [fixture.to_store(*(pair[k >> axis & 1] for axis, pair in enumerate(_pairs(place)))) for k in range(8)]
    )
    first_ns = min(event.onset_ns, event.start_ns)
    for camera, eye in sorted(eyes.items()):
        window = place_window(eye, corners)
        if window is None:
            continue
        clear: list[tuple[Kind, int]] = []
        for kind, times in (
            ("before", [first_ns - int(s * SECOND_NS) for s in CLEAR_S]),
            ("after", [event.end_ns + int(s * SECOND_NS) for s in CLEAR_S]),
        ):
            free = next((t for t in times if not _in_the_way(people.at(t), eye, window)), None)
            if free is not None:
                clear.append(("before" if kind == "before" else "after", free))
        if len(clear) == 2:
            for of, t_ns in clear:
                yield Wish(t_ns, number, camera, of, "", window)


def _in_the_way(frame: PeopleFrame | None, eye: Eye, window: Window) -> bool:
    """Whether anybody's joints, forearms or trunk lie over the window, or nobody knows."""
    if frame is None:
        return True
    points = [point for person in frame.people for point in _body(person)]
    return bool(points) and holds(window, eye.project(np.array(points))[0])


def _body(person: Person) -> Iterator[tuple[float, float, float]]:
    joints = {name: (j.x_m, j.y_m, j.z_m) for name, j in person.joints.items()}
    yield from joints.values()
    for side in ("l", "r"):
        elbow, wrist = joints.get(f"{side}_elbow"), joints.get(f"{side}_wrist")
        if elbow is not None and wrist is not None:
            for share in (0.33, 0.67, 1.33):
                x, y, z = (e + share * (w - e) for e, w in zip(elbow, wrist, strict=True))
                yield (x, y, z)
    trunk = joints.get("neck") or joints.get("head")
    if trunk is not None:
        for k in range(1, 8):
            yield (trunk[0], trunk[1], trunk[2] * k / 8)


def _side_m(event: ShelfEvent, compared: Sequence[str], store: Store) -> float:
    """How large a square goods of these products fill as in training."""
    sizes = []
    for gtin in compared:
        for facing in store.facings_of(gtin):
            if facing.fixture == event.fixture:
                (left, _, low), (right, _, high) = store.box(facing).low_m, store.box(facing).high_m
                sizes.append(max((right - left) / max(facing.facings, 1), high - low))
    return float(np.clip(np.median(sizes) / GOODS_SHARE, *SIDES_M))


def _near(a: Box, b: Box, by_m: float) -> bool:
    return all(a.low_m[axis] - by_m <= b.high_m[axis] and b.low_m[axis] <= a.high_m[axis] + by_m for axis in (0, 2))


def _pairs(box: Box) -> list[tuple[float, float]]:
    return list(zip(box.low_m, box.high_m, strict=True))


def _point(joint: Joint) -> Floats:
    return np.array([joint.x_m, joint.y_m, joint.z_m])
