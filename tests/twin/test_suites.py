"""Suites are what they say: named, repeatable, resumable, their seeds apart."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.twin.shops import small_shop
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthNote, TruthVisit
from walkout.recording.truth_reader import truth_of
from walkout.twin import suites
from walkout.twin.faults import FAULTS
from walkout.twin.settings import DEFAULT, HARDER
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import Observation
from walkout.twin.suites import (
    CALIBRATION_SEEDS,
    FAULT_SEEDS,
    SHOPPERS_PER_HOUR,
    SUITES,
    TEST_SEEDS,
    SuiteError,
    rates,
    suite,
    write_suite,
)

SHOP = small_shop()


@pytest.mark.parametrize("name", [name for name in SUITES if name not in ("aifi-dev", "day", "faults")])
def test_plays_have_names_of_their_own_and_make_truth(name: str) -> None:
    plays = list(suite(name, SHOP, seeds=range(1, 2)))
    assert len({play.name for play in plays}) == len(plays)
    for play in plays[:: max(len(plays) // 4, 1)]:
        assert any(isinstance(o, TruthVisit) for o in play.observations())


def test_the_crowd_grows_to_twelve() -> None:
    *_, last = suite("crowd", SHOP, seeds=range(1, 2))
    assert sum(isinstance(o, TruthVisit) for o in last.observations()) == 12


def test_a_day_calibrates_and_tests_on_seeds_that_never_meet() -> None:
    plays = list(suite("day", SHOP))
    assert len(plays) == len(CALIBRATION_SEEDS) + len(TEST_SEEDS)
    assert set(CALIBRATION_SEEDS).isdisjoint(TEST_SEEDS)
    assert {play.tags["part"] for play in plays} == {"calibration", "test"}
    assert min(visits(CALIBRATION_SEEDS), visits(TEST_SEEDS)) >= 5_000


def test_every_fault_has_enough_visits() -> None:
    plays = list(suite("faults", SHOP))
    names = Counter(play.tags["fault"] for play in plays)
    assert set(names.values()) == {len(FAULT_SEEDS)}
    assert visits(FAULT_SEEDS) >= 1_500


def visits(seeds: range) -> int:
    """Visits in the hours of these seeds: parties that are no staff."""
    coming = (arrivals(seed, DEFAULT, shoppers=SHOPPERS_PER_HOUR, minutes=60.0) for seed in seeds)
    return sum(arrival.role == "shopper" for hour in coming for arrival in hour)


def test_an_hour_is_simulated_once_for_all_its_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites, "SHOPPERS_PER_HOUR", 1)
    played: list[int] = []
    hour = suites._hour

    def counted(on: suites.Stage, seed: int) -> Iterator[Observation]:
        played.append(seed)
        return hour(on, seed)

    monkeypatch.setattr(suites, "_hour", counted)
    plays = list(suite("faults", SHOP, seeds=range(7, 9)))
    firsts = {play.name: next(play.observations()) for play in plays}
    assert played == [7, 8]
    assert [play.name.rpartition("-s")[2] for play in plays] == ["00007"] * len(FAULTS) + ["00008"] * len(FAULTS)
    assert firsts["power_cut-s00007"] == TruthNote("fault", "power_cut")


def test_a_suite_goes_on_where_it_stopped(tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []

    def progress(name: str, there: bool) -> None:
        told.append((name, there))
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_suite("evader", SHOP, tmp_path, seeds=range(1, 2), progress=progress)
    first = {path.name: path.read_bytes() for path in tmp_path.glob("*.mcap")}
    told.clear()
    paths = write_suite("evader", SHOP, tmp_path, seeds=range(1, 2), progress=lambda n, t: told.append((n, t)))
    assert [there for _, there in told] == [True] * 3 + [False] * 2
    assert all((tmp_path / name).read_bytes() == data for name, data in first.items())
    notes = [t for t in truth_of(open_recording(paths[0])) if isinstance(t, TruthNote)]
    assert any(note.name == "suite.trick" for note in notes)
    about = json.loads((tmp_path / "suite.json").read_text())
    assert about["origin"] == "simulated"
    assert sum(about["rates"].values()) == pytest.approx(1.0, abs=0.01)
    with pytest.raises(SuiteError, match="another suite"):
        write_suite("evader", SHOP, tmp_path, seeds=range(1, 2), settings=HARDER)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="there are aifi-dev"):
        suite("nothing", SHOP)
    with pytest.raises(SuiteError, match="name the file of labels"):
        suite("aifi-dev", SHOP)
    labels = tmp_path / "labels.json"
    labels.write_text(json.dumps({"cases": [{"case": "one", "receipts": {}, "events": []}]}))
    (play,) = islice(suite("aifi-dev", SHOP, labels=labels, seeds=range(7, 8)), 2)
    assert play.name == "one-s00007"


def test_harder_settings_have_fewer_plain_takes() -> None:
    assert rates(HARDER)["take"] < rates()["take"]


def test_labelled_cases_are_not_filmed() -> None:
    with pytest.raises(SuiteError, match="cannot be filmed"):
        suite("aifi-dev", SHOP, labels="labels.json", cameras=True)
