"""Suites scored as they are played: the same figures as from files, by any number of processes, and nothing kept."""

import json
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from walkout.cli.app import app
from walkout.cli.suite import seed_range
from walkout.cli.suite_figures import by_tag
from walkout.cli.suite_scores import Scored, Wanted, score_plays
from walkout.evaluation.matching import Claim
from walkout.evaluation.score import Judged, Judgement
from walkout.recording.truth import TruthVisit
from walkout.twin.settings import DEFAULT

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"
EVADER = ("twin", "suite", "evader", "--store", SAMPLE, "--seeds", "1..1")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def figures() -> str:
    """The figures of one small suite, as printed for programs."""
    done = call(*EVADER, "--score", "--json")
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_figures_are_those_of_the_recordings(figures: str, tmp_path: Path) -> None:
    found = json.loads(figures)
    assert (found["suite"], found["origin"], found["settings"], found["seeds"]) == (
        "evader",
        "simulated",
        "default",
        "1..1",
    )
    done = call(*EVADER, "--out", tmp_path)
    assert done.exit_code == 0, done.stderr
    recordings = sorted(tmp_path.glob("*.mcap"))
    assert f"{len(recordings)} recordings" in done.stdout
    scored = json.loads(call("score", *recordings, "--json").stdout)
    assert {name: found[name] for name in scored} == scored
    assert sorted(found["by_tag"]["trick"]) == sorted(path.name.rpartition("-s")[0] for path in recordings)
    assert sum(row["visits"] for row in found["by_tag"]["trick"].values()) == found["visits"]


def test_two_processes_give_the_same_bytes(figures: str) -> None:
    done = call(*EVADER, "--score", "--json", "--workers", 2)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == figures


def test_no_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plays = score_plays(Wanted("evader", SAMPLE, None, range(1, 2), DEFAULT))
    first = next(plays)
    assert list(tmp_path.iterdir()) == []
    assert first.name == "creeping_take-s00001"
    assert all(item.visit is None or item.visit.path == () for item in first.judgement.judged)


def test_people_read_simulated_and_a_table_by_tag() -> None:
    done = call("twin", "suite", "published-failures", "--store", SAMPLE, "--seeds", "2..2", "--score")
    assert done.exit_code == 0, done.stderr
    assert "simulated (settings default)" in done.stdout
    assert "receipts exactly right" in done.stdout
    rows = [line.split()[0] for line in done.stdout.partition("behaviour ")[2].splitlines()[1:] if line]
    assert rows == ["equal_mass_swap", "fast_many", "floor", "hand_over", "long_hold", "same_take_by_two"]
    assert "6. same_take_by_two-s00002: " in done.stderr


def judgement(taken: int, charged: int, *, consistent: bool = True) -> Judgement:
    """A visit that took and paid so many of one product."""
    gtin = "00440000013059"
    visit = TruthVisit("v1", "p1", ("a",), 0, 10, {gtin: taken})
    claim = Claim("v1", ("a",), 0, 10, {gtin: charged} if charged else {}, alone=True)
    return Judgement("one", (Judged(claim, visit),), consistent)


def test_a_value_whose_plays_are_left_out_has_no_figures() -> None:
    found = by_tag(
        [
            Scored("a", {"case": "a"}, judgement(2, 2), 0),
            Scored("b", {"case": "b"}, judgement(1, 2), 0),
            Scored("c", {"case": "c"}, judgement(1, 1, consistent=False), 0),
        ]
    )["case"]
    assert list(found) == ["a", "b", "c"]
    assert (found["a"]["exact"], found["a"]["f1"], found["a"]["overcharged"]) == (1.0, 1.0, 0.0)
    assert (found["b"]["exact"], found["b"]["f1"], found["b"]["overcharged"]) == (0.0, pytest.approx(2 / 3), 1.0)
    assert found["c"] == {
        "visits": 0, "recordings": 0, "left_out": 1, "exact": None, "f1": None, "overcharged": None
    }  # fmt: skip


REFUSED = {
    "neither": ((), "found neither"),
    "both": (("--score", "--out", "x"), "found both"),
    "json without score": (("--out", "x", "--json"), "--json goes with --score"),
    "no such suite": (("--score",), "no suite 'nothing'"),
    "seeds": (("--score", "--seeds", "3..1"), "found '3..1'"),
    "no such store": (("--score", "--store", "not-there"), "not-there"),
}


@pytest.mark.parametrize(("options", "says"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(
    options: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "nothing" if "suite" in says else "evader"
    done = call("twin", "suite", name, "--store", SAMPLE, *options)
    assert done.exit_code == 2
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_seeds_that_a_suite_does_not_have_are_refused(workers: int) -> None:
    done = call("twin", "suite", "day", "--store", SAMPLE, "--seeds", "900..901", "--score", "--workers", workers)
    assert done.exit_code == 2
    assert "no play" in done.stderr


def test_seeds_include_the_last() -> None:
    assert list(seed_range("3..5")) == [3, 4, 5]
