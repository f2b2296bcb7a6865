import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.inference.calibrate import NO_CARD, Card, CardError, Map, from_json, shipped, to_json

CARD = Card("simulated", "shop", "seeds 1..2", ("a", "b"), 9, 2, 12, Map(0.7, 0.6, 0.1, 0.99), Map(), Map(), (0.9,))
shares = st.floats(0, 1)
maps = st.builds(Map, st.floats(0.01, 5), st.floats(0.01, 5), st.floats(-5, 5), st.floats(0.01, 1))


@given(maps, shares, shares)
def test_a_map_never_changes_an_order(calibrating: Map, p: float, q: float) -> None:
    low, high = sorted((p, q))
    assert 0.0 <= calibrating(low) <= calibrating(high) <= calibrating.cap


def test_without_a_card_only_what_no_sensor_shows_is_taken_off() -> None:
    assert NO_CARD.exact(0.9, empty=False) == pytest.approx(0.9 * 0.998, abs=1e-6)
    assert NO_CARD.exact(1.0, empty=True) == 0.998


def test_a_card_comes_back_and_knows_its_recordings() -> None:
    again = from_json(to_json(CARD))
    assert (again, again.id) == (CARD, CARD.id)
    assert again.knows(["b", "c"]) == {"b"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"visits": 10}, "not what it was", id="changed"),
        pytest.param({"version": 9}, "version 9", id="another version"),
        pytest.param({"some": {"a": -1, "b": 1, "c": 0, "cap": 1}}, "above 0", id="a falling map"),
        pytest.param({"some": 3}, "no calibration card", id="no map"),
    ],
)
def test_a_card_that_is_none_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(CardError, match=words):
        from_json(orjson.dumps(orjson.loads(to_json(CARD)) | change))


def test_a_real_shop_has_no_card_until_it_makes_its_own() -> None:
    assert shipped("real") == NO_CARD
