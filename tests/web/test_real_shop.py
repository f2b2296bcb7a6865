"""The console and the shopper's page on the real `walkout serve` in a real browser, not on a mock."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.test_serve import end, serving
from tests.live.smtp_server import Box, smtp
from tests.web.browser import AXE, OUT, Seen, chromium, needs_chromium, violations

pytestmark = needs_chromium
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
LONG_MS = 180_000


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with smtp() as found:
        yield found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, box: Box) -> Iterator[dict[str, Any]]:
    """A shop in its rush hour: 240 simulated shoppers an hour, twice as fast as time goes."""
    data = tmp_path_factory.mktemp("real") / "data"
    more = ["--twin", "240", "--speed", "2", "--answer-within", "2", "--smtp", f"smtp://127.0.0.1:{box.port}"]
    child, said = serving(data, *more)
    try:
        yield said
    finally:
        end(child)


@pytest.fixture(scope="module")
def page(shop: dict[str, Any]) -> Iterator[Any]:
    """A page of an admin who has just made themselves; nothing in it may complain."""
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        found = context.new_page()
        found.goto(shop["first_run"])
        found.get_by_label("Name").fill("ada")
        found.get_by_label("Password").fill(PASSWORD)
        found.get_by_role("button", name="Make the account").click()
        found.locator("svg.plan").wait_for(timeout=LONG_MS)
        yield found
        context.close()


@pytest.fixture
def seen(page: Any) -> Iterator[Seen]:
    found = Seen()
    found.watch(page)
    yield found
    assert found.errors == [], "no page says anything to the console"


def accessible(page: Any, name: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(OUT / f"real-{name}.png"))
    if AXE.is_file():  # npm ci in console/
        assert violations(page) == [], name


@pytest.mark.slow
def test_people_move_on_the_plan_of_a_real_shop(page: Any, shop: dict[str, Any], seen: Seen) -> None:
    page.goto(shop["url"])
    dots = page.locator("svg.plan g.people g.person")
    dots.first.wait_for(timeout=LONG_MS)
    before, deadline = places(page), time.monotonic() + 60
    while not moved(before, places(page)):
        assert time.monotonic() < deadline, "nobody moves"
        page.wait_for_timeout(300)
    accessible(page, "live")
    page.goto(f"{shop['url']}/health")
    page.get_by_text("scales at snacks").first.wait_for(timeout=LONG_MS)
    accessible(page, "health")


@pytest.mark.slow
def test_be_the_next_shopper_get_a_receipt_dispute_it_and_see_the_case(
    page: Any, shop: dict[str, Any], seen: Seen, box: Box
) -> None:
    page.goto(shop["url"])
    page.get_by_role("button", name="Come in").click(timeout=LONG_MS)
    fixture = page.get_by_role("button", name="snacks", exact=True).last
    fixture.click(timeout=LONG_MS)
    page.locator(".elevation button.cell").first.click(timeout=LONG_MS)
    page.get_by_role("button", name="Take one").click(timeout=LONG_MS)
    wait(page, lambda play: any("took" in word for word in play["done"]))
    page.get_by_role("button", name="Leave").click()
    link = page.get_by_role("link", name="See what it believed")
    link.wait_for(timeout=LONG_MS)
    accessible(page, "your-receipt")
    visit = asked(page, "/play")["you"]
    link.click()
    page.get_by_text(re.compile("^Final")).wait_for(timeout=LONG_MS)
    token = page.url.rpartition("/")[2]
    accessible(page, "shopper")
    # By e-mail too.
    said = page.evaluate(
        "async t => (await fetch(`/api/v1/s/${t}/mail`, {method: 'POST', headers: {'content-type': 'application/json'},"
        " body: JSON.stringify({address: 'ada@example.org'})})).status",
        token,
    )
    assert said == 201
    deadline = time.monotonic() + 30
    while not box.letters:
        assert time.monotonic() < deadline, "no letter came"
        page.wait_for_timeout(200)
    assert f"/s/{token}" in next(iter(box.letters[0].iter_parts())).get_content()
    wrong = page.get_by_role("button", name=re.compile("^This is wrong"))
    if wrong.count():
        wrong.first.click()
        page.get_by_text(re.compile("^Noted")).first.wait_for(timeout=LONG_MS)
    else:  # nothing was sure enough to be charged: then something was missed
        page.get_by_role("button", name=re.compile("missed something")).first.click()
        page.locator("[name=words]").fill("an oat bar")
        page.locator("form button[type=submit]").click()
        page.get_by_text(re.compile("^Noted|You said we missed")).first.wait_for(timeout=LONG_MS)
    page.goto(f"{shop['url']}/disputes")
    (case,) = [one for one in asked(page, "/disputes")["items"] if one["visit"] == visit]
    page.locator(f"a[href='/disputes/{case['id']}']").first.click(timeout=LONG_MS)
    page.get_by_role("heading").first.wait_for(timeout=LONG_MS)
    accessible(page, "case")


def places(page: Any) -> list[str]:
    return list(page.locator("svg.plan g.people g.person").evaluate_all(
        "all => all.map(one => one.getAttribute('transform') || one.outerHTML)"
    ))  # fmt: skip


def moved(before: list[str], after: list[str]) -> bool:
    return bool(before) and bool(after) and set(before) != set(after)


def asked(page: Any, path: str) -> Any:
    return json.loads(page.evaluate("async p => await (await fetch('/api/v1' + p)).text()", path))


def wait(page: Any, what: Any) -> None:
    deadline = time.monotonic() + LONG_MS / 1000
    while not what(asked(page, "/play")):
        assert time.monotonic() < deadline, asked(page, "/play")
        page.wait_for_timeout(300)
