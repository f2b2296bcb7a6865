"""Rules about people's work that a program can check: on names, tables and imports, of this tree or planted ones."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from sqlalchemy import MetaData

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "walkout"

SANCTIONS = re.compile(
    r"(^|_)(pause|paused|suspend|suspended|ban|banned|block|blocked|deactivate|deactivated|disable_worker|demote|demoted|"
    r"downgrade|down_rate|downrank|penal\w*|fine|fined|fire|fired|terminate|terminated|dismiss|dismissed|sanction\w*|"
    r"strike|strikes|blacklist|deny_worker|kick|remove_worker|remove_reviewer|offboard|punish\w*|withhold|reject_pay)(_|$)"
)
"""Words for doing something against a person."""
SPYING = re.compile(
    r"(^|_)(keystroke\w*|keypress\w*|mouse\w*|cursor|screenshot\w*|webcam|camera_of|microphone|mood|sentiment|emotion\w*|"
    r"idle_seconds|idle_ns|idle_time|rank|ranking|ranked|leaderboard|percentile|speed|speed_score|per_hour_target|"
    r"productivity|efficiency|attention)(_|$)"
)
"""Words for watching or ranking a person."""
VERDICTS = re.compile(
    r"(^|_)(verdict\w*|answer|answers|answered_key|score\w*|gold_key|is_right|correct|correctness|accuracy|quality|"
    r"agreement|appeal_upheld|ruling\w*|error_rate)(_|$)"
)
"""Words for how good somebody's answers were found to be."""


def names(source: str) -> Iterator[str]:
    """Every name that a module defines: functions, classes, parameters, fields, constants; private ones too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower()
        elif isinstance(node, ast.arg):
            yield node.arg.lower()
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id.lower()


def text_words(source: str) -> Iterator[str]:
    """Short texts of a module: names of events, actions and routes are such."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"[a-z_/{}]{3,40}", node.value)
        ):
            yield node.value.replace("/", "_").strip("_")


@cache
def words_of(source: str) -> tuple[str, ...]:
    """Both; kept, since the same modules are read by several rules."""
    return (*names(source), *text_words(source))


def modules(*rooms: str) -> dict[str, str]:
    """The source of every module of some rooms."""
    return {
        str(path.relative_to(PACKAGE)): path.read_text("utf-8")
        for room in rooms
        for path in sorted((PACKAGE / room).rglob("*.py"))
        if "migrations" not in path.parts
    }


def sanctions(sources: Iterable[str]) -> list[str]:
    """Names and texts that act against a person."""
    return [w for source in sources for w in words_of(source) if SANCTIONS.search(w)]


NOT_OF_PEOPLE = {
    "web/api/credential_routes.py": {"blocked"},  # a shopper's card, by its owner or the staff
    "live/credentials.py": {"blocked"},
    "live/door.py": {"blocked"},
    "web/chart.py": {"pause_ns"},  # of a drawing
    "live/source.py": {"pause_s"},  # before a connection is tried again
    "disclosure/of_people.py": {"automatic_sanctions"},  # the report's own row, which says 0
}
"""Names outside of the two rooms of people's work that mean something else."""


def acting() -> list[str]:
    """Names and texts anywhere that act against a person who works here: rooms, routes, commands."""
    found = sanctions(modules("labour", "review").values())
    for name, source in modules("live", "web", "cli", "disclosure").items():
        found += [w for w in sanctions([source]) if w not in NOT_OF_PEOPLE.get(name, set())]
    return found


def against(metadata: MetaData) -> list[str]:
    """Tables and columns that hold something done against a person."""
    return _columns(metadata, SANCTIONS)


def watched(metadata: MetaData) -> list[str]:
    """Tables and columns that watch or rank a person."""
    return _columns(metadata, SPYING)


def judged(metadata: MetaData) -> list[str]:
    """Tables and columns that hold how good answers were found, and foreign keys into another room."""
    away = [
        f"{table.name}.{key.parent.name} -> {key.target_fullname}"
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.target_fullname.split("_")[0] != table.name.split("_")[0]
    ]
    return _columns(metadata, VERDICTS) + away


def imported(sources: Iterable[str]) -> list[str]:
    """What modules import of the room that knows verdicts."""
    found = []
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found.append(node.module or "")
    return [name for name in found if name.startswith("walkout.review") or name == "walkout"]


def _columns(metadata: MetaData, words: re.Pattern[str]) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if words.search(column.name) or words.search(table.name)
    ]
