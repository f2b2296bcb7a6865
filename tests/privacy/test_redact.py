"""Nobody is shown who should not be: by what the tracker says, by what moved, and withheld where neither is enough."""

import numpy as np
import pytest

pytest.importorskip("cv2", reason="clips need OpenCV ('./run extras')")

from walkout.privacy.backdrop import Backdrop
from walkout.privacy.bodies import Point, Sight, View
from walkout.privacy.redact import HEADS, NEIGHBOURS, OTHERS, WITHHELD, Marks, covered, marks, redact

VIEW = View(
    np.array([0.0, 0.0, 3.0]), np.array([[1.0, 0, 0], [0, -1.0, 0], [0, 0, -1.0]]), 200.0, (160, 100), 0, 0, 320, 200
)
RNG = np.random.default_rng(1)
STILL = RNG.integers(60, 190, (200, 320, 3)).astype(np.uint8)
BACKDROP = Backdrop(STILL.astype(np.float32), np.zeros((200, 320), np.uint16))
TARGET = (0.75, 0.0, 1.3)


def person(name: str, x_m: float, y_m: float) -> Sight:
    joints: dict[str, Point] = {
        "head": (x_m, y_m, 1.7),
        "neck": (x_m, y_m, 1.48),
        "l_shoulder": (x_m, y_m + 0.2, 1.45),
        "r_shoulder": (x_m, y_m - 0.2, 1.45),
        "l_elbow": (x_m, y_m + 0.25, 1.1),
        "l_wrist": (x_m, y_m + 0.25, 0.9),
        "r_elbow": (x_m + 0.30, y_m - 0.15, 1.3),
        "r_wrist": (x_m + 0.55, y_m - 0.05, 1.3),
    }
    return Sight(name, joints)


def pixel(point: Point) -> tuple[int, int]:
    column, row, _ = VIEW.pixel(point)
    return int(row), int(column)


def taken(rgb: np.ndarray = STILL, people: tuple[Sight, ...] | None = (), owner: str = "a") -> Marks:
    return marks(rgb, VIEW, BACKDROP, people, owner, TARGET, 0.1)


def test_heads_of_all_and_bodies_of_others_are_filled_and_the_hand_is_not() -> None:
    people = (person("a", 0.0, 0.0), person("b", -0.7, 0.4))
    (done,) = redact([STILL], [taken(people=people)])
    assert done.withheld == ""
    for one in people:
        assert tuple(done.rgb[pixel(one.joints["head"])]) == HEADS
    assert tuple(done.rgb[pixel((-0.4, 0.25, 1.3))]) == OTHERS
    assert not done.filled[pixel(people[0].joints["r_wrist"])]
    assert not done.filled[pixel(TARGET)]
    assert np.array_equal(done.rgb[~done.filled], STILL[~done.filled])
    assert len(np.unique(done.rgb[done.filled], axis=0)) <= 4


def test_a_head_over_the_own_hand_is_filled_all_the_same() -> None:
    near = person("b", 0.55, -0.05)
    (done,) = redact([STILL], [taken(people=(person("a", 0.0, 0.0), near))])
    assert done.filled[pixel((0.55, -0.05, 1.3))]


def test_what_moved_beside_somebody_is_filled_and_alone_it_is_withheld() -> None:
    """A pushchair is nobody's joint; a person whom the tracker lost is nobody at all."""
    a = person("a", 0.0, 0.0)
    edge = int(np.nonzero(covered(VIEW, [a])[100])[0].min())
    beside = STILL.copy()
    beside[90:115, edge - 25 : edge + 2] = 250
    (done,) = redact([beside], [taken(beside, (a,))])
    assert done.filled[90:115, edge - 25 : edge].all()
    alone = STILL.copy()
    alone[150:180, 20:45] = 250
    (done,) = redact([alone], [taken(alone, (a,))])
    assert "nobody that was placed" in done.withheld
    assert (done.rgb == WITHHELD).all()
    small = STILL.copy()
    small[150:160, 20:30] = 250
    (done,) = redact([small], [taken(small, (a,))])
    assert done.withheld == ""
    assert done.filled[150:160, 20:30].all()


def test_a_change_at_the_facing_is_shown() -> None:
    row, column = pixel(TARGET)
    changed = STILL.copy()
    changed[row - 4 : row + 4, column - 4 : column + 4] = 250
    (done,) = redact([changed], [taken(changed, (person("a", 0.0, 0.0),))])
    assert not done.filled[row - 4 : row + 4, column - 4 : column + 4].any()


def test_a_change_that_reaches_beyond_the_facing_is_filled_there_too() -> None:
    """A pushchair behind the goods is not goods."""
    row, column = pixel(TARGET)
    changed = STILL.copy()
    changed[row - 4 : row + 4, column - 4 : column + 28] = 250
    found = taken(changed, (person("a", 0.0, 0.0),))
    (done,) = redact([changed], [found])
    assert not done.withheld
    here = (changed != STILL).any(axis=2)
    assert (done.filled | found.kept)[here].all()
    assert (here & ~found.kept).sum() > 60


@pytest.mark.parametrize(
    ("people", "boxes", "why"),
    [
        (None, (), "said nothing"),
        ((Sight("b", {"l_wrist": (0.0, 0.0, 1.0)}),), (), "neither head nor neck"),
        ((person("a", 0.0, 0.0),), ((10.0, 20.0, 60.0, 150.0),), "was detected and could not be placed"),
    ],
    ids=["silent tracker", "unplaced", "box without a person"],
)
def test_whoever_cannot_be_placed_is_not_shown(
    people: tuple[Sight, ...] | None, boxes: tuple[tuple[float, float, float, float], ...], why: str
) -> None:
    found = marks(STILL, VIEW, BACKDROP, people, "a", TARGET, 0.1, boxes)
    good = taken(people=(person("a", 0.0, 0.0),))
    done = redact([STILL] * 8, [good, good, good, good, found, good, good, good])
    assert [bool(one.withheld) for one in done] == [abs(k - 4) <= NEIGHBOURS for k in range(8)]
    assert why in done[4].withheld
    assert (done[4].rgb == WITHHELD).all()


def test_a_box_on_somebody_who_was_placed_is_fine() -> None:
    a = person("a", 0.0, 0.0)
    rows, columns = np.nonzero(covered(VIEW, [a]))
    box = (float(columns.min()), float(rows.min()), float(columns.max()), float(rows.max()))
    assert marks(STILL, VIEW, BACKDROP, (a,), "a", TARGET, 0.1, (box,)).withheld == ""


def test_the_fill_of_a_picture_holds_for_its_neighbours() -> None:
    here, gone = taken(people=(person("b", -0.7, 0.4),)), taken(people=())
    done = redact([STILL] * 6, [here, gone, gone, gone, gone, gone])
    at = pixel((-0.7, 0.4, 1.7))
    assert [bool(one.filled[at]) for one in done] == [True, True, True, False, False, False]


def test_where_nothing_is_known_nothing_is_shown() -> None:
    blank = Backdrop(np.full((200, 320, 3), np.nan, np.float32), np.zeros((200, 320), np.uint16))
    found = marks(STILL, VIEW, blank, (person("a", 0.0, 0.0),), "a", TARGET, 0.1)
    (done,) = redact([STILL], [found])
    assert done.withheld or done.filled.mean() > 0.9
    assert covered(VIEW, [Sight("b", {})]).all()
