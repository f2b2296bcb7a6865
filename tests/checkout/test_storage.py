"""The database: the same on SQLite and on PostgreSQL, from empty and from older schemas."""

import shutil
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from tests.checkout.money import START_NS, D, Shop, line
from walkout.checkout import storage, tables
from walkout.checkout.storage import StorageError, connect, head_revision, migrate, open_database, schema_revision


def put(engine: Engine, amount: object) -> None:
    """A visit and a receipt of this amount."""
    with engine.begin() as connection:
        connection.execute(
            insert(tables.visits).values(
                visit="v1", party="p", payer="t", currency="EUR", entered_ns=1, stage="inside", payment="{}"
            )
        )
        connection.execute(
            insert(tables.receipts).values(
                visit="v1",
                revision=0,
                final=True,
                reason="",
                total=amount,
                currency="EUR",
                published="{}",
                sha256="",
                issued_ns=1,
            )
        )


def test_migrations_build_what_the_code_says(empty: str) -> None:
    engine = open_database(empty)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_opening_again_changes_nothing(engine: Engine, where: str) -> None:
    put(engine, D("1.10"))
    again = open_database(where)
    with again.connect() as connection:
        assert schema_revision(connection) == head_revision()
        assert connection.execute(select(tables.receipts.c.total)).scalar_one() == D("1.10")
    again.dispose()


def test_every_step_up_from_empty(empty: str) -> None:
    engine = connect(empty)
    steps = [script.revision for script in storage._scripts().walk_revisions()][::-1]
    for revision in steps:
        migrate(engine, revision)
        with engine.connect() as connection:
            assert schema_revision(connection) == revision
    engine.dispose()


def test_a_schema_of_a_newer_release_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StorageError, match=r"schema 9999, right: .* or older"):
        migrate(engine)


@pytest.mark.parametrize("amount", ["1.10", "0", "0.00", "-3.5", "12345678901234567890.123456789", "0.1"])
def test_amounts_come_back_digit_for_digit(engine: Engine, amount: str) -> None:
    put(engine, D(amount))
    with engine.connect() as connection:
        found = connection.execute(select(tables.receipts.c.total)).scalar_one()
    assert isinstance(found, Decimal)
    assert str(found) == amount


@pytest.mark.parametrize("amount", [1.1, "1.10", 1, D("NaN"), D("Infinity")], ids=repr)
def test_what_is_no_exact_amount_is_refused(engine: Engine, amount: object) -> None:
    with pytest.raises(StatementError, match="right: a finite Decimal"):
        put(engine, amount)


@pytest.mark.parametrize("change", ["update receipts set reason = 'other'", "delete from receipts"])
def test_receipts_are_only_added_to(engine: Engine, change: str) -> None:
    put(engine, D(1))
    with pytest.raises(DBAPIError, match="only ever added to"), engine.begin() as connection:
        connection.execute(text(change))


def test_a_row_that_belongs_to_nothing_is_refused(engine: Engine) -> None:
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(insert(tables.outbox).values(key="nobody", next_ns=1))


def test_a_transaction_that_fails_leaves_nothing(shop: Shop) -> None:
    shop.enter()
    before = shop.ledger.payment("v1")

    def half() -> None:
        with shop.engine.begin() as connection:
            connection.execute(text("update visits set stage = 'decided' where visit = 'v1'"))
            connection.execute(insert(tables.outbox).values(key="nobody", next_ns=1))

    with pytest.raises(DBAPIError):
        half()
    assert shop.ledger.payment("v1") == before


def test_writers_wait_for_each_other(shop: Shop) -> None:
    """Twenty threads raise twenty baskets and answers at once: none is lost, none fails."""
    failed: list[BaseException] = []

    def one(number: int) -> None:
        try:
            shop.ledger.enter(f"v{number % 5}", "p", "card", START_NS)
            shop.ledger.basket(f"v{number % 5}", D(number), START_NS)
        except BaseException as error:  # noqa: BLE001 told below
            failed.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(shop.ledger.visits("inside")) == 5


def test_sqlite_is_set_up_for_money(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.db")
    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    engine.dispose()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        pytest.param("mysql://host/name", "right: sqlite or postgresql", id="another kind"),
        pytest.param("://", "right: a path, or a URL", id="no URL"),
    ],
)
def test_what_cannot_be_opened_is_said(where: str, words: str) -> None:
    with pytest.raises(StorageError, match=words):
        connect(where)


def test_without_its_driver_postgresql_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(StorageError, match=r"pip install 'walkout\[postgres\]'"):
        connect("postgresql://user@host/name")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_money_is_text_in_sqlite(amount: Decimal) -> None:
    dialect = create_engine("sqlite://").dialect
    money = tables.Money()
    bound = money.process_bind_param(amount, dialect)
    assert isinstance(bound, str)
    assert money.process_result_value(bound, dialect) == amount


def test_a_copy_of_the_file_is_a_whole_ledger(small_shop: Shop, tmp_path: Path) -> None:
    small_shop.enter()
    small_shop.issue("v1", 0, line("2.50"))
    small_shop.quiet()
    small_shop.engine.dispose()  # the last connection folds the write-ahead log in
    copied = open_database(shutil.copy(tmp_path / "ledger.db", tmp_path / "copy.db"))
    with copied.connect() as connection:
        assert connection.execute(select(tables.receipts.c.total)).scalar_one() == D("2.50")
    copied.dispose()
