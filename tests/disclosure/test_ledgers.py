"""The database held against the log: an honest one has no findings, and each kind of change of a row is found."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from benchmarks._a_month import Played, Setting, play
from benchmarks._tampering_rows import CHANGES, disarmed
from typer.testing import CliRunner

from walkout.checkout.storage import connect
from walkout.cli.app import app
from walkout.disclosure.ledgers import unlike
from walkout.privacy.entry import Entry

SMALL = Setting(days=1, visits_a_day=14, team=2, shift_h=0.5, asks=0.4, audit=0.4, disputes=0.1, erased=1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    found = play(tmp_path_factory.mktemp("ledgers"), SMALL)
    found.engine.dispose()
    with closing(sqlite3.connect(str(found.engine.url.database))) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield found
    found.close()


@pytest.fixture(scope="module")
def entries(shop: Played) -> list[Entry]:
    return list(shop.vault.log.entries())


def findings(shop: Played, path: Path, entries: list[Entry], *, keys: bool = True) -> tuple[str, ...]:
    engine = connect(path, durable=False)
    try:
        return unlike(engine, entries, shop.vault.keys if keys else None)
    finally:
        engine.dispose()


def test_what_nobody_changed_has_no_findings_with_keys_and_without(shop: Played, entries: list[Entry]) -> None:
    path = Path(str(shop.engine.url.database))
    assert len(entries) > 60
    assert len(shop.erased) == 1, "an erased visit is no finding"
    assert findings(shop, path, entries) == findings(shop, path, entries, keys=False) == ()


@pytest.mark.parametrize(("name", "act"), CHANGES, ids=[name for name, _ in CHANGES])
def test_each_kind_of_change_is_found(  # type: ignore[no-untyped-def]
    shop: Played, entries: list[Entry], tmp_path: Path, name: str, act
) -> None:
    import random

    for seed in range(2):
        work = tmp_path / f"{seed}.db"
        shutil.copyfile(str(shop.engine.url.database), work)
        with closing(disarmed(work)) as database:
            assert act(random.Random(seed), database) or act(random.Random(seed + 9), database), "nothing to change"  # noqa: S311
            database.commit()
        assert findings(shop, work, entries), name


def test_a_log_that_is_behind_is_said(shop: Played, entries: list[Entry]) -> None:
    found = findings(shop, Path(str(shop.engine.url.database)), entries[:-20])
    assert any("right: one of its" in words for words in found)


def test_the_command_says_so_and_ends_with_status_1(shop: Played, tmp_path: Path) -> None:
    work = tmp_path / "ledger.db"
    shutil.copyfile(str(shop.engine.url.database), work)
    log = shop.folder / "vault"
    call = ["audit", "verify", str(log), "--database", str(work)]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    with closing(disarmed(work)) as database:
        database.execute("DELETE FROM labour_intervals WHERE rowid = (SELECT min(rowid) FROM labour_intervals)")
        database.commit()
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 1
    assert "right: in its ledger as well" in " ".join(done.output.split())
    refused = CliRunner().invoke(app, [*call[:-1], str(tmp_path / "none.db")])
    assert refused.exit_code == 2
    assert "There is no database" in " ".join(refused.output.split())
