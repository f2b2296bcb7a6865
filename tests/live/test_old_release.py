"""A data folder that an older state of this repository left (old_release/README.md), opened by today's code.

All that it held is there unchanged, the log verifies, and the shop goes on: it sells, a case is answered, a dispute is
closed. On SQLite, as it was written, and with the same rows in PostgreSQL.
"""

import asyncio
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, Engine, MetaData, func, inspect, select, text

from tests.live.story import NOWHERE, feed
from tests.postgres import new_database
from walkout.checkout.reconcile import reconcile
from walkout.checkout.storage import StorageError, connect, head_revision, migrate, schema_revision
from walkout.disclosure.storage import BRANCH as DISCLOSURE
from walkout.labour.storage import BRANCH as LABOUR
from walkout.live.disputes import Disputes
from walkout.live.performer import Performer
from walkout.live.shop import Shop
from walkout.live.source import Message
from walkout.live.till import Till, Wishes, open_till
from walkout.live.topics import topic
from walkout.privacy.audit import audit
from walkout.review.storage import BRANCH as REVIEW
from walkout.store.folder import load
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.twin.perform import perform

HERE = Path(__file__).with_name("old_release")
STORE = load(Path(__file__).resolve().parents[2] / "examples" / "shell-shop")
SECOND = 10**9
WISHES = Wishes(any_card=True, settle_at=0.99, audit_share=0.01, durable=False)
BRANCHES = (DISCLOSURE, LABOUR, REVIEW)


@dataclass
class Old:
    """The unpacked folder, what the older state said of it, and its ledger's rows by table, as they were written."""

    folder: Path
    url: str | None
    facts: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]
    clock: list[int] = field(default_factory=list)

    def till(self) -> Till:
        return open_till(STORE, self.folder, wishes=WISHES, database=self.url, now_ns=lambda: self.clock[0])

    def open(self) -> Shop:
        return Shop(self.till, STORE.name, None)


ARCHIVES = sorted(path.name for path in HERE.glob("*.tar.xz"))


def unpack(name: str, to: Path) -> Old:
    with tarfile.open(HERE / name) as archive:
        archive.extractall(to, filter="data")
    facts = orjson.loads((to / "facts.json").read_bytes())
    with sqlite3.connect(to / "ledger.db") as read:
        read.row_factory = sqlite3.Row
        names = [row[0] for row in read.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        # Names of tables are no values; these come from the database itself.
        rows = {name: [dict(one) for one in read.execute(f'SELECT * FROM "{name}"')] for name in names}  # noqa: S608
    read.close()
    return Old(to, None, facts, rows, [facts["at_ns"] + 30 * SECOND])


def into_postgres(old: Old, url: str) -> None:
    """The same rows in the schema of that state, in PostgreSQL."""
    engine = connect(url)
    migrate(engine, old.facts["schema"]["alembic_version"])
    for branch in BRANCHES:
        branch.migrate(engine, old.facts["schema"][branch.version_table])
    found = MetaData()
    found.reflect(engine)
    with engine.begin() as connection:
        for table in found.sorted_tables:
            if table.name in old.facts["schema"]:
                continue
            for row in old.rows[table.name]:
                connection.execute(table.insert().values({k: typed(table.c[k].type, v) for k, v in row.items()}))
            for column in table.c:
                sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
                if connection.execute(text(f"SELECT {sequence}")).scalar() is not None:
                    last = connection.execute(select(func.max(column))).scalar()
                    connection.execute(text(f"SELECT setval({sequence}, {(last or 0) + 1}, false)"))
    engine.dispose()


def typed(kind: Any, value: Any) -> Any:
    """A value of SQLite's as PostgreSQL takes it."""
    if value is None:
        return None
    return {bool: bool, Decimal: Decimal}.get(kind.python_type, lambda found: found)(value)


def plain(value: Any) -> Any:
    """A value of either database, so that they compare."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return bytes(value) if isinstance(value, memoryview) else int(value) if isinstance(value, bool) else value


@pytest.fixture(params=[f"{name} {kind}" for name in ARCHIVES for kind in ("sqlite", "postgresql")])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    name, kind = request.param.split()
    made = unpack(name, tmp_path / "shop")
    if kind == "sqlite":
        yield made
        return
    pytest.importorskip("pg8000", reason="PostgreSQL needs its driver ('./run extras')")
    with new_database(request.getfixturevalue("postgres"), f"walkout_old_{os.getpid()}") as url:
        into_postgres(made, url)
        (made.folder / "ledger.db").unlink()
        made.url = url
        yield made


def said(till: Till, facts: dict[str, Any]) -> dict[str, Any]:
    """What today's code says of the same things."""
    books, visits = till.reviewing.books, facts["receipts"]
    receipts, payments = {}, {}
    for visit in visits:
        receipts[visit] = [[one.published.decode(), one.sha256, one.final] for one in till.ledger.receipts(visit)]
        payment = till.ledger.payment(visit)
        payments[visit] = [str(payment.net), str(payment.held), payment.hold_state]
    statements = {worker: books.statement(worker, facts["month"]) for worker in books.ledger.workers()}
    return {
        "receipts": receipts,
        "payments": payments,
        "movements": {m.key: [m.kind, m.visit, str(m.amount), m.currency, m.id] for m in till.provider.movements()},
        "disputes": {c.id: [c.visit, c.kind, c.state, str(c.amount)] for c in Disputes(till).all()},
        "pay": {worker: [str(one.pay.total), one.as_of, one.head] for worker, one in statements.items()},
        "issued": [
            [one.worker, one.period, str(one.due), one.published.decode(), one.sha256] for one in books.issued()
        ],
    }


def unchanged(connection: Connection, rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Tables of which a row of the older state is not there any more, as it was."""
    wrong = []
    for name, before in rows.items():
        columns = list(before[0]) if before else []
        quoted = ", ".join(f'"{one}"' for one in columns)
        now = connection.execute(text(f'SELECT {quoted} FROM "{name}"')).all() if before else []  # noqa: S608
        there = [tuple(plain(value) for value in row) for row in now]
        if any(tuple(plain(row[one]) for one in columns) not in there for row in before):
            wrong.append(name)
    return wrong


def come(old: Old, seconds: int) -> list[Message]:
    """What the twin's devices publish from the shop's present on: somebody comes, takes something and leaves."""
    arrivals = (Arrival(8.0, (Member(Build(), b.sequence(b.take, b.take)),)),)
    twin = Performer(STORE, NOWHERE, seed=5, arrivals=arrivals, speed=9.0, start_ns=old.clock[0])
    made = [
        Message(topic(STORE.name, "status", name), twin._status("up"), old.clock[0], retained=True)
        for name in twin._devices()
    ]
    for _, ready in islice(perform(twin._sim, twin._due), seconds):
        for observation in ready:
            about, data = twin._message(observation)
            made.append(Message(topic(STORE.name, about.kind, about.name), data, old.clock[0]))
    return made


def test_what_an_older_release_left_is_there_unchanged(old: Old) -> None:
    till = old.till()
    with till.database.begin() as connection:
        assert schema_revision(connection) == head_revision()
        assert (REVIEW.revision(connection), LABOUR.revision(connection)) == (REVIEW.head(), LABOUR.head())
        assert unchanged(connection, {n: r for n, r in old.rows.items() if n not in old.facts["schema"]}) == []
    now = said(till, old.facts)
    assert {key: now[key] for key in now if now[key] != old.facts[key]} == {}
    assert all(till.reviewing.books.ledger.verify(worker) == () for worker in old.facts["pay"])
    till.close(snapshot=False)
    assert audit(old.folder / "vault" / "log").whole


def test_the_shop_goes_on(old: Old) -> None:
    async def story() -> None:
        shop = old.open()
        await shop.open(listen=False)
        till = shop.till

        async def work(times: int) -> None:
            for _ in range(times):
                await shop.do(till.work)

        assert reconcile(till.ledger, till.provider) == ()

        # Somebody comes, takes something and leaves; who was inside is still there.
        inside = set(till.ledger.visits("inside"))
        assert len(inside) == 1
        known = set(till.ledger.visits())
        await feed(shop, come(old, 45))
        old.clock[0] += 60 * SECOND
        await work(3)
        (fresh,) = set(till.ledger.visits()) - known
        assert till.ledger.receipts(fresh)[-1].receipt.total > 0
        assert inside <= set(till.ledger.visits("inside"))

        # A case of then is answered by a second person, a dispute of then is upheld.
        (dispute,) = old.facts["disputes"]
        disputes = Disputes(till)
        await shop.do(lambda: disputes.close(dispute, "upheld", "so it was", "ada", old.clock[0]))
        await shop.do(lambda: till.reviewing.shift("ben", "shift_started"))
        lease = await shop.do(lambda: till.reviewing.lease("ben"))
        assert lease is not None
        assert lease.visit in ("v-answered", "v-asked")
        await shop.do(lambda: till.reviewing.submit("ben", lease.token, lease.body.candidates[0][0], "sure"))
        old.clock[0] += 60 * SECOND
        await work(4)
        assert till.ledger.payment(old.facts["disputes"][dispute][0]).net == 0
        assert till.ledger.receipts("v-answered")[-1].final
        assert till.ledger.payment("v-answered").net > 0
        assert reconcile(till.ledger, till.provider) == ()
        for visit, before in old.facts["receipts"].items():  # what was published stays, first in its line
            now_there = [[one.published.decode(), one.sha256, one.final] for one in till.ledger.receipts(visit)]
            assert now_there[: len(before)] == before
        await shop.close()

        again = old.open()  # with a snapshot of today's
        await again.open(listen=False)
        assert again.till.ledger.payment("v-answered").net > 0
        assert audit(old.folder / "vault" / "log").whole
        await again.close()

    asyncio.run(story())


@contextmanager
def written_by_a_newer_release(engine: Engine, table: str) -> Iterator[None]:
    with engine.begin() as connection:
        before = connection.execute(text(f"SELECT version_num FROM {table}")).scalar_one()  # noqa: S608
        connection.execute(text(f"UPDATE {table} SET version_num = '9999'"))  # noqa: S608
    yield
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET version_num = :v"), {"v": before})  # noqa: S608


@pytest.mark.parametrize("table", ["alembic_version", "review_version", "labour_version"])
def test_what_a_newer_release_left_is_not_touched_and_said(table: str, tmp_path: Path) -> None:
    old = unpack(ARCHIVES[-1], tmp_path / "shop")
    engine = connect(old.folder / "ledger.db")
    names = inspect(engine).get_table_names()
    with written_by_a_newer_release(engine, table):
        with pytest.raises(StorageError, match=r"found .*9999, right: .* or older; it was written by a newer release"):
            old.till()
        assert inspect(engine).get_table_names() == names
    old.till().close(snapshot=False)
    engine.dispose()
