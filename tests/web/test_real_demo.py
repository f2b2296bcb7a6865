"""`./run demo` in a real browser: one's own amber receipt settles by pressing R and answering its question."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.test_serve import end
from tests.live.wire import free_port
from tests.web.browser import ROOT, chromium, needs_chromium
from tests.web.test_real_shop import LONG_MS, PASSWORD, asked, wait

pytestmark = [needs_chromium, pytest.mark.slow]
DEMO = """
import sys
from pathlib import Path
import typer
from walkout.cli import demo
typer.launch = lambda url: 0
demo.rung_shipped = lambda: 0.99999  # so that everything is asked
demo.PER_HOUR = 30.0
demo.open_shop(Path(sys.argv[1]), 1, int(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("demo") / "data"
    arguments = [sys.executable, "-u", "-c", DEMO, str(data), str(free_port())]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert child.stdout is not None
    try:
        said = ""
        while (found := re.search(r"(http://\S+/first-run#\S+)", said.replace("\n", ""))) is None:
            line = child.stdout.readline()
            assert line, said
            said += line
        yield found[1]
    finally:
        end(child)


def test_r_waits_for_the_question_and_its_answer_settles_the_receipt(first_run: str) -> None:
    url = first_run.partition("/first-run")[0]
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        page.goto(first_run)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        page.get_by_role("button", name="Come in").click(timeout=LONG_MS)
        page.get_by_role("button", name="snacks", exact=True).last.click(timeout=LONG_MS)
        page.locator(".elevation button.cell").first.click(timeout=LONG_MS)
        page.get_by_role("button", name="Take two").click(timeout=LONG_MS)
        wait(page, lambda play: any("took" in word for word in play["done"]))
        page.get_by_role("button", name="Hide it").click()
        page.get_by_role("button", name="Leave").click()
        page.get_by_role("button", name="R Be the reviewer").wait_for(timeout=LONG_MS)
        visit = asked(page, "/play")["you"]
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("r")
        page.locator(".answers[aria-busy=false]").wait_for(timeout=LONG_MS)
        assert page.url == f"{url}/review"
        page.wait_for_timeout(300)
        deadline = time.monotonic() + LONG_MS / 1000
        while page.locator(".answers[aria-busy=false]").count() and time.monotonic() < deadline:
            page.keyboard.press("1")  # each question of this visit, by its likeliest candidate
            page.locator(".shift-foot .note").get_by_text("Answered").wait_for(timeout=LONG_MS)
            page.wait_for_timeout(1500)
        found: Any = {}
        while found.get("decided_by") != "person":
            assert time.monotonic() < deadline, found
            page.wait_for_timeout(500)
            last = asked(page, f"/visits/{visit}/receipts")["items"][-1]
            found = last.get("receipt", last)
        assert found["status"] == "settled"
        assert found["human"]["viewers"] == 1
