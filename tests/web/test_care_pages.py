"""Appeals, the team and month certificates in a real browser, by keyboard, over the real queues."""

from typing import Any

import pytest

from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from walkout.review.appeals import appeals
from walkout.review.figures import figures

pytestmark = needs_chromium
WORDS = "The jar is red, and the label says so."


def appealed(mock: Mock, many: int = 1) -> None:
    """A reviewer answered known questions otherwise than was known, and says that they were right."""
    desk = mock.desk
    for purpose in ("settle", "gold"):
        desk.books.accept(WORKER, purpose)
    desk.happen("shift_started")
    desk.queues.gold_rates = (1.0, 1.0)
    for n, visit in enumerate(("v00001", "v00002")[:many]):
        desk.put_gold(f"g{n}", visit, software_was_wrong=True)
    for _ in range(many):
        question = desk.lease()
        assert question is not None
        desk.answer(question["token"], {"choice": question["candidates"][0]["key"]})
    for n, one in enumerate(desk.verdicts()):
        desk.appeal(one["question"], WORDS if n == 0 else "The second one was, too.")


def test_an_appeal_is_decided_by_keyboard_and_the_person_reads_why(url: str, page: Any, mock: Mock) -> None:
    appealed(mock)
    engine = mock.desk.queues.engine
    assert figures(engine, WORKER).under_appeal == 1
    page.goto(f"{url}/review/appeals")
    page.get_by_role("heading", name="1 person says that they were right.").wait_for()
    assert WORDS in page.locator("main").inner_text()
    assert WORKER not in page.locator("main").inner_text()  # it is about an answer, and not about who gave it
    page.keyboard.press("Enter")  # nothing was chosen: nothing is decided
    page.keyboard.press("1")
    page.locator("form").get_by_text("They were right: the item is corrected").wait_for()
    page.keyboard.type("You are right, it is the red one.")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="No appeal waits.").wait_for()
    (one,) = appeals(engine, WORKER)
    assert (one.upheld, one.decided_by, one.reason) == (True, "olga", "You are right, it is the red one.")
    says = figures(engine, WORKER)
    assert (says.right, says.of, says.under_appeal) == (1, 1, 0)
    assert "Upheld, by olga." in page.locator("main").inner_text()
    mock.role = "reviewer"
    page.goto(f"{url}/shift")
    page.get_by_text("corrected for everybody: You are right, it is the red one.").wait_for()


def test_what_was_known_can_stand_and_nothing_is_decided_without_a_reason(url: str, page: Any, mock: Mock) -> None:
    appealed(mock, 2)
    page.goto(f"{url}/review/appeals")
    page.locator(".appeal > p").first.get_by_text("1 of 2").wait_for()
    first = page.locator(".appeal .big").inner_text()
    page.keyboard.press("j")
    page.locator(".appeal > p").first.get_by_text("2 of 2").wait_for()
    assert page.locator(".appeal .big").inner_text() != first
    page.keyboard.press("k")
    page.locator(".appeal > p").first.get_by_text("1 of 2").wait_for()
    page.keyboard.press("2")
    page.locator("form").get_by_text("What was known stands").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Say why, in a sentence").wait_for()
    page.keyboard.type("The scale says 250 g.")
    page.keyboard.press("Enter")
    page.locator(".appeal > p").first.get_by_text("1 of 1").wait_for()
    (stands,) = [one for one in appeals(mock.desk.queues.engine) if one.upheld is False]
    assert stands.reason == "The scale says 250 g."
    mock.role = "reviewer"
    page.goto(f"{url}/shift")
    page.get_by_text("it stands: The scale says 250 g.").wait_for()


def test_the_team_page_says_who_is_there_and_what_waits_and_compares_nobody(url: str, page: Any, mock: Mock) -> None:
    mock.begin()
    page.goto(f"{url}/review/overview")
    page.get_by_role("link", name="Who is on shift").click()
    page.get_by_text("and nobody is on shift.").wait_for()
    mock.desk.happen("shift_started")
    page.reload()
    page.get_by_role("heading", name="1 person is on shift").wait_for()
    text = page.locator("main").inner_text()
    assert WORKER in text
    assert "at the desk" in text
    mock.desk.happen("break_started", detail="rest")
    page.reload()
    page.get_by_text("has a break").wait_for()
    said = page.locator("main").inner_text().lower()
    assert not any(word in said for word in ("a question an hour", "per hour", "rank", "score", "best", "accuracy"))
    assert "settle" in said


def test_month_certificates_stand_in_plain_sentences_with_their_file(url: str, page: Any, mock: Mock) -> None:
    assert mock.role == "operator"
    page.goto(f"{url}/review/months")
    page.get_by_role("heading", name="2026-10 is certified.").wait_for()
    text = page.locator("main").inner_text().replace("\xa0", " ")
    assert "Of the 26,000 receipts that software settled alone in 2026-10 (simulated), at most 190 were wrong" in text
    assert "At most 110 of them were charged something that was not taken (0.42 %)." in text
    assert "2 of those drawn could not be judged; they count as wrong." in text
    assert "No certificate yet: the month is not over" in text
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download 2026-10").click()
    assert loading.value.suggested_filename == "certificate-2026-10.json"


@needs_axe
@pytest.mark.parametrize("variant", ["390-dark", "1440-light"])
def test_these_pages_are_for_everybody(url: str, browser: Any, seen: Seen, mock: Mock, variant: str) -> None:
    appealed(mock, 2)
    mock.begin()
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    seen.watch(page)
    OUT.mkdir(parents=True, exist_ok=True)
    for name, ready in (("appeals", ".appeal"), ("team", "table"), ("months", "section")):
        page.goto(f"{url}/review/{name}")
        page.locator(ready).first.wait_for()
        assert violations(page) == [], name
        page.screenshot(path=str(OUT / f"{name}-{variant}.png"), full_page=True)
    context.close()
