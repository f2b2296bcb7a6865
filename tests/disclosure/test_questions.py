"""The article's questions and the page of trust: every test and bench that they name is there; each names one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS, TRUST = (ROOT / "docs" / name for name in ("questions.md", "trust.md"))
ASKED = (
    "Is it disclosed?",
    "May it call itself automatic?",
    "Can the data be misused?",
    "Can it be reached by those who should not?",
    "Whose is it?",
    "Do those who work there have control over their work?",
    "Are they kept beyond the duties that they were hired for?",
    "Are they fairly paid?",
    "Was everybody counted?",
)


def named(words: str) -> list[Path]:
    """The tests that a line names; one without a folder is in the folder of the one before it."""
    folder, found = ROOT, []
    for name in re.findall(r"`((?:tests/)?[\w/]*(?:test_\w+\.py|/))`", words):
        path = ROOT / name if name.startswith("tests/") else folder / name
        folder = path if name.endswith("/") else path.parent
        found.append(path)
    return found


def sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", QUESTIONS.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_questions_are_the_articles() -> None:
    assert tuple(sections()) == ASKED


@pytest.mark.parametrize("question", ASKED)
def test_each_answer_says_what_holds_it_and_what_does_not(question: str) -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| (.*) \|$", sections()[question], re.MULTILINE))
    assert {"the industry", "Walkout", "held by", "a promise"} <= set(rows)
    assert len(rows["a promise"]) > 20
    tests = named(rows["held by"])
    assert tests
    assert [str(path.relative_to(ROOT)) for path in tests if not path.exists()] == []
    for bench in re.findall(r"`bench ([\w-]+)`", rows["held by"]):
        assert (ROOT / "benchmarks" / f"{bench.replace('-', '_')}.py").is_file(), bench


def test_what_the_page_of_trust_calls_prevented_or_detected_has_its_test() -> None:
    lacking = []
    for line in TRUST.read_text("utf-8").splitlines():
        if not re.match(r"\| (prevented|detected) \| ", line):
            continue
        tests, benches = named(line), re.findall(r"`bench ([\w-]+)`", line)
        gone = [path for path in tests if not path.exists()]
        if gone or not (tests or benches or "prevented | nothing" in line):
            lacking.append(line[:80])
    assert lacking == []


def test_a_name_without_its_folder_is_beside_the_one_before() -> None:
    assert named("`tests/web/api/test_stolen.py`, `test_access.py`, `tests/privacy/`, `test_vault.py`") == [
        ROOT / "tests/web/api/test_stolen.py",
        ROOT / "tests/web/api/test_access.py",
        ROOT / "tests/privacy",
        ROOT / "tests/privacy/test_vault.py",
    ]
