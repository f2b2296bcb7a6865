"""The lock: permissive licences, nothing below its lower bound, no host names, one environment for both commands."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
REQUIREMENTS = sum(
    PROJECT["optional-dependencies"].values(), PROJECT["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
)
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("run", "extras", "test", "uv")}

PERMISSIVE = {
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
    "Zlib",
    "0BSD",
    "CC0-1.0",
}
MPL_UNMODIFIED = {"certifi", "hypothesis", "orjson", "pathspec"}
"""Packages used unmodified whose licence, or a part of it, is MPL-2.0: named one by one."""
CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
FREE_TEXT = {
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
}


def pinned(lock: str) -> dict[str, set[str]]:
    """Name -> versions that a lock file pins (more than one: by Python version)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", LOCKS[lock].read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def licence(name: str) -> str:
    """The SPDX expression that an installed package states, from the newest kind of field it has."""
    metadata = importlib.metadata.metadata(name).json
    if expression := metadata.get("license_expression"):
        return str(expression)
    for classifier in metadata.get("classifier", []):
        if classifier in CLASSIFIERS:
            return CLASSIFIERS[classifier]
    stated = str(metadata.get("license", "")).strip()
    return FREE_TEXT.get(stated, stated[:60] or "none stated")


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Every AND part has at least one allowed OR alternative."""
    parts = re.split(r"\s+AND\s+", expression.replace("(", "").replace(")", ""))
    return all(any(choice.strip() in allowed for choice in re.split(r"\s+OR\s+", part)) for part in parts)


@pytest.mark.parametrize("name", sorted(pinned("test")))
def test_licence_is_permissive(name: str) -> None:
    try:
        stated = licence(name)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not for this platform")
    assert is_allowed(stated, PERMISSIVE | ({"MPL-2.0"} if name in MPL_UNMODIFIED else set())), f"{name} is {stated}"


@pytest.mark.parametrize(
    "stated", ["AGPL-3.0-only", "GPL-3.0-or-later", "MIT AND LGPL-3.0-only", "BUSL-1.1", "none stated"]
)
def test_other_licences_are_refused(stated: str) -> None:
    assert not is_allowed(stated, PERMISSIVE)


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_lock_is_not_below_the_bound(requirement: str) -> None:
    wanted = Requirement(requirement)
    versions = pinned("test").get(wanted.name.lower(), set())
    assert versions, f"{wanted.name} is not in the lock"
    assert all(wanted.specifier.contains(version) for version in versions)
    assert any(part.operator in {">=", "=="} for part in wanted.specifier), (
        "a lower bound keeps resolvers from stepping back"
    )


@pytest.mark.parametrize(("less", "more"), [("run", "extras"), ("extras", "test")])
def test_each_lock_holds_the_one_before(less: str, more: str) -> None:
    assert {name: pinned(more).get(name) for name in pinned(less)} == pinned(less)


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_lock_is_pinned_by_hash_and_names_no_host(lock: str) -> None:
    text = LOCKS[lock].read_text()
    assert "://" not in text
    for block in re.split(r"\n(?=[a-z0-9._-]+==)", text):
        if re.match(r"[a-z0-9._-]+==", block):
            assert "--hash=sha256:" in block


def test_uv_is_the_version_that_run_names() -> None:
    named = re.search(r'^UV_VERSION = "([^"]+)"', (ROOT / "run").read_text(), re.MULTILINE)
    assert named is not None
    assert pinned("uv")["uv"] == {named[1]}
    assert Version(named[1]) in Requirement(f"uv{PYPROJECT['tool']['uv']['required-version']}").specifier
