"""Marking clips, the shopper's consent and the data set: real pages over the real API, queues, vault and marks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.live.desk_shop import START_NS, sure
from tests.web.api.desk_api import Api, desk_api
from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.serving import serving_app
from tests.web.test_no_spying import SOURCES, listening, strange
from tests.web.test_review_page import READ_BARS
from walkout.learning.annotation import Annotated, Mark, Span
from walkout.learning.dataset import annotated, newest, offer
from walkout.live.mp4 import fragmented_mp4
from walkout.review.consent import consent_of

pytest.importorskip("av", reason="clips need PyAV: ./run extras")
pytest.importorskip("cv2", reason="marks in clips need OpenCV: ./run extras")
pytestmark = needs_chromium
WIDTH, HEIGHT, BAR, BITS = 320, 224, 16, 12
TIMES = tuple(START_NS + k * 100_000_000 for k in range(24) if k != 7)
"""Ten a second, and one is lost."""
DRAFT = (
    Mark(0, "hand", 100.0, 60.0, 40.0, 30.0, by="model"),
    Mark(0, "person", 20.0, 40.0, 90.0, 160.0, by="model"),
)


def film() -> bytes:
    """Each picture's number in bars at the top, as the review page's tests read it, and something that moves."""
    shown = []
    for number in range(len(TIMES)):
        picture = np.full((HEIGHT, WIDTH, 3), 96, np.uint8)
        picture[80:120, 100 + 4 * number : 140 + 4 * number] = (150, 130, 110)
        for n, bit in enumerate([1, 0, *((number >> b) & 1 for b in range(BITS))]):
            picture[:BAR, n * BAR : (n + 1) * BAR] = 255 if bit else 0
        shown.append(picture)
    return fragmented_mp4(shown, TIMES)


@dataclass
class There:
    """A shop with a visit, its link, and two clips of it before whoever accepted to mark them."""

    api: Api
    url: str
    link: str

    def sign(self, page: Any, who: str) -> None:
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "walkout_session", "value": self.api.sessions[who][0], "url": self.url}])

    def agreed(self, draft: tuple[Mark, ...] = (), spans: tuple[Span, ...] = ()) -> None:
        till = self.api.shop.till
        self.api.post(f"/s/{self.link}/consent", None, agree=True)
        for n in range(2):
            name = f"e{n}.door"
            about = {"event": f"e{n}", "camera": "door", "t_ns": list(TIMES), "width": WIDTH, "height": HEIGHT}
            till.vault.clips.put("v1", name, film(), about, self.api.shop.now_ns)
            clip = Annotated(f"1-{n:02d}", "1", WIDTH, HEIGHT, TIMES, draft if n == 0 else (), spans, "simulated")
            offer(till.queues, "v1", clip, shows=name, deadline_ns=START_NS + 10**15 + n)
        self.api.post("/desk/purposes/annotate/accept", "ada")

    def kept(self) -> tuple[Annotated, ...]:
        return annotated(self.api.shop.till.database)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    with desk_api(tmp_path) as api:
        api.shop.visit(sure("v1"))
        api.shop.work(61)
        with serving_app(api.app, lifespan="off") as url:
            yield There(api, url, api.context.identity.link("v1"))


def opened(there: There, page: Any) -> None:
    there.sign(page, "ada")
    page.goto(f"{there.url}/review/annotate")
    page.locator(".stage svg.sheet").wait_for()
    page.wait_for_timeout(200)


def shown(page: Any) -> str:
    return str(page.locator(".annotate .answers ul").first.inner_text())


def note(page: Any, words: str) -> None:
    page.locator(".shift-foot .note").get_by_text(words).wait_for()


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_clip_is_marked_from_its_draft_to_the_data_set_by_keyboard_alone(there: There, page: Any) -> None:
    there.agreed(DRAFT)
    there.sign(page, "ada")
    page.goto(f"{there.url}/review")
    page.get_by_role("heading", name="Nothing to ask; this time is paid.").wait_for()
    page.get_by_role("link", name="Mark clips").press("Enter")
    page.locator(".stage svg.sheet").wait_for()
    page.wait_for_timeout(200)
    sent: list[tuple[str, str, str]] = []
    page.on("request", lambda r: sent.append((r.method, r.url.removeprefix(there.url), r.post_data or "")))
    assert "hand, by software" in shown(page)
    press(page, "j", "j")  # the hand is the lower of the two
    press(page, "ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowUp")
    assert "102, 61; 41 × 29 px" in shown(page)
    assert "hand, by software" not in shown(page), "whoever moves it makes it theirs"
    press(page, "0")
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("oat")
    page.get_by_role("option").first.wait_for()
    press(page, "Enter")
    note(page, "The product is noted.")
    for _ in range(10):
        press(page, ".")
        page.wait_for_timeout(20)
    page.get_by_text("frame 11 of 23").wait_for()
    press(page, "c")
    note(page, "in this picture too")
    for _ in range(10):
        press(page, "ArrowRight")
    press(page, "i")
    note(page, "9 pictures are filled in.")
    press(page, "m", ".", ".", "m")
    note(page, "A take, pictures 11 to 13.")
    press(page, "2")
    note(page, "It is a return.")
    press(page, "p", "a", "2")
    assert "product" in shown(page)
    press(page, "d")
    note(page, "The product is deleted.")
    press(page, "u")
    note(page, "Taken back.")
    press(page, "y")
    note(page, "Done again.")
    press(page, "Enter")
    note(page, "Saved: 12 boxes, 1 span.")
    (clip,) = there.kept()
    hands = sorted((mark for mark in clip.marks if mark.what == "hand"), key=lambda mark: mark.picture)
    assert [hand.picture for hand in hands] == list(range(11))
    assert [hand.x_px for hand in hands] == [102.0 + k for k in range(11)]
    assert len({hand.track for hand in hands}) == 1
    assert all(hand.gtin for hand in hands)
    (span,) = clip.spans
    assert (span.first, span.last, span.happens, span.gtin) == (10, 12, "return", hands[0].gtin)
    assert clip.looked_at
    # The next clip is there; for a minute the last one comes back as it was saved.
    page.get_by_text("No box.").wait_for()
    press(page, "u")
    note(page, "Taken back: the marks are as you saved them.")
    page.get_by_text("12 boxes in 11 pictures of 23").wait_for()
    assert strange([one for one in sent if "/desk/catalogue?q=" not in one[1]]) == []


def test_wrists_are_placed_and_a_clip_without_anything_is_said_to_have_nothing(there: There, page: Any) -> None:
    there.agreed(DRAFT)
    opened(there, page)
    press(page, "j", "w", "ArrowLeft", "ArrowLeft", "v", "w", "Enter")
    note(page, "Saved: 2 boxes, 0 spans.")
    (clip,) = there.kept()
    (person,) = [mark for mark in clip.marks if mark.what == "person"]
    assert {name: (p.x_px, p.y_px, p.visible) for name, p in person.joints} == {
        "l_wrist": (63.0, 120.0, 1),
        "r_wrist": (65.0, 120.0, 2),
    }
    page.get_by_text("No box.").wait_for()
    page.wait_for_timeout(200)
    press(page, "Enter")
    note(page, "press Enter once more")
    assert len(there.kept()) == 1
    press(page, "Enter")
    page.get_by_role("heading", name="No clip to mark; this time is paid.").wait_for()
    assert [len(one.marks) for one in there.kept()] == [2, 0]


def test_a_box_is_drawn_moved_and_sized_by_mouse_and_the_picture_is_the_one_it_says(there: There, page: Any) -> None:
    there.agreed()
    opened(there, page)
    film = page.locator(".stage video")
    place = page.locator(".stage svg.sheet").bounding_box()
    assert place is not None
    assert abs(place["height"] - film.bounding_box()["height"]) < 1.5, "the boxes lie on the picture"

    def at(x_px: float, y_px: float) -> tuple[float, float]:
        return place["x"] + x_px / WIDTH * place["width"], place["y"] + y_px / HEIGHT * place["height"]

    def drag(a: tuple[float, float], b: tuple[float, float]) -> None:
        page.mouse.move(*at(*a))
        page.mouse.down()
        page.mouse.move(*at((a[0] + b[0]) / 2, (a[1] + b[1]) / 2))
        page.mouse.move(*at(*b))
        page.mouse.up()

    drag((200, 100), (240, 140))
    drag((220, 120), (210, 110))  # moved
    drag((230, 130), (250, 150))  # its corner
    text = shown(page)
    press(page, "u")
    page.wait_for_timeout(50)
    assert shown(page) != text, "a whole drag is one step back"
    press(page, "y")
    for _ in range(9):
        press(page, ".")
        page.wait_for_timeout(150)
        assert film.evaluate(READ_BARS) == int(page.locator(".film").get_attribute("data-frame"))
    press(page, "Enter")
    note(page, "Saved: 1 box, 0 spans.")
    (clip,) = there.kept()
    (mark,) = clip.marks
    for found, wanted in zip((mark.x_px, mark.y_px, mark.width_px, mark.height_px), (190, 90, 60, 60), strict=True):
        assert abs(found - wanted) < 1.5, mark


def test_a_skip_keeps_nothing_and_whoever_did_not_accept_is_asked_first(there: There, page: Any, seen: Seen) -> None:
    seen.expected = ("/desk/clips/",)  # what is asked for late is not theirs any more
    there.agreed()
    opened(there, page)
    press(page, "a", "s")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("2")
    note(page, "nothing is noted against you")
    assert there.kept() == ()
    there.sign(page, "ben")
    page.goto(f"{there.url}/review/annotate")
    page.get_by_role("heading", name="Do you want to mark clips?").wait_for()
    page.get_by_role("button", name="Accept this work").press("Enter")
    page.locator(".stage svg.sheet").wait_for()


def test_what_could_not_be_saved_is_kept_and_saved_again(there: There, page: Any, seen: Seen) -> None:
    seen.expected = ("ERR_INTERNET_DISCONNECTED",)
    there.agreed()
    opened(there, page)
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    press(page, "a", "Enter")
    page.get_by_text("Not saved yet; it is kept here").wait_for()
    page.context.set_offline(False)
    note(page, "Saved: 1 box")
    assert len(there.kept()) == 1


def test_nobody_is_watched_while_they_mark() -> None:
    """A pointer is listened to on the sheet alone, between its press and its release, and the page sends marks only."""
    names = ("marking.ts", "pages/annotate.tsx")
    assert listening({name: (SOURCES / name).read_text("utf-8") for name in names}) == []
    sheet = (SOURCES / "sheet.tsx").read_text("utf-8")
    assert listening({"sheet.tsx": sheet}) == ["sheet.tsx: onPointerMove"]
    assert not any(word in sheet for word in ("fetch", "post(", "call(", "performance.now", "Date."))


def test_consent_is_off_until_given_and_taken_back_by_keyboard_with_all_that_rests_on_it(
    there: There, page: Any
) -> None:
    database = there.api.shop.till.database
    page.goto(f"{there.url}/s/{there.link}")
    section = page.locator("section.consent")
    section.get_by_text("Off").wait_for()
    said = section.inner_text()
    for words in ("Who sees it", "72 hours", "How to take it back", "stays learnt", "Your receipt is the same"):
        assert words in said, words
    assert consent_of(database, "v1") is None
    section.get_by_role("button", name="I agree").press("Enter")
    section.get_by_text("You agreed. You can take it back here at any time.").wait_for()
    kept = consent_of(database, "v1")
    assert kept is not None
    assert all(words in kept.words for words in ("72 hours", "stays learnt"))
    there.agreed(DRAFT)
    assert newest(database, "1-00") is not None
    page.reload()
    section.get_by_text("On: you agreed").wait_for()
    assert "2 clips" in section.inner_text().replace("\xa0", " ")
    section.get_by_role("button", name="Take it back").press("Enter")
    said = "Taken back. The copy for learning is gone with its key. All marks in your clips are deleted."
    section.get_by_text(said).wait_for()
    assert newest(database, "1-00") is None
    there.api.post("/desk/annotations/lease", "ada", 204)


def test_the_data_set_says_whose_consent_whose_hours_and_at_what_pay_in_counts(there: There, page: Any) -> None:
    there.sign(page, "operator")
    page.goto(f"{there.url}/review/overview")
    page.get_by_role("link", name="Marks for learning").press("Enter")
    page.get_by_role("heading", name="No clip is marked yet.").wait_for()
    page.get_by_role("button", name="Put the clips").press("Enter")
    page.get_by_text("No visit whose shopper agreed has a clip now.").wait_for()
    there.agreed(DRAFT)
    token = there.api.post("/desk/annotations/lease", "ada")["token"]
    body: dict[str, Any] = {"marks": [], "spans": []}
    there.api.shop.on(180)
    assert there.api.ask("PUT", f"/api/v1/desk/annotations/{token}", "ada", json=body).status_code == 200
    page.reload()
    page.get_by_role("heading", name="1 clip marked, with the consent of 1 visit.").wait_for()
    text = page.locator("main").inner_text().replace("\xa0", " ")
    for words in ("fewer than 5", "16.00 EUR an hour", "3 min", "agreed to these words", "stays learnt"):
        assert words in text, words
    assert "v1" not in text
    assert "ada" not in text
    page.get_by_role("button", name="Put the clips").press("Enter")
    page.get_by_text("2 clips of visits whose shoppers agreed are before people").wait_for()
    there.sign(page, "auditor")
    page.goto(f"{there.url}/review/dataset")
    page.get_by_role("heading", name="1 clip marked").wait_for()
    assert page.get_by_role("button", name="Put the clips").count() == 0


@needs_axe
@pytest.mark.parametrize("variant", ["390-dark", "1440-light"])
def test_these_pages_are_for_everybody(there: There, browser: Any, seen: Seen, variant: str) -> None:
    there.agreed(DRAFT, (Span(4, 12, "take", by="model"),))
    width, height, scheme = VARIANTS[variant]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    seen.watch(page)
    OUT.mkdir(parents=True, exist_ok=True)
    pages = {
        "annotate": ("ada", "/review/annotate", ".stage svg.sheet"),
        "dataset": ("operator", "/review/dataset", ".facts"),
        "consent": ("ada", f"/s/{there.link}", "section.consent"),
    }
    for name, (who, path, ready) in pages.items():
        there.sign(page, who)
        page.goto(there.url + path)
        page.locator(ready).first.wait_for()
        if name == "annotate":
            press(page, "p", "p", "p", "j")
            page.wait_for_timeout(300)
        found = violations(page)
        page.screenshot(path=str(OUT / f"{name}-{variant}.png"), full_page=True)
        assert found == [], name
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} px wide"
    context.close()


def test_the_help_lists_what_the_keys_do(there: There, page: Any) -> None:
    there.agreed()
    opened(there, page)
    press(page, "?")
    listed = json.dumps(page.get_by_role("dialog").inner_text())
    for words in (
        "next box of this picture",
        "fill in the pictures between",
        "a span begins here",
        "take back",
        "save",
    ):
        assert words in listed
