"""The console in a real browser, over what the real engine told of a busy stretch (tests/web/mock)."""

import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.app import FIRST_RUN, NAME, PASSWORD
from tests.web.mock.knobs import Mock
from tests.web.mock.serving import serving

pytestmark = needs_chromium

PAGES = {
    "live": "/",
    "visits": "/visits",
    "visit": "/visits/v00005",
    "receipt": "/visits/v00005/receipt",
    "disputes": "/disputes",
    "dispute": "/disputes/c00001",
    "door": "/door",
    "shop": "/shop",
    "stock": "/stock",
    "sales": "/sales",
    "given-away": "/given-away",
    "health": "/health",
    "shopper": "/s/v00005",
    "sign-in": "/sign-in",
    "first-run": f"/first-run#{FIRST_RUN}",
    "nowhere": "/no/such/page",
}


@pytest.fixture
def page(browser: Any, seen: Seen) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    found = context.new_page()
    seen.watch(found)
    yield found
    context.close()


def _spots(page: Any) -> list[str]:
    return page.eval_on_selector_all(  # type: ignore[no-any-return]
        ".person > g[transform]", "all => all.map(one => one.getAttribute('transform'))"
    )


def test_a_busy_moment_people_move_hands_reach_baskets_fill(url: str, page: Any) -> None:
    page.goto(url)
    page.locator(".person").nth(4).wait_for()
    before = _spots(page)
    assert len(before) >= 4
    assert page.locator("h1").inner_text() == "The shop is all right."
    assert page.locator(".basket").count() >= 3
    assert "%" in page.locator(".basket .sure").first.inner_text()
    page.locator(".tail").first.wait_for(state="attached")
    # Of the next seconds the story tells events: a facing is marked, with what left it and how sure that is.
    pulse = page.locator(".pulse text").first
    pulse.wait_for()
    assert re.search(r"[−+]\d", pulse.text_content()), pulse.text_content()
    page.locator(".hand").first.wait_for(state="attached")
    assert _spots(page) != before
    assert "heard" in page.locator(".fresh").inner_text()
    assert page.locator(".origin").inner_text() == "Simulated"


def test_you_are_a_shopper_your_receipt_is_disputed_and_the_case_is_seen(url: str, page: Any, mock: Mock) -> None:
    page.goto(url)
    page.get_by_role("button", name="Come in").click()
    page.get_by_text("Walk to").wait_for()
    page.locator(".plan .fixture").first.click()
    page.get_by_role("button", name="Dark chocolate 70 % 100 g").click()
    page.get_by_role("button", name="Take two").click()
    page.locator(".basket", has_text="You").get_by_text("Dark chocolate").wait_for()
    page.get_by_role("button", name="Hide it").click()
    page.get_by_role("button", name="Leave").click()
    page.get_by_text("a person is needed, with one question").wait_for()
    assert mock.you
    page.get_by_role("link", name="See what it believed").click()

    page.get_by_role("heading", name="0.00 EUR").wait_for()
    assert "Not charged until a person has looked" in page.locator("main").inner_text()
    assert "Nobody has looked at this visit" in page.locator("main").inner_text()
    page.get_by_role("button", name="This is wrong: Dark chocolate 70 % 100 g").click()
    page.get_by_text("A person looks at it").first.wait_for()
    page.get_by_role("button", name="You missed something").click()
    page.get_by_label("What was it?").fill("a small yoghurt")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("we missed 1 a small yoghurt").wait_for()
    assert [case["kind"] for case in mock.cases] == ["wrong", "missed"]

    page.goto(f"{url}/disputes")
    page.get_by_role("heading", name="2 shoppers wait for an answer.").wait_for()
    page.get_by_role("link", name="Dark chocolate").click()
    page.get_by_role("button", name="The shopper is right").click()
    page.get_by_text("Closed: upheld").first.wait_for()
    page.goto(f"{url}/s/v00011")
    page.get_by_text("You were right: it was given back").wait_for()


def test_scrub_once_and_all_moves(url: str, page: Any, mock: Mock) -> None:
    page.goto(f"{url}/visits/v00005")
    page.locator(".timeline .events > li").nth(3).wait_for()
    basket = page.locator(".basket-then .lines li")
    everything = basket.count()
    head = page.locator(".playhead").first.get_attribute("x1")
    scrub = page.get_by_role("slider")
    scrub.focus()
    page.keyboard.press("Home")
    assert basket.count() == 0 < everything
    assert page.locator(".playhead").first.get_attribute("x1") != head
    page.evaluate("document.activeElement.blur()")
    dot = page.locator(".plan.small .dot").first
    page.keyboard.press("j")
    page.locator(".timeline .events > li.told").nth(0).wait_for()
    spot = dot.get_attribute("cx")
    page.keyboard.press("j")
    page.locator(".timeline .events > li.told").nth(1).wait_for()
    assert dot.get_attribute("cx") != spot
    assert basket.count() >= 1
    page.keyboard.press(" ")
    page.get_by_role("button", name="Stop").wait_for()


def test_the_keyboard_alone_is_enough(browser: Any, seen: Seen) -> None:
    seen.expected = ("401",)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    seen.watch(page)
    with serving(Mock()) as url:
        page.goto(f"{url}/health")
        page.wait_for_url("**/sign-in?next=**")
        page.get_by_label("Name").wait_for()
        page.keyboard.type(NAME)
        page.keyboard.press("Tab")
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        page.get_by_text("do not go together").wait_for()
        page.get_by_label("Password").focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Everything is heard from.").wait_for()
        page.keyboard.press("1")
        page.get_by_role("button", name="Come in").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="fridge").focus()
        page.keyboard.press("Enter")
        first = page.locator(".cell").first
        first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        chosen = page.evaluate("document.activeElement.title")
        assert chosen
        assert chosen != first.get_attribute("title")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Take one").press("Enter")
        page.locator(".basket", has_text="You").get_by_text(chosen).wait_for(timeout=15_000)
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        assert "go to Door" in dialog.inner_text()
        page.keyboard.press("Escape")
        page.keyboard.press("4")
        page.get_by_role("heading", name="2 people need you.").wait_for()
        page.keyboard.press("a")
        page.get_by_role("heading", name="1 person needs you.").wait_for()
        page.keyboard.press("r")
        page.get_by_role("button", name="The payment did not go through").press("Enter")
        page.get_by_role("heading", name="Nobody needs you.").wait_for()
        outline = page.evaluate(
            "(() => { const a = document.querySelector('nav a'); a.focus({focusVisible: true});"
            " return getComputedStyle(a).outlineStyle; })()"
        )
        assert outline == "solid"
    context.close()


@pytest.mark.parametrize("width", [1440, 1280])
def test_an_operators_pages_stand_on_one_line_in_their_groups(
    url: str, browser: Any, seen: Seen, mock: Mock, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    seen.watch(page)
    page.goto(f"{url}/visits")
    page.locator("h1").wait_for()
    page.locator(".fresh.is-live").wait_for()
    names = page.locator("header nav a").all_inner_texts()
    assert names == [
        *("Live", "Visits", "Disputes", "Door", "Shop", "Stock", "Sales", "Given away", "Health"),
        *("Reviewing", "Labour", "Privacy"),
    ]
    assert page.locator("header nav a.begins").all_inner_texts() == ["Shop", "Health", "Reviewing"]
    assert page.locator("header.top").bounding_box()["height"] < 60
    page.keyboard.press("5")
    page.wait_for_url(f"{url}/shop")
    page.close()


def test_what_is_stale_says_so_and_what_is_broken_is_named(url: str, page: Any, mock: Mock) -> None:
    page.goto(url)
    page.locator(".person").first.wait_for()
    mock.fail(
        "plates-snacks", "silent", 40, "plates-snacks has been silent for 40 s", "Is it powered, and is its network up?"
    )
    page.get_by_role("heading", name=re.compile(r"^The scales at snacks have been silent for 4\d\Ws\.$")).wait_for()
    assert "Is it powered" in page.locator(".more").inner_text()
    page.locator(".fixture.silent").get_by_text("not heard").wait_for()
    mock.frozen = True
    page.locator("html[data-fresh=late]").wait_for(state="attached")
    assert "silent for" in page.locator(".fresh").inner_text()
    assert "grayscale" in page.evaluate("getComputedStyle(document.querySelector('.live')).filter")
    mock.frozen = False
    page.locator("html[data-fresh=live]").wait_for(state="attached")


def test_an_empty_shop_and_a_shop_that_does_not_answer_say_what_next(page: Any, seen: Seen) -> None:
    mock = Mock(at_ns=0, signed_in=True, demo=False)
    mock.door.clear()
    seen.expected = ("503", "404")
    with serving(mock) as url:
        for path, words in {
            "/": "Nobody is in the shop.",
            "/visits": "Nobody has come in yet.",
            "/disputes": "When a shopper taps",
            "/door": "Nobody needs you.",
            "/given-away": "No visit has ended yet",
            "/stock": "Nobody left anything at a wrong place",
            "/sales": "there is nothing to draw",
            "/s/v00099": "this link is not one of this shop's",
        }.items():
            page.goto(url + path)
            page.get_by_text(words).first.wait_for()
        assert page.get_by_role("button", name="Come in").count() == 0
        mock.down = True
        page.goto(f"{url}/health")
        page.get_by_text("The shop is starting").wait_for()
        mock.down = False
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("heading", name="Everything is heard from.").wait_for()


def test_whoever_cannot_come_in_alone_joins_a_party_or_pays_in_cash(url: str, page: Any, mock: Mock) -> None:
    page.goto(f"{url}/door")
    page.get_by_role("button", name="Joins a party").click()
    inside = next(name for name in mock.visits() if mock.receipt(name) is None)
    page.get_by_role("button", name=inside, exact=True).click()
    page.get_by_text("The card was declined").wait_for(state="detached")
    assert mock.door_said == [{"action": "join", "reason": "", "visit": inside}]
    mock.door.append({"id": "d3", "kind": "entry", "words": "No card"})
    page.get_by_role("button", name="Pays in cash").click()
    page.get_by_role("button", name="Pays in cash").wait_for(state="detached")
    assert mock.door_said[1:] == [{"action": "cash", "reason": ""}]


UNLIKE = ("live", "visit", "receipt", "dispute", "door", "shop", "stock", "sales", "health", "shopper", "sign-in")
"""Pages that no other page is like: enough where time is short."""


def _look(page: Any, url: str, variant: str, names: Iterable[str] = PAGES) -> list[str]:
    """Open pages in one variant, keep their pictures, and say what is wrong with them."""
    wrong = []
    for name in names:
        path = PAGES[name]
        page.goto(url + path)
        page.locator("h1").first.wait_for()
        page.wait_for_timeout(500)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{name} {variant}: {found}" for found in violations(page)]
        wrong += [f"{name} {variant}: {wide} px wider than the screen"] if wide > 0 else []
        page.screenshot(path=OUT / f"{name}-{variant}.png", full_page=True)
    return wrong


def _accessible(variant: str, names: Iterable[str], browser: Any, mock: Mock, url: str, seen: Seen) -> None:
    seen.expected = ("401",)
    OUT.mkdir(parents=True, exist_ok=True)
    mock.open_case("v00005", {"kind": "wrong", "gtin": "00440000022051", "quantity": 1, "words": "I put it back."})
    mock.fail("plates-fridge", "late", 3, "plates-fridge's clock is 1.9 s off; corrected", "Point it to a time server.")
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    seen.watch(page)
    assert _look(page, url, variant, names) == []
    context.close()


@needs_axe
def test_pages_are_accessible_and_fit_a_telephone(browser: Any, mock: Mock, url: str, seen: Seen) -> None:
    _accessible("390-dark", UNLIKE, browser, mock, url, seen)


@needs_axe
@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_page_is_accessible_and_fits(variant: str, browser: Any, mock: Mock, url: str, seen: Seen) -> None:
    _accessible(variant, PAGES, browser, mock, url, seen)


def test_the_first_account_is_made_once(url: str, page: Any, mock: Mock, seen: Seen) -> None:
    mock.signed_in = False
    seen.expected = ("401", "403")
    page.goto(f"{url}/first-run#{FIRST_RUN}")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Make the account").click()
    page.get_by_text("it needs 10 at least").wait_for()
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("heading", name="The shop is all right.").wait_for()
    page.goto(f"{url}/first-run")
    page.get_by_text("This link is not whole.").wait_for()


def test_the_socket_comes_back_by_itself(url: str, page: Any, mock: Mock) -> None:
    page.goto(url)
    page.locator(".person").first.wait_for()
    count = len(mock.sockets)
    assert count == 1
    page.evaluate("window.__before = document.querySelectorAll('.person').length")
    for socket in tuple(mock.sockets):
        mock.drop(socket)
    until = time.monotonic() + 10
    while len(mock.sockets) < 1 and time.monotonic() < until:
        page.wait_for_timeout(100)
    assert len(mock.sockets) == 1
    page.locator("html[data-fresh=live]").wait_for(state="attached")
