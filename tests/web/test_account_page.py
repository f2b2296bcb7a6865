"""The page of one's own account in a real browser: a new password, by keys alone; who signs in elsewhere has none."""

from typing import Any

import pytest

from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.app import PASSWORD
from tests.web.mock.knobs import Mock

pytestmark = needs_chromium
NEW = "a few quiet words"


def filled(page: Any, current: str, new: str, again: str) -> None:
    for label, words in (("Current password", current), ("New password", new), ("New password again", again)):
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_role("button", name="Change it").click()


def test_it_is_reached_from_every_page_and_changes_by_keys(url: str, page: Any, mock: Mock) -> None:
    page.goto(f"{url}/health")
    page.get_by_role("link", name="Account").click()
    page.get_by_label("Current password").focus()
    for words in (PASSWORD, NEW, NEW):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Your password is changed, and all other sessions").wait_for()
    assert mock.passwords == [NEW]
    assert [page.get_by_label(one, exact=True).input_value() for one in ("Current password", "New password")] == [
        "",
        "",
    ]


def test_what_cannot_be_is_said_and_nothing_is_sent(url: str, page: Any, mock: Mock, seen: Seen) -> None:
    seen.expected = ("409",)
    page.goto(f"{url}/account")
    filled(page, "", NEW, NEW)
    page.get_by_role("alert").get_by_text("Your current password is needed").wait_for()
    filled(page, PASSWORD, "short", "short")
    page.get_by_role("alert").get_by_text("has 5 characters").wait_for()
    filled(page, PASSWORD, NEW, f"{NEW}!")
    page.get_by_role("alert").get_by_text("not the same").wait_for()
    assert mock.passwords == []
    filled(page, "a guess of a thief", NEW, NEW)
    page.get_by_role("alert").get_by_text("the current password is not right").wait_for()
    assert mock.passwords == []
    assert page.get_by_text("Your password is changed").count() == 0


def test_who_signs_in_elsewhere_is_told_so(url: str, page: Any, mock: Mock) -> None:
    def elsewhere(route: Any) -> None:
        found = route.fetch()
        route.fulfill(response=found, json=found.json() | {"user": "sso:Eve:abc"})

    page.route("**/api/v1/session", elsewhere)
    page.goto(f"{url}/account")
    page.get_by_text("your password is there, and this shop does not know it").wait_for()
    assert page.get_by_label("Current password").count() == 0


@pytest.mark.parametrize("variant", VARIANTS)
@needs_axe
def test_it_fits_and_is_accessible(variant: str, browser: Any, url: str, mock: Mock, seen: Seen) -> None:
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    seen.watch(page)
    page.goto(f"{url}/account")
    page.get_by_label("Current password").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"account-{variant}.png")
    context.close()


def test_signing_out_ends_at_the_sign_in(url: str, page: Any, mock: Mock, seen: Seen) -> None:
    seen.expected = ("401",)
    page.goto(f"{url}/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert not mock.signed_in
