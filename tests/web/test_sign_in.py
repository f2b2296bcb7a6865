"""The sign-in page in a real browser: the organisation's button where there is one, and the form as before."""

from typing import Any

import pytest

from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.knobs import Mock

pytestmark = needs_chromium


def test_the_organisations_sign_in_is_offered_and_keeps_where_one_wanted_to_go(
    url: str, page: Any, mock: Mock, seen: Seen
) -> None:
    mock.signed_in, mock.elsewhere = False, "Example Ltd"
    went: list[str] = []

    def provider(route: Any) -> None:
        went.append(route.request.url)
        route.fulfill(status=200, content_type="text/html", body="<title>Example Ltd</title>")

    page.route("**/api/v1/oidc/start*", provider)
    page.goto(f"{url}/sign-in?next=%2Fshift")
    page.get_by_label("Password").wait_for()
    page.get_by_role("link", name="Sign in with Example Ltd").click()
    page.wait_for_url("**/oidc/start**")
    assert went == [f"{url}/api/v1/oidc/start?next=%2Fshift"]


def test_without_one_there_is_no_button(url: str, page: Any, mock: Mock) -> None:
    mock.signed_in = False
    with page.expect_response("**/api/v1/oidc"):
        page.goto(f"{url}/sign-in")
    page.get_by_label("Password").wait_for()
    assert page.get_by_role("link", name="Sign in with").count() == 0


@pytest.mark.parametrize("variant", ["1440-light", "390-dark"])
@needs_axe
def test_it_fits_and_is_accessible(variant: str, browser: Any, url: str, mock: Mock, seen: Seen) -> None:
    mock.signed_in, mock.elsewhere = False, "Example Ltd"
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    seen.watch(page)
    page.goto(f"{url}/sign-in")
    page.get_by_role("link", name="Sign in with Example Ltd").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"sign-in-elsewhere-{variant}.png")
    context.close()
