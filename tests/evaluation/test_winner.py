from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.twin.shops import small_shop
from walkout.evaluation.winner import WINDOW, Trigger, explain, receipts, rolling, triggers
from walkout.recording.aifi.importer import import_aifi
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording

SHOP = small_shop(1, 2, 6)
FIRST, SECOND, THIRD = (facing.gtin for facing in SHOP.planogram[:3])
MASS_G = {gtin: SHOP.products[gtin].masses[0].mass_g for gtin in (FIRST, SECOND, THIRD)}
S = 1_000_000_000
PLACE = ("g1", 1)


def trigger(*delta_g: float, t_s: float = 10.0) -> Trigger:
    at = round(t_s * S)
    return Trigger(PLACE, at, at + S, at + S // 2, delta_g)


def person(name: str, x_m: float, score: float = 0.9) -> Person:
    """Somebody whose right wrist is at the edge of the first shelf, so far along the store."""
    return Person(name, {"r_wrist": Joint(x_m, 0.1, 0.4, score)})


def frames(*people: Person, start_s: float = 9.5, count: int = 30) -> list[PeopleFrame]:
    times = [round((start_s + k / 15) * S) for k in range(count)]
    return [PeopleFrame(t, t, people) for t in times]


def carts(found: list[Trigger], seen: list[PeopleFrame]) -> dict[str, dict[str, int]]:
    return {name: dict(+cart) for name, cart in explain(found, seen, SHOP).items()}


ANN = frames(person("ann", 0.25))


@pytest.mark.parametrize(
    ("delta_g", "taken"),
    [
        pytest.param((-30.0, -33.0), {FIRST: 1}, id="one, across its plates"),
        pytest.param((-126.0,), {FIRST: 2}, id="two are told by mass"),
        pytest.param((0.0, 0.0, -86.0), {SECOND: 1}, id="the product where it moved"),
        pytest.param((0.0, -63.0, -86.0), {FIRST: 1, SECOND: 1}, id="neighbours that share no product are split"),
        pytest.param((-63.0, 0.0, 0.0, 0.0, -109.0), {FIRST: 1, THIRD: 1}, id="plates apart are split"),
        pytest.param((-22.0,), {}, id="far less than the product weighs"),
        pytest.param((-MASS_G[FIRST],), {FIRST: 1}, id="exactly the mass, where the published program stops"),
    ],
)
def test_a_pick_is_named_by_place_and_mass(delta_g: tuple[float, ...], taken: dict[str, int]) -> None:
    assert carts([trigger(*delta_g)], ANN) == {"ann": taken} or (not taken and not carts([trigger(*delta_g)], ANN))


def test_a_return_takes_the_nearest_multiple_out_of_the_cart() -> None:
    takes = [trigger(-126.0), trigger(0.0, 0.0, -86.0, t_s=10.0)]
    assert carts([*takes, trigger(126.0)], ANN) == {"ann": {SECOND: 1}}
    assert carts([*takes, trigger(63.0)], ANN) == {"ann": {FIRST: 1, SECOND: 1}}
    assert carts([*takes, trigger(40.0)], ANN) == {"ann": {FIRST: 2, SECOND: 1}}


def test_what_came_back_is_looked_for_where_it_was_put() -> None:
    seen = ANN
    moved = [trigger(-63.0), trigger(0.0, 0.0, 0.0, 0.0, 63.0), trigger(0.0, 0.0, 0.0, 0.0, -63.0)]
    assert carts(moved, seen) == {"ann": {FIRST: 1}}


@pytest.mark.parametrize(
    ("people", "payer"),
    [
        pytest.param((person("ann", 0.3), person("bob", 1.5)), "ann", id="the nearest hand"),
        pytest.param((person("ann", 0.3, 0.8), person("bob", 1.5)), "bob", id="a doubtful joint is not looked at"),
        pytest.param((person("ann", 0.3, 0.5), person("bob", 1.5, 0.5)), "bob", id="nobody seen well: the last listed"),
        pytest.param((), None, id="nobody there: free"),
    ],
)
def test_who_pays(people: tuple[Person, ...], payer: str | None) -> None:
    found = carts([trigger(-63.0)], frames(*people))
    assert found == ({} if payer is None else {payer: {FIRST: 1}})


def test_a_shelf_without_products_loses_its_event() -> None:
    empty = Trigger(("g1", 2), 10 * S, 11 * S, 10 * S, (-63.0,))
    shop = small_shop(1, 1, 6)
    assert explain([empty], ANN, shop) == {}


def batches(step_g: float, noise_g: float = 0.5, seconds: int = 8) -> list[PlateBatch]:
    rng = np.random.default_rng(1)
    n = 60 * seconds
    grams = (5000.0 + noise_g * rng.standard_normal((n, 2, 6))).astype(np.float32)
    ramp = np.clip((np.arange(n) - n // 2) / 18.0, 0.0, 1.0)
    grams[:, 0, 2] += (step_g * ramp).astype(np.float32)
    t_ns = np.arange(n, dtype=np.int64) * S // 60
    return [PlateBatch("g1", t_ns[k : k + 12], grams[k : k + 12], 60.0, int(t_ns[k])) for k in range(0, n, 12)]


@pytest.mark.parametrize(
    ("step_g", "told"), [(-32.0, 0), (-45.0, 0), (-62.0, 1), (-540.0, 1), (300.0, 1)], ids=lambda v: f"{v:g}"
)
def test_light_steps_are_not_seen(step_g: float, told: int) -> None:
    found = triggers(batches(step_g), SHOP)
    assert len(found) == told
    for one in found:
        assert one.place == PLACE
        assert 0 < abs(step_g) - abs(one.delta_g[2]) < 26.0  # read where the threshold is crossed, so short of the step
        assert one.start_ns < 4 * S + S // 2 < one.end_ns + S


def test_less_than_a_second_tells_nothing() -> None:
    assert triggers(batches(-300.0)[:4], SHOP) == []


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, st.integers(WINDOW, 3 * WINDOW), elements=st.floats(-2e4, 2e4, allow_nan=False)))
def test_rolling_is_mean_and_deviation_of_each_window(values: np.ndarray) -> None:
    mean, spread = rolling(values)
    windows = np.lib.stride_tricks.sliding_window_view(values, WINDOW)
    np.testing.assert_allclose(mean, windows.mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(spread, windows.std(axis=1), atol=0.05)


@pytest.mark.data
def test_the_real_visit_as_the_published_program_has_it(shared_data: Path, tmp_path: Path) -> None:
    import_aifi(shared_data / "aifi-benchmark-1", tmp_path / "real.mcap")
    recording = open_recording(tmp_path / "real.mcap")
    (receipt,) = receipts(recording)
    assert [(line["gtin"], line["quantity"]) for line in receipt["lines"]] == [("00071142008582", 1)]
    assert receipt["shoppers"] == ["3325379692103139202"]


def test_carts_never_go_below_nothing() -> None:
    found = explain([trigger(63.0), trigger(-63.0), trigger(63.0), trigger(63.0)], ANN, SHOP)
    assert found["ann"] == Counter({FIRST: 0})
