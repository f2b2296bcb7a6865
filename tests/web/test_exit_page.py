"""The screen at the exit in a real browser: what one has, "I do not have this", several at once, the receipt's code."""

from typing import Any

import pytest

from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.exit import TOKEN
from tests.web.mock.knobs import Mock

pytestmark = needs_chromium


def basket(visit: str, *names: str) -> dict[str, Any]:
    lines = [
        {"gtin": f"{n:014}", "name": name, "quantity": 1, "amount": "1.50", "contested": False}
        for n, name in enumerate(names)
    ]
    return {"visit": visit, "lines": lines, "total": f"{1.5 * len(names):.2f}"}


def test_see_contest_and_the_receipts_code(url: str, page: Any, mock: Mock, seen: Seen) -> None:
    mock.signed_in = False
    page.goto(f"{url}/exit/{TOKEN}")
    page.get_by_role("heading", name="Stand here to see what you have.").wait_for()
    mock.at_exit["here"] = [basket("one.token", "Oat bar", "Water 0.5 l")]
    page.get_by_role("heading", name="hold your card to the reader").wait_for()
    assert "3.00" in page.locator("h1").inner_text()
    row = page.locator("li", has_text="Oat bar")
    row.get_by_role("button", name="I do not have this").press("Enter")
    row.get_by_text("not charged, a person looks").wait_for()
    page.get_by_text("You pay the rest.").wait_for()
    assert "1.50" in page.locator("h1").inner_text(), "the tap pays the rest"
    assert page.get_by_role("button", name="I do not have this").count() == 1
    code = page.get_by_role("img", name="Your receipt, on your own phone")
    assert code.get_attribute("src") == "/api/v1/s/one.token/qr"
    mock.at_exit["here"] = [basket("one.token", "Oat bar"), basket("two.token")]
    page.get_by_role("heading", name="2 people stand here. One at a time, please.").wait_for()
    page.get_by_text("You have nothing. You can just leave.").wait_for()
    left = {"visit": "one.token", "final": True, "total": "3.00", "due": "3.00", "paid": "3.00", "contested": "1.50"}
    mock.at_exit.update(here=[], left=[left])
    page.get_by_role("heading", name="Thank you.").wait_for()
    assert page.locator(".big").inner_text().replace("\xa0", " ") == "3.00 EUR paid, of 3.00 EUR."
    page.get_by_text("is not charged: a person looks at it").wait_for()


def test_the_receipts_page_says_what_is_contested_and_not_charged(url: str, page: Any, seen: Seen) -> None:
    def contested(route: Any) -> None:
        answer = route.fetch()
        body = answer.json()
        first, *rest = body["lines"]
        route.fulfill(response=answer, json=body | {"lines": rest, "withheld": [first]})

    page.route("**/api/v1/s/v00005", contested)
    page.goto(f"{url}/s/v00005")
    page.get_by_role("heading", name="Contested before paying, and not charged").wait_for()
    page.get_by_text("It is charged only if they see within two days that it was taken").wait_for()
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / "contested.png", full_page=True)
    page.unroute_all(behavior="wait")  # the page asks every second, also while it is closed


def test_a_basket_that_went_away_meanwhile_is_said(url: str, page: Any, mock: Mock, seen: Seen) -> None:
    seen.expected = ("409",)
    mock.at_exit["here"] = [basket("one.token", "Oat bar")]
    page.goto(f"{url}/exit/{TOKEN}")
    button = page.get_by_role("button", name="I do not have this")
    button.wait_for()
    page.route("**/contest", lambda route: (mock.at_exit.update(here=[]), route.continue_()))
    button.click()
    page.get_by_role("alert").get_by_text("not on this screen any more").wait_for()


def test_the_door_page_has_the_screens_and_another_link_opens_none(url: str, page: Any, seen: Seen) -> None:
    seen.expected = ("404",)
    page.goto(f"{url}/door")
    link = page.get_by_role("link", name="door", exact=True)
    assert link.get_attribute("href") == f"/exit/{TOKEN}"
    page.goto(f"{url}/exit/forged.token")
    page.get_by_text("this is no screen of this shop").wait_for()


@pytest.mark.parametrize("variant", VARIANTS)
@needs_axe
def test_it_fits_and_is_accessible(variant: str, browser: Any, url: str, mock: Mock, seen: Seen) -> None:
    mock.at_exit["here"] = [basket("one.token", "Oat bar", "Water 0.5 l still from the mountains")]
    mock.at_exit["here"][0]["lines"][0]["contested"] = True
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    seen.watch(page)
    page.goto(f"{url}/exit/{TOKEN}")
    page.get_by_role("button", name="I do not have this").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"exit-{variant}.png")
    context.close()
