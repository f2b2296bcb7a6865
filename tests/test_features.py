"""The feature table promises nothing that no test shows: each yes names a test, and that test is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "features.md"
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| feature")
]


def named_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_table_has_every_feature_with_a_plain_word() -> None:
    assert len(ROWS) >= 42
    assert {row[1].split(" ")[0].rstrip(",:") for row in ROWS} <= {"yes", "partly", "no"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_yes_names_a_test_that_is_there(row: list[str]) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[2])
    assert bool(named) == row[1].startswith(("yes", "partly")), f"{row[0]}: {row[1]}, shown by {named or 'nothing'}"
    for file, name in named:
        path = ROOT / file
        assert path.is_file(), f"{row[0]}: no {file}"
        assert name in named_in(path), f"{row[0]}: no {name} in {file}"
