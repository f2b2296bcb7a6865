"""Requests to see raw video outlive the process: killed at every step, on SQLite and PostgreSQL, nothing changes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from sqlalchemy import insert, update

from tests.live.glass_life import CAMERA, FROM_NS, JPEG, NOW_NS, REASON
from tests.postgres import new_database
from walkout.checkout import tables
from walkout.checkout.storage import open_database
from walkout.live.glass_book import KEPT, GlassBook
from walkout.privacy.break_glass import WAIT_NS, Glass

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """A URL; "": a file of its own."""
    if request.param == "sqlite":
        yield ""
        return
    pytest.importorskip("pg8000", reason="PostgreSQL needs its driver ('./run extras')")
    with new_database(request.getfixturevalue("postgres"), f"walkout_glass_{os.getpid()}") as url:
        yield url


def test_a_kill_at_any_step_changes_nothing(database: str, tmp_path: Path) -> None:
    every = 1 if not database else 3
    words = [sys.executable, "-m", "tests.live.glass_life", str(tmp_path), database, str(every)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert not [row for row in rows if "error" in row], rows
    kills, last = rows[:-1], rows[-1]
    assert len(kills) >= 20 // every
    assert all(row["killed"] for row in kills)
    assert not last["killed"]
    assert last["said"] == ["asked", "approved", "opened", "served", "ended"]
    for row in rows:
        served = row["said"].count("served")
        assert served in (1, 2), "killed between the entry and the bytes: the entry stands, and they look again"
        assert [one for one in row["said"] if one != "served"] == ["asked", "approved", "opened", "ended"], row
        assert row["said"][0:3] == ["asked", "approved", "opened"], row
        assert sorted(row["told"].values()) == [1, 1], "each who was inside, once"
        assert 1799 < row["until_s"] < 1801, "by when they were let, not by the restart"
        assert (row["by"], row["ended"], row["requests"]) == (["ada", "ben", "apart"], True, 1)
        assert row["shown"] in (0, 10 * len(JPEG))


def test_what_is_over_goes_in_the_end_and_what_waits_stays(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "ledger.db", durable=False)
    book = GlassBook(engine)
    for k in range(KEPT + 5):
        one = Glass(f"r{k}", "ada", "operator", CAMERA, FROM_NS, FROM_NS + 1, 5, REASON, NOW_NS + k)
        book.step(one, "asked", "ada", "operator", lambda: None)
    assert book.tidy(NOW_NS + KEPT + 5) == (), "all wait"
    assert book.get("r7") == Glass("r7", "ada", "operator", CAMERA, FROM_NS, FROM_NS + 1, 5, REASON, NOW_NS + 7)
    over = book.tidy(NOW_NS + WAIT_NS + KEPT + 2)
    assert len(over) == KEPT
    assert {"r0", "r1", "r2"} & {one.id for one in book.all()} == set()
    assert [one.id for one in book.all()][:2] == [f"r{KEPT + 4}", f"r{KEPT + 3}"]
    engine.dispose()


def test_who_made_whom_is_read_up_to_the_first(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "ledger.db", durable=False)
    made = {"root": "", "ada": "root", "ben": "ada", "old": None, "cy": "old", "sso:x:1": ""}
    with engine.begin() as connection:
        for k, (name, by) in enumerate(made.items()):
            values = {"name": name, "role": "admin", "password": "", "epoch": 0, "created_ns": k, "made_by": by}
            connection.execute(insert(tables.users).values(**values))
    book = GlassBook(engine)
    found = {name: book.account(name) for name in (*made, "nobody")}
    assert found["ben"].makers == ("ada", "root")
    assert [name for name, one in found.items() if not one.known] == ["old", "cy", "nobody"]
    assert [name for name, one in found.items() if one.vouched] == ["sso:x:1"]
    with engine.begin() as connection:  # a circle, as only somebody with the database could draw
        connection.execute(update(tables.users).where(tables.users.c.name == "root").values(made_by="ben"))
    assert set(book.account("ben").makers) == {"ada", "root"}
    assert not book.account("ben").known
    engine.dispose()
