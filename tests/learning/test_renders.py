import numpy as np
import pytest

pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

from walkout.learning.crowds import crowd
from walkout.learning.feed import chunks
from walkout.learning.renders import AIDS, SIGHTS, Chunk, large_chunk, render_chunk
from walkout.learning.shops import pattern, place
from walkout.learning.things import clutter
from walkout.recording.people import JOINTS


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return render_chunk(3, 1, 24)


def test_a_chunk_follows_from_seed_and_number(chunk: Chunk) -> None:
    again = render_chunk(3, 1, 24)
    for name in ("rgb", "boxes", "share", "joints", "sight", "about"):
        assert (getattr(again, name) == getattr(chunk, name)).all(), name


def test_people_are_where_the_truth_says(chunk: Chunk) -> None:
    there = chunk.share >= 0
    assert there.sum() > 24
    boxes, joints = chunk.boxes[there], chunk.joints[there]
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert boxes.min() >= 0
    assert boxes[:, [0, 2]].max() <= 320
    assert boxes[:, [1, 3]].max() <= 180
    seen = chunk.sight[there] == SIGHTS.index("seen")
    low, high = joints >= boxes[:, None, :2] - 1, joints <= boxes[:, None, 2:] + 1
    inside = np.logical_and(low, high).all(axis=-1)
    assert float(np.mean(np.asarray(inside)[np.asarray(seen)])) > 0.99
    assert (chunk.about[there][:, 0] > 0.9).all()


def test_where_somebody_is_the_picture_differs_from_its_surroundings(chunk: Chunk) -> None:
    """Heads that are seen lie on something else than what is two head-widths beside them, mostly."""
    differs = []
    for k, p in zip(*np.nonzero(chunk.share > 0.8), strict=True):
        if chunk.sight[k, p, JOINTS.index("head")] != SIGHTS.index("seen"):
            continue
        x, y = chunk.joints[k, p, JOINTS.index("head")].astype(int)
        beside = min(319, x + 30)
        gap = chunk.rgb[k, y, x].astype(int) - chunk.rgb[k, y, beside].astype(int)
        differs.append(np.abs(gap).sum() > 20)
    assert np.mean(differs) > 0.7


def test_every_aid_is_drawn_sooner_or_later() -> None:
    found: set[int] = set()
    rng = np.random.default_rng(11)
    where = place(rng, 80, 45)
    for _ in range(12):
        found |= {AIDS.index(one.dress.aid) for one in crowd(rng, where, 6)}
    assert found == set(range(len(AIDS)))


def test_short_people_and_the_darkest_skins_are_drawn_more_often_than_in_a_street() -> None:
    rng = np.random.default_rng(12)
    where = place(rng, 80, 45)
    people = [one for _ in range(60) for one in crowd(rng, where, 6)]
    assert len(people) > 200
    assert 0.08 < np.mean([one.stature_m < 1.4 for one in people]) < 0.30
    assert 0.30 < np.mean([one.skin >= 8 for one in people]) < 0.52


def test_things_are_nobody_stand_on_the_floor_and_differ() -> None:
    rng = np.random.default_rng(13)
    where = place(rng, 80, 45)
    many = [clutter(rng, where, 1) for _ in range(120)]
    assert all(solid.id == 8 for solids in many for solid in solids), "an id of its own, which is no person's"
    assert {type(solid).__name__ for solids in many for solid in solids} == {"Box", "Capsule", "Ellipsoid"}
    assert len({len(solids) for solids in many}) > 5
    again = clutter(np.random.default_rng(14), where, 5)
    assert again == clutter(np.random.default_rng(14), where, 5)


def test_patterns_are_pictures_of_any_colours() -> None:
    one, other = (pattern(np.random.default_rng(seed), 64, 36) for seed in (1, 2))
    assert one.shape == (36, 64, 3)
    assert one.dtype == np.uint8
    assert (one != other).any()


def test_chunks_come_in_order_without_workers() -> None:
    asked: list[tuple[int, int]] = []

    def made(seed: int, number: int) -> Chunk:
        asked.append((seed, number))
        return Chunk.empty(1)

    assert len(list(chunks(5, 3, 0, draw=made))) == 3
    assert asked == [(5, 0), (5, 1), (5, 2)]


@pytest.mark.slow
def test_workers_give_what_drawing_here_gives() -> None:
    from_workers = [chunk.joints.copy() for chunk in chunks(4, 2, 2)]
    here = [chunk.joints for chunk in chunks(4, 2, 0)]
    for a, b in zip(from_workers, here, strict=True):
        assert (a == b).all()


def test_large_pictures_are_as_they_were_drawn_and_their_truth_is_of_their_size() -> None:
    chunk = large_chunk(3, 1, 4)
    assert chunk.rgb.shape == (4, 360, 640, 3)
    there = chunk.share >= 0
    assert there.any()
    assert chunk.boxes[there].max() > 180
    seen = chunk.joints[(chunk.sight == SIGHTS.index("seen")) & there[..., None]]
    assert (seen >= 0).all()
    assert (seen < [640, 360]).all()
