"""The mock says what the contract says, out of what the engine said."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from tests.web.mock import make, story
from tests.web.mock.app import CSRF, make_app
from tests.web.mock.knobs import Mock
from walkout.checkout.receipt import from_published
from walkout.store.folder import load
from walkout.twin.record import record


def test_every_receipt_of_the_story_is_one_of_the_published_form_and_its_events_are_there() -> None:
    told = story.story()
    assert told["origin"] == "simulated"
    assert len(told["visits"]) == 10
    for visit, found in told["visits"].items():
        receipt = from_published(found["receipt"])
        assert receipt.visit == visit
        events = {event["id"] for event in found["timeline"]["events"]}
        assert {one for line in receipt.lines for one in line.evidence} <= events
        assert {question.event for question in receipt.questions} <= events


def test_people_move_on_a_clock_and_are_somewhere_in_the_shop() -> None:
    before, after = story.people_at(100_000_000_000), story.people_at(101_000_000_000)
    assert len(before) >= 6
    assert before != after
    assert all(-1 < p["x_m"] < 7 and -1 < p["y_m"] < 6 for p in before)
    assert story.people_at(10**15) == []


def _client(**knobs: Any) -> TestClient:
    return TestClient(make_app(Mock(**knobs)))


def test_nobody_gets_in_without_a_session_and_nothing_changes_without_the_forms_token() -> None:
    client = _client()
    assert client.get("/api/v1/live").status_code == 401
    client = _client(signed_in=True)
    assert client.post("/api/v1/play", json={"action": "enter"}).status_code == 403
    made = client.post("/api/v1/play", json={"action": "enter"}, headers={"X-CSRF-Token": CSRF})
    assert made.json() == {"action": "enter", "waiting": 0}
    assert client.get("/api/v1/play").json()["inside"]


def test_a_snapshot_has_what_the_contract_names() -> None:
    snapshot = _client(signed_in=True).get("/api/v1/live").json()
    assert {"t_ns", "people", "visits", "devices", "events", "receipts"} <= set(snapshot)
    event = snapshot["events"][-1]
    assert {"id", "t_ns", "fixture", "shelf", "plates", "mass_g", "candidates"} <= set(event)
    assert {"visit", "gtin", "name", "quantity", "probability", "words"} <= set(event["candidates"][0])


@pytest.mark.slow
def test_the_story_is_made_anew_to_the_byte(tmp_path: Path) -> None:
    store = load(make.SAMPLE)
    recording = tmp_path / "rush.mcap"
    record(store, recording, shoppers=make.SHOPPERS, minutes=make.MINUTES, seed=make.SEED)
    assert orjson.dumps(make.make(store, recording)) == orjson.dumps(story.story())
