import numpy as np

from walkout.privacy.backdrop import AGREED, begin, differs, learn, taught, unknown

RNG = np.random.default_rng(3)
STILL = RNG.integers(40, 200, (60, 80, 3))
NOBODY = np.zeros((60, 80), np.bool_)


def picture(light: float = 1.0) -> np.ndarray:
    return np.clip(STILL * light + RNG.normal(0, 3, STILL.shape), 0, 255).astype(np.uint8)


def test_what_is_not_known_counts_as_different() -> None:
    known = unknown(60, 80)
    assert differs(known, picture()).all()
    covered = NOBODY.copy()
    covered[:30] = True
    known = learn(known, picture(), covered)
    assert differs(known, picture())[:30].all()
    assert differs(known, picture())[32:].mean() < 0.02


def test_noise_and_light_are_no_difference_and_a_person_is() -> None:
    known = unknown(60, 80)
    for _ in range(10):
        known = learn(known, picture(), NOBODY)
    for light in (0.8, 1.0, 1.15):
        assert differs(known, picture(light)).mean() < 0.01
    somebody = picture()
    somebody[10:40, 20:35] = 90
    found = differs(known, somebody)
    assert found[12:38, 22:33].mean() > 0.8
    assert found[:, 45:].mean() < 0.01


def test_what_stays_is_taken_in_after_its_time_and_never_under_people() -> None:
    known = unknown(60, 80)
    for _ in range(5):
        known = learn(known, picture(), NOBODY)

    def changed() -> np.ndarray:
        rgb = picture()
        rgb[10:20, 10:20] = 250
        return rgb

    for _ in range(8):
        known = learn(known, changed(), NOBODY, absorb=10)
    assert differs(known, changed())[11:19, 11:19].all()
    for _ in range(3):
        known = learn(known, changed(), NOBODY, absorb=10)
    assert not differs(known, changed())[11:19, 11:19].any()
    covered = NOBODY.copy()
    covered[30:40, 30:40] = True
    person = picture()
    person[30:40, 30:40] = 250
    for _ in range(30):
        known = learn(known, person, covered, absorb=10)
    assert differs(known, person)[32:38, 32:38].all()


def test_one_picture_is_not_believed_and_whoever_stood_in_it_is_never_known() -> None:
    """Somebody whom the tracker has not found yet stands in the first picture: a planted leak."""
    learning = begin(60, 80)
    ghost = picture()
    ghost[10:40, 20:35] = 250
    learning = taught(learning, ghost)
    assert np.isnan(learning.known.mean).all(), "nothing is known after one picture"
    for _ in range(AGREED - 1):
        learning = taught(learning, picture())
    known = learning.known
    assert np.isnan(known.mean[12:38, 22:33]).all(), "where they stood has been seen empty too few times"
    assert 0.7 < learning.share < 0.95
    assert differs(known, ghost)[12:38, 22:33].all(), "so they are filled if they come again"
    for _ in range(AGREED):
        learning = taught(learning, picture())
    assert learning.share > 0.98
    assert not np.isnan(learning.known.mean[12:38, 22:33]).all(axis=2).any()


def test_other_lamps_or_a_knock_at_the_camera_begin_it_anew() -> None:
    learning = begin(60, 80)
    for _ in range(AGREED + 2):
        learning = taught(learning, picture())
    night = np.clip(picture() // 12, 0, 255).astype(np.uint8)
    learning = taught(learning, night)
    assert learning.share == 0.0, "what was known is not relied on, and neither is the new yet"
    for _ in range(AGREED):
        learning = taught(learning, night)
    assert learning.share > 0.98
    assert differs(learning.known, night).mean() < 0.02


def test_goods_that_came_are_taken_in_after_their_time() -> None:
    learning = begin(60, 80)
    for _ in range(AGREED + 2):
        learning = taught(learning, picture(), absorb=5)

    def restocked() -> np.ndarray:
        rgb = picture()
        rgb[10:20, 10:20] = 250
        return rgb

    for _ in range(4):
        learning = taught(learning, restocked(), absorb=5)
    assert differs(learning.known, restocked())[11:19, 11:19].all()
    for _ in range(2):
        learning = taught(learning, restocked(), absorb=5)
    assert not differs(learning.known, restocked())[11:19, 11:19].any()
