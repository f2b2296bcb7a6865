"""A pay statement as its person holds it: checked in their browser against the log, and caught where it does not fit.

The real API, time ledger and log answer; what a shop that cheats would send is put in its place on the wire.
"""

import csv
import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.live.desk_shop import doubted
from tests.web.api.desk_api import API, Api, desk_api
from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.serving import serving_app

MONTH = "2026-09"
Given = dict[str, Any]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """Ada worked: waiting, two questions, a paid break, a meal; a checkpoint is kept in between; a month is stated."""
    with desk_api(tmp_path) as found:
        shop = found.shop
        shop.on(100)
        found.post("/desk/lease", status=204)
        shop.till.record.work()
        shop.till.record.retain()
        for n in range(2):
            shop.visit(doubted(f"v{n}"))
            token = found.post("/desk/lease")["token"]
            shop.on(70)
            found.post(f"/desk/leases/{token}/answer", choice="1")
        for kind, seconds in (("paid", 300), ("unpaid", 600)):
            found.post("/desk/break/start", kind=kind)
            shop.on(seconds)
            found.post("/desk/break/end")
        shop.on(45)
        found.post("/desk/shift/end")
        found.post("/labour/statements", "admin", 201, handle="ada", period=MONTH)
        yield found


@pytest.fixture
def url(api: Api) -> Iterator[str]:
    with serving_app(api.app, lifespan="off") as address:
        yield address


def opened(api: Api, page: Any, url: str, change: Callable[[Given], None] | None = None) -> None:
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "walkout_session", "value": api.sessions["ada"][0], "url": url}])
    if change is not None:

        def other(route: Any) -> None:
            body = route.fetch().json()
            change(body)
            route.fulfill(json=body)

        page.route(f"**/api/v1/shift/statements/{MONTH}", other)
    page.goto(f"{url}/shift/statements/{MONTH}")
    page.locator(".proof .noted, .proof .wrong").wait_for()


def stated(given: Given, pay: Given) -> None:
    """The statement that a cheating shop would send: with a SHA-256 that is right for it."""
    text = json.dumps(pay, indent=2, sort_keys=True) + "\n"
    given["published"], given["sha256"] = text, hashlib.sha256(text.encode()).hexdigest()


def shorter(given: Given) -> None:
    """A stretch of waiting is a minute shorter, and its line too."""
    pay = json.loads(given["published"])
    one = next(i for i in pay["intervals"] if i["kind"] == "waiting_paid")
    one["end_ns"] -= 60 * 10**9
    next(line for line in pay["lines"] if line["kind"] == "waiting_paid")["length_ns"] -= 60 * 10**9
    stated(given, pay)


def left_out(given: Given) -> None:
    """A paid break is not on it, and its line is not either."""
    pay = json.loads(given["published"])
    pay["intervals"] = [i for i in pay["intervals"] if i["kind"] != "break_paid"]
    pay["lines"] = [line for line in pay["lines"] if line["kind"] != "break_paid"]
    stated(given, pay)


def not_logged(given: Given) -> None:
    """The log is said to have one hour less than was worked."""
    entries = given["proof"]["entries"]
    entries.remove(next(one for one in entries if json.loads(one["line"])["facts"].get("what") == "break_paid"))


def rewritten(given: Given) -> None:
    """An entry says another length than the tree has."""
    one = next(one for one in given["proof"]["entries"] if '"what":"waiting_paid"' in one["line"])
    one["line"] = one["line"].replace('"ms":', '"ms":1')


def other_key(given: Given) -> None:
    """All of it is signed by a key that the public is not shown; by itself it would hold."""
    proof, key = given["proof"], Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes_raw()
    kept = proof["kept"]
    for one in (proof, kept):
        lines = one["signed"].split("\n")
        lines[1] = b64encode(raw).decode()
        one["signed"] = "\n".join(lines)
        one["signature"] = key.sign(one["signed"].encode()).hex()
    proof["key"] = raw.hex()
    kept["hash"] = proof["checkpoint"] = hashlib.sha256(kept["signed"].encode()).hexdigest()


def other_checkpoint(given: Given) -> None:
    """The checkpoint is one that the log does not continue."""
    given["proof"]["kept"]["path"][0] = "00" * 32


def no_money(given: Given) -> None:
    """A cent less is owed."""
    pay = json.loads(given["published"])
    pay["due"] = f"{float(pay['due']) - 0.01:.2f}"
    stated(given, pay)


def somebody_elses(given: Given) -> None:
    """The entries are not this person's."""
    given["proof"]["salts"] = dict.fromkeys(given["proof"]["salts"], "ab" * 32)


CHEATS: dict[str, tuple[Callable[[Given], None], str]] = {
    "an hour was changed": (shorter, "are on the statement and not in the log"),
    "an hour is left out": (left_out, "are in the log and not on the statement"),
    "an hour is not in the log": (not_logged, "of break paid, until 21 Sept 2026"),
    "an entry was rewritten": (rewritten, "is not in the log as the paper says"),
    "another key": (other_key, "signed by another key than the one the shop shows the public"),
    "another checkpoint": (other_checkpoint, "the log's head does not continue the checkpoint"),
    "less money": (no_money, "what is owed is not the total"),
    "somebody else's": (somebody_elses, "is not one of yours"),
}


@needs_chromium
def test_it_holds_and_shows_checkpoint_and_result_also_in_print(api: Api, page: Any, url: str) -> None:
    opened(api, page, url)
    paper = api.get(f"/shift/statements/{MONTH}")["proof"]
    assert paper["checkpoint"] == api.shop.till.vault.log.checkpoints()[-1].hash()
    assert 0 < paper["kept"]["size"] < paper["head"]["size"]
    said = page.locator(".proof").inner_text()
    assert "It holds." in said
    assert "none is left out, and the sums are right" in said
    assert "The log's head is signed." in said
    assert paper["checkpoint"] in said
    assert paper["head"]["root"] in said
    page.emulate_media(media="print")
    proof = page.locator(".proof")
    assert proof.is_visible()
    assert proof.get_by_text("It holds.").is_visible()
    assert proof.get_by_text(paper["checkpoint"]).is_visible()
    assert not page.locator("main .tools").first.is_visible()
    assert not page.locator("header.top").is_visible()


@needs_chromium
@pytest.mark.parametrize("name", list(CHEATS))
def test_what_a_cheating_shop_sends_is_found_in_the_browser(api: Api, page: Any, url: str, name: str) -> None:
    change, words = CHEATS[name]
    opened(api, page, url, change)
    said = page.locator(".proof .wrong").inner_text()
    assert "This does not fit." in said
    assert words in said, said


@needs_chromium
def test_what_is_kept_holds_against_the_public_bundle_without_a_network(
    api: Api, browser: Any, page: Any, url: str, tmp_path: Path
) -> None:
    opened(api, page, url)
    with page.expect_download() as loading:
        page.get_by_role("link", name="With its proof, as JSON").click()
    kept = json.loads(loading.value.path().read_text("utf-8"))
    assert kept["kind"] == "pay-statement"
    with zipfile.ZipFile(io.BytesIO(api.ask("GET", f"{API}/public/bundle?month={MONTH}", None).content)) as archive:
        archive.extractall(tmp_path / "bundle")
    cheated = json.loads(json.dumps(kept))
    left_out(cheated)
    context = browser.new_context(offline=True)
    alone = context.new_page()
    alone.goto((tmp_path / "bundle" / "verify.html").as_uri())
    alone.wait_for_selector("body[data-bundle]")
    found = []
    for paper in (kept, cheated):
        alone.evaluate("delete document.body.dataset.paper")
        alone.fill("#text", json.dumps(paper))
        alone.click("#go")
        alone.wait_for_selector("body[data-paper]")
        found.append(alone.get_attribute("body", "data-paper"))
    assert found == ["holds", "wrong"]
    context.close()


def test_csv_and_the_page_to_print_carry_checkpoint_and_proof_too(api: Api) -> None:
    given = api.get(f"/shift/statements/{MONTH}")
    answer = api.ask("GET", f"{API}/shift/statements/{MONTH}/csv", "ada")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    value = {row["kind"]: row["purpose"] for row in rows if row["kind"].startswith("proof:")}
    assert value["proof:checkpoint"] == given["proof"]["checkpoint"]
    assert value["proof:statement_sha256"] == given["sha256"]
    for one in given["proof"]["entries"]:
        assert value[f"proof:entry_{one['number']}"] == one["line"]
        assert value[f"proof:path_{one['number']}"].split() == one["path"]
    assert next(row for row in rows if row["kind"] == "due")["amount"] == given["due"]
    with zipfile.ZipFile(io.BytesIO(api.ask("GET", f"{API}/shift/export", "ada").content)) as packed:
        html = packed.read(f"statements/{MONTH}-0.html").decode()
        assert packed.read(f"statements/{MONTH}-0.json").decode() == given["published"]
        assert packed.read(f"statements/{MONTH}-0.csv").decode() == answer.text
        assert json.loads(packed.read(f"statements/{MONTH}.proof.json"))["checkpoint"] == given["proof"]["checkpoint"]
    assert given["proof"]["checkpoint"] in html
    assert "of the shop's public log" in html
    assert "<script" not in html
    assert api.ask("GET", f"{API}/shift/statements/{MONTH}/csv", "ben").status_code == 404
    assert api.ask("GET", f"{API}/shift/statements/{MONTH}/csv", "operator").status_code == 403


@needs_chromium
@needs_axe
@pytest.mark.parametrize("variant", list(VARIANTS))
def test_it_can_be_read_by_everybody(api: Api, browser: Any, seen: Seen, url: str, variant: str) -> None:
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    seen.watch(page)
    opened(api, page, url)
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(OUT / f"pay-{variant}.png"), full_page=True)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
