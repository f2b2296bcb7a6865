"""What anybody may ask without a session: it is the shop's own record, paced, and cached only where that is right."""

import asyncio
import io
import zipfile

import jsonschema
import orjson
import pytest

from tests.web.api.conftest import Open
from walkout.disclosure.report import schema
from walkout.web.api.context import Rate

PUBLIC = ("disclosure", "label", "dial", "notice", "checkpoint", "bundle")


@pytest.fixture
def open_(here: Open) -> Open:
    record = here.context.till.record
    here.context.public = here.context.bundles = Rate(1e9, 1e9)
    here.context.shop.worker.submit(record.work).result()
    here.context.shop.worker.submit(record.retain).result()
    record._made.clear()
    record._zip.clear()
    return here


@pytest.mark.parametrize("name", PUBLIC)
def test_anybody_may_ask(open_: Open, name: str) -> None:
    answer = open_.ask("GET", f"/api/v1/public/{name}")
    assert answer.status_code == 200, answer.text
    fresh = name in ("notice", "checkpoint")
    assert answer.headers["cache-control"] == ("no-store" if fresh else "public, max-age=60")
    assert "set-cookie" not in answer.headers


def test_the_report_is_of_this_shop_and_fits_its_schema(open_: Open) -> None:
    made = open_.ask("GET", "/api/v1/public/disclosure").json()
    jsonschema.validate(made, schema())
    assert made["visits"]["total"]["n"] > 0
    assert made["rows_not_in_the_log"] == 0
    label = open_.ask("GET", "/api/v1/public/label").json()
    assert label["visits"] == made["visits"]["total"]["n"]
    assert label["seen_by_any_person"] == made["headline"]["seen_by_any_person_per_1000"]["n"]
    assert all(isinstance(one, str) for one in label["sentences"])


def test_the_dial_turns_questions_into_wrong_receipts(open_: Open) -> None:
    points = open_.ask("GET", "/api/v1/public/dial").json()["points"]
    assert len(points) > 5
    questions = [one["questions"] for one in points]
    wrong = [one["wrong"] for one in points]
    assert questions == sorted(questions)
    assert wrong == sorted(wrong, reverse=True)


def test_the_notice_follows_the_settings_at_once(open_: Open) -> None:
    made = open_.ask("GET", "/api/v1/public/notice").json()
    store = open_.context.till.store
    assert f"{len(store.cameras)} camera" in made["sentences"][0]
    assert store.name in made["title"]
    assert made["origin"] == store.origin
    assert {"title", "sentences", "more_url", "origin"} <= set(made)


def test_the_bundle_is_whole(open_: Open) -> None:
    data = open_.ask("GET", "/api/v1/public/bundle").content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        lines = archive.read("entries.jsonl").splitlines()
    assert {"disclosure.json", "disclosure.html", "verify.html", "head.json", "checkpoints.jsonl"} <= names
    log = open_.context.till.vault.log
    assert len(lines) == len(log)
    text = b"\n".join(lines).decode()
    assert not [visit for visit in open_.context.till.ledger.visits() if visit in text]


def test_it_is_paced(here: Open) -> None:
    here.context.public = Rate(1, 2)
    codes = [here.ask("GET", "/api/v1/public/checkpoint").status_code for _ in range(4)]
    assert codes == [200, 200, 429, 429]
    here.context.public = Rate(1e9, 1e9)
    here.context.bundles = Rate(1, 1)
    assert [here.ask("GET", "/api/v1/public/bundle").status_code for _ in range(2)] == [200, 429]
    here.context.bundles = Rate(1e9, 1e9)


@pytest.mark.parametrize("month", ["2026-13", "x", "2026-1", "9999-99"])
def test_a_month_that_is_none_is_refused(here: Open, month: str) -> None:
    answer = here.ask("GET", f"/api/v1/public/disclosure?month={month}")
    assert answer.status_code == 422


def test_a_reviewers_paper_is_their_own(open_: Open) -> None:
    made = open_.ask("GET", "/api/v1/shift/proof", "reviewer").json()
    assert made["worker"] == "reviewer"
    assert open_.ask("GET", "/api/v1/shift/proof", "operator").status_code == 403
    assert open_.ask("GET", "/api/v1/shift/proof").status_code == 401


def test_proofs_carry_the_latest_checkpoint(open_: Open) -> None:
    till = open_.context.till
    assert till.record.proofs.checkpoint() == till.vault.log.checkpoints()[-1].hash()
    assert orjson.loads((till.vault.log.folder / "checkpoints.jsonl").read_bytes().splitlines()[-1])


def test_the_job_writes_what_the_ledgers_hold(open_: Open) -> None:
    assert asyncio.run(open_.context.shop.do(open_.context.till.record.work)) == 0
