"""The walls between rooms: who may import whom."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "walkout"
ROOMS = (
    "store",
    "privacy",
    "recording",
    "twin",
    "sensing",
    "inference",
    "evaluation",
    "checkout",
    "review",
    "labour",
    "disclosure",
    "learning",
    "live",
    "hub",
    "web",
    "cli",
)
"""As in the design: data flows down this list, an import only ever points up."""
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.name}: imports are written out in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return {name for name in found if name.split(".")[0] == "walkout"}


def room(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0]


def named(modules: list[Path]) -> list[object]:
    return [pytest.param(m, id=str(m.relative_to(PACKAGE))) for m in modules]


@pytest.mark.parametrize("module", named([m for m in MODULES if m.parent != PACKAGE]))
def test_imports_only_point_up_the_list_of_rooms(module: Path) -> None:
    here = ROOMS.index(room(module))
    below = {name for name in imports(module) if (r := name.split(".")[1:2]) and r[0] in ROOMS[here + 1 :]}
    assert not below, f"{room(module)}/ may not know of {sorted(below)}"


@pytest.mark.parametrize("module", named([m for m in MODULES if room(m) in ("sensing", "inference")]))
def test_what_decides_never_sees_the_twin_or_truth(module: Path) -> None:
    forbidden = {n for n in imports(module) if n.startswith(("walkout.twin", "walkout.recording.truth"))}
    assert not forbidden


@pytest.mark.parametrize("module", named([m for m in MODULES if room(m) not in ("evaluation", "recording", "twin")]))
def test_only_evaluation_reads_truth(module: Path) -> None:
    assert not {n for n in imports(module) if n.startswith("walkout.recording.truth_reader")}


def test_every_folder_is_a_room() -> None:
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert folders <= set(ROOMS)
