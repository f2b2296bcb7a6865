"""The reviewer's screen in a real browser: the real queues and time ledger answer (tests/web/mock/desk)."""

import json
import re
import time
from typing import Any

import pytest

from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock import clips
from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from walkout.review import tables

pytestmark = needs_chromium

needs_films = pytest.mark.skipif(not clips.available, reason="drawn clips need PyAV and OpenCV: ./run extras")

READ_BARS = """film => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [film.videoWidth, film.videoHeight];
  const drawing = canvas.getContext("2d", {willReadFrequently: true});
  drawing.drawImage(film, 0, 0);
  const bit = n => drawing.getImageData(16 * n + 8, 8, 1, 1).data[0] > 127 ? 1 : 0;
  if (!bit(0) || bit(1)) return -1;
  return Array.from({length: 12}, (_, n) => bit(n + 2) << n).reduce((a, b) => a + b, 0);
}"""


READY = "[...document.querySelectorAll('.film:not([hidden]) video')].filter(v => v.readyState >= 2).length === 2"


def _until(page: Any, holds: str) -> None:
    """Wait until a sentence of JavaScript is true; the page's own policy forbids the browser's way of doing so."""
    until = time.monotonic() + 30
    while not page.evaluate(holds):
        assert time.monotonic() < until, holds
        page.wait_for_timeout(30)


def _question(page: Any, url: str) -> None:
    page.goto(f"{url}/review")
    _ready(page)


def _ready(page: Any) -> None:
    """Wait until a question that takes answers is on the screen, and painted."""
    page.locator(".answers[aria-busy=false]").wait_for()
    page.wait_for_timeout(150)


def _answers(mock: Mock) -> list[Any]:
    with mock.desk.queues.reading.begin() as connection:
        return list(connection.execute(tables.answers.select().order_by(tables.answers.c.t_ns)).all())


def _note(page: Any, words: str) -> None:
    page.locator(".shift-foot .note").get_by_text(words).wait_for()


def test_from_accepting_to_a_settled_receipt_by_keyboard_alone(url: str, page: Any, mock: Mock) -> None:
    mock.role = "reviewer"
    mock.begin()
    page.goto(url)
    page.get_by_role("heading", name="Which questions do you accept?").wait_for()
    assert "20.00 EUR an hour" in page.locator(".purposes li").first.inner_text().replace("\xa0", " ")
    page.get_by_role("button", name="Accept settle").press("Enter")
    page.get_by_role("heading", name="Ready when you are.").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Enter")
    _ready(page)
    assert "There is no clip of this." in page.locator(".evidence").inner_text()
    assert page.locator(".curves .plate").count() >= 1
    first = page.locator("h1").inner_text()
    visit = re.search(r"Visit (\d+)", page.locator(".more").inner_text())
    assert first
    assert visit
    page.keyboard.press("1")
    _note(page, "Answered")
    assert len(_answers(mock)) == 1
    assert mock.desk.ledger.desk(WORKER).open
    row = next(r for r in mock.receipt_rows() if r["visit"].endswith(visit[1]))
    assert (row["decided_by"], row["status"]) == ("person", "settled")
    receipt = mock.receipt(row["visit"])
    assert receipt is not None
    assert receipt["human"]["viewers"] == 1
    assert receipt["human"]["purposes"] == ["settle"]


def test_every_key_does_what_the_help_says(url: str, page: Any, reviewing: Mock) -> None:
    _question(page, url)
    slider = page.get_by_role("slider", name="Moment")
    at = [slider.input_value()]
    for key in (".", ".", ",", "j", "k"):
        page.keyboard.press(key)
        page.wait_for_timeout(60)
        at.append(slider.input_value())
    assert int(at[0]) < int(at[1]) < int(at[2])
    assert at[3] == at[1]
    assert at[4] != at[3]
    page.keyboard.press(" ")
    page.get_by_role("button", name="Stop").wait_for()
    page.keyboard.press(" ")
    page.keyboard.press("h")
    page.locator(".evidence.bare").wait_for()
    page.keyboard.press("e")
    page.get_by_text("2 of it").wait_for()
    page.keyboard.press("q")
    page.get_by_text("1 of it").wait_for()
    page.keyboard.press("l")
    assert page.get_by_role("button", name="likely").get_attribute("aria-pressed") == "true"
    page.keyboard.press("?")
    listed = page.get_by_role("dialog").inner_text()
    for words in ("play or stop", "a frame back", "search the catalogue", "take a paid break", "cannot tell", "skip"):
        assert words in listed
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.keyboard.press("f")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("3")
    _note(page, "Flagged.")
    assert [reason for _, reason in reviewing.desk.flags] == ["the evidence does not fit the question"]
    page.keyboard.press("0")
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("blossom")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    _note(page, "Answered: something else, likely.")
    _ready(page)
    answered = _answers(reviewing)[-1]
    assert answered.sure == "likely"
    assert answered.key.startswith("-,0044")
    page.keyboard.press("u")
    _note(page, "Taken back")
    _ready(page)
    page.keyboard.press("x")
    _note(page, "Answered: cannot tell.")
    assert _answers(reviewing)[-1].key is None
    _ready(page)
    page.keyboard.press("s")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("2")
    _note(page, "nothing is noted against you")
    page.keyboard.press("b")
    page.get_by_role("heading", name="You are on a break.").wait_for()
    assert reviewing.desk.ledger.desk(WORKER).rest == "rest"
    page.keyboard.press("b")
    _ready(page)


def test_an_answer_taken_back_is_asked_again_and_the_next_one_waits(url: str, page: Any, reviewing: Mock) -> None:
    _question(page, url)
    words = page.locator(".answers li").first.inner_text()
    page.wait_for_timeout(1500)
    page.keyboard.press("1")
    _note(page, "Answered")
    _ready(page)
    following = page.locator(".answers li").first.inner_text()
    assert following != words
    page.keyboard.press("u")
    _note(page, "Taken back")
    _ready(page)
    assert page.locator(".answers li").first.inner_text() == words
    page.keyboard.press("2")
    _note(page, "Answered")
    page.get_by_text(following.splitlines()[1]).first.wait_for()
    assert [row.supersedes is not None for row in _answers(reviewing)] == [False, True]


def test_a_key_between_two_questions_answers_neither(url: str, page: Any, reviewing: Mock) -> None:
    """The desk takes its time with the next one; what is pressed meanwhile was meant for no question on the screen."""
    _question(page, url)
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/api/v1/desk/lease", hold)
    words = page.locator("h1").inner_text() + page.locator(".answers").inner_text()
    page.keyboard.press("1")
    _note(page, "Answered")
    for key in ("1", "2", "x", "s"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert page.locator("h1").inner_text() + page.locator(".answers").inner_text() == words
    held[0].continue_()
    page.unroute("**/api/v1/desk/lease")
    _ready(page)
    assert len(_answers(reviewing)) == 1
    page.keyboard.press("x")
    _note(page, "Answered: cannot tell.")
    assert [row.key is None for row in _answers(reviewing)] == [False, True]


IN_THE_COMMIT = """() => new Promise(done => {
  const key = name => dispatchEvent(new KeyboardEvent("keydown", {key: name, cancelable: true}));
  const main = document.querySelector("main");
  let before = false;
  new MutationObserver((_, all) => {
    const busy = document.querySelector(".answers")?.ariaBusy;
    if (busy === "true") before = true;
    if (!before || busy === "true") return;
    all.disconnect();
    const early = key("1");  // drawn, and on no screen yet
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done([early, key("x")]))));
  }).observe(main, {subtree: true, childList: true, attributes: true, characterData: true});
  key("2");
})"""


def test_a_key_in_the_instant_before_a_question_is_painted_is_no_answer_to_it(
    url: str, page: Any, reviewing: Mock
) -> None:
    _question(page, url)
    assert page.evaluate(IN_THE_COMMIT) == [False, False], "both were heard: the keys are there with the question"
    _note(page, "Answered: cannot tell.")
    page.wait_for_timeout(300)
    keys = [row.key for row in _answers(reviewing)]
    assert len(keys) == 2
    assert keys[1] is None, "the one after it was painted; the one before it went nowhere"


def test_when_there_is_nothing_to_ask_the_time_is_paid(page: Any, url: str, reviewing: Mock) -> None:
    for _ in range(12):
        lease = reviewing.desk.queues.lease(WORKER)
        if lease is None:
            break
        reviewing.desk.queues.submit(lease.token, lease.body.candidates[0][0])
    page.goto(f"{url}/review")
    page.get_by_role("heading", name="Nothing to ask; this time is paid.").wait_for()
    assert "waiting included" in page.locator(".shift-foot").inner_text()


def test_what_could_not_be_sent_is_kept_and_sent_again(url: str, page: Any, reviewing: Mock, seen: Seen) -> None:
    seen.expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "503")
    _question(page, url)
    page.context.set_offline(True)
    page.keyboard.press("1")
    page.get_by_text("Not sent yet; it is kept here").wait_for()
    assert _answers(reviewing) == []
    page.context.set_offline(False)
    _note(page, "Answered")
    assert len(_answers(reviewing)) == 1


def test_a_lease_that_was_lost_is_said_so_and_paid(url: str, page: Any, reviewing: Mock, seen: Seen) -> None:
    seen.expected = ("409",)
    _question(page, url)
    reviewing.desk.shown.clear()
    page.keyboard.press("1")
    _note(page, "Your time until now is paid all the same.")


def test_practice_explains_and_keeps_nothing(url: str, page: Any, reviewing: Mock) -> None:
    before = len(reviewing.desk.ledger.entries(WORKER))
    page.goto(f"{url}/review/practice")
    _ready(page)
    page.keyboard.press("2")
    page.get_by_role("heading", name=re.compile(r"Right\.|Not quite\.")).wait_for()
    assert "It was person" in page.locator(".more").inner_text()
    page.keyboard.press("Enter")
    _ready(page)
    assert len(reviewing.desk.ledger.entries(WORKER)) == before
    assert _answers(reviewing) == []


def test_in_a_blind_audit_nothing_of_the_softwares_thought_is_on_the_page(url: str, page: Any, mock: Mock) -> None:
    mock.role, mock.at_ns = "reviewer", 1
    mock.desk.books.accept(WORKER, "audit")
    mock.desk.happen("shift_started")
    mock.desk.audit("v00008")
    _question(page, url)
    assert "a blind audit" in page.locator(".more").inner_text()
    shown = page.locator("main").inner_text()
    assert "%" not in shown
    assert "was 9 cm from" not in page.locator(".answers").inner_text()


ALLOWED = {"choice", "gtin", "quantity", "items", "sure", "idempotency_key", "kind", "reason"}


def test_the_page_tells_nothing_about_how_somebody_works(url: str, page: Any, reviewing: Mock) -> None:
    sent: list[tuple[str, Any]] = []
    page.on("request", lambda r: sent.append((r.url.removeprefix(url), json.loads(r.post_data or "{}"))))
    page.clock.install()
    _question(page, url)
    for _ in range(30):
        page.mouse.move(300, 300)
        page.keyboard.press(".")
    page.clock.run_for(100_000)
    page.wait_for_timeout(300)
    page.keyboard.press("1")
    page.clock.run_for(1000)
    page.locator(".shift-foot .note").get_by_text("Answered").wait_for()
    posted = [(path, body) for path, body in sent if body]
    assert posted
    assert all(set(body) <= ALLOWED for _, body in posted)
    # A key pressed, a frame looked at, the mouse: no request comes of them.
    kinds = {
        re.sub(r"[0-9a-f]{32}", "TOKEN", path.split("?")[0]) for path, _ in sent if path.startswith("/api/v1/desk")
    }
    pictures = {kind for kind in kinds if "/pictures/" in kind}
    wanted = ("", "/lease", "/next", "/leases/TOKEN/heartbeat", "/leases/TOKEN/answer")
    assert kinds - pictures == {f"/api/v1/desk{kind}" for kind in wanted}
    assert len([path for path, _ in sent if path.endswith("/heartbeat")]) <= 3
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'


@needs_films
def test_the_frame_shown_is_the_frame_asked_for(url: str, page: Any, reviewing: Mock) -> None:
    reviewing.cameras = True
    _question(page, url)
    _until(page, READY)
    films = page.locator(".film:not([hidden])")

    def both() -> list[tuple[int, int]]:
        page.wait_for_timeout(120)
        _until(page, "[...document.querySelectorAll('.film:not([hidden]) video')].every(v => !v.seeking)")
        page.wait_for_timeout(120)
        return [
            (int(films.nth(n).get_attribute("data-frame")), films.nth(n).locator("video").evaluate(READ_BARS))
            for n in range(2)
        ]

    found = both()
    keys = [".", ".", ".", ",", ".", "j", ",", ",", "k", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ",", ","]
    for key in keys:
        page.keyboard.press(key)
        found += both()
    page.get_by_role("slider", name="Moment").focus()
    page.keyboard.press("Home")
    found += both()
    page.keyboard.press("End")
    found += both()
    wrong = [(asked, shown) for asked, shown in found if asked != shown]
    assert len(found) == 2 * (len(keys) + 3)
    assert len({asked for asked, _ in found}) > 12
    assert not wrong, wrong


@needs_films
@pytest.mark.slow  # a time is measured: on a machine that does other things as well it says nothing
def test_a_question_is_ready_soon_on_a_slow_line_and_the_next_one_is_there_already(
    url: str, page: Any, reviewing: Mock
) -> None:
    reviewing.cameras = True
    _question(page, url)
    _until(page, "document.querySelectorAll('.film[hidden] video').length === 2")
    page.wait_for_timeout(4000)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"offline": False, "latency": 150, "downloadThroughput": 250_000, "uploadThroughput": 250_000}
    session.send("Network.emulateNetworkConditions", line)
    received: list[int] = []
    session.on("Network.dataReceived", lambda data: received.append(data["encodedDataLength"]))
    started = time.monotonic()
    page.keyboard.press("1")
    _note(page, "Answered")
    _until(page, READY)
    seconds = time.monotonic() - started
    page.wait_for_timeout(1500)
    assert seconds <= 2.0
    assert sum(received) <= 400_000


LOOKS = {
    "question": ("/review", ".answers"),
    "practice": ("/review/practice", ".answers"),
}


def _look(name: str, variant: str, page: Any, url: str) -> list[str]:
    path, there = LOOKS[name]
    page.goto(url + path)
    page.locator(there).first.wait_for()
    page.wait_for_timeout(500)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.screenshot(path=OUT / f"{name}-{variant}.png", full_page=True)
    return [*violations(page), *([f"{wide} px wider than the screen"] if wide > 0 else [])]


@needs_axe
@pytest.mark.parametrize("variant", ["390-dark", pytest.param("1440-light", marks=pytest.mark.slow)])
def test_the_question_is_accessible_and_fits(variant: str, browser: Any, url: str, reviewing: Mock, seen: Seen) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    width, height, scheme = VARIANTS[variant]
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    seen.watch(page)
    for name in LOOKS:
        assert _look(name, variant, page, url) == []
    reviewing.desk.happen("shift_ended")
    page.goto(f"{url}/review")
    page.locator(".purposes").wait_for()
    assert violations(page) == []
    context.close()
