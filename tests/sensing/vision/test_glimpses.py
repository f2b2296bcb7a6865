"""Shelf events, people and cameras to looks, in a painted shop of two products of one colour each."""

from decimal import Decimal

import numpy as np
import pytest

from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.recording.video import Picture
from walkout.sensing.event import ShelfEvent
from walkout.sensing.vision.glimpses import HAND_S, People, candidates, cuts, looks_of, plan
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.looks import Measure, enrol
from walkout.sensing.vision.looks_model import SIDE_PX, LooksModel
from walkout.store.layout import Camera, Fixture, Plate, Shelf
from walkout.store.planogram import Facing
from walkout.store.product import Mass, Product
from walkout.store.shop import Store

pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

NS = 1_000_000_000
RED, BLUE = "00000000000017", "00000000000024"
COLOURS = {RED: (220, 40, 40), BLUE: (40, 40, 220)}
CAMERA = Camera("c", 0.2, -2.0, 1.4, (0.2, 0.0, 1.0), 500.0, 640, 360)
PLATES = tuple(Plate(k + 1, 0.1 * k, 0.1) for k in range(4))
SHOP = Store(
    "painted",
    "simulated",
    "EUR",
    "Europe/Berlin",
    (),
    (Fixture("g", 0.0, 0.0, 0.4, 0.3, (Shelf(1, 0.9, 0.3, 0.3, PLATES),)),),
    (),
    (CAMERA,),
    {g: Product(g, g, (Mass(100.0, 1.0),), Decimal(1), "EUR") for g in COLOURS},
    (Facing("g", 1, (1, 2), RED), Facing("g", 1, (3, 4), BLUE)),
)
EYES = {"c": Lens.of(CAMERA)}
MEASURE = Measure(np.full(3, 4.0), np.array([8.0, 96.0]), np.array([1.0, 1.0]), 32.0, 1.0, 0.0, 0.8)


def colour_model() -> LooksModel:
    """A model whose coordinates are the mean colour of the picture's middle."""

    def mean(pictures: np.ndarray) -> list[np.ndarray]:
        middle = pictures[:, SIDE_PX // 3 : -SIDE_PX // 3, SIDE_PX // 3 : -SIDE_PX // 3]
        return [(middle.mean(axis=(1, 2)) - 128.0) / 40.0]

    return LooksModel(MEASURE, {}, mean)  # type: ignore[arg-type] # all that is asked of a runner


def person(t_ns: int, at: tuple[float, float, float]) -> PeopleFrame:
    x, y, z = at
    joints = {"r_wrist": Joint(x, y, z, 1.0), "r_elbow": Joint(x, y - 0.3, z, 1.0), "neck": Joint(-1.5, -0.6, 1.5, 1.0)}
    return PeopleFrame(t_ns, t_ns, (Person("p1", joints),))


def visit() -> list[PeopleFrame]:
    """The right hand goes to plate 1 at second 5 and is back at the side, out of the shelf's sight, by second 6."""
    frames = []
    for k in range(110):
        t_s = 0.1 * k
        near = np.clip(1.0 - abs(t_s - 5.0) / 0.9, 0.0, 1.0)
        x, y, z = np.array([-0.5, -0.9, 0.9]) * (1.0 - near) + np.array([0.1, 0.05, 1.0]) * near
        frames.append(person(round(t_s * NS), (float(x), float(y), float(z))))
    return frames


def event(grams: float = -100.0) -> ShelfEvent:
    onset, start, end, told = (round(s * NS) for s in (4.8, 4.9, 5.1, 6.2))
    return ShelfEvent("e", "g", 1, (1, 2), (grams, 0.0), ((1.0, 0.0), (0.0, 1.0)), onset, start, end, told)


def pictures(taken: str) -> list[Picture]:
    """Grey but for the goods: what was taken stands on the shelf before second 5; nothing is drawn of the hand."""
    found = []
    for k in range(110):
        rgb = np.full((360, 640, 3), 120, np.uint8)
        if k < 50:
            corners, _ = EYES["c"].project(np.array([(0.05, 0.0, 0.92), (0.15, 0.0, 1.12)]))
            (left, bottom), (right, top) = corners.round().astype(int).tolist()
            rgb[top:bottom, left:right] = COLOURS[taken]
        found.append(Picture("c", k * NS // 10, rgb))
    return found


def test_what_went_from_the_shelf_is_what_was_taken() -> None:
    model = colour_model()
    known = {gtin: enrol((np.array([colour]) - 128.0) / 40.0, [96.0], MEASURE) for gtin, colour in COLOURS.items()}
    for taken in (RED, BLUE):
        looks = looks_of([event()], visit(), pictures(taken), SHOP, EYES, known, model)
        assert [(k.person, k.hand, k.fixture, k.shelf) for k in looks] == [("p1", "right", "g", 1)]
        assert max(looks[0].likelihoods, key=lambda gtin: looks[0].likelihoods[gtin]) == taken
        assert looks[0].source["shelf_pictures"] == 1
        assert event().start_ns <= looks[0].t_ns <= event().end_ns < looks[0].arrived_ns
    assert looks_of([event()], visit(), [], SHOP, EYES, known, model) == []
    assert looks_of([event()], visit(), pictures(RED), SHOP, EYES, {RED: known[RED]}, model) == []


def test_hands_are_cut_after_a_take_and_before_a_return() -> None:
    people = People(visit())
    for grams, sign in ((-100.0, 1), (100.0, -1)):
        planned = plan(0, event(grams), people, SHOP, EYES)
        assert planned is not None
        scene, wishes = planned
        hands = sorted(w.t_ns for w in wishes if w.kind == "hand")
        edge = event().end_ns if sign > 0 else event().onset_ns
        assert len(hands) == len(HAND_S)
        assert all(sign * (t - edge) > 0 for t in hands)
        assert scene.candidates == (RED, BLUE)
        assert {w.kind for w in wishes} == {"hand", "before", "after"}
    crops = list(cuts([w for w in wishes if w.kind == "hand"], pictures(RED)))
    assert len(crops) == len(HAND_S)
    assert all(crop.shape[0] == crop.shape[1] for _, crop in crops)


def test_nothing_is_asked_where_nobody_reached_or_the_place_is_unknown() -> None:
    away = People([person(k * NS // 10, (-1.0, -1.0, 0.9)) for k in range(110)])
    assert plan(0, event(), away, SHOP, EYES) is None
    strange = ShelfEvent("e", "nowhere", 1, (1,), (-9.0,), ((1.0,),), 0, 0, 1, 2)
    assert plan(0, strange, People(visit()), SHOP, EYES) is None
    assert candidates(event(), SHOP) == (RED, BLUE)


def test_somebody_before_the_shelf_hides_the_place() -> None:
    frames = [
        PeopleFrame(f.t_ns, f.t_ns, (*f.people, Person("p2", {"neck": Joint(0.1, -0.8, 1.5, 1.0)}))) for f in visit()
    ]
    planned = plan(0, event(), People(frames), SHOP, EYES)
    assert planned is not None
    assert {w.kind for w in planned[1]} == {"hand"}
