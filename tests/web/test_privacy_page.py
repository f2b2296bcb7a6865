"""The operator's page of privacy in a real browser: one asks, another lets them, the first one looks."""

from typing import Any

import numpy as np
import pytest

from tests.web.browser import AXE, OUT, VARIANTS, needs_chromium, violations
from tests.web.mock.knobs import Mock

pytestmark = needs_chromium
REASON = "somebody fell at the door"


def asked(page: Any, url: str) -> None:
    page.goto(f"{url}/privacy")
    page.get_by_text("Nobody can see unfilled video now.").wait_for()
    page.get_by_label("Why; it stands in the public log").fill(REASON)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("1 request waits for a second person.").wait_for()


def test_two_people_and_then_only_the_first_one(url: str, page: Any, mock: Mock) -> None:
    pytest.importorskip("av", reason="video needs PyAV: ./run extras")
    from walkout.live.break_glass import watchable
    from walkout.privacy.segments import RawPacket
    from walkout.twin.camera.encode import Encoder

    encoder = Encoder(64, 48, 10.0, kind="h264")
    coded = [one for k in range(20) for one in encoder.push(np.full((48, 64, 3), 10 * k, np.uint8), k * 10**8)]
    coded += encoder.close()
    mock.raw_video = watchable([RawPacket(one.t_ns, one.keyframe, one.data) for one in coded])
    asked(page, url)
    row = page.locator("li", has_text=REASON)
    assert "Let them look" not in row.inner_text(), "who asks lets nobody in"
    mock.role = "auditor"
    page.reload()
    assert page.locator("form.glass").count() == 0, "an auditor asks for nothing"
    row.get_by_role("button", name="Let them look").click()
    row.get_by_text("open until").wait_for()
    assert row.get_by_role("button", name="Look", exact=True).count() == 0
    mock.role = "operator"
    page.reload()
    row.get_by_role("button", name="Look", exact=True).click()
    video = page.locator("video.unfilled")
    video.wait_for()
    page.wait_for_function("document.querySelector('video.unfilled').readyState >= 2")
    assert video.evaluate("one => [one.videoWidth, one.videoHeight]") == [64, 48]
    row.get_by_role("button", name="End it").click()
    row.get_by_text("over", exact=True).wait_for()
    video.wait_for(state="detached")


def test_who_may_not_let_them_reads_why(url: str, page: Any, mock: Mock) -> None:
    asked(page, url)
    mock.role, mock.hinders = "auditor", "found olga, who made the account of ada, right: two people"
    page.reload()
    row = page.locator("li", has_text=REASON)
    row.get_by_text("You cannot let them: found olga, who made the account of ada").wait_for()
    assert row.get_by_role("button", name="Let them look").count() == 0
    mock.hinders = ""
    page.reload()
    row.get_by_role("button", name="Let them look").wait_for()
    assert "You cannot let them" not in row.inner_text()


def test_what_is_refused_is_said_in_words(url: str, page: Any, mock: Mock, seen: Any) -> None:
    seen.expected = ("409",)
    page.goto(f"{url}/privacy")
    page.get_by_label("for", exact=False).first.wait_for()
    page.locator("input[name=at]").fill("2020-01-01T00:09:30")
    page.get_by_label("Why; it stands in the public log").fill(REASON)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("alert").get_by_text("more than one slice").wait_for()


def test_the_page_looks_right(url: str, browser: Any, mock: Mock) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for name, (width, height, scheme) in VARIANTS.items():
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(f"{url}/privacy")
        page.get_by_role("button", name="Ask", exact=True).wait_for()
        if page.locator("li", has_text=REASON).count() == 0:
            asked(page, url)
        page.screenshot(path=OUT / f"privacy-{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        if AXE.is_file():
            assert violations(page) == []
        context.close()
