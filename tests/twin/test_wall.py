"""What explains a shop must never see how the twin made it, or the truth."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import walkout

ROOT = Path(walkout.__file__).parent


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reachable(module: str, seen: set[str]) -> set[str]:
    """Every module of ours that importing this one imports, by the source."""
    if module in seen or not module.startswith("walkout"):
        return seen
    path = ROOT.parent / Path(*module.split("."))
    file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    if not file.exists():
        return seen
    seen.add(module)
    for parent in (".".join(module.split(".")[:k]) for k in range(1, module.count(".") + 1)):
        reachable(parent, seen)
    for name in imports_of(file):
        reachable(name, seen)
    return seen


@pytest.mark.parametrize("room", ["sensing", "inference"])
def test_no_import_path_leads_to_the_twin(room: str) -> None:
    modules = sorted(path for path in (ROOT / room).rglob("*.py") if path.name != "__init__.py")
    assert modules
    for path in modules:
        name = ".".join(("walkout", *path.relative_to(ROOT).with_suffix("").parts))
        assert not [found for found in reachable(name, set()) if found.startswith("walkout.twin")], name


@pytest.mark.parametrize("room", ["sensing", "inference"])
def test_no_import_of_truth(room: str) -> None:
    for path in sorted((ROOT / room).rglob("*.py")):
        assert not [name for name in imports_of(path) if "recording.truth" in name], path


def test_the_twin_knows_nothing_of_sensing_and_inference() -> None:
    for path in sorted((ROOT / "twin").rglob("*.py")):
        below = ("walkout.sensing", "walkout.inference", "walkout.evaluation", "walkout.checkout")
        assert not [name for name in imports_of(path) if name.startswith(below)], path
