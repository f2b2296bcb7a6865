"""The benches of deciding on drawn verdicts: what they count, and that nothing vacuous counts as met."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from benchmarks._deciding import Deciding, taught

from benchmarks import calibration, certify, day, faults
from tests.evaluation.verdicts import drawn, verdict
from tests.inference.scene import shop
from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import Map
from walkout.recording.plates import PlateBatch


def sure(count: int, name: str) -> list[Verdict]:
    return [verdict(0.9999 - 1e-9 * (k % 9), recording=f"{name}{k % 40}") for k in range(count)]


@pytest.fixture(scope="module")
def by() -> Deciding:
    mixed = [*drawn(300, 1, name="card"), *sure(600, "card")]
    return taught(mixed, sure(4000, "certificate"), "card", "certificate")


def test_a_day_of_sure_visits_meets_every_bar(by: Deciding) -> None:
    figures = day.counted(by, sure(1000, "test"))
    assert by.settle_at is not None
    assert figures["settled_alone"]["share"] == 1.0
    assert all(met for bar, met in figures["bars"].items() if "calibration" not in bar)
    assert day.shown(figures)


def test_nothing_settled_meets_no_bar_by_being_empty(by: Deciding) -> None:
    figures = day.counted(replace(by, settle_at=None), sure(200, "test"))
    assert [met for _, met in sorted(figures["bars"].items())] == [True, False, False, False]
    assert figures["seen_whole_per_1000"]["mean"] == 1000.0


def test_certificates_are_held_against_the_pool_they_come_from(by: Deciding) -> None:
    figures = certify.resampled(by.card, sure(2000, "pool"), hours=20, draws=4)
    assert figures["pool"] == 2000
    assert all(row["broken"] == 0 for row in figures["rungs"].values())
    assert figures["said"].startswith("fewer than 20000")


def test_each_fault_is_counted_apart(by: Deciding) -> None:
    rows = [replace(v, tags={"fault": "dead_plate"}) for v in sure(1600, "a")]
    rows += [replace(v, tags={"fault": "clock_jump"}) for v in sure(20, "b")]
    figures = faults.counted(by.card, by.settle_at, rows)
    assert list(figures["bars"].values()) == [False, True]  # twenty visits show nothing
    assert figures["faults"]["dead_plate"]["settled_overcharged_bound"] < 0.002
    assert faults.shown(figures).row_count == 2


def test_calibration_is_measured_for_receipts_and_for_lines(by: Deciding) -> None:
    found = calibration.measured(replace(by.card, some=Map(cap=1.0)), sure(300, "test"))
    assert found["exact"].error < 0.001
    assert found["lines"].count == 300


def test_dead_plates_never_give_a_reading() -> None:
    store = shop()
    fixture = store.fixtures[0].id
    batch = PlateBatch(fixture, np.arange(4, dtype=np.int64), np.ones((4, 12, 40), np.float32), 60.0, 0)

    def batches() -> Iterator[PlateBatch]:
        yield batch
        yield batch

    changed = list(calibration.dead_plates(iter(list(batches())), store, 3))
    dark = [np.isnan(b.grams).all(axis=0) for b in changed if isinstance(b, PlateBatch)]
    assert dark[0].any()
    assert (dark[0] == dark[1]).all()
    assert not np.isnan(batch.grams).any()
