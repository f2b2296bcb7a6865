"""CSV to cells that remember their line and column.

RFC 4180 and what spreadsheets make of it: commas, semicolons or tabs (the header decides), quotes, line breaks
inside quotes, any line ends, empty lines at the end.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from walkout.store.problem import Problem, capped, quoted

MAX_CELLS = 1_200_000
"""100,000 products of 11 columns."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell and where it begins."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Table:
    """The rows under the header, and what is wrong with the form of the table."""

    rows: list["Row"]
    problems: list[Problem]
    complete: bool
    """False: rows are missing, because the header or a quote is broken."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by the name of their column."""

    line: int
    cells: dict[str, Cell]
    whole: bool = True
    """False: it has another number of cells than the header, so only the first ones can be trusted."""

    def values(self) -> dict[str, str]:
        """The texts that are not blank."""
        return {name: cell.text for name, cell in self.cells.items() if cell.text and not cell.text.isspace()}

    def place(self, name: str) -> tuple[int, int]:
        """Where a cell stands; the row's beginning where there is no such column."""
        cell = self.cells.get(name)
        return (cell.line, cell.column) if cell else (self.line, 1)


def write(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table that `read` reads back the same; quotes only where they are needed."""
    return "".join(f"{','.join(_cell(str(value)) for value in row)}\n" for row in (columns, *rows))


def _cell(text: str) -> str:
    # the csv module leaves a lone carriage return unquoted, which readers then take for the end of the row
    return '"{}"'.format(text.replace('"', '""')) if re.search(r'[",\r\n]', text) else text


_OPEN, _MANY = "a quote that never closes", f"more than {MAX_CELLS} cells"
_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')
_BREAK = re.compile(r"\r\n|\n|\r")


def read(text: str, file: str, columns: Sequence[str], required: Sequence[str]) -> Table:
    """The table in a text whose header must hold the required columns and may hold the others."""
    problems: list[Problem] = []
    lines = _lines(text.rstrip("\r\n"), file, problems)
    header = next((cells for cells in lines if any(cell.text.strip() for cell in cells)), None)
    if header is None:
        problems.append(Problem(file, 1, 1, "error", "", "no header", f"a first line with {', '.join(columns)}"))
        return Table([], problems, complete=False)
    names = _header(header, file, columns, required, problems)
    if any(problem.level == "error" for problem in problems):
        return Table([], problems, complete=False)
    rows = []
    for cells in lines:
        if capped(problems, file):
            break
        if all(not cell.text or cell.text.isspace() for cell in cells):
            continue
        if len(cells) != len(names):
            found, right = f"{len(cells)} cells", f"{len(names)} cells, as many as the header has"
            problems.append(Problem(file, cells[0].line, cells[0].column, "error", "", found, right))
        named = {name: cell for name, cell in zip(names, cells, strict=False) if name}
        rows.append(Row(cells[0].line, named, whole=len(cells) == len(names)))
    cut = any(problem.found in (_OPEN, _MANY) for problem in problems)
    return Table(rows, problems, complete=not cut)


def _header(
    cells: list[Cell], file: str, columns: Sequence[str], required: Sequence[str], problems: list[Problem]
) -> list[str]:
    """The known column of each cell, "" for those that are not read."""
    names: list[str] = []
    for cell in cells:
        name = cell.text.strip().lower()
        if name in columns and name in names:
            problems.append(Problem(file, cell.line, cell.column, "error", name, "the column twice", "once"))
        if name and name not in columns:
            close = get_close_matches(name, columns, 1)
            hint = f"{close[0]}?" if close else f"one of {', '.join(columns)}, or nothing: it is not read"
            found = f"the column {quoted(cell.text)}"
            problems.append(Problem(file, cell.line, cell.column, "warning", "", found, hint))
        names.append(name if name in columns else "")
    for name in required:
        if name not in names:
            line = cells[0].line
            problems.append(Problem(file, line, 1, "error", name, "no such column", f"a column {name} in the header"))
    return names


def _lines(text: str, file: str, problems: list[Problem]) -> Iterator[list[Cell]]:
    """The cells of each line; the separator is the commonest of the three in the first line that holds one."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    plain = re.compile(rf"[^{separator}\r\n]*+")
    at, line, begins, count = 0, 1, 0, 0
    cells: list[Cell] = []
    while True:
        start = at
        match = _QUOTED.match(text, at)
        if match:
            cells.append(Cell(match[1].replace('""', '"'), line, start - begins + 1))
            at = match.end()
            for break_ in _BREAK.finditer(match[0]):
                line, begins = line + 1, start + break_.end()
            junk = plain.match(text, at)
            if junk and junk[0].strip():
                found = f"{quoted(junk[0])} after the closing quote"
                right = 'a separator there, or "" for a quote inside'
                problems.append(Problem(file, line, at - begins + 1, "error", "", found, right))
            at = junk.end() if junk else at
        elif text.startswith('"', at):
            right = "a closing quote"
            problems.append(Problem(file, line, at - begins + 1, "error", "", _OPEN, right))
            return
        else:
            match = plain.match(text, at)
            at = match.end() if match else at
            cells.append(Cell(text[start:at], line, start - begins + 1))
        count += 1
        if count > MAX_CELLS:
            problems.append(Problem(file, line, 1, "error", "", _MANY, "fewer"))
            return
        if text.startswith(separator, at):
            at += 1
            continue
        yield cells
        cells = []
        end = _BREAK.match(text, at)
        if not end:
            return
        at = end.end()
        line, begins = line + 1, at
