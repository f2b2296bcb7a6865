import numpy as np

from tests.inference.scene import JAM, TEA
from tests.learning.lessons import T0, belief, label
from walkout.inference.calibrate import NO_CARD
from walkout.inference.model import Model
from walkout.learning.lesson import Lesson, lesson
from walkout.learning.recalibrate import recalibrated


def visits(count: int, p: float, right: float, *, asked: float = 1.0, first: int = 0) -> list[Lesson]:
    """Visits that software says `p` of, of which this share is right."""
    found = []
    for n in range(first, first + count):
        true = {JAM: 1} if (n - first) < right * count else {TEA: 1}
        found.append(lesson(belief(f"v{n}", {JAM: 1}, p), [], label(f"v{n}", true, p=asked), Model()))
    return found


def test_a_card_that_is_too_sure_is_moved_towards_what_people_found() -> None:
    made = recalibrated(visits(400, 0.95, 0.7), NO_CARD, store="tiny", origin="simulated")
    assert abs(made.exact(0.95, empty=False) - 0.7) < 0.05
    assert made.none == NO_CARD.none  # no empty receipt was seen
    assert (made.visits, made.wrong, made.recordings) == (400, 120, ("2023-11-14",))


def test_what_is_looked_at_by_chance_stands_for_all_that_is_not() -> None:
    """1,000 visits at 0.95 of which 5 % are audited and all right, 50 at 0.6 all asked: the audits are not outvoted."""
    lessons = visits(50, 0.95, 1.0, asked=0.05) + visits(50, 0.6, 0.5, first=100)
    made = recalibrated(lessons, NO_CARD, store="tiny", origin="simulated")
    assert made.exact(0.95, empty=False) > 0.95
    again = recalibrated(list(np.random.default_rng(1).permutation(np.array(lessons, object))), NO_CARD,
                         store="tiny", origin="simulated")  # fmt: skip
    assert again == made  # in whatever order


def test_with_few_labels_the_card_stays() -> None:
    made = recalibrated(visits(20, 0.9, 0.5), NO_CARD, store="tiny", origin="simulated")
    assert (made.some, made.none, made.line) == (NO_CARD.some, NO_CARD.none, NO_CARD.line)
    assert T0 > 0
