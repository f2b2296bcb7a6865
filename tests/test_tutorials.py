"""Every tutorial is run: each `$` line of its console blocks, and what it says it prints."""

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a tutorial and the output that the text promises."""

    command: str
    expected: str


def steps(text: str) -> list[Step]:
    """The commands of all ```console blocks in order, each with its here-document if it has one.

    `...` in an expected line stands for anything.
    """
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            here = re.match(r".*<<'(\w+)'.*\n(?:.*\n)*?\1\n", part)
            end = here.end() if here else part.index("\n") + 1
            found.append(Step(part[:end], part[end:]))
    return found


def run(command: str, folder: Path) -> str:
    """The output of one command in `folder`; `./run walkout` is this source tree's."""
    command = command.replace("./run walkout", f"{sys.executable} -m walkout").replace("examples/", f"{ROOT}/examples/")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "120", "NO_COLOR": "1"}
    done = subprocess.run(  # noqa: S602 the commands are the repository's own
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_tutorial(path: Path, tmp_path: Path) -> None:
    found = steps(path.read_text())
    assert found, f"{path.name} runs nothing"
    for step in found:
        printed = run(step.command, tmp_path)
        if step.expected:
            same = doctest.OutputChecker().check_output(step.expected, printed, doctest.ELLIPSIS)
            assert same, f"$ {step.command}\nthe text says:\n{step.expected}\nit prints:\n{printed}"


def test_there_is_a_tutorial() -> None:
    assert TUTORIALS
