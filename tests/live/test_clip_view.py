import numpy as np
import pytest

from walkout.live.clip_view import best_cameras, crop_of, sights_at, view_of
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.store.layout import Camera
from walkout.twin.camera.scene import pinhole

FRONT = Camera("front", 0.0, -3.0, 2.5, (0.0, 0.0, 1.0), 420.0)
BACK = Camera("back", 0.0, 3.0, 2.5, (0.0, 0.0, 1.0), 420.0)
TOP = Camera("top", 0.0, 0.0, 3.0, (0.0, 0.0, 0.0), 300.0)
AWAY = Camera("away", 0.0, -3.0, 2.5, (0.0, -6.0, 1.0), 420.0)


@pytest.mark.parametrize("camera", [FRONT, BACK, TOP], ids=lambda c: c.id)
def test_the_renderer_sees_as_the_twin_does(camera: Camera) -> None:
    for point in ((0.3, 0.2, 1.4), (-0.5, 0.1, 0.2)):
        assert view_of(camera).pixel(point) == pytest.approx(pinhole(camera).pixel(point))


def test_the_hand_is_wanted_unhidden_and_large() -> None:
    hand, head = (0.0, -0.3, 1.2), (0.0, 0.1, 1.6)
    assert [camera.id for camera in best_cameras([BACK, AWAY, FRONT], hand, head, 3)] == ["front", "back"]
    behind = (0.0, 0.1, 0.93)  # in line with the hand for the front camera, though farther away
    assert [camera.id for camera in best_cameras([FRONT, BACK], hand, behind, 2)][-1] == "front"
    near = Camera("near", 0.5, -1.5, 2.5, (0.0, 0.0, 1.0), 420.0)
    assert best_cameras([FRONT, near], hand, head, 1) == (near,)
    assert best_cameras([AWAY], hand, None) == ()


def test_a_crop_is_even_inside_and_around_the_hand() -> None:
    for hand in ((0.0, -0.3, 1.2), (1.9, 0.3, 1.3), (-2.0, 0.0, 0.2)):
        crop = crop_of(FRONT, hand, hand)
        assert crop.width_px % 2 == crop.height_px % 2 == crop.left_px % 2 == crop.top_px % 2 == 0
        assert 0 <= crop.left_px <= 640 - crop.width_px
        assert 0 <= crop.top_px <= 360 - crop.height_px
    crop = crop_of(FRONT, (0.0, -0.3, 1.2), (0.0, -0.3, 1.2))
    column, row, _ = view_of(FRONT).pixel((0.0, -0.3, 1.2))
    assert abs(crop.left_px + crop.width_px / 2 - column) < 3
    assert abs(crop.top_px + crop.height_px / 2 - row) < 3
    part = view_of(FRONT, crop)
    whole = view_of(FRONT).rings(np.array([[0.0, -0.3, 1.2, 0.1]]))[0]
    assert np.allclose(part.rings(np.array([[0.0, -0.3, 1.2, 0.1]]))[0], whole - (crop.left_px, crop.top_px))


def frame(t_ms: int, *people: str) -> PeopleFrame:
    joint = {"head": Joint(t_ms / 1000, 0.0, 1.7, 0.9)}
    return PeopleFrame(t_ms * 1_000_000, t_ms * 1_000_000, tuple(Person(name, joint) for name in people))


def test_everybody_about_an_instant_just_before_and_just_after_it() -> None:
    frames = [frame(0, "a"), frame(100, "a"), frame(400, "a"), frame(500, "a", "b"), frame(700, "b")]
    found = sights_at(frames, 450_000_000) or ()
    assert [(sight.id, sight.age_s) for sight in found] == [("a", 0.0), ("a", 0.0), ("b", 0.0)]
    assert sights_at(frames, 800_000_000) is None
    assert sights_at(frames, 2_000_000_000) is None
    assert sights_at([], 0) is None


def test_whoever_is_lost_is_told_with_how_long_ago_they_were_seen() -> None:
    frames = [frame(0, "a", "b"), *(frame(t, "a") for t in range(100, 1000, 100)), frame(1000, "a", "b")]
    found = sights_at(frames, 350_000_000) or ()
    assert [(sight.id, round(sight.age_s, 2)) for sight in found if sight.age_s] == [("b", 0.35), ("b", 0.65)]
    later = [*frames, *(frame(t, "a") for t in range(1100, 6000, 100))]
    assert [sight.id for sight in sights_at(later, 5_050_000_000) or ()] == ["a", "a"]
    assert sights_at(frames, 350_000_000, [(0.35, 0.0)]) == tuple(sight for sight in found if not sight.age_s)
