"""What a reviewer's browser tells the shop: what they decide, and nothing of how they move, type or wait.

Everything that goes out while somebody works is held against a list; what is planted beside it is found.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, get_args

from tests.web.browser import ROOT, Seen, needs_chromium
from tests.web.mock.knobs import Mock

SOURCES = ROOT / "console" / "src"
SAID = {
    r"/desk/lease": set(),
    r"/desk/leases/[^/]+/heartbeat": set(),
    r"/desk/leases/[^/]+/answer": {"choice", "sure", "idempotency_key", "gtin", "quantity", "items"},
    r"/desk/leases/[^/]+/undo": set(),
    r"/desk/leases/[^/]+/(skip|flag)": {"reason", "words"},
    r"/desk/leases/[^/]+/return": set(),
    r"/desk/annotations/[^/]+": {"marks", "spans"},
    r"/desk/shift/(start|end)": set(),
    r"/desk/break/(start|end)": {"kind"},
    r"/desk/purposes/[^/]+/(accept|withdraw)": set(),
    r"/shift/idle": {"number", "answer"},
    r"/shift/statements/[^/]+/(confirm|dispute)": {"reason"},
    r"/shift/verdicts/.+/appeal": {"reason"},
    r"/shift/voice(/key)?": {"kind", "store", "month", "replaces", "text", "key", "signature", "proof"},
}
"""What may be sent, by path: the fields of its body."""
LISTENS = re.compile(
    r"mouse(move|over|out|enter|leave)|pointer(move|over|rawupdate)|onMouse|onPointerMove|touchmove|keyup|keypress|"
    r"onKey(Up|Press)|getUserMedia|getDisplayMedia|IdleDetector|requestIdle\w+Detector|sendBeacon|selectionchange|"
    r"devicemotion|onScroll|\bblur\b|onBlur|MediaRecorder|new Worker|navigator\.serviceWorker"
)
"""Words of a page that watches somebody."""


def strange(sent: Iterable[tuple[str, str, str]]) -> list[str]:
    """Of (method, path, body), what a reviewer's page has no business to send."""
    found = []
    for method, path, body in sent:
        if not path.startswith("/api/v1/"):
            if method != "GET":
                found.append(f"{method} {path}")
            continue
        if method == "GET":
            if re.search(r"[?&](?!month=|n=)", path):
                found.append(path)
            continue
        here = path.removeprefix("/api/v1")
        fields = next((fields for pattern, fields in SAID.items() if re.fullmatch(pattern, here)), None)
        given = set(json.loads(body)) if body else set()
        if fields is None or not given <= fields:
            found.append(f"{method} {here} {sorted(given)}")
    return found


def listening(sources: dict[str, str]) -> list[str]:
    """Words in a page's sources by which it would watch somebody; comments do not count."""
    bare = {name: re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL) for name, text in sources.items()}
    return [f"{name}: {one[0]}" for name, text in bare.items() for one in LISTENS.finditer(text)]


POINTS = {"sheet.tsx", "elevation.tsx"}
"""A box is drawn by pointing: these listen to where, and say nothing; `test_annotate_page.py` watches what goes out."""


def reviewing_sources() -> dict[str, str]:
    """All that runs on the pages of a reviewer: the pages, and whatever they import, however far away."""
    found: dict[str, str] = {}
    waiting = [
        SOURCES / "pages" / f"{page}.tsx" for page in ("review", "shift", "pay", "practice", "annotate", "account")
    ]
    waiting.append(SOURCES / "shell.tsx")
    while waiting:
        path = waiting.pop()
        name = path.relative_to(SOURCES).as_posix()
        if name in found or path.name in POINTS:
            continue
        found[name] = path.read_text("utf-8")
        for one in re.findall(r"""(?:from|import)\s*\(?\s*"(\.[^"]+)\"""", found[name]):
            base = (path.parent / one).resolve()
            waiting += [base.with_suffix(end) for end in (".ts", ".tsx") if base.with_suffix(end).is_file()]
    return found


def test_no_page_of_a_reviewer_listens_to_how_they_move() -> None:
    sources = reviewing_sources()
    assert {"pages/review.tsx", "pages/pay.tsx", "cover.tsx", "evidence.tsx", "keys.ts", "api.ts"} <= set(sources)
    assert listening(sources) == []


def test_a_planted_listener_is_found() -> None:
    for words in (
        'addEventListener("mousemove", note)',
        "<div onMouseMove={note} />",
        "navigator.mediaDevices.getUserMedia({ video: true })",
        "new IdleDetector()",
        'navigator.sendBeacon("/x", body)',
        'addEventListener("keyup", count)',
        'addEventListener("blur", away)',
    ):
        assert listening({"planted.ts": words}) != [], words
    assert listening({"honest.ts": "// no mousemove here\n/* nor a keyup */"}) == []


def watched(page: Any, url: str) -> list[tuple[str, str, str]]:
    """What goes out from now on."""
    sent: list[tuple[str, str, str]] = []
    page.on("request", lambda r: sent.append((r.method, r.url.removeprefix(url), r.post_data or "")))
    return sent


@needs_chromium
def test_while_somebody_works_only_their_decisions_go_out(url: str, page: Any, reviewing: Mock) -> None:
    reviewing.begin()
    sent = watched(page, url)
    page.goto(f"{url}/review")
    page.locator(".question, .asked, h1").first.wait_for()
    for step in range(12):
        page.mouse.move(100 + 40 * step, 200 + 20 * step)
        page.mouse.wheel(0, 30)
    page.keyboard.type("zzz")
    page.keyboard.press("1")
    page.wait_for_timeout(1500)
    page.goto(f"{url}/shift")
    page.locator(".voice").wait_for()
    page.get_by_label("Your statement").press_sequentially("typed slowly, and thought about")
    page.mouse.move(5, 5)
    page.wait_for_timeout(1000)
    assert any("/api/v1/desk" in path for _, path, _ in sent)
    assert strange(sent) == []
    assert not any("typed" in body for _, _, body in sent), "nothing goes out before it is published"


@needs_chromium
def test_planted_traffic_is_found(url: str, page: Any, reviewing: Mock, seen: Seen) -> None:
    seen.expected = ("403", "404", "405")
    page.goto(f"{url}/shift")
    sent = watched(page, url)
    page.evaluate("""async () => {
        await fetch("/api/v1/desk/leases/t/heartbeat", { method: "POST", body: JSON.stringify({ mouse: 3 }) });
        await fetch("/api/v1/desk/keys", { method: "POST", body: JSON.stringify({ pressed: "a" }) });
        await fetch("/api/v1/desk?idle_seconds=12");
        await fetch("/track", { method: "POST" });
    }""")
    assert len(strange(sent)) == 4
    page.context.clear_cookies()


def test_the_list_names_every_field_that_a_reviewers_route_takes() -> None:
    """A field that a route takes and no list names would be a way in: each is named here, or the route refuses it."""
    from tests.web.api.test_access import ROUTERS
    from walkout.web.api.access import TABLE

    unnamed = []
    for router in ROUTERS:
        for route in router.routes:
            action = next((a for d in route.dependant.dependencies if (a := getattr(d.call, "action", ""))), "")
            if "reviewer" not in TABLE.get(action, ()) or ("reviewer" in TABLE[action] and len(TABLE[action]) > 1):
                continue
            path = re.sub(r"\{[\w:]+\}", "x", route.path)
            body = getattr(route, "body_field", None)
            if body is None or "practice" in path:
                continue
            given = body.field_info.annotation
            models = [one for one in get_args(given) or (given,) if hasattr(one, "model_fields")]
            fields = {name for one in models for name in one.model_fields}
            known = next((names for pattern, names in SAID.items() if re.fullmatch(pattern, path)), set())
            unnamed += [f"{path}: {name}" for name in sorted(fields - known)]
    assert unnamed == []
