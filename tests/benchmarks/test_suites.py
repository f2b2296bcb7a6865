"""A tiny fixed sample of the benches of inference: they run, agree with themselves, and go on where they stopped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks._bench import bench, by_tag, harder
from benchmarks._methods import METHODS, with_model
from benchmarks._suites import SAMPLE, Job, run_suite
from benchmarks.fairness import Everybody
from benchmarks.latency import follow, together

from benchmarks import ablation, aifi_real, evader, neighbours
from tests.recording.aifi.readings_form import text
from tests.twin.shops import small_shop
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.verdict import Verdict
from walkout.recording.plates import PlateBatch
from walkout.store.folder import load
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.labels import Case
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.settings import DEFAULT

TRICK = "leaning_take"


def one(name: str) -> bool:
    return name.startswith(TRICK)


JOB = Job(Wanted("evader", SAMPLE, None, range(1, 3), DEFAULT), only=one)


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return run_suite(JOB)


def test_every_method_sees_the_same_recordings(verdicts: list[Verdict]) -> None:
    assert [(row.recording, row.method) for row in verdicts] == [
        (f"{TRICK}-s0000{seed}", method) for seed in (1, 2) for method in METHODS
    ]
    for row in verdicts:
        assert row.visit == "v00001"
        assert row.taken == 1
        assert row.origin == "simulated"
        assert row.tags.items() >= {"suite": "evader", "trick": TRICK, "party": "1", "settings": "default"}.items()
        assert {"kind", "stature", "bag", "crowd", "settled", "p"} <= row.tags.keys()


@pytest.mark.slow
def test_two_processes_give_the_same(verdicts: list[Verdict]) -> None:
    job = Job(JOB.wanted, {"winner": METHODS["winner"]}, only=one)
    assert run_suite(job, workers=2) == [row for row in verdicts if row.method == "winner"]


def test_a_stopped_run_goes_on_where_it_was(verdicts: list[Verdict], tmp_path: Path) -> None:
    keep = tmp_path / "rows.jsonl"
    assert run_suite(JOB, keep=keep) == verdicts
    whole = keep.read_bytes()
    keep.write_bytes(whole[: int(len(whole) * 0.8)])
    said: list[str] = []
    assert run_suite(JOB, keep=keep, say=said.append) == verdicts
    assert keep.read_bytes() == whole
    assert len(said) == 1


def test_verdicts_of_another_job_are_refused(tmp_path: Path) -> None:
    keep = tmp_path / "rows.jsonl"
    keep.write_bytes(b"")
    with pytest.raises(ValueError, match="of another source or another job"):
        run_suite(JOB, keep=keep)


def test_a_level_of_a_curve_is_in_the_tags() -> None:
    job = harder(JOB, missing_joints=5.0)
    assert job.tags == {"missing_joints": "5"}
    assert job.wanted.settings.missing_joints == 5.0


def test_a_model_without_the_field_is_an_error() -> None:
    with pytest.raises(TypeError):
        with_model(no_such_part=False)


def test_parts_that_the_model_cannot_leave_out_are_named() -> None:
    methods, missing = ablation.variants()
    assert {"ours", "K = 1", "without reach"} <= methods.keys()
    assert sorted([*methods, *missing]) == sorted(["ours", *ablation.WITHOUT])


def test_gain_counts_what_is_not_charged(verdicts: list[Verdict]) -> None:
    found = evader.gain([row for row in verdicts if row.method == "winner"])
    assert found["visits"] == 2
    assert found["not_charged_items"] == 50.0 * sum(r.taken - r.right for r in verdicts if r.method == "winner")
    assert by_tag(verdicts, "trick")[TRICK]["winner"]["visits"] == 2


def test_benches_have_their_own_seeds() -> None:
    assert bench("x", True, None, 1, None).seeds == range(101, 121)
    assert bench("x", True, range(1, 2), None, None).workers >= 1


def test_the_engine_is_timed_by_event() -> None:
    store = load(SAMPLE)
    spent = follow(together(store, 1, 1, 1), store)
    assert len(spent.event_s) >= 2
    assert spent.receipts == 1
    assert 0.0 < spent.figures()["p50_ms"] <= spent.figures()["most_ms"]


def test_equal_neighbours_are_found_and_plates_halved() -> None:
    shop = small_shop(1, 1, 6)
    assert neighbours.equals(shop) == []  # 23 g apart
    half = neighbours.halved(shop)
    assert [plate.id for plate in half.fixture("g1").shelves[0].plates] == [1, 2, 3]
    assert [facing.plates for facing in half.planogram] == [(1,), (2,), (3,)]
    whole = [o for o in simulate(shop, [], seed=1, least_s=1.0) if isinstance(o, PlateBatch)]
    seen = neighbours.half_seen(whole[0])
    assert isinstance(seen, PlateBatch)
    assert seen.grams.shape == (12, 1, 3)
    assert seen.grams[3, 0, 1] == pytest.approx(float(whole[0].grams[3, 0, 2:4].sum()), abs=0.01)


def test_fairness_plays_are_the_same_each_time() -> None:
    plays = [next(Everybody(SAMPLE, range(1, 2)).plays()) for _ in range(2)]
    assert plays[0].name == plays[1].name == "fairness-s00001"
    firsts: list[Iterator[Any]] = [play.observations() for play in plays]
    assert [type(next(firsts[0])) for _ in range(5)] == [type(next(firsts[1])) for _ in range(5)]


@pytest.mark.parametrize(
    ("stem", "case"),
    [("BASELINE-1", "BASELINE-1"), ("BASELINE-1-weight", "BASELINE-1"), ("BASELINE-12-weight", None), ("x", None)],
)
def test_a_file_is_of_the_case_that_its_name_begins_with(stem: str, case: str | None) -> None:
    assert aifi_real.case_of(Path(f"{stem}.csv"), ["BASELINE-1", "BASELINE-2"]) == case


def test_readings_alone_are_scored_against_labels(tmp_path: Path) -> None:
    shop = small_shop(1, 1, 6, prefix="gondola-")
    facing = shop.planogram[1]

    def visit(me: Any) -> Any:
        yield from b.take(me, facing)

    coming = [Arrival(1.0, (Member(Build(1.7, 0.9), visit),))]
    plates = [o for o in simulate(shop, coming, seed=1, quiet_s=5.0) if isinstance(o, PlateBatch)]
    (tmp_path / "CASE-1-weight.csv").write_bytes(text(plates))
    case = Case("CASE-1", True, {"s1": {facing.gtin: 1}}, ())

    (row,) = aifi_real.score_folder(tmp_path, shop, {"CASE-1": case, "CASE-2": case})
    assert (row.recording, row.visit, row.taken) == ("CASE-1", "CASE-1", 1)
    assert row.tags["matched"] == "both"
