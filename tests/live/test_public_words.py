"""What a shop says of itself, where its shoppers and its reviewers read it: claims only with their numbers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.disclosure.test_claims import good
from tests.web.api.desk_api import API, Api, desk_api
from walkout.disclosure.page import to_html
from walkout.disclosure.report import report as make_report
from walkout.disclosure.source import ABOUT
from walkout.learning.annotation import Annotated
from walkout.learning.dataset import keep
from walkout.live.training_copies import agreed_to
from walkout.review.consent import WORDS

BOAST = "Corner, the fully automatic shop"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with desk_api(tmp_path) as found:
        yield found


def month(api: Api) -> str:
    record = api.shop.till.record
    return str(record.source("2026-09").month.name)


def test_a_name_that_boasts_stands_on_receipt_and_sign_only_while_the_ledger_backs_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.live.desk_shop import sure

    api.shop.visit(sure("v1"))
    record = api.shop.till.record
    link = f"/s/{api.context.identity.link('v1')}"
    plain = record.store.name
    assert api.get(link, None)["store"]["name"] == plain  # type: ignore[arg-type]
    record.store = replace(record.store, name=BOAST)
    said = api.get(link, None)["store"]["name"]  # type: ignore[arg-type]
    assert "automatic" not in said
    assert said.startswith(("Of 1,000 visits here", "No visit has been counted"))
    notice = api.ask("GET", f"{API}/public/notice", None).json()
    assert "automatic" not in notice["title"]
    real = make_report(record.source("2026-09"))
    assert BOAST not in to_html(real)
    backed = good(real)
    monkeypatch.setattr(type(record), "report", lambda _self, _name: backed)
    assert api.get(link, None)["store"]["name"] == BOAST  # type: ignore[arg-type]
    assert BOAST in to_html(backed | {"stores": [BOAST]})


def test_the_channel_that_the_operator_does_not_run_comes_from_the_operators_file(api: Api) -> None:
    assert api.get("/desk", "ada")["outside_channel"] is None
    about = api.shop.folder / ABOUT
    for told, shown in (
        ("https://example.org/reviewers", "https://example.org/reviewers"),
        ("javascript:alert(1)", None),
    ):
        about.write_bytes(orjson.dumps({"outside_channel": told}))
        assert api.get("/desk", "ada")["outside_channel"] == shown


def test_the_report_lists_what_was_marked_whose_it_is_and_at_what_pay(api: Api) -> None:
    from tests.live.desk_shop import sure

    till = api.shop.till
    source: Any = till.record.source
    assert make_report(source("2026-09"))["training"]["data_sets"] == []
    api.shop.visit(sure("v1"))
    agreed_to(till.database, till.vault, "v1", api.shop.now_ns, WORDS)
    clip = Annotated("1-00", "1", 320, 240, (1, 2), origin="simulated")
    keep(till.database, "v1", clip, by="person", t_ns=api.shop.now_ns)
    (one,) = make_report(source("2026-09"))["training"]["data_sets"]
    assert one["visits"] == "fewer than 5 visits whose shoppers agreed; 1 redacted clips"
    assert one["hours"] == "0.0 paid hours of 0 people"
    assert "taken back there" in one["consent"]
