"""What is wrong with a store folder, in words that somebody can act on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in one place: `line` and `column` count from 1, in characters; 0 means the whole file."""

    file: str
    line: int
    column: int
    level: Literal["error", "warning"]
    where: str
    """The field or the path inside the file, such as `mass_g` or `fixtures[0].shelves[2].z_m`."""
    found: str
    right: str
    """What would be right instead."""

    def __str__(self) -> str:
        place = ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])
        return (
            f"{place}: {self.level}{f' in {self.where}' if self.where else ''}: found {self.found}; right: {self.right}"
        )


MAX_PROBLEMS = 100_000
"""So many are listed for one file: enough for any file that people made, and no file can fill the memory with them."""


def capped(problems: list[Problem], file: str) -> bool:
    """Whether a file has as many problems as are listed; says so at the end of the list."""
    if len(problems) < MAX_PROBLEMS:
        return False
    last = Problem(
        file, 0, 0, "error", "", f"{MAX_PROBLEMS} problems and more", "the first ones mended, then checked again"
    )
    if last not in problems[-3:]:
        problems.append(last)
    return True


class StoreError(Exception):
    """A store folder that cannot be used; `problems` holds everything that is wrong with it, its text says it all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def quoted(value: object, limit: int = 60) -> str:
    """A value as found, on one line and cut short, so that a hostile file cannot flood the screen."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
