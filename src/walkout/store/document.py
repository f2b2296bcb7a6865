"""store.yaml: the shop's name, its layout and its policies."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import orjson
import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from walkout.store import marks
from walkout.store.layout import Camera, Fixture, Gate, Metres, Plate, Shelf
from walkout.store.marks import Marked, Path
from walkout.store.problem import Problem, quoted
from walkout.store.shop import Origin, Policies
from walkout.store.validation import faults

FILE = "store.yaml"
TOUCH_M = 0.001
"""Neighbours may overlap by a millimetre: a rounding, no fault."""


_POLICIES = Policies()


@dataclass(frozen=True, slots=True)
class Document:
    """What store.yaml holds."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    name: Annotated[
        str, Field(min_length=1, max_length=200, description="the shop's name, in quotes where it is a number")
    ]
    origin: Annotated[Origin, Field(description="real or simulated")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="an ISO 4217 code, such as EUR")]
    timezone: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$", description="an IANA time zone, such as Europe/Berlin"
        ),
    ]
    fixtures: tuple[Fixture, ...]
    gates: tuple[Gate, ...] = ()
    cameras: tuple[Camera, ...] = ()
    floor_m: Annotated[
        tuple[tuple[Metres, Metres], ...],
        Field(description="the corners of the floor in order, [x, y] in metres; empty: not known"),
    ] = ()
    policies: Policies = _POLICIES
    version: Annotated[Literal[1], Field(description="1, the version of this format")] = 1


Plates = Mapping[int, Plate | None]
T = TypeVar("T")
Say = Callable[[Path, Literal["error", "warning"], str, str], None]
Skeleton = Mapping[str, Mapping[int, Plates | None] | None]
"""Fixtures, shelves and plates by id, as far as they can be read; None: there, but its insides cannot be read."""

DOCUMENT: TypeAdapter[Document] = TypeAdapter(Document)
SCHEMA = DOCUMENT.json_schema()
_FIXTURE: TypeAdapter[Fixture] = TypeAdapter(Fixture)
_SHELF: TypeAdapter[Shelf] = TypeAdapter(Shelf)
_CAMERA: TypeAdapter[Camera] = TypeAdapter(Camera)
_PLATE: TypeAdapter[Plate] = TypeAdapter(Plate)


def read(text: str) -> tuple[Document | None, Skeleton | None, list[Problem]]:
    """The layout, or None; what can be read of it; and everything that is wrong."""
    marked, problems = marks.read(text, FILE)
    if marked is None:
        return None, None, problems
    document = None
    try:
        document = _valid(DOCUMENT, marked.value)
    except ValidationError as error:
        for fault in faults(error, SCHEMA):
            line, column = marked.place(fault.path, key=fault.at_key)
            where = marks.dotted(fault.path)
            problems.append(Problem(FILE, line, column, "error", where, fault.found, fault.right))
    raw = marked.value if isinstance(marked.value, dict) else {}
    problems += _unfit(marked, raw)
    broken = document is None or any(problem.level == "error" for problem in problems)
    return None if broken else document, _skeleton(raw), problems


def write(document: Document) -> str:
    """The same layout as text; what stands at its default is left out."""
    plain = _plain(document)
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _valid(adapter: TypeAdapter[T], value: object) -> T:
    # JSON, because pydantic's strict mode takes lists for tuples there, and still no "1" for 1
    return adapter.validate_json(orjson.dumps(value), strict=True)


def _try(adapter: TypeAdapter[T], value: object) -> T | None:
    try:
        return _valid(adapter, value)
    except ValidationError:
        return None


def _list(value: object, name: str) -> list[Any]:
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, list) else []


def _skeleton(raw: dict[str, Any]) -> Skeleton:
    """The ids, as far as they can be read, so that the planogram is checked even against a layout with faults."""
    fixtures: dict[str, Mapping[int, Plates | None] | None] = {}
    for fixture in _list(raw, "fixtures"):
        name = fixture.get("id") if isinstance(fixture, dict) else None
        if name is None:
            continue
        if not isinstance(fixture.get("shelves"), list):
            fixtures[str(name)] = None
            continue
        shelves: dict[int, Plates | None] = {}
        for shelf in fixture["shelves"]:
            number = shelf.get("id") if isinstance(shelf, dict) else None
            if isinstance(number, int):
                shelves[number] = _plates(shelf)
        fixtures[str(name)] = shelves
    return fixtures


def _plates(shelf: dict[str, Any]) -> Plates | None:
    if not isinstance(shelf.get("plates", []), list):
        return None
    plates: dict[int, Plate | None] = {}
    for plate in _list(shelf, "plates"):
        number = plate.get("id") if isinstance(plate, dict) else None
        if not isinstance(number, int):
            return None
        plates[number] = _try(_PLATE, plate)
    return plates


def _unfit(marked: Marked, raw: dict[str, Any]) -> list[Problem]:
    """What no single value shows: ids used twice, things that overlap or lie outside."""
    found: list[Problem] = []

    def say(path: Path, level: Literal["error", "warning"], what: str, right: str) -> None:
        line, column = marked.place(path)
        found.append(Problem(FILE, line, column, level, marks.dotted(path), what, right))

    for kind in ("fixtures", "gates", "cameras"):
        _twice(_list(raw, kind), (kind,), say)
    zone = raw.get("timezone")
    if isinstance(zone, str) and _no_zone(zone):
        say(("timezone",), "error", quoted(zone), "an IANA time zone, such as Europe/Berlin")
    floor = raw.get("floor_m")
    if isinstance(floor, list) and 0 < len(floor) < 3:
        say(("floor_m",), "error", f"{len(floor)} corners", "at least 3, or [] where the floor is not known")
    for number, camera in enumerate(_list(raw, "cameras")):
        seen = _try(_CAMERA, camera)
        if seen and (seen.x_m, seen.y_m, seen.z_m) == seen.look_at_m:
            say(("cameras", number, "look_at_m"), "error", "the camera's own place", "the point it looks at")
    for number, value in enumerate(_list(raw, "fixtures")):
        path: Path = ("fixtures", number)
        fixture = _try(_FIXTURE, value)
        shelves = [(count, _try(_SHELF, shelf)) for count, shelf in enumerate(_list(value, "shelves"))]
        _twice(_list(value, "shelves"), (*path, "shelves"), say)
        _stack(fixture, [(count, shelf) for count, shelf in shelves if shelf], (*path, "shelves"), say)
        for count, shelf in shelves:
            _twice(_list(_list(value, "shelves")[count], "plates"), (*path, "shelves", count, "plates"), say)
            if shelf:
                _row(fixture, shelf, (*path, "shelves", count, "plates"), say)
    return found


def _twice(values: list[Any], path: Path, say: Say) -> None:
    seen: dict[object, int] = {}
    for number, value in enumerate(values):
        name = value.get("id") if isinstance(value, dict) else None
        if not isinstance(name, (str, int)):
            continue
        if name in seen:
            again = f"the id {quoted(name)} again (first {marks.dotted((*path, seen[name]))})"
            say((*path, number, "id"), "error", again, "each id once")
        seen.setdefault(name, number)


def _stack(fixture: Fixture | None, shelves: list[tuple[int, Shelf]], path: Path, say: Say) -> None:
    if [shelf.id for _, shelf in shelves] != sorted(shelf.id for _, shelf in shelves):
        say(path, "error", "shelves in another order than their ids", "the shelf with the lowest id first")
    for number, shelf in shelves:
        if fixture and shelf.depth_m > fixture.depth_m + TOUCH_M:
            right = f"at most the fixture's {fixture.depth_m} m"
            say((*path, number, "depth_m"), "warning", f"{shelf.depth_m} m", right)
        above = [other for _, other in shelves if other.z_m > shelf.z_m]
        lowest = min(above, key=lambda other: other.z_m, default=None)
        if lowest and shelf.z_m + shelf.height_m > lowest.z_m + TOUCH_M:
            free = round(lowest.z_m - shelf.z_m, 4)
            right = f"at most {free} m, where shelf {lowest.id} begins"
            say((*path, number, "height_m"), "warning", f"{shelf.height_m} m", right)


def _row(fixture: Fixture | None, shelf: Shelf, path: Path, say: Say) -> None:
    order = sorted(range(len(shelf.plates)), key=lambda number: (shelf.plates[number].x_m, number))
    for left, right in pairwise(order):
        one, other = shelf.plates[left], shelf.plates[right]
        if one.x_m + one.width_m > other.x_m + TOUCH_M:
            what = f"plate {other.id} begins at {other.x_m} m, inside plate {one.id}"
            say((*path, right, "x_m"), "error", what, f"at least {round(one.x_m + one.width_m, 4)} m")
    for number, plate in enumerate(shelf.plates):
        end = plate.x_m + plate.width_m
        if fixture and (plate.x_m < -TOUCH_M or end > fixture.width_m + TOUCH_M):
            what = f"plate {plate.id} from {plate.x_m} m to {round(end, 4)} m"
            say((*path, number), "error", what, f"inside the fixture, 0 m to {fixture.width_m} m")


def _no_zone(name: str) -> bool:
    """Whether a time zone is unknown; where this machine has no time zones at all, none is."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return bool(available_timezones())
    return False


def _plain(value: Any) -> Any:
    """Dataclasses to mappings, short values first; what stands at its default is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = [(item.name, getattr(value, item.name), item.default) for item in fields(value)]
        kept = {name: _plain(inner) for name, inner, default in pairs if name == "version" or inner != default}
        return dict(sorted(kept.items(), key=lambda pair: (pair[0] != "version", isinstance(pair[1], (list, dict)))))
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


class _Dumper(yaml.SafeDumper):
    """Small parts on one line, no aliases, and text in quotes where it could be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (the name is the library's)
        return True


def _short(values: Iterable[Any]) -> bool:
    return not any(isinstance(value, (list, dict)) for value in values)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = isinstance(marks.scalar(text), str) and text.isprintable()  # a line separator would be folded away
    style = None if plain else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _mapping(dumper: yaml.SafeDumper, pairs: dict[str, Any]) -> yaml.MappingNode:
    flow = _short(pairs.values()) and len(pairs) <= 6
    return dumper.represent_mapping("tag:yaml.org,2002:map", pairs.items(), flow_style=flow)


def _sequence(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=_short(values))


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)
