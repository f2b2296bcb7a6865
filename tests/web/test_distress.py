"""What somebody called distressing stays covered until it is opened: real pages over the real API, queues and vault."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.live.desk_shop import START_NS, doubted
from tests.web.api.desk_api import Api, desk_api
from tests.web.browser import OUT, VARIANTS, Seen, needs_axe, needs_chromium, violations
from tests.web.mock.serving import serving_app
from tests.web.test_annotate_page import HEIGHT, TIMES, WIDTH, film
from walkout.learning.annotation import Annotated
from walkout.learning.dataset import offer
from walkout.review import tables

pytest.importorskip("av", reason="clips need PyAV: ./run extras")
pytest.importorskip("cv2", reason="clips need OpenCV: ./run extras")
pytestmark = needs_chromium


@dataclass
class There:
    """A shop with two visits that are asked about, a clip of each, and two reviewers."""

    api: Api
    url: str

    def sign(self, page: Any, who: str) -> None:
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "walkout_session", "value": self.api.sessions[who][0], "url": self.url}])

    def opened(self, page: Any, who: str = "ada") -> list[str]:
        """The review page; gives the paths that are asked for from then on."""
        asked: list[str] = []
        page.on("request", lambda r: asked.append(r.url.removeprefix(self.url)))
        self.sign(page, who)
        page.goto(f"{self.url}/review")
        page.locator(".answers[aria-busy=false]").wait_for()
        page.wait_for_timeout(300)
        return asked

    def called(self, who: str = "ben", *, by_skip: bool = False) -> str:
        """A colleague calls the first question's clips distressing; gives its visit."""
        found = self.api.post("/desk/lease", who)
        lease = self.api.shop.till.queues.held(who)[0]
        if by_skip:
            self.api.post(f"/desk/leases/{found['token']}/skip", who, reason="distressing")
        else:
            self.api.post(f"/desk/leases/{found['token']}/flag", who, reason="distressing")
            self.api.post(f"/desk/leases/{found['token']}/return", who)
        return lease.visit

    def rows(self, table: Any) -> list[Any]:
        with self.api.shop.till.database.begin() as connection:
            return list(connection.execute(table.select()).all())


def clips_of(asked: list[str]) -> list[str]:
    return [path for path in asked if "/desk/clips/" in path]


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    with desk_api(tmp_path) as api:
        till = api.shop.till
        for visit in ("v1", "v2"):
            api.shop.visit(doubted(visit, 0.6 if visit == "v1" else 0.61))
            about = {"event": "e1", "camera": "door", "t_ns": list(TIMES), "width": WIDTH, "height": HEIGHT}
            till.vault.clips.put(visit, "e1.door", film(), about, api.shop.now_ns)
        with serving_app(api.app, lifespan="off") as url:
            yield There(api, url)


def test_nothing_is_covered_that_nobody_called_distressing(there: There, page: Any) -> None:
    asked = there.opened(page)
    page.locator(".film video").first.wait_for()
    assert page.locator(".cover").count() == 0
    assert clips_of(asked)


@pytest.mark.parametrize("by_skip", [False, True])
def test_it_is_covered_and_not_even_loaded_until_it_is_opened_by_key_then_grey_and_still(
    there: There, page: Any, by_skip: bool
) -> None:
    there.called(by_skip=by_skip)
    asked = there.opened(page)
    cover = page.locator(".cover")
    assert "Somebody called what these clips show distressing." in cover.inner_text()
    assert "nothing of that is noted against you, and your time is paid" in cover.inner_text().lower()
    shown = str(page.evaluate("document.querySelectorAll('.film:not([hidden])').length"))
    assert shown == "0"
    page.wait_for_timeout(700)  # the next question is lent ahead meanwhile, and its clips are fetched
    (mine,) = [lease.token for lease in there.api.shop.till.queues.held("ada") if not lease.ahead]
    assert not [path for path in clips_of(asked) if mine in path], "what is covered has not left the shop"
    assert not [row for row in there.rows(tables.views) if row.token == mine], "and is no look at the visit"
    page.keyboard.press("o")
    video = page.locator(".film:not([hidden]) video")
    video.wait_for()
    assert video.evaluate("v => getComputedStyle(v).filter") == "grayscale(1)"
    page.wait_for_timeout(600)
    assert video.evaluate("v => v.paused") is True
    assert page.get_by_role("button", name="Play").is_visible(), "it stands still until somebody lets it play"
    assert [path for path in clips_of(asked) if mine in path]
    page.keyboard.press("t")
    assert video.evaluate("v => getComputedStyle(v).filter") == "none"
    page.keyboard.press("o")
    cover.wait_for()
    assert page.locator(".film:not([hidden]) video").count() == 0
    page.keyboard.press("1")  # it can be answered all the same
    page.locator(".shift-foot .note").get_by_text("Answered").wait_for()
    page.locator(".answers[aria-busy=false]").wait_for()


def test_the_next_question_is_covered_anew_and_is_not_fetched_ahead(there: There, page: Any) -> None:
    there.called(by_skip=True)
    there.api.post("/desk/lease", "ben")
    other = there.api.shop.till.queues.held("ben")[0]
    there.api.post(f"/desk/leases/{other.token}/skip", "ben", reason="distressing")
    asked = there.opened(page)
    page.wait_for_timeout(900)
    assert clips_of(asked) == []
    page.keyboard.press("o")
    page.locator(".film:not([hidden]) video").wait_for()
    page.keyboard.press("x")
    page.locator(".shift-foot .note").get_by_text("Answered").wait_for()
    page.locator(".cover").wait_for()
    assert page.locator(".film:not([hidden]) video").count() == 0


def test_skipping_it_is_in_the_same_place_by_tab_alone_and_costs_nothing(there: There, page: Any) -> None:
    there.called()
    there.opened(page)
    (mine,) = [lease.token for lease in there.api.shop.till.queues.held("ada") if not lease.ahead]
    names = []
    for _ in range(40):
        page.keyboard.press("Tab")
        names.append(str(page.evaluate("document.activeElement.innerText || ''")).replace("\n", " "))
        if names[-1] == "Skip it":
            break
    assert names[-1] == "Skip it", names
    assert any("Open them, in grey" in name for name in names)
    page.keyboard.press("Enter")
    page.locator(".shift-foot .note").get_by_text("nothing is noted against you").wait_for()
    (row,) = [row for row in there.rows(tables.closings) if row.token == mine]
    assert (row.how, row.reason) == ("skipped", "no reason")


def test_a_paid_break_to_recover_is_one_press_away_and_is_paid(there: There, page: Any, seen: Seen) -> None:
    seen.expected = ("409",)  # a clip of the next question that was under way goes back with it
    there.called()
    there.opened(page)
    page.get_by_role("button", name="A paid break first").click()
    page.get_by_role("heading", name="You are on a break.").wait_for()
    desk = there.api.shop.till.books.ledger.desk("ada")
    assert (desk.open, desk.rest) == (True, "recovery")
    assert there.api.get("/desk", "ada")["on_break"]


def test_whoever_flags_it_themselves_has_it_covered_at_once_and_is_offered_a_break(there: There, page: Any) -> None:
    there.opened(page)
    page.locator(".film:not([hidden]) video").wait_for()
    page.keyboard.press("f")
    page.get_by_role("dialog").get_by_text("distressing").click()
    page.locator(".cover").wait_for()
    assert page.locator(".film:not([hidden]) video").count() == 0
    page.get_by_role("button", name="Paid break, to recover from what you saw").press("Enter")
    page.get_by_role("heading", name="You are on a break.").wait_for()


def test_a_clip_to_be_marked_is_covered_like_any_other(there: There, page: Any) -> None:
    visit = there.called()
    till = there.api.shop.till
    link = there.api.context.identity.link(visit)
    there.api.post(f"/s/{link}/consent", None, agree=True)
    clip = Annotated("1-00", "1", WIDTH, HEIGHT, TIMES, origin="simulated")
    offer(till.queues, visit, clip, shows="e1.door", deadline_ns=START_NS + 10**15)
    there.api.post("/desk/purposes/annotate/accept", "ada")
    for purpose in ("settle", "audit", "dispute", "adjudicate", "gold"):
        there.api.post(f"/desk/purposes/{purpose}/withdraw", "ada")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url.removeprefix(there.url)))
    there.sign(page, "ada")
    page.goto(f"{there.url}/review/annotate")
    page.locator(".cover").wait_for()
    page.wait_for_timeout(300)
    assert clips_of(asked) == []
    page.keyboard.press("o")
    page.locator(".stage.grey svg.sheet").wait_for()


@needs_axe
@pytest.mark.parametrize("variant", list(VARIANTS))
def test_it_can_be_read_by_everybody(there: There, browser: Any, seen: Seen, variant: str) -> None:
    width, height, scheme = VARIANTS[variant]
    there.called()
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    seen.watch(page)
    there.opened(page)
    page.locator(".cover").wait_for()
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(OUT / f"distress-{variant}.png"), full_page=True)
    assert violations(page) == []
    page.keyboard.press("o")
    page.locator(".film:not([hidden]) video").wait_for()
    page.wait_for_timeout(300)
    page.screenshot(path=str(OUT / f"distress-open-{variant}.png"), full_page=True)
    assert violations(page) == []
    context.close()
