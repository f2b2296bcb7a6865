"""A reviewer's public statement in a real browser: signed there, kept as it is, checked with their own key."""

import json
from typing import Any

from tests.web.browser import AXE, OUT, VARIANTS, needs_chromium, violations
from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from tests.web.mock.voice import voices_of
from walkout.labour.voice import Voice, verify

pytestmark = needs_chromium
WORDS = "We skip what we cannot tell,\nand nobody minds. – «ça va»"
READ_OUT = """() => new Promise((good) => {
  const opening = indexedDB.open("walkout-keys", 1);
  opening.onsuccess = () => {
    const asked = opening.result.transaction("keys").objectStore("keys").getAll();
    asked.onsuccess = async () => good(await Promise.all(asked.result.map(async (pair) => {
      try { await crypto.subtle.exportKey("pkcs8", pair.privateKey); return "came out"; } catch { return "stays"; }
    })));
  };
})"""


def said(mock: Mock) -> list[Voice]:
    return [one.voice for one in voices_of(mock).said(WORKER)]


def test_a_statement_is_signed_in_the_browser_and_published_as_it_is(url: str, page: Any, reviewing: Mock) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.goto(f"{url}/shift")
    card = page.locator(".voice")
    card.get_by_label("Your statement").fill(WORDS)
    card.get_by_role("button", name="Sign and publish").click()
    card.get_by_role("link", name="Keep a copy").wait_for()
    (one,) = said(reviewing)
    assert one.text == WORDS
    assert verify(one) == one
    assert page.evaluate(READ_OUT) == ["stays"]
    assert all("private" not in body for body in sent)
    with page.expect_download() as loading:
        card.get_by_role("link", name="Keep a copy").click()
    kept = json.loads(loading.value.path().read_text("utf-8"))
    assert Voice(*(kept[name] for name in ("store", "month", "replaces", "text", "key", "signature"))) == one
    page.goto(f"{url}/public")
    quote = page.locator("blockquote")
    quote.wait_for()
    assert WORDS in quote.inner_text()
    assert one.key in quote.inner_text()
    titles = page.locator("h2").all_inner_texts()
    assert titles.index("What those who review say themselves") < titles.index("Pay")


def test_only_the_same_browser_changes_it_or_takes_it_back(url: str, page: Any, reviewing: Mock) -> None:
    page.goto(f"{url}/shift")
    card = page.locator(".voice")
    for words in ("The chairs are bad.", "The chairs are better."):
        card.get_by_label("Your statement").fill(words)
        card.get_by_role("button", name="Sign and publish").click()
        card.get_by_text(words, exact=True).first.wait_for()
        card.locator("li", has_text=words).wait_for()
    assert card.locator("li").count() == 1
    card.get_by_role("button", name="take back").click()
    card.locator("li").first.wait_for(state="detached")
    first, second, third = said(reviewing)
    assert [second.replaces, third.replaces, third.text] == [first.sha256, second.sha256, ""]
    assert len({first.key, second.key, third.key}) == 1
    page.goto(f"{url}/public")
    page.get_by_text("No statement from the reviewers.").wait_for()


def test_both_cards_look_right(url: str, browser: Any, reviewing: Mock) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for name, (width, height, scheme) in VARIANTS.items():
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(f"{url}/shift")
        card = page.locator(".voice")
        card.get_by_label("Your statement").fill(WORDS)
        card.get_by_role("button", name="Sign and publish").click()
        card.get_by_role("link", name="Keep a copy").first.wait_for()
        card.screenshot(path=OUT / f"statement-{name}.png")
        if AXE.is_file():
            assert violations(page) == []
        page.goto(f"{url}/public")
        page.locator("blockquote").first.wait_for()
        page.locator("section", has=page.locator("blockquote")).screenshot(path=OUT / f"statement-public-{name}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        context.close()
