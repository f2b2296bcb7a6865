"""Simulated reviewers at the real queues."""

from pathlib import Path
from random import Random

import pytest
from benchmarks._review import faults_of
from sqlalchemy import Engine
from typer.testing import CliRunner

from tests.review.desk import Desk
from walkout.cli.app import app
from walkout.review.reviewers import Reviewer, a_team, answers, takes_s
from walkout.review.simulate import Setting, simulate

SETTING = Setting(visits=40, visits_an_hour=240.0, asks=0.2, audit=0.2, alone_wrong=0.1, disputes=0.05, seed=3)


def played(engine: Engine) -> dict[str, object]:
    return simulate(engine, a_team(3, error=0.0, seconds=20.0), SETTING)


def test_a_rush_hour_ends_with_every_visit_final(small_desk: Desk) -> None:
    found = played(small_desk.engine)
    assert found["origin"] == "simulated"
    assert found["shown_only_per_1000"] == 0.0
    wrong_before, wrong_after = found["wrong_before_per_1000"], found["wrong_after_per_1000"]
    assert isinstance(wrong_before, float)
    assert isinstance(wrong_after, float)
    assert wrong_after < wrong_before
    asked, seen = found["questions_to_settle_per_1000"], found["seen_by_any_person_per_1000"]
    assert isinstance(asked, float)
    assert isinstance(seen, float)
    assert asked > 0
    assert seen >= 1000 * 0.2  # a case, an audit or a dispute each
    counted = found["answers_by_purpose"]
    assert isinstance(counted, dict)
    assert counted["audit"] >= 6
    assert counted["gold"] > 0
    assert faults_of(small_desk.engine) == []


def test_tired_people_and_spammers() -> None:
    random, keys = Random(1), ("a", "b", "c")  # noqa: S311
    fresh = Reviewer("fresh", error=0.1, cannot_tell=0.0)
    n = 4000
    wrong = sum(answers(fresh, random, "b", keys, 0.0) != "b" for _ in range(n)) / n
    tired = sum(answers(fresh, random, "b", keys, 20 * 3600.0) != "b" for _ in range(n)) / n
    assert wrong == pytest.approx(0.1, abs=0.02)
    assert tired == pytest.approx(0.2, abs=0.025)
    assert takes_s(fresh, Random(2), 7200.0) == pytest.approx(1.1 * takes_s(fresh, Random(2), 0.0))  # noqa: S311
    spammer = Reviewer("spam", spammer=True)
    assert (answers(spammer, random, "b", keys, 0.0), takes_s(spammer, random, 0.0)) == ("a", 2.0)
    with pytest.raises(ValueError, match="right: at most all of them"):
        a_team(1, error=0.1, seconds=5.0, spammers=2)


def test_nobody_is_no_team(small_desk: Desk) -> None:
    with pytest.raises(ValueError, match="right: one reviewer or more"):
        simulate(small_desk.engine, (), SETTING)


def test_the_command(tmp_path: Path) -> None:
    words = ["review", "simulate", "--visits", "8", "--asks", "0.5"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "questions needed to settle" in done.output
    assert "simulated" in done.output
    refused = CliRunner().invoke(app, [*words, "--spammers", "9"])
    assert refused.exit_code == 2
