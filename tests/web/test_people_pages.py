"""Shift, public page, door sign, reviewing and labour in a real browser, over real ledger, books and queues."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from walkout.review.appeals import appeals

pytestmark = needs_chromium


def _worked(mock: Mock) -> str:
    """Three questions whose answers are known, one answered otherwise; a break; a statement. Gives its month."""
    desk = mock.desk
    desk.books.accept(WORKER, "gold")
    desk.queues.gold_rates = (1.0, 1.0)
    for n, (visit, wrong) in enumerate((("v00001", False), ("v00002", True), ("v00003", False))):
        desk.put_gold(f"g{n}", visit, software_was_wrong=wrong)
    for _ in range(3):
        question = desk.lease()
        assert question is not None
        desk.answer(question["token"], {"choice": question["candidates"][0]["key"]})
    desk.happen("break_started", detail="rest")
    desk.happen("break_ended")
    mock.looked = [{"when_ns": mock.now_ns(), "who_role": "operator", "what": "statements, to pay them"}]
    month = datetime.now(UTC).strftime("%Y-%m")
    desk.books.issue(WORKER, month)
    return month


def test_a_reviewer_sees_time_pay_and_verdicts_appeals_and_confirms(url: str, page: Any, reviewing: Mock) -> None:
    month = _worked(reviewing)
    page.goto(f"{url}/shift")
    page.locator(".day").first.wait_for()
    text = page.locator("main").inner_text().replace("\xa0", " ")
    assert "No hour of yours is paid below 16.00 EUR" in text
    assert "2 of 3 answers to known questions were right: that speaks for 9.4 % to 99.2 % of all." in text
    assert "Operator. statements, to pay them" in text
    assert "paid break" in text
    page.get_by_role("button", name="I was right").click()
    page.get_by_label("Why your answer was right").fill("The jar is red.")
    page.get_by_role("button", name="Appeal").click()
    page.get_by_text("under appeal", exact=True).wait_for()
    assert [one.words for one in appeals(reviewing.desk.queues.engine, WORKER)] == ["The jar is red."]
    page.get_by_role("button", name="It came").click()
    page.get_by_text("You said that it came.").wait_for()
    assert reviewing.desk.books.payment(f"{WORKER}/{month}/0") == "confirmed"
    page.get_by_role("button", name=f"Check that my hours of {month} were counted").click()
    page.get_by_text("It holds:").wait_for()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download everything").click()
    assert loading.value.suggested_filename.startswith("what-is-recorded-about-me")


def test_a_statement_can_be_disputed_in_words(url: str, page: Any, reviewing: Mock) -> None:
    month = _worked(reviewing)
    page.goto(f"{url}/shift")
    page.get_by_role("button", name="Something is wrong").click()
    page.get_by_label("What is wrong").fill("Tuesday is missing.")
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="disputed", exact=True).wait_for()
    assert reviewing.desk.books.payment(f"{WORKER}/{month}/0") == "disputed"


def _answered(mock: Mock, many: int) -> None:
    mock.begin()
    mock.desk.books.accept(WORKER, "settle")
    mock.desk.happen("shift_started")
    for _ in range(many):
        question = mock.desk.lease()
        assert question is not None
        mock.desk.answer(question["token"], {"choice": question["candidates"][0]["key"]})


def test_anybody_sees_how_much_of_it_is_people_and_turns_the_dial(url: str, page: Any, mock: Mock) -> None:
    mock.signed_in = False
    _answered(mock, 3)
    page.goto(f"{url}/public")
    page.get_by_text("People looked at 3 of them").wait_for()
    page.locator(".overtime .seen").wait_for()
    assert page.locator(".overtime .level").count() == 3
    assert page.locator(".origin").inner_text() == "Simulated"
    dial = page.get_by_role("slider", name="How sure before it settles alone")
    assert "never alone" in page.locator(".turn").inner_text()
    questions = page.locator(".turned dd").first
    assert questions.inner_text() == "1000"
    dial.focus()
    page.keyboard.press("Home")
    assert questions.inner_text() == "0"
    assert float(page.locator(".turned dd").nth(2).inner_text()) > 0
    assert "50" in page.locator(".dial").inner_text()
    page.get_by_role("cell", name="Looks at unredacted video").wait_for()
    page.get_by_role("cell", name="left out: fewer than five people").wait_for()
    assert "the operator could have rewritten this" in page.locator(".hash").inner_text()
    with page.expect_download():
        page.get_by_role("link", name="Download log, report and checker").click()
    page.goto(f"{url}/sign")
    page.get_by_text("every receipt is looked at by people in exampleville").wait_for()


def test_an_operator_sees_how_reviewing_goes_and_nobody_by_name(url: str, page: Any, mock: Mock) -> None:
    _answered(mock, 2)
    mock.labels = (180, 1)
    page.goto(f"{url}/review/overview")
    page.get_by_role("heading", name="The shop is in shadow: a person is asked about every visit.").wait_for()
    text = page.locator("main").inner_text().replace("\xa0", " ")
    assert "593 blind labels left, about 14 days at today's pace, 20 paid hours." in text
    assert "0.6 %, at most 3.6 % (180 labels)" in text
    assert WORKER not in text
    mock.mode = "ask-all"
    page.reload()
    page.get_by_role("heading", name="The shop asks about everything again.").wait_for()
    page.get_by_role("link", name="Labour").click()
    page.get_by_role("heading", name="Everybody's time is on the books.").wait_for()
    assert WORKER not in page.locator("main").inner_text()
    page.goto(f"{url}/shift")
    page.get_by_role("heading", name="My shift").or_(page.locator(".verdict")).first.wait_for()


def test_in_the_demonstration_r_makes_you_the_reviewer_of_your_own_receipt(url: str, page: Any, mock: Mock) -> None:
    page.goto(url)
    page.locator(".small-dial").wait_for()
    page.get_by_role("button", name="Come in").click()
    page.get_by_text("Walk to").wait_for()
    page.locator(".plan .fixture").first.click()
    page.get_by_role("button", name="Dark chocolate 70 % 100 g").click()
    page.get_by_role("button", name="Take two").click()
    page.locator(".basket", has_text="You").get_by_text("Dark chocolate").wait_for()
    page.get_by_role("button", name="Hide it").click()
    page.get_by_role("button", name="Leave").click()
    page.get_by_text("a person is needed, with one question").wait_for()
    page.get_by_role("button", name="R Be the reviewer").wait_for()
    assert "After 30 seconds a simulated reviewer answers." in page.locator(".yours").inner_text()
    page.screenshot(path=str(OUT / "demo-amber.png"))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    page.locator(".answers[aria-busy=false]").wait_for()
    assert "How many of Dark chocolate" in page.locator("h1").inner_text(), "one's own, before all others"
    page.screenshot(path=str(OUT / "demo-review.png"))
    assert "here only, one of its reviewers too" in page.locator(".shift-foot").inner_text()
    page.wait_for_timeout(150)
    page.keyboard.press("1")
    page.locator(".shift-foot .note").get_by_text("Answered").wait_for()
    page.get_by_role("link", name="Back to the shop").click()
    page.get_by_text("Your receipt is settled, by a person.").wait_for(timeout=60_000)


PAGES = {
    "shift": "/shift",
    "public": "/public",
    "sign": "/sign",
    "overview": "/review/overview",
    "labour": "/labour",
}


@needs_axe
@pytest.mark.parametrize(
    "variant", ["390-dark", *(pytest.param(name, marks=pytest.mark.slow) for name in VARIANTS if name != "390-dark")]
)
def test_these_pages_are_accessible_and_fit(
    variant: str, browser: Any, mock: Mock, url: str, reviewing: Mock, seen: Seen
) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    _worked(reviewing)
    reviewing.labels = (180, 1)
    width, height, scheme = VARIANTS[variant]
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    seen.watch(page)
    wrong = []
    for name, path in PAGES.items():
        mock.role = "reviewer" if name == "shift" else "operator"
        page.goto(url + path)
        page.locator("h1").first.wait_for()
        page.wait_for_timeout(900)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{name}: {found}" for found in violations(page)]
        wrong += [f"{name}: {wide} px wider than the screen"] if wide > 0 else []
        page.screenshot(path=OUT / f"{name}-{variant}.png", full_page=True)
    assert wrong == []
    context.close()
