"""Death at every step, and real deaths: money is taken once, receipts are the undisturbed run's."""

import shutil
from pathlib import Path

import pytest
from benchmarks._money import CrashError, Play, Saboteur, accounts, at_rate, crash_often, story
from benchmarks.money import kill_often
from sqlalchemy import select

from walkout.checkout import tables
from walkout.checkout.faults import Fault
from walkout.checkout.reconcile import reconcile
from walkout.checkout.storage import connect

SEED = 3


def life(ready: Path, folder: Path, saboteur: Saboteur | None = None) -> Play:
    """One life of the shop in a folder; each opens the same files."""
    if not (folder / "ledger.db").exists():
        shutil.copy(ready, folder / "ledger.db")
    engine = connect(folder / "ledger.db", durable=False)
    return Play(engine, folder / "books.db", at_rate(Fault.TIMEOUT_AFTER, 0.3, SEED), saboteur)


def what_remains(play: Play) -> tuple[object, ...]:
    """Receipts as published, and what each visit paid; the play is over."""
    with play.engine.connect() as connection:
        receipts = connection.execute(
            select(tables.receipts.c.visit, tables.receipts.c.revision, tables.receipts.c.sha256)
        )
        rows = sorted(tuple(row) for row in receipts)
    found = accounts(play)
    assert all(account.whole and account.net == account.total for account in found.values())
    assert reconcile(play.ledger, play.provider) == ()
    play.close()
    play.engine.dispose()
    return (rows, {visit: account.net for visit, account in found.items()})


def undisturbed(folder: Path, ready: Path, visits: int) -> tuple[object, ...]:
    (folder / "undisturbed").mkdir()
    play = life(ready, folder / "undisturbed")
    play.run(story(SEED, visits), SEED)
    return what_remains(play)


@pytest.mark.parametrize(
    "every", [pytest.param(9, id="every ninth"), pytest.param(1, id="every", marks=pytest.mark.slow)]
)
def test_death_between_any_two_steps(ready: Path, tmp_path: Path, every: int) -> None:
    """A fresh shop dies at one step, and lives on; then another at another step, up to the last step there is."""
    inputs = story(SEED, 2)
    expected = undisturbed(tmp_path, ready, 2)
    for at in range(1, 10_000, every):
        folder = tmp_path / str(at)
        folder.mkdir()
        first = life(ready, folder, Saboteur(at))
        try:
            first.run(inputs, SEED)
        except CrashError:
            first.close()
            first.engine.dispose()
        else:
            assert what_remains(first) == expected
            break
        second = life(ready, folder)
        second.run(inputs, SEED)
        assert what_remains(second) == expected, f"after a death at step {at}"
    assert at > 150


def test_death_again_and_again(ready: Path, tmp_path: Path) -> None:
    def make(saboteur: Saboteur) -> Play:
        return life(ready, tmp_path, saboteur)

    play, crashes = crash_often(make, story(SEED, 6), SEED, 300)
    assert crashes >= 3
    assert what_remains(play) == undisturbed(tmp_path, ready, 6)


def test_killed_for_real(tmp_path: Path) -> None:
    """kill -9 at moments that nobody chose, all faults at once; then one life to the end."""
    killed = kill_often(tmp_path, kills=3, visits=20, seed=SEED)
    assert killed >= 1
    play = Play(connect(tmp_path / "ledger.db", durable=False), tmp_path / "books.db", at_rate(None, 0.3, SEED))
    play.run(story(SEED, 20), SEED)
    found = accounts(play)
    assert len(found) == 20
    assert all(account.whole for account in found.values())
    assert {one.what for one in reconcile(play.ledger, play.provider)} <= {"not collected", "owed to the shopper"}
    play.close()
    play.engine.dispose()
