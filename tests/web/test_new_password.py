"""From "I lost my password" to a new one in a real browser over the real API: two people, one link, keys alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.api.conftest import PASSWORD
from tests.web.api.desk_api import Api, desk_api
from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.serving import serving_app
from walkout.web.api.password_links import PasswordLinks

pytestmark = needs_chromium
NEW = "a few quiet words"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with desk_api(tmp_path) as found:
        yield found


@pytest.fixture
def url(api: Api) -> Iterator[str]:
    with serving_app(api.app, lifespan="off") as address:
        api.context.base_url = address
        yield address


def account(api: Api, page: Any, url: str, who: str = "admin") -> None:
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "walkout_session", "value": api.sessions[who][0], "url": url}])
    page.goto(f"{url}/account")
    page.get_by_label("Current password").wait_for()


def test_an_admin_makes_a_link_and_whoever_it_is_for_sets_a_password_once(
    api: Api, page: Any, browser: Any, url: str, seen: Seen
) -> None:
    seen.expected = ("409",)
    account(api, page, url)
    who = page.get_by_label("Who", exact=True)
    assert "admin, admin" not in who.inner_text()
    who.select_option("ada")
    mine = page.get_by_label("Your own password")
    mine.fill("a guess of a thief")
    mine.press("Enter")
    page.get_by_role("alert").get_by_text("your own password is not right").wait_for()
    mine.fill(PASSWORD)
    mine.press("Enter")
    page.get_by_text("For ada, once, until").wait_for()
    link = page.locator("code.hash").inner_text()
    assert link.startswith(f"{url}/new-password#")

    theirs = browser.new_context()
    other = theirs.new_page()
    told = Seen()
    told.expected = ("/live/ws", "403", "401")
    told.watch(other)
    asked: list[str] = []
    other.on("request", lambda r: asked.append(r.url))
    other.goto(link)
    other.get_by_role("heading", name="A new password").wait_for()
    assert "#" not in other.url, "it does not stay in the address"
    other.keyboard.type("short")
    other.keyboard.press("Enter")
    other.get_by_role("alert").get_by_text("has 5 characters").wait_for()
    for label in ("New password", "New password again"):
        other.get_by_label(label, exact=True).fill(NEW)
    other.keyboard.press("Enter")
    other.get_by_role("link", name="My shift").wait_for()
    assert not [one for one in asked if link.partition("#")[2] in one], "no address on the way holds it"
    other.goto(f"{url}/account")
    other.get_by_text("made by admin").wait_for()
    assert api.context.identity.log_in("ada", PASSWORD) is None

    thief = browser.new_context().new_page()
    thief.goto(link)
    for label in ("New password", "New password again"):
        thief.get_by_label(label, exact=True).fill("a thief's own words")
    thief.keyboard.press("Enter")
    thief.get_by_role("alert").get_by_text("was used, or is too old").wait_for()
    assert told.errors == []
    assert api.context.identity.log_in("ada", NEW) is not None
    theirs.close()
    thief.context.close()
    page.goto("about:blank")  # before the shop that it is connected to ends


def test_who_is_no_admin_is_offered_nothing_of_it(api: Api, page: Any, url: str, seen: Seen) -> None:
    account(api, page, url, "auditor")
    assert page.get_by_text("Somebody lost their password").count() == 0
    page.context.clear_cookies()
    seen.expected = ("401",)
    page.goto(f"{url}/sign-in")
    page.get_by_text("nothing is sent by mail, to anybody").wait_for()
    page.goto(f"{url}/new-password")
    page.get_by_role("heading", name="This link is not whole.").wait_for()


@needs_axe
@pytest.mark.parametrize("variant", ["1440-light", "390-dark"])
def test_these_pages_can_be_read_by_everybody(api: Api, browser: Any, seen: Seen, url: str, variant: str) -> None:
    width, height, scheme = VARIANTS[variant]
    PasswordLinks(api.shop.till.database).make("admin", "", api.shop.now_ns)
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    seen.watch(page)
    OUT.mkdir(parents=True, exist_ok=True)
    account(api, page, url)
    page.get_by_text("made by somebody with the shop's data folder").wait_for()
    page.get_by_label("Your own password").fill(PASSWORD)
    page.get_by_label("Your own password").press("Enter")
    page.locator("code.hash").wait_for()
    page.screenshot(path=str(OUT / f"lost-password-{variant}.png"), full_page=True)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{url}/new-password#something")
    page.get_by_role("heading", name="A new password").wait_for()
    page.screenshot(path=str(OUT / f"new-password-{variant}.png"), full_page=True)
    assert violations(page) == []
    context.close()
