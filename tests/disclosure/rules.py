"""Rules about bodies and staff that a program can check: on names, tables, models, files, of this tree or planted."""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sqlalchemy import MetaData

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "walkout"
TEMPLATES = re.compile(
    r"(^|_)(face_?(print|embedding|id|vector|template|encoding|recognition|net)\w*|faceprint|palm\w*|fingerprint_of_person"
    r"|iris|retina|gait_(print|signature|embedding|id)|voice_?print|body_(print|embedding|signature)|re_?id|reid\w*"
    r"|biometric\w*|person_(embedding|descriptor|signature|template|vector)|appearance_(embedding|vector|descriptor)"
    r"|known_(faces|people|shoppers)|returning_(shopper|visitor)|watch_?list|face_gallery|lookalike)(_|$)"
)
"""Words for something by which a body could be known again at another visit."""
STAFF = re.compile(
    r"(^|_)(staff|employee|cashier_of|operator)_(id|name|path|paths|times|track|tracks|hours_inside|position|positions|"
    r"entries|exits|visits|dwell|whereabouts)(_|$)"
)
"""Words for where one of the shop's own people is, and when."""


@cache
def names_of(source: str) -> list[str]:
    """What a module defines, and its short texts."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower())
        elif isinstance(node, ast.arg):
            found.append(node.arg.lower())
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id.lower())
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [node.value] if re.fullmatch(r"[a-z_]{3,40}", node.value) else []
    return found


def sources() -> dict[str, str]:
    """Every module of the package."""
    return {str(path.relative_to(PACKAGE)): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


def named(words: re.Pattern[str], modules: Iterable[str]) -> list[str]:
    """Names and short texts of modules that a rule forbids."""
    return [name for source in modules for name in names_of(source) if words.search(name)]


def columns(words: re.Pattern[str], *metadata: MetaData) -> list[str]:
    """Tables and columns that a rule forbids."""
    return [
        f"{table.name}.{column.name}"
        for one in metadata
        for table in one.sorted_tables
        for column in table.c
        if words.search(column.name) or words.search(table.name)
    ]
