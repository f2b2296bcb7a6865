"""A real headless Chromium for the tests of pages, and what no page may do in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "console"
"""Screenshots; not in the repository."""
CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"

needs_chromium = pytest.mark.skipif(
    not CHROMIUM.is_file(), reason=f"{CHROMIUM} is not there: sudo apt-get install chromium"
)
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: npm ci in console/")

VARIANTS = {
    "1440-light": (1440, 900, "light"),
    "1440-dark": (1440, 900, "dark"),
    "390-light": (390, 844, "light"),
    "390-dark": (390, 844, "dark"),
}


class Seen:
    """What pages said to the console; nothing is right."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.expected: tuple[str, ...] = ()
        """Parts of what may be said: a browser calls each refused request an error."""

    def watch(self, page: Any) -> None:
        page.on(
            "console", lambda message: self.note(message.type, f"{message.text} ({message.location.get('url', '')})")
        )
        page.on("pageerror", lambda error: self.note("error", str(error)))

    def note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(part in text for part in self.expected):
            self.errors.append(f"{kind}: {text}")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser for a module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong with a page by WCAG 2.2 AA and its own best practices, in words."""
    page.evaluate(_axe())  # through the debugger: the page's own policy lets no foreign script in
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{v['id']}: {v['help']}: {n['target']} {n.get('failureSummary', '')}"
        for v in found["violations"]
        for n in v["nodes"][:3]
    ]
