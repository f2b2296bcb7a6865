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


COMPARED = (
    "Card or wallet at the gate", "QR code of an app", "Palm, face or another biometric at the gate",
    "Badge, meal plan", "Your own authentication", "No gate identity, pay at the exit", "Group on one payment",
    "Cash shopper", "Cameras follow people", "Shelf weight", "RFID tags on goods at the exit",
    "One joint inference over all sensors",
    "Put back at a wrong place", "Hand-over between shoppers", "Sold by weight", "Reduced-price stickers",
    "Age-restricted goods", "Itemised receipt by mail or link", "Provisional receipt before a person looks",
    "Refund or dispute by the shopper", "Pay for a missed item", "Catalogue API", "Planogram API for the operator",
    "Refund API", "Event feed and webhooks, versioned", "Fraud and bad-debt controls", "Human review",
    "Human review disclosed at the door", "Review flag on the receipt", "Reviewers' pay and conditions in the books",
    "Annotation tool for the shop", "Self-hostable", "Published accuracy on open data",
    "No face recognition, heads are filled before anybody looks", "Stated video retention, proved",
)  # fmt: skip
"""What buyers of checkout-free shops compare: none of it may be left out of the table."""


def test_the_table_has_every_feature_with_a_plain_word() -> None:
    assert [name for name in COMPARED if name not in {row[0] for row in ROWS}] == []
    assert {row[1].split(" ")[0].rstrip(",:") for row in ROWS} <= {"yes", "partly", "no"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_yes_names_a_test_that_is_there(row: list[str]) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[2])
    assert bool(named) == row[1].startswith(("yes", "partly")), f"{row[0]}: {row[1]}, shown by {named or 'nothing'}"
    for file, name in named:
        path = ROOT / file
        assert path.is_file(), f"{row[0]}: no {file}"
        assert name in named_in(path), f"{row[0]}: no {name} in {file}"
