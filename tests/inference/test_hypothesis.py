import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inference.scene import (
    AWAY,
    CHIPS,
    GRAMS,
    JAM,
    MODEL,
    PLACES,
    SECOND,
    T0,
    at,
    event,
    evidence,
    explained,
    left_with,
    play,
    shop,
)
from walkout.inference.choice import Evidence
from walkout.inference.goods import goods
from walkout.inference.hypothesis import leave, records, step, trim

STEPS = st.lists(
    st.tuples(
        st.sampled_from([*sorted(GRAMS), JAM, CHIPS]),
        st.sampled_from([-1, -1, 1, -2]),
        st.sampled_from(["ann", "bob", ""]),
        st.floats(-8.0, 8.0),
    ),
    min_size=1,
    max_size=5,
)


def scene(steps: list[tuple[str, int, str, float]]) -> list[Evidence]:
    found = []
    for k, (product, count, who, off_g) in enumerate(steps):
        shelf, plates = PLACES[product]
        what = event(3.0 * k + 1, shelf, {plates[0]: count * GRAMS[product] + off_g}, f"e{k}")
        hands = {name: at(product) if name == who else AWAY for name in ("ann", "bob")}
        found.append(evidence(what, hands))
    return found


@given(STEPS)
@settings(max_examples=40, deadline=None)
def test_probabilities_are_normalised_and_no_basket_is_negative(steps: list[tuple[str, int, str, float]]) -> None:
    joint = play(*scene(steps))
    for cluster in joint.clusters:
        assert np.isclose(np.exp(cluster.log_p).sum(), 1.0)
        assert all(n >= 0 for n in cluster.rows.ravel().tolist())
        assert len(np.unique(cluster.rows, axis=0)) == len(cluster.rows) <= MODEL.beam
        for copy in cluster.copies:
            assert np.allclose(copy.share.sum(axis=1), 1.0)
    assert all(np.isclose(p.sum(), 1.0) for _, p in records(joint))
    for who in ("ann", "bob"):
        belief = left_with(joint, who)
        assert 0.0 <= belief.p_exact <= 1.0
        assert sum(basket.probability for basket in belief.baskets) <= 1.0 + 1e-9
        assert all(n > 0 for basket in belief.baskets for _, n in basket.items)
        assert all(line.probability >= MODEL.charge_at for line in belief.lines)
        taken = sum(max(0, -count) for _, count, _, _ in steps)
        assert sum(line.quantity for line in belief.lines) <= 8 * max(1, taken)


@given(STEPS)
@settings(max_examples=10, deadline=None)
def test_the_same_events_give_the_same_beliefs(steps: list[tuple[str, int, str, float]]) -> None:
    once, again = play(*scene(steps)), play(*scene(steps))
    assert left_with(once, "ann") == left_with(again, "ann")
    assert explained(once) == explained(again)


def test_who_has_left_holds_nothing() -> None:
    joint = play(*scene([(JAM, -1, "ann", 0.0), (CHIPS, -1, "bob", 0.0)]))
    after = leave(joint, ["ann"], goods(shop(), MODEL))
    assert left_with(after, "ann").lines == ()
    assert np.isclose(left_with(after, "bob").p_exact, left_with(joint, "bob").p_exact)


def test_what_is_settled_can_be_let_go_without_changing_what_follows() -> None:
    steps = scene([(JAM, -1, "ann", 0.0), (CHIPS, -1, "bob", 0.0), (JAM, 1, "ann", 0.0)])
    whole = play(*steps)
    short = trim(play(*steps[:1]), T0 + 2 * SECOND)
    assert not records(short)
    for one in steps[1:]:
        short = step(short, one, goods(shop(), MODEL))
    assert [(x.gtin, x.quantity) for x in left_with(short, "bob").lines] == [(CHIPS, 1)]
    assert np.isclose(left_with(short, "ann").p_exact, left_with(whole, "ann").p_exact)
