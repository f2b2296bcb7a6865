"""Counts by weight: what stands on the shelves now, refills and all, and silence where weight cannot tell."""

from dataclasses import replace

import numpy as np
import pytest

from tests.live.wire import sample
from walkout.checkout.statistics import stock
from walkout.live.counts import Counts, countable
from walkout.recording.plates import PlateBatch
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.twin.play import play
from walkout.twin.settings import SILENT
from walkout.twin.simulation import Simulation


def commissioned(store: Store) -> Store:
    """The shop with every plate's zero measured; the readings of these tests have it taken out already."""
    fixtures = tuple(
        replace(f, shelves=tuple(replace(s, plates=tuple(replace(p, tare_g=1.0) for p in s.plates)) for s in f.shelves))
        for f in store.fixtures
    )
    return replace(store, fixtures=fixtures)


STORE = commissioned(sample())
ALONE = countable(STORE)


def batch(fixture: str, shelf: int, grams: dict[int, float], samples: int = 12) -> PlateBatch:
    readings = np.zeros((samples, 6, 24), np.float32)
    for plate, mass_g in grams.items():
        readings[:, shelf - 1, plate - 1] = mass_g
    return PlateBatch(fixture, np.arange(samples, dtype=np.int64) + 10**18, readings, 60.0, 10**18)


def one_facing() -> tuple[str, float, str, int, tuple[int, ...]]:
    gtin, (facing,) = next((g, f) for g, f in ALONE.items() if len(f) == 1 and STORE.products[g].masses[0].mass_g > 200)
    return gtin, STORE.products[gtin].masses[0].mass_g, facing.fixture, facing.shelf, facing.plates


def test_a_shop_that_was_not_commissioned_is_not_counted() -> None:
    assert countable(sample()) == {}
    assert ALONE


def test_items_are_counted_over_all_plates_of_a_facing() -> None:
    gtin, mass_g, fixture, shelf, plates = one_facing()
    counts = Counts(STORE)
    assert gtin not in counts.now()
    counts.see(batch(fixture, shelf, dict.fromkeys(plates, 4 * mass_g / len(plates))))
    assert counts.now()[gtin] == 4
    counts.see(batch(fixture, shelf, dict.fromkeys(plates, 0.5)))
    assert counts.now()[gtin] == 0


def test_what_fits_no_number_is_not_told() -> None:
    gtin, mass_g, fixture, shelf, plates = one_facing()
    counts = Counts(STORE)
    counts.see(batch(fixture, shelf, dict.fromkeys(plates, 2.5 * mass_g / len(plates))))
    assert gtin not in counts.now()


def test_a_plate_that_is_touched_keeps_its_last_calm_reading() -> None:
    gtin, mass_g, fixture, shelf, plates = one_facing()
    counts = Counts(STORE)
    calm = batch(fixture, shelf, dict.fromkeys(plates, 3 * mass_g / len(plates)))
    counts.see(calm)
    shaken = calm.grams.copy()
    shaken[::2] += 60.0
    counts.see(replace(calm, grams=shaken))
    counts.see(replace(calm, grams=np.full_like(calm.grams, np.nan)))
    assert counts.now()[gtin] == 3


def test_a_restocker_fills_up_and_the_count_follows() -> None:
    """The twin's staff put goods on shelves; silent scales, whose own zero is taken out."""
    counts, sim = Counts(STORE), Simulation(STORE, 5, SILENT)
    zero = {name: scales._offset for name, scales in sim.scales.items()}
    first: dict[str, int] = {}
    story = (Arrival(2.0, (Member(Build(), b.sequence(b.restock, b.restock)),), role="staff"),)
    for one in play(sim, story):
        if isinstance(one, PlateBatch):
            counts.see(replace(one, grams=(one.grams - zero[one.fixture]).astype(np.float32)))
            if one.seq == 0:
                first = dict(counts.now())
    after = counts.now()
    standing: dict[str, int] = {}
    for items in sim.world.resting.values():
        for resting in items:
            standing[resting.item.gtin] = standing.get(resting.item.gtin, 0) + 1
    filled = {gtin for gtin in after if gtin in first and after[gtin] > first[gtin]}
    assert filled, "staff filled something that can be counted"
    assert len(after) > 20
    assert {gtin: standing.get(gtin, 0) for gtin in after} == after


def test_the_count_stands_before_the_books() -> None:
    gtin = next(iter(ALONE))
    rows = {one.gtin: one for one in stock((), STORE.planogram, 30, {gtin: 1})}
    assert (rows[gtin].left, rows[gtin].counted) == (1, 1)
    assert rows[gtin].reorder == ((rows[gtin].planned or 0) >= 3)
    other = next(one for g, one in rows.items() if g != gtin)
    assert other.counted is None
    assert other.left == other.planned


@pytest.mark.parametrize("planned", [None, 5])
def test_a_count_needs_no_stock_in_the_planogram(planned: int | None) -> None:
    facing = replace(STORE.planogram[0], stock=planned)
    (row,) = stock((), (facing,), 30, {facing.gtin: 7})
    assert (row.planned, row.left, row.reorder) == (planned, 7, False)
