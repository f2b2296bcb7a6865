"""Each rule about people, on a copy of this very tree with one line planted in one file: its own test fails there.

The lists that the rules read are those of the tests that hold this tree (`rules.py` of both folders), so a rule that
looks at the wrong files, or at none, is found here.
"""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests import test_walls
from tests.disclosure import rules as bodies
from tests.labour import rules as people
from tests.live.raw_rules import reaches_raw
from tests.web import test_no_spying

ROOT = Path(__file__).resolve().parents[2]


def pay_by_verdict() -> list[str]:
    sources = people.modules("labour").values()
    return people.imported(sources) + [
        w for source in sources for w in people.text_words(source) if w.startswith("review_")
    ]


def acts() -> list[str]:
    return people.acting()


def templates() -> list[str]:
    found = bodies.named(bodies.TEMPLATES, (s for n, s in bodies.sources().items() if not n.startswith("twin/")))
    return [one for one in found if one != "face_or_palm_templates"]


def staff() -> list[str]:
    return bodies.named(bodies.STAFF, (s for n, s in bodies.sources().items() if not n.startswith("twin/")))


def spying_pages() -> list[str]:
    return test_no_spying.listening(test_no_spying.reviewing_sources())


def raw_pages() -> list[str]:
    pages = sorted((people.PACKAGE / "web").rglob("*.py"))
    return [page.name for page in pages if reaches_raw(page)]


def truth() -> list[str]:
    modules = [m for m in sorted(test_walls.PACKAGE.rglob("*.py")) if m.parent.name in ("sensing", "inference")]
    return [str(name) for module in modules for name in test_walls.imports(module) if ".twin" in name]


RULES: dict[Callable[[], list[str]], list[tuple[str, str]]] = {
    pay_by_verdict: [
        ("src/walkout/labour/pay.py", "from walkout.review import tables as verdicts"),
        ("src/walkout/labour/statement.py", "import walkout.review.figures"),
        ("src/walkout/labour/books.py", "TABLE = 'review_answers'"),
    ],
    acts: [
        ("src/walkout/labour/shift.py", "def pause_worker(worker: str) -> None: ..."),
        ("src/walkout/review/queues.py", "def demote(worker: str) -> None: ..."),
        (
            "src/walkout/web/api/review_routes.py",
            "@router.post('/review/team/{handle}/suspend')\ndef it() -> None: ...",
        ),
        ("src/walkout/live/reviewing.py", "blacklist: set[str] = set()"),
        ("src/walkout/cli/review.py", "KIND = 'reviewer_terminated'"),
    ],
    templates: [
        ("src/walkout/sensing/identity.py", "def face_embedding(crop: object) -> None: ..."),
        ("src/walkout/live/door.py", "known_shoppers: dict[str, bytes] = {}"),
        ("src/walkout/privacy/redact.py", "person_vector = 1"),
    ],
    staff: [
        ("src/walkout/live/view.py", "staff_times: list[int] = []"),
        ("src/walkout/checkout/statistics.py", "def employee_path() -> None: ..."),
    ],
    spying_pages: [
        ("console/src/keys.ts", 'addEventListener("mousemove", () => {});'),
        ("console/src/pages/review.tsx", 'addEventListener("blur", () => {});'),
        ("console/src/cover.tsx", 'addEventListener("pointermove", () => {});'),
        ("console/src/pay-proof.ts", 'addEventListener("keyup", () => {});'),
        ("console/src/desk.ts", 'export const away = () => navigator.sendBeacon("/idle", "1");'),
    ],
    raw_pages: [
        ("src/walkout/web/api/desk_routes.py", "from walkout.live.break_glass import BreakGlass"),
        ("src/walkout/web/api/shop_routes.py", "from walkout.privacy.segments import read_raw"),
        ("src/walkout/web/api/visit_routes.py", "def peek(till):\n    return till.vault.raw('c', 0, 1)"),
    ],
    truth: [("src/walkout/inference/weight.py", "from walkout.twin import play")],
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tree")
    for part in ("src/walkout", "console/src"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("*.onnx", "__pycache__", "static"))
    return place


@cache
def kept(rule: Callable[[], list[str]], package: Path) -> bool:
    return rule() == []


@pytest.mark.parametrize(
    ("rule", "file", "line"),
    [pytest.param(rule, *one, id=f"{rule.__name__}-{one[0]}") for rule, some in RULES.items() for one in some],
)
def test_a_line_planted_in_the_real_tree_is_found(
    copied: Path, monkeypatch: pytest.MonkeyPatch, rule: Callable[[], list[str]], file: str, line: str
) -> None:
    package = copied / "src" / "walkout"
    for module in (people, bodies, test_walls):
        monkeypatch.setattr(module, "PACKAGE", package)
    monkeypatch.setattr(test_no_spying, "SOURCES", copied / "console" / "src")
    assert kept(rule, package), "as it is, the tree keeps the rule"
    path = copied / file
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n{line}\n", "utf-8")
    try:
        assert rule() != [], f"{line!r} in {file} was not found"
    finally:
        path.write_text(before, "utf-8")
