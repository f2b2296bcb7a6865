"""A reviewer's statement from a browser into the log, the report, the public page and the bundle of a real `serve`.

Nothing stands in for anything: a process of its own, a key that Chromium makes and keeps, the bundle as anybody
downloads it, and its page without a network.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.test_serve import end, serving
from tests.web.browser import Seen, chromium, needs_chromium
from walkout.labour.voice import Voice, verify
from walkout.privacy.entry import Entry, decode

pytestmark = [needs_chromium, pytest.mark.slow]
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
WORDS = "We skip what we cannot tell,\nand nobody minds. – «ça va»"
BETTER = "We skip what we cannot tell. The chairs are better now."


class Real:
    """A shop in a process of its own, with an admin and a reviewer."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.child, said = serving(data)
        self.url = str(said["url"])
        if said["first_run"] is None:
            return
        with httpx2.Client(base_url=f"{self.url}/api/v1", timeout=60) as admin:
            given = {"token": said["first_run"].partition("#")[2], "name": "root", "password": PASSWORD}
            made = admin.post("/first-run", json=given)
            assert made.status_code == 200, made.text
            member = {"handle": "ada", "place": "exampleville", "contract": "employed", "employer": "Example Ltd"}
            headers = {"x-csrf-token": made.json()["csrf"]}
            joined = admin.post("/review/team", json={**member, "password": PASSWORD}, headers=headers)
            assert joined.status_code == 201, joined.text

    def log(self) -> list[Entry]:
        """The log's entries about statements, as they are on the disk."""
        lines = (self.data / "vault" / "log" / "entries.jsonl").read_bytes().splitlines()
        return [one for one in map(decode, lines) if one.kind == "voice"]

    def told(self) -> dict[str, Any]:
        """What the month's report says of statements."""
        answer = httpx2.get(f"{self.url}/api/v1/public/disclosure", timeout=60)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()["control"]["workers_statement"]
        return found

    def bundle(self, folder: Path) -> Path:
        """The bundle as anybody downloads it, unpacked; gives its page."""
        answer = httpx2.get(f"{self.url}/api/v1/public/bundle", timeout=60)
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            archive.extractall(folder)
        return folder / "verify.html"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    found = Real(tmp_path_factory.mktemp("statement") / "data")
    try:
        yield found
    finally:
        end(found.child)


def card_of(page: Any) -> Any:
    return page.locator(".voice")


def publish(page: Any, words: str) -> None:
    card_of(page).get_by_label("Your statement").fill(words)
    card_of(page).get_by_role("button", name="Sign and publish").click()
    card_of(page).locator("li", has_text=words.partition("\n")[0]).wait_for()


def kept(page: Any) -> dict[str, Any]:
    """The copy that they save."""
    with page.expect_download() as loading:
        card_of(page).get_by_role("link", name="Keep a copy").first.click()
    found: dict[str, Any] = json.loads(loading.value.path().read_text("utf-8"))
    return found


def verdicts(browser: Any, at: Path, *papers: dict[str, Any]) -> list[str]:
    """What the bundle's own page says, of itself and of each paper, in a browser without a network."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(at.as_uri())
    page.wait_for_selector("body[data-bundle]")
    found = [page.get_attribute("body", "data-bundle")]
    for paper in papers:
        page.evaluate("delete document.body.dataset.paper")
        page.fill("#text", json.dumps(paper))
        page.click("#go")
        page.wait_for_selector("body[data-paper]")
        found.append(page.get_attribute("body", "data-paper"))
    assert all(url.startswith("file:") for url in asked)
    context.close()
    return found


def test_from_the_browsers_key_to_the_public_bundle_and_back(real: Real, tmp_path: Path) -> None:
    with chromium() as browser:
        mine = browser.new_context()
        page, seen = mine.new_page(), Seen()
        seen.watch(page)
        # Before they sign in; and the live picture, which the frame of all pages asks for and no reviewer may have.
        seen.expected = ("401", "/live/ws")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or ""))
        page.goto(f"{real.url}/shift")
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        card_of(page).wait_for()
        assert real.told()["statements"] == []
        # It is signed in the browser, and stands in the log, the report, the page and the bundle.
        publish(page, WORDS)
        copy = kept(page)
        one = verify(Voice(*(copy[name] for name in ("store", "month", "replaces", "text", "key", "signature"))))
        assert one.text == WORDS
        key, said = real.log()
        assert (key.facts["what"], key.facts["key"]) == ("key", one.key)
        assert (said.facts["what"], said.facts["key"], said.facts["sha256"]) == ("statement", one.key, one.sha256)
        assert not any(WORDS[:20] in str(entry.facts) for entry in (key, said)), "the log has its hash, not its words"
        (told,) = real.told()["statements"]
        assert (told["text"], told["signatures"][0]["signature"]) == (WORDS, one.signature)
        assert quoted(browser, real) == [one.key]
        paper = page.evaluate("async () => await (await fetch('/api/v1/shift/proof')).json()")
        assert paper["voices"] == [one.sha256]
        forged = copy | {"text": WORDS.replace("nobody", "everybody")}
        at = real.bundle(tmp_path / "first")
        assert verdicts(browser, at, copy, paper, forged) == ["holds", "holds", "holds", "wrong"]
        text = at.read_text("utf-8")
        assert "and nobody minds" in text
        at.write_text(text.replace("and nobody minds", "and we like it", 1), "utf-8")
        assert verdicts(browser, at) == ["wrong"], "other words under their signature"
        # Only the same browser replaces it: the first words are gone from the report, and stay in the log.
        publish(page, BETTER)
        second = kept(page)
        assert (second["replaces"], second["key"]) == (one.sha256, one.key)
        (told,) = real.told()["statements"]
        assert told["text"] == BETTER
        assert verdicts(browser, real.bundle(tmp_path / "second"), second) == ["holds", "holds"]
        # It is taken back: nothing stands, the log says that something did, and every copy is still theirs.
        card_of(page).get_by_role("button", name="take back").click()
        card_of(page).locator("li").first.wait_for(state="detached")
        assert real.told()["statements"] == []
        assert [entry.facts["what"] for entry in real.log()] == ["key", "statement", "statement", "statement"]
        assert quoted(browser, real) == []
        paper = page.evaluate("async () => await (await fetch('/api/v1/shift/proof')).json()")
        assert verdicts(browser, real.bundle(tmp_path / "third"), paper) == ["holds", "holds"]
        assert all('"private' not in body and "pkcs8" not in body for body in sent)
        assert seen.errors == []
        mine.close()


def quoted(browser: Any, real: Real) -> list[str]:
    """The keys under which the public page quotes somebody, for a visitor who was never there."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{real.url}/public")
    page.get_by_role("heading", name="What those who review say themselves").wait_for()
    quotes = page.locator("blockquote").all_inner_texts()
    if not quotes:
        page.get_by_text("No statement from the reviewers.").wait_for()
    context.close()
    return [next(word for word in quote.replace("\n", " ").split() if len(word) == 64) for quote in quotes]
