"""The pages of stock and of sales in a real browser, over the shop's own routes and a ledger of made-up sales."""

import re
from typing import Any

import pytest

from tests.web.browser import AXE, OUT, VARIANTS, Seen, needs_chromium, violations
from tests.web.mock.knobs import Mock

pytestmark = needs_chromium


def test_things_at_wrong_places_are_ticked_off_by_keys_alone(url: str, page: Any, mock: Mock) -> None:
    page.goto(f"{url}/stock")
    page.get_by_role("heading", name=re.compile(r"^3\Wthings to put back, \d+ to order\.$")).wait_for()
    rows = page.locator(".astray > li")
    assert rows.count() == 3
    first = rows.first.inner_text()
    assert "→" in first
    button = rows.first.get_by_role("button")
    assert re.match(r"It is put back: .+ at .+ shelf \d", button.get_attribute("aria-label"))
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile(r"^2\Wthings to put back")).wait_for()
    assert rows.first.inner_text() != first
    page.locator(".astray button:focus").wait_for()
    assert "is struck off" in page.locator("#said").text_content()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile(r"^1\Wthing to put back")).wait_for()
    page.locator(".astray button:focus").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Nobody left anything at a wrong place").wait_for()
    page.locator("#back:focus").wait_for()


def test_an_auditor_sees_the_list_and_strikes_nothing(url: str, page: Any, mock: Mock) -> None:
    mock.role = "auditor"
    page.goto(f"{url}/stock")
    page.locator(".astray > li").nth(2).wait_for()
    assert page.locator(".astray button").count() == 0


def test_what_is_to_be_ordered_comes_first_and_says_so_in_words(url: str, page: Any) -> None:
    page.goto(f"{url}/stock")
    rows = page.locator("table.stock tbody tr")
    rows.first.wait_for()
    orders = [("order" in text) for text in rows.evaluate_all("all => all.map(one => one.lastChild.textContent)")]
    assert orders[0]
    assert orders == sorted(orders, reverse=True)
    assert not all(orders)
    page.get_by_role("button", name=re.compile(r"full 30\Wdays ago")).click()
    page.get_by_text(re.compile(r"was sold in 30\Wdays")).wait_for()


def test_what_the_scales_count_says_that_it_was_weighed(url: str, page: Any) -> None:
    page.goto(f"{url}/stock")
    weighed = page.locator("table.stock td", has_text="weighed")
    weighed.first.wait_for()
    assert all(text.startswith("3") for text in (one.strip() for one in weighed.all_inner_texts()))
    assert page.locator("table.stock tbody tr").count() > weighed.count() > 0
    page.get_by_text(re.compile(r"what the scales count now, refills and all")).wait_for()


def test_plots_show_what_their_tables_say(url: str, page: Any) -> None:
    page.goto(f"{url}/sales")
    page.get_by_role("heading", name=re.compile(r"EUR in 30 days\.$")).wait_for()
    names = page.locator(".plot h2").all_inner_texts()
    assert names == ["Sales by day", "Visits by day", "Visits by hour of the day", "Items in a basket"]
    visits = int(re.search(r"(\d+)\Wvisits?,", page.locator(".more").inner_text()).group(1))  # type: ignore[union-attr]
    for name in names[1:]:
        plot = page.locator(".plot", has=page.get_by_role("heading", name=name, exact=True))
        plot.get_by_text("The numbers").click()
        said = plot.locator("tbody td:last-child").all_inner_texts()
        counts = [int(re.match(r"\d+", one).group()) for one in said]  # type: ignore[union-attr]
        assert sum(counts) == visits
        heights = plot.locator("rect").evaluate_all("all => all.map(one => Number(one.getAttribute('height')))")
        assert len(heights) == len(counts)
        tallest = max(heights)
        assert heights == pytest.approx([tallest * one / max(counts) for one in counts], abs=0.01)
        assert "the table below has the numbers" in plot.get_by_role("img").get_attribute("aria-label")
    assert page.locator(".best tbody tr").count() == 10
    page.get_by_role("button", name="7 days").click()
    page.get_by_role("heading", name=re.compile(r"EUR in 7 days\.$")).wait_for()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", ["stock", "sales"])
def test_they_fit_every_screen(browser: Any, url: str, seen: Seen, name: str, variant: str) -> None:
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    seen.watch(page)
    page.goto(f"{url}/{name}")
    page.locator(".plot rect, .astray > li").nth(2).wait_for()
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"{name}-{variant}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if AXE.is_file():  # npm ci in console/
        assert violations(page) == []
    context.close()
