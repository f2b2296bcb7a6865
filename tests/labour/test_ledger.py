"""The time ledger in the database: what step() says is what is there, on both kinds, with threads and deaths."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, delete, text, update
from sqlalchemy.exc import DBAPIError

from tests.labour.desk import WORKER, Turned, an_hour
from walkout.checkout.branch import Branch
from walkout.checkout.storage import StorageError, migrate
from walkout.labour import tables
from walkout.labour.books import Books
from walkout.labour.event import Event
from walkout.labour.ledger import LabourError, LabourLedger, is_resting, last_stamp
from walkout.labour.storage import BRANCH, open_labour
from walkout.labour.voice import prove, public, sign
from walkout.labour.voices import Voices

ROOT = Path(__file__).resolve().parents[2]


def test_migrations_build_what_the_code_says(engine: Engine) -> None:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or str(name) in tables.metadata.tables

    with engine.connect() as connection:
        options = {"compare_type": True, "include_name": ours, "version_table": BRANCH.version_table}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []
        assert BRANCH.revision(connection) == BRANCH.head() == BRANCH.revisions()[-1]


def test_it_lives_beside_the_checkout_in_one_database(engine: Engine) -> None:
    migrate(engine)
    BRANCH.migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from receipts")).scalar() == 0


def test_a_schema_of_a_newer_release_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("update labour_version set version_num = '9999'"))
    with pytest.raises(StorageError, match=r"labour_version at 9999, right: .* or older"):
        Branch(BRANCH.scripts, BRANCH.version_table).migrate(engine)


def test_what_was_written_stays(books: Books, turned: Turned) -> None:
    books.accept(WORKER, "settle")
    an_hour(books, turned, questions=1)
    issued = books.issue(WORKER, "2026-03")
    books.sent(f"{WORKER}/2026-03/0", issued.due, "transfer 1", "operator")
    books.said(WORKER, f"{WORKER}/2026-03/0", came=True)
    books.looked(WORKER, "calm-otter", "intervals", "a question about March")
    voices, key = Voices(books.ledger, "Sample store"), Ed25519PrivateKey.generate()
    voices.register(WORKER, public(key), prove(key, voices.store))
    voices.say(WORKER, sign(key, voices.store, "2026-03", "", "a word"))
    for name in tables.KEPT:
        table = tables.metadata.tables[name]
        for change in (update(table).values({table.c[0]: table.c[0]}), delete(table)):
            with pytest.raises(DBAPIError, match=f"{name} is only ever added to"), books.engine.begin() as connection:
                connection.execute(change)


def test_the_log_gives_what_the_tables_hold(books: Books, turned: Turned) -> None:
    an_hour(books, turned)
    assert books.ledger.verify(WORKER) == ()
    intervals = books.ledger.intervals(WORKER)
    assert sum(i.length_ns for i in intervals) == 3600 * 10**9
    assert [e.number for e in books.ledger.entries(WORKER)] == list(range(1, 16))
    assert not books.ledger.desk(WORKER).open


def test_a_second_copy_does_nothing_and_another_event_of_that_name_is_refused(books: Books, turned: Turned) -> None:
    say = books.ledger.happen
    first = say(WORKER, "shift_started", "one")
    turned.on(5)
    assert say(WORKER, "shift_started", "one") == first
    assert len(books.ledger.entries(WORKER)) == 1
    with pytest.raises(LabourError, match="right: an id that was never used"):
        say(WORKER, "shift_ended", "one")


def test_strangers_and_second_handles_are_refused(books: Books) -> None:
    with pytest.raises(LabourError, match="right: somebody who is registered"):
        books.ledger.happen("nobody", "shift_started", "x")
    books.ledger.register(WORKER, "exampleville", "employed", "Example Ltd")
    with pytest.raises(LabourError, match="right: a handle that was never used"):
        books.ledger.register(WORKER, "sampleabad", "employed", "Example Ltd")


def test_a_tampered_log_is_found(books: Books, turned: Turned) -> None:
    an_hour(books, turned, questions=2)
    with books.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("drop trigger labour_log_no_update"))
        else:
            connection.execute(text("alter table labour_log disable trigger user"))
        connection.execute(text("update labour_log set body = replace(body, 'submitted', 'expired') where number = 4"))
    assert any("entry 4" in words for words in books.ledger.verify(WORKER))


def test_copies_from_many_threads_count_once(books: Books) -> None:
    failed: list[BaseException] = []

    def one() -> None:
        try:
            for n in range(10):
                books.ledger.happen(WORKER, "heartbeat" if n else "shift_started", f"e{n}")
        except BaseException as error:  # noqa: BLE001 told below
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(books.ledger.entries(WORKER)) == 10
    assert books.ledger.verify(WORKER) == ()


def test_after_a_death_the_gap_is_our_fault_and_the_shift_goes_on(books: Books, turned: Turned) -> None:
    say = books.ledger.happen
    say(WORKER, "shift_started", "a")
    turned.on(60)
    say(WORKER, "heartbeat", "b")
    turned.on(700)
    again = LabourLedger(books.engine, turned.clock())
    assert not is_resting(books.engine)
    again.recover()
    turned.on(10)
    again.happen(WORKER, "shift_ended", "c")
    kinds = [(i.kind, i.length_ns // 10**9) for i in again.intervals(WORKER)]
    assert kinds == [("waiting_paid", 60), ("fault_paid", 700), ("waiting_paid", 10)]
    assert again.verify(WORKER) == ()


def test_a_tick_closes_what_nobody_ended(books: Books, turned: Turned) -> None:
    books.ledger.happen(WORKER, "shift_started", "a")
    turned.on(100)
    books.ledger.tick()
    assert books.ledger.desk(WORKER).open
    turned.on(86_400)
    books.ledger.tick()
    assert not books.ledger.desk(WORKER).open
    assert is_resting(books.engine)


def test_the_ledger_goes_on_from_its_last_instant(books: Books, turned: Turned) -> None:
    books.ledger.happen(WORKER, "shift_started", "a")
    stamp = last_stamp(books.engine)
    assert (stamp.t_ns, stamp.boot) == (turned.now_ns, "test")
    assert LabourLedger(books.engine).clock.now_ns() >= stamp.t_ns


def test_a_process_killed_in_the_middle_leaves_a_whole_log(tmp_path: Path) -> None:
    """A real process writes events until it is killed; what it leaves is whole, and can be gone on with."""
    engine = open_labour(tmp_path / "l.db")
    ledger = LabourLedger(engine)
    ledger.register(WORKER, "exampleville", "employed", "Example Ltd")
    program = (
        "from walkout.labour.storage import open_labour\nfrom walkout.labour.ledger import LabourLedger\n"
        f"ledger = LabourLedger(open_labour({str(tmp_path / 'l.db')!r}))\n"
        "for n in range(10**6):\n"
        f"    ledger.happen({WORKER!r}, ('leased', 'submitted')[n % 2], f'k{{n}}', unit=str(n // 2),\n"
        "        **({'purpose': 'settle', 'card': 'c'} if n % 2 == 0 else {}))\n"
        "    print(n, flush=True)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, env={"PYTHONPATH": "src"}
    )
    assert child.stdout is not None
    last = [int(child.stdout.readline()) for _ in range(40)][-1]
    child.kill()
    child.stdout.close()
    child.wait()
    again = LabourLedger(engine)
    again.recover()
    assert again.verify(WORKER) == ()
    assert len(again.entries(WORKER)) >= last + 1
    assert again.add(Event("after", WORKER, "shift_ended", again.clock.now_ns())).id == "after"
    assert again.verify(WORKER) == ()
    engine.dispose()
