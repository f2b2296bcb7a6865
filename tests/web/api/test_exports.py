"""Exports and events of a shop that the twin played in: from the gate's message to a document that is valid."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import orjson
import pytest
from typer.testing import CliRunner

from tests.checkout.xsd import valid
from tests.web.api.conftest import SAMPLE, Open, opened
from walkout.checkout import cloudevent, epcis, poslog
from walkout.cli.app import app

API = "/api/v1"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """A shop of its own: others refund what was sold."""
    found = opened(tmp_path_factory.mktemp("exports"))
    yield found
    asyncio.run(found.context.shop.close())


def test_both_exports_are_valid_and_hold_what_was_sold(here: Open) -> None:
    text = here.ask("GET", f"{API}/exports/poslog", "auditor").content
    assert valid(poslog.xsd(), text)
    root = ET.fromstring(text)  # noqa: S314 - our own
    totals = [Decimal(one.text or "") for one in root.iter(f"{{{poslog.NAMESPACE}}}Total")]
    ledger = here.context.till.ledger
    assert sum(totals) == sum(ledger.receipts(v)[-1].total for v in ledger.visits("settled")) > 0
    made = here.ask("GET", f"{API}/exports/epcis", "auditor").json()
    jsonschema.validate(made, epcis.schema(), jsonschema.Draft202012Validator)
    assert made["epcisBody"]["eventList"]


def test_the_command_writes_the_same(here: Open, tmp_path: Path) -> None:
    till = here.context.till
    file = tmp_path / "sales.xml"
    done = CliRunner().invoke(app, ["store", "export", "poslog", str(SAMPLE), str(till.folder), "--out", str(file)])
    assert done.exit_code == 0, done.output
    assert file.read_bytes() == here.ask("GET", f"{API}/exports/poslog", "auditor").content
    none = CliRunner().invoke(app, ["store", "export", "csv", str(SAMPLE), str(till.folder)])
    assert none.exit_code == 2


def test_every_event_of_the_feed_is_a_cloudevent(here: Open) -> None:
    text = here.ask("GET", f"{API}/events?follow=false", "operator").text
    events = [orjson.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert len(events) >= 5
    for event in events:
        jsonschema.validate(event, cloudevent.schema(), jsonschema.Draft202012Validator)
    assert len({event["id"] for event in events}) == len(events)


def test_stock_and_sales_come_from_final_receipts(here: Open) -> None:
    found = here.ask("GET", f"{API}/stock?days=366", "staff").json()
    sold = sum(one["sold"] for one in found["products"])
    assert sold == sum(day["items"] for day in found["days"]) > 0
    assert all(one["left"] == one["planned"] - one["sold"] for one in found["products"] if one["planned"] is not None)
    assert found["origin"] == "simulated"
