"""A shop's data as the release before left it, brought up to date: every receipt whole, money and exports right.

The data is written by today's ledger into the tables of the older schema: receipts as the first release published them,
without the fields that came later.
"""

import hashlib
from pathlib import Path
from xml.etree import ElementTree as ET

import orjson
import pytest
from sqlalchemy import text

from tests.checkout.money import START_NS, D, line, receipt
from walkout.checkout.feed import Feed
from walkout.checkout.ledger import Ledger
from walkout.checkout.outbox import drain
from walkout.checkout.poslog import NAMESPACE, poslog
from walkout.checkout.provider_fake import FakeProvider
from walkout.checkout.receipt import to_published
from walkout.checkout.reconcile import reconcile
from walkout.checkout.sale import sales
from walkout.checkout.storage import connect, head_revision, migrate, open_database, schema_revision
from walkout.checkout.terms import Terms

LATER = ("due", "p_raw", "status", "certificate", "questions")
"""Fields that the first release's receipts did not have; `shown` and `raw` of lines likewise."""


def as_published_then(visit: str) -> str:
    """A receipt's bytes as the first release wrote them."""
    plain = to_published(receipt(visit, 0, line("2.50", 2), line("1.00")))
    for name in LATER:
        del plain[name]
    for one in plain["lines"]:
        del one["shown"], one["raw"]
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_data_of_an_older_schema_is_whole_after_the_upgrade(revision: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    old = connect(path, durable=False)
    migrate(old, revision)
    provider = FakeProvider(tmp_path / "provider.db", lambda: START_NS)
    before = Ledger(old, "shop", Terms(), "EUR")
    published = {}
    for visit in ("v1", "v2"):
        before.enter(visit, "p", "card", START_NS)
        drain(before, provider, START_NS)
        before.leave(visit, START_NS)
        before.issue(receipt(visit, 0, line("2.50", 2), line("1.00")), final=True, reason="then", now_ns=START_NS)
        drain(before, provider, START_NS)
        published[visit] = as_published_then(visit)
    with old.begin() as connection:  # the bytes of that release, under its hash
        connection.execute(text("DROP TRIGGER IF EXISTS receipts_no_update"))
        for name, body in published.items():
            values = {"b": body, "h": hashlib.sha256(body.encode()).hexdigest(), "v": name}
            connection.execute(text("UPDATE receipts SET published = :b, sha256 = :h WHERE visit = :v"), values)
    with old.begin() as connection:
        assert schema_revision(connection) == revision
    old.dispose()

    new = open_database(path, durable=False)
    ledger = Ledger(new, "shop", Terms(), "EUR")
    with new.begin() as connection:
        assert schema_revision(connection) == head_revision()
    for visit, body in published.items():
        (issued,) = ledger.receipts(visit)
        assert issued.published.decode() == body
        assert hashlib.sha256(issued.published).hexdigest() == issued.sha256
        assert (issued.receipt.total, issued.receipt.payable) == (D("6.00"), D("6.00"))
        assert issued.receipt.lines[0].cost == D("5.00")
        assert ledger.payment(visit).net == D("6.00")
    assert reconcile(ledger, provider) == ()
    root = ET.fromstring(poslog(sales(ledger), "shop", "UTC"))  # noqa: S314 - our own
    assert [one.text for one in root.iter(f"{{{NAMESPACE}}}Total")] == ["6.00", "6.00"]

    feed = Feed(new)
    assert feed.add("k", "visit.entered", "v1", {"visit": "v1", "entered_ns": 1}, START_NS)
    back = receipt("v1", 1, line("1.00"))
    ledger.issue(back, final=True, reason="given back today", now_ns=START_NS + 1)
    drain(ledger, provider, START_NS + 1)
    assert ledger.payment("v1").net == D("1.00")
    assert reconcile(ledger, provider) == ()
    provider.close()
    new.dispose()
