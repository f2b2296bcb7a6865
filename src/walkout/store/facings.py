"""planogram.csv: where each product belongs."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from walkout.store import table
from walkout.store.catalog import lost_zeros, read_gtin, values
from walkout.store.document import Skeleton
from walkout.store.gtin import zeros_lost
from walkout.store.layout import Index, Metres, PositiveMetres
from walkout.store.planogram import Facing
from walkout.store.problem import Problem, capped, quoted
from walkout.store.table import Row
from walkout.store.validation import faults

FILE = "planogram.csv"
_RIGHT = "plates such as 3 or 3 4 5 or 3-5 (where a spreadsheet makes a date of that: 3 4 5)"


@dataclass(frozen=True, slots=True)
class PlanogramRow:
    """One row of planogram.csv: a product's place on plates of one shelf."""

    fixture: Annotated[str, Field(min_length=1, description="the id of a fixture in store.yaml")]
    shelf: Annotated[Index, Field(description="the number of a shelf of that fixture")]
    plates: Annotated[str, Field(min_length=1, max_length=4000, description=_RIGHT)]
    gtin: Annotated[str, Field(description="the GTIN of a product in catalog.csv")]
    facings: Annotated[int, Field(ge=1, le=1000, description="how many stand side by side, or nothing: 1")] = 1
    stock: Annotated[int | None, Field(ge=0, le=1_000_000, description="how many there are, or nothing")] = None
    x_m: Annotated[Metres | None, Field(description="metres from the fixture's left end, or nothing")] = None
    width_m: Annotated[PositiveMetres | None, Field(description="metres above 0, or nothing")] = None
    height_m: Annotated[PositiveMetres | None, Field(description="metres above 0, or nothing")] = None


COLUMNS = ("fixture", "shelf", "plates", "gtin", "facings", "stock", "x_m", "width_m", "height_m")
REQUIRED = COLUMNS[:4]
ROW: TypeAdapter[PlanogramRow] = TypeAdapter(PlanogramRow)
SCHEMA = ROW.json_schema()


def read(text: str, skeleton: Skeleton | None, gtins: Container[str] | None) -> tuple[list[Facing], list[Problem]]:
    """The facings, in the file's order, and everything that is wrong with them, alone and against the other files.

    `skeleton` and `gtins` are None where those files could not be read.
    """
    form = table.read(text, FILE, COLUMNS, REQUIRED)
    problems = form.problems
    facings: list[tuple[Facing, Row]] = []
    short: list[Row] = []
    for row in form.rows:
        if capped(problems, FILE):
            break
        if not row.whole:
            continue
        gtin = read_gtin(row, FILE, problems)
        if gtin and zeros_lost(row.cells["gtin"].text):
            short.append(row)
        if gtin and gtins is not None and gtin not in gtins:
            right = f"a GTIN of catalog.csv, or a row for {gtin} there"
            problems.append(Problem(FILE, *row.place("gtin"), "error", "gtin", quoted(row.cells["gtin"].text), right))
        parsed = _parse(row, problems)
        plates = _plates(parsed.plates) if parsed else None
        if parsed and plates is None:
            problems.append(Problem(FILE, *row.place("plates"), "error", "plates", quoted(parsed.plates), _RIGHT))
        if parsed is None or plates is None:
            continue
        problems += _placed(row, parsed, plates, skeleton)
        if gtin is not None:
            extent = (parsed.x_m, parsed.width_m, parsed.height_m)
            facing = Facing(parsed.fixture, parsed.shelf, plates, gtin, parsed.facings, parsed.stock, *extent)
            facings.append((facing, row))
    problems += _shared(facings)
    problems += lost_zeros(short, FILE)
    return [facing for facing, _ in facings], problems


def write(planogram: Iterable[Facing]) -> str:
    """The planogram as CSV in its own order; plates one by one, since spreadsheets make dates of ranges."""
    rows = []
    for facing in planogram:
        metres = [
            "" if value is None else repr(float(value)) for value in (facing.x_m, facing.width_m, facing.height_m)
        ]
        stock = "" if facing.stock is None else facing.stock
        plates = " ".join(map(str, facing.plates))
        rows.append([facing.fixture, facing.shelf, plates, facing.gtin, facing.facings, stock, *metres])
    return table.write(COLUMNS, rows)


def _parse(row: Row, problems: list[Problem]) -> PlanogramRow | None:
    try:
        return ROW.validate_python({"gtin": "", **values(row, set())})
    except ValidationError as error:
        for fault in faults(error, SCHEMA):
            name = str(fault.path[0])
            problems.append(Problem(FILE, *row.place(name), "error", name, fault.found, fault.right))
        return None


def _plates(text: str) -> tuple[int, ...] | None:
    plates: list[int] = []
    for part in re.split(r"[\s,;+]+", text):
        match = re.fullmatch(r"([0-9]{1,4})(?:[-–]([0-9]{1,4}))?", part)
        if not match:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if first < 1 or last > 1000 or last < first:
            return None
        plates.extend(range(first, last + 1))
    return tuple(plates) if len(set(plates)) == len(plates) else None


def _placed(row: Row, parsed: PlanogramRow, plates: tuple[int, ...], skeleton: Skeleton | None) -> list[Problem]:
    """A facing against the layout; silent about whatever the layout's own faults hide."""
    found: list[Problem] = []

    def say(name: str, level: Literal["error", "warning"], what: str, right: str) -> None:
        found.append(Problem(FILE, *row.place(name), level, name, what, right))

    if skeleton is None:
        return found
    if parsed.fixture not in skeleton:
        close = get_close_matches(parsed.fixture, skeleton, 1) or sorted(skeleton)[:8]
        say(
            "fixture", "error", quoted(parsed.fixture), f"a fixture of store.yaml ({', '.join(close) or 'it has none'})"
        )
        return found
    shelves = skeleton[parsed.fixture]
    if shelves is None:
        return found
    if parsed.shelf not in shelves:
        have = ", ".join(map(str, sorted(shelves))) or "none"
        say("shelf", "error", str(parsed.shelf), f"a shelf of fixture {parsed.fixture} ({have})")
        return found
    there = shelves[parsed.shelf]
    if there is None:
        return found
    missing = [plate for plate in plates if plate not in there]
    if missing:
        have = ", ".join(map(str, sorted(there))) or "none"
        say("plates", "error", f"plate {_some(missing)}", f"plates of that shelf ({have})")
        return found
    dead = [number for number in plates for plate in [there[number]] if plate and not plate.cell]
    if dead:
        say("plates", "warning", f"plate {_some(dead)}, which has no load cell", "plates that weigh")
    order = sorted(there, key=lambda number: (plate.x_m if (plate := there[number]) else 0.0, number))
    at = sorted(order.index(plate) for plate in plates)
    if at[-1] - at[0] != len(at) - 1:
        say("plates", "warning", f"plates {_some(plates)} with others between", "a row for each run of plates")
    return found


def _some(numbers: Iterable[int]) -> str:
    return quoted(", ".join(map(str, numbers))).strip("'")


def _shared(facings: list[tuple[Facing, Row]]) -> list[Problem]:
    """Plates that several facings share: legal, but weight alone cannot tell their products apart."""
    found: list[Problem] = []
    first: dict[tuple[str, int, int], Row] = {}
    for facing, row in facings:
        shared = [plate for plate in facing.plates if (facing.fixture, facing.shelf, plate) in first]
        if shared:
            line = first[facing.fixture, facing.shelf, shared[0]].line
            what = f"plate {_some(shared)} shared with line {line}"
            right = "a plate for each product; where they share one, only masses and hands tell them apart"
            found.append(Problem(FILE, *row.place("plates"), "warning", "plates", what, right))
        for plate in facing.plates:
            first.setdefault((facing.fixture, facing.shelf, plate), row)
    return found
