"""Editing catalogue and planogram: rows and CSV both ways, errors at their rows, nobody's change lost."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.api.conftest import SAMPLE, Open
from walkout.store.folder import load

API = "/api/v1/edit"


@pytest.fixture
def folder(here: Open, tmp_path: Path) -> Iterator[Path]:
    copy = tmp_path / "shop"
    shutil.copytree(SAMPLE, copy)
    here.context.folder = copy
    yield copy
    here.context.folder = None


def put(here: Open, path: str, etag: str, **more: Any) -> Any:
    return here.ask("PUT", f"{API}/{path}", "operator", headers={"if-match": f'"{etag}"'}, **more)


def test_a_price_is_changed_and_the_folder_reads_so(here: Open, folder: Path) -> None:
    found = here.ask("GET", f"{API}/catalog", "operator").json()
    found["rows"][0]["price"] = "9.99"
    gtin = found["rows"][0]["gtin"]
    only_checked = put(here, "catalog?check=true", found["etag"], json={"rows": found["rows"]})
    assert (only_checked.status_code, only_checked.json()["saved"]) == (200, False)
    done = put(here, "catalog", found["etag"], json={"rows": found["rows"]})
    assert done.status_code == 200, done.text
    assert str(load(folder).products[gtin].price) == "9.99"
    assert here.ask("GET", f"{API}/catalog", "operator").json()["etag"] == done.json()["etag"]
    assert here.context.till.store.products[gtin].price != load(folder).products[gtin].price


def test_a_facing_moves_to_another_plate(here: Open, folder: Path) -> None:
    found = here.ask("GET", f"{API}/planogram", "operator").json()
    row = found["rows"][0]
    row["plates"] = "2"
    assert put(here, "planogram", found["etag"], json={"rows": found["rows"]}).status_code == 200
    assert load(folder).planogram[0].plates == (2,)


def test_every_error_has_its_row_and_nothing_is_saved(here: Open, folder: Path) -> None:
    before = (folder / "catalog.csv").read_bytes()
    found = here.ask("GET", f"{API}/catalog", "operator").json()
    found["rows"][1]["price"] = "cheap"
    found["rows"][2]["gtin"] = "123"
    refused = put(here, "catalog", found["etag"], json={"rows": found["rows"]})
    assert refused.status_code == 422
    errors = {
        (p["row"], p["where"])
        for p in refused.json()["problems"]
        if p["file"] == "catalog.csv" and p["level"] == "error"
    }
    assert {(1, "price"), (2, "gtin")} <= errors
    assert all(p["right"] for p in refused.json()["problems"])
    assert (folder / "catalog.csv").read_bytes() == before
    gone = here.ask("GET", f"{API}/catalog", "operator").json()["rows"][1:]
    other = put(here, "catalog", found["etag"], json={"rows": gone})
    assert other.status_code == 422
    assert {p["file"] for p in other.json()["problems"] if p["level"] == "error"} == {"planogram.csv"}


def test_nobodys_change_is_lost(here: Open, folder: Path) -> None:
    first = here.ask("GET", f"{API}/catalog/csv", "operator")
    etag = first.headers["etag"].strip('"')
    one = first.content.replace(b"Popcorn", b"Maize")
    assert put(here, "catalog/csv", etag, content=one).status_code == 200
    late = put(here, "catalog/csv", etag, content=first.content)
    assert late.status_code == 412
    assert (folder / "catalog.csv").read_bytes() == one
    assert here.ask("PUT", f"{API}/catalog/csv", "operator", content=one).status_code == 428


def test_csv_goes_out_and_in_byte_for_byte(here: Open, folder: Path) -> None:
    for name in ("catalog", "planogram"):
        found = here.ask("GET", f"{API}/{name}/csv", "operator")
        assert put(here, f"{name}/csv", found.headers["etag"].strip('"'), content=found.content).status_code == 200
        assert (folder / f"{name}.csv").read_bytes() == found.content == (SAMPLE / f"{name}.csv").read_bytes()
        wrong = put(here, f"{name}/csv", found.headers["etag"].strip('"'), content=b"\xff\xfe")
        assert wrong.status_code == 422


def test_a_shop_without_a_folder_has_nothing_to_edit(here: Open) -> None:
    assert here.ask("GET", f"{API}/catalog", "operator").status_code == 409
