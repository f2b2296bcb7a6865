"""The editor of shelves and catalogue in a real browser, over the shop's own routes and files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.browser import OUT, VARIANTS, Seen, chromium, needs_chromium
from tests.web.mock.knobs import SAMPLE, Mock
from tests.web.mock.serving import serving

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def url() -> Iterator[str]:
    with serving(Mock(signed_in=True)) as address:
        yield address


@pytest.fixture
def page(browser: Any, url: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(20_000)
    found = context.new_page()
    seen = Seen()
    seen.expected = ("422",)
    seen.watch(found)
    found.goto(f"{url}/shop")
    found.get_by_role("button", name="Edit shelves and catalogue").click()
    found.locator(".edit .cell").first.wait_for()
    yield found
    context.close()
    assert seen.errors == []


def test_a_facing_is_moved_by_keys_and_by_dragging_and_saved(page: Any) -> None:
    cell = page.locator('.edit .cell[data-row="0"]')
    before = page.get_by_label("plates of row 1", exact=True).input_value()
    cell.focus()
    page.keyboard.press("Alt+ArrowRight")
    moved = page.get_by_label("plates of row 1", exact=True).input_value()
    assert moved != before
    shelf = page.get_by_label("shelf of row 1", exact=True).input_value()
    boards = page.locator(".edit section").first.locator(".board")
    cell.drag_to(boards.first, target_position={"x": 200, "y": 20})
    assert page.get_by_label("shelf of row 1", exact=True).input_value() != shelf
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. The shop takes it at its next start.").wait_for()
    assert page.get_by_role("button", name="Save").is_disabled()


def test_an_error_stands_at_its_cell_and_nothing_is_saved(page: Any) -> None:
    page.get_by_role("button", name="Catalogue", exact=True).click()
    price = page.get_by_label("price of row 2", exact=True)
    price.fill("cheap")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Nothing was saved: 1 errors.").wait_for()
    assert price.get_attribute("aria-invalid") == "true"
    words = page.locator(f"#{price.get_attribute('aria-describedby')}").inner_text()
    assert "cheap" in words
    assert "1.99" in words
    price.fill("2.49")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. The shop takes it at its next start.").wait_for()
    assert price.input_value() == "2.49"


def test_csv_goes_out_and_comes_in(page: Any, tmp_path: Path) -> None:
    page.get_by_role("button", name="Catalogue", exact=True).click()
    page.get_by_label("price of row 1", exact=True).wait_for()
    with page.expect_download() as found:
        page.get_by_role("link", name="Export CSV").click()
    file = tmp_path / "catalog.csv"
    found.value.save_as(file)
    assert file.read_bytes() == (SAMPLE / "catalog.csv").read_bytes()
    file.write_bytes(file.read_bytes().replace(b"Popcorn", b"Maize"))
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_text("Saved. The shop takes it at its next start.").wait_for()
    names = page.locator('input[aria-label^="name of row"]').evaluate_all("all => all.map(one => one.value)")
    assert any("Maize" in name for name in names)


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_fits_every_screen(browser: Any, url: str, variant: str) -> None:
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{url}/shop")
    page.get_by_role("button", name="Edit shelves and catalogue").click()
    page.locator(".edit .cell").first.wait_for()
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"shop-edit-{variant}.png", full_page=False)
    page.get_by_role("button", name="Catalogue", exact=True).click()
    page.get_by_label("price of row 2", exact=True).fill("cheap")
    page.get_by_role("button", name="Save").click()
    page.locator(".fault").first.wait_for()
    page.locator(".fault").first.scroll_into_view_if_needed()
    page.screenshot(path=OUT / f"shop-edit-error-{variant}.png", full_page=False)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
