from math import dist, pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.camera.shops import KINDS, person
from walkout.twin.camera.gait import with_legs
from walkout.twin.camera.looks import MONK, Aid, looks
from walkout.twin.camera.pack import NOTHING, pack
from walkout.twin.camera.packaging import atlas
from walkout.twin.camera.scene import Box, Capsule

NO_ATLAS = atlas(())


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    heading=st.floats(-7.0, 7.0),
    phase=st.floats(0.0, 50.0),
    speed=st.floats(0.0, 2.0),
    stature_m=st.floats(0.9, 2.1),
    aid=st.sampled_from(sorted(KINDS)),
)
def test_every_person_can_be_drawn_and_stands_on_the_floor(
    seed: int, heading: float, phase: float, speed: float, stature_m: float, aid: Aid
) -> None:
    figure = person(seed, 1.0, 2.0, heading, aid=aid, speed=speed, phase=phase, stature_m=stature_m)
    packed = pack(figure.solids, NO_ATLAS)
    assert np.isfinite(packed.geometry).all()
    assert (packed.meta[:, 0] != NOTHING).all()
    assert set(packed.meta[:, 1].tolist()) == {figure.id}
    feet = figure.joints.l_foot[2], figure.joints.r_foot[2]
    assert -0.02 < min(feet) < 0.25 * stature_m


def test_legs_keep_their_length_while_walking() -> None:
    upper = np.zeros((8, 3))
    for phase in np.linspace(0.0, 2 * pi, 17).tolist():
        joints = with_legs(upper, (0.0, 0.0), 0.7, 1.75, phase, 1.1)
        for hip, knee, foot in (
            (joints.l_hip, joints.l_knee, joints.l_foot),
            (joints.r_hip, joints.r_knee, joints.r_foot),
        ):
            assert dist(hip, knee) == pytest.approx(0.245 * 1.75)
            assert dist(knee, foot) == pytest.approx(0.246 * 1.75)


def test_legs_take_turns() -> None:
    upper = np.zeros((8, 3))
    joints = with_legs(upper, (0.0, 0.0), 0.0, 1.75, pi / 2, 1.1)
    assert (
        joints.l_foot[0] < -0.1 < 0.1 < joints.r_foot[0]
    )  # the left arm is ahead at this phase, so the left leg is not


def test_people_differ_and_a_seed_keeps_its_person() -> None:
    drawn = [looks(seed) for seed in range(200)]
    assert looks(5) == drawn[5]
    assert len({one.skin for one in drawn}) == len(MONK)
    assert {one.head_cover for one in drawn} == {"none", "cap", "beanie", "headscarf", "hood", "turban"}
    assert {one.bag for one in drawn} == {"none", "backpack", "tote", "shoulder_bag"}
    assert {one.top for one in drawn} == {"shirt", "jumper", "coat", "robe"}


@pytest.mark.parametrize("clothing", ["plain", "striped", "dark", "bright", "high_visibility", "long_coat"])
@pytest.mark.parametrize("head_cover", ["none", "cap", "headscarf", "hood", "turban"])
@pytest.mark.parametrize("bag", ["none", "backpack", "tote", "shoulder_bag"])
def test_the_twins_own_words_for_looks_are_known(clothing: str, head_cover: str, bag: str) -> None:
    one = looks(3, clothing=clothing, head_cover=head_cover, bag=bag, skin=4)
    assert (one.head_cover, one.bag, one.skin) == (head_cover, bag, MONK[3])


def test_aids_are_there() -> None:
    plain = person(1, 0.0, 0.0, 0.0)
    wheels = [
        s for s in person(1, 0.0, 0.0, 0.0, aid="wheelchair").solids if isinstance(s, Box) and s.shape == "cylinder"
    ]
    assert len(wheels) == 12
    assert len(person(1, 0.0, 0.0, 0.0, aid="pushchair").solids) > len(plain.solids) + 15
    assert len(person(1, 0.0, 0.0, 0.0, aid="child_in_arms").solids) == len(plain.solids) + 9


def test_a_wrist_is_inside_the_arm_that_reaches_for_it() -> None:
    figure = person(1, 0.0, 0.0, 0.0, reach=(0.5, -0.1, 1.2))
    ends = [end for s in figure.solids if isinstance(s, Capsule) for end in (s.a_m, s.b_m)]
    assert min(dist(end, figure.joints.r_wrist) for end in ends) < 0.02


@pytest.mark.parametrize(
    ("given_looks", "message"),
    [
        pytest.param({"skin": 11}, "skin is 1 to 10", id="skin"),
        pytest.param({"clothing": "cape"}, "clothing is plain, .* found 'cape'", id="clothing"),
        pytest.param({"bag": "crate"}, "bag is one of none, .* found 'crate'", id="bag"),
    ],
)
def test_an_unknown_word_is_refused(given_looks: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        looks(1, **given_looks)  # type: ignore[arg-type]
