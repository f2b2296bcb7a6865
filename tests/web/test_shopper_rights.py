"""What a shopper may do about their visit alone, in a real browser: see who looked, and check it on their device."""

from typing import Any

from tests.web.browser import needs_chromium
from tests.web.mock.knobs import Mock

pytestmark = needs_chromium


def looked_at(mock: Mock) -> str:
    """A visit that somebody looked at twice."""
    name = next(name for name in mock.visits() if mock.receipt(name) is not None)
    mock.rights.clips = {name: 2}
    return name


def test_the_proof_is_checked_in_the_shoppers_own_browser(url: str, page: Any, mock: Mock) -> None:
    page.goto(f"{url}/s/{looked_at(mock)}")
    page.get_by_role("button", name="Check that I was counted").click()
    page.get_by_text("It holds:").wait_for()
    words = page.locator("p.noted", has_text="It holds").inner_text()
    assert "in the shop's log of" in words
    assert "its head is signed" in words


def test_a_look_that_was_left_out_is_found_by_its_shopper(url: str, page: Any, mock: Mock) -> None:
    mock.rights.lie = True
    page.goto(f"{url}/s/{looked_at(mock)}")
    page.get_by_role("button", name="Check that I was counted").click()
    page.get_by_text("This does not fit").wait_for()
    assert "the log holds 0" in page.locator("[role=alert]").inner_text()


def test_a_paper_of_another_key_or_with_a_changed_line_does_not_hold(url: str, page: Any, mock: Mock) -> None:
    honest = mock.rights.paper

    def changed(visit: str) -> dict[str, Any]:
        paper: dict[str, Any] = honest(visit)
        paper["entries"][0]["line"] = paper["entries"][0]["line"].replace("receipt", "nothing")
        return paper | {"key": "00" * 32}

    mock.rights.paper = changed
    page.goto(f"{url}/s/{looked_at(mock)}")
    page.get_by_role("button", name="Check that I was counted").click()
    page.get_by_text("This does not fit").wait_for()
    words = page.locator("[role=alert]").inner_text()
    assert "is not in the log as the paper says" in words
    assert "not signed by the key" in words
    assert "another key" in words


def test_mail_a_person_and_erasure_are_a_tap_each(url: str, page: Any, mock: Mock) -> None:
    visit = looked_at(mock)
    page.goto(f"{url}/s/{visit}")
    page.get_by_label("Send the receipt to").fill("ada@example.org")
    page.get_by_role("button", name="E-mail it").click()
    page.get_by_text("a...@example.org").wait_for()
    assert mock.rights.addresses == {visit: "ada@example.org"}
    page.get_by_role("button", name="Forget the address").click()
    page.get_by_label("Send the receipt to").wait_for()
    page.get_by_role("button", name="Have a person look").click()
    page.locator("span.noted", has_text="A person will look").wait_for()
    assert mock.rights.reviews == [visit]
    page.get_by_role("button", name="Erase this visit").click()
    assert not mock.rights.erased, "erasure asks twice"
    page.get_by_role("button", name="Erase it").click()
    page.get_by_text("Erased. What stays:").wait_for()
    assert mock.rights.erased == {visit}


def test_somebody_comes_while_one_is_inside(url: str, page: Any, mock: Mock) -> None:
    inside = next(name for name in mock.visits() if mock.receipt(name) is None)
    page.goto(f"{url}/s/{inside}")
    page.get_by_role("button", name="Call somebody").click()
    page.get_by_text("Somebody was called and comes").wait_for()
    assert mock.rights.called == [inside]
