"""A case: its files, and its two streams as one, by arrival."""

import base64
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

import orjson

from walkout.recording.aifi.columns import Columns
from walkout.recording.aifi.documents import KEY, read_people, read_plate_cells, read_plates
from walkout.recording.aifi.lines import Line, lines, shortened
from walkout.recording.error import MalformedError, RecordingError
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.writer import Origin

Opener = Callable[[], IO[bytes]]
Item = PlateBatch | PeopleFrame | Loss

MAX_LIST: Final = 64 * 1024 * 1024
"""Bytes of the largest planogram or product list."""
ORIGIN_FILE: Final = "origin.json"
"""Beside an export of a recording that is not real, so that importing it cannot make it real."""


@dataclass(frozen=True, slots=True)
class Case:
    """An AiFi case, its files by name, each opened when it is read."""

    plate_data: Opener
    people: Opener
    planogram: bytes
    products: bytes
    size: int = 0
    """Bytes of plate_data and people together, for progress."""
    origin: Origin = "real"


def open_case(src: Path) -> Case:
    """The files of a case.

    Raises:
        RecordingError: no folder, or one of plate_data, planogram and products is not in it.
    """
    if not src.is_dir():
        found = "a file" if src.exists() else "nothing"
        raise RecordingError(f"{src}: found {found}; right would be a folder with plate_data.json and the others")
    paths = {name: src / f"{name}.json" for name in ("plate_data", "full_targets", "targets", "planogram", "products")}
    for name in ("plate_data", "planogram", "products"):
        if not paths[name].is_file():
            raise RecordingError(f"{src} holds no {name}.json; a case needs plate_data, planogram and products")
    for name in ("planogram", "products"):
        if paths[name].stat().st_size > MAX_LIST:
            raise RecordingError(f"{paths[name]} is larger than {MAX_LIST} bytes")
    full, head = (paths[name] for name in ("full_targets", "targets"))
    people = full if full.is_file() and (full.stat().st_size or not head.is_file()) else head
    size = sum(path.stat().st_size for path in (paths["plate_data"], people) if path.is_file())
    return Case(
        plate_data=lambda: paths["plate_data"].open("rb"),
        people=(lambda: people.open("rb")) if people.is_file() else _nothing,
        planogram=paths["planogram"].read_bytes(),
        products=paths["products"].read_bytes(),
        size=size,
        origin=_origin(src / ORIGIN_FILE),
    )


def _origin(mark: Path) -> Origin:
    if not mark.is_file():
        return "real"
    try:
        said = orjson.loads(mark.read_bytes()[:1000]).get("origin")
    except (ValueError, AttributeError):
        said = None
    if said not in ("simulated", "mixed"):
        raise RecordingError(f'{mark} does not say its origin; right: {{"origin": "simulated"}}')
    return "simulated" if said == "simulated" else "mixed"


def _nothing() -> IO[bytes]:
    return BytesIO()


def scan(case: Case, told: Callable[[int], None] = lambda _: None) -> Columns:
    """Which columns ever carried a number.

    Raises:
        RecordingError: not one batch of readings can be read.
    """
    columns = Columns()
    with case.plate_data() as stream:
        for line in lines(stream, told):
            if line.document is not None:
                try:
                    columns.add(*read_plate_cells(line.document))
                except MalformedError:
                    continue  # listed when it is written
    if not columns.fixtures():
        raise RecordingError("plate_data.json holds no readings that can be read; right: a document of readings a line")
    return columns


def stream(case: Case, told: Callable[[int], None] = lambda _: None) -> Iterator[Item]:
    """Both streams of a case by arrival, each in its own file's order, with losses where they stand."""
    done = [0, 0]

    def heard(index: int, at: int) -> None:
        done[index] = at
        told(sum(done))

    with case.plate_data() as plates, case.people() as people:
        merged = heapq.merge(
            _timed(
                lines(plates, lambda at: heard(0, at)),
                "plate_data",
                "/plates",
                lambda document: (read_plates(document), []),
            ),
            _timed(lines(people, lambda at: heard(1, at)), "full_targets", "/people", read_people),
            key=lambda pair: pair[0],
        )
        for _, item in merged:
            yield item


def _timed(
    found: Iterable[Line],
    file: str,
    channel: str,
    read: Callable[[Mapping[str, Any]], tuple[PlateBatch | PeopleFrame, list[str]]],
) -> Iterator[tuple[int, Item]]:
    """Arrival and item. A damaged line arrives with the document before it, or with the first one."""
    arrived_ns: int | None = None
    waiting: list[tuple[str, bytes]] = []
    for line in found:
        try:
            if line.document is None:
                raise MalformedError(line.problem)
            item, troubles = read(line.document)
        except MalformedError as error:
            waiting.append((f"document {line.number}: {error}", shortened(line.raw)))
            if arrived_ns is not None:
                yield from _damaged(waiting, file, channel, arrived_ns)
            continue
        arrived_ns = item.arrived_ns
        yield from _damaged(waiting, file, channel, arrived_ns)
        yield arrived_ns, item
        if troubles:
            at_ns = item.t_ns if isinstance(item, PeopleFrame) else arrived_ns
            detail = f"document {line.number}: {troubles[0]}"
            yield arrived_ns, Loss("malformed", channel, len(troubles), detail, at_ns, at_ns)
    yield from _damaged(waiting, file, channel, arrived_ns or 0)


def _damaged(waiting: list[tuple[str, bytes]], file: str, channel: str, arrived_ns: int) -> Iterator[tuple[int, Loss]]:
    for detail, raw in waiting:
        kept = {"file": file, **_text(raw)}
        yield arrived_ns, Loss("malformed", channel, 1, detail, arrived_ns, arrived_ns, {KEY: kept})
    waiting.clear()


def _text(raw: bytes) -> dict[str, str]:
    try:
        return {"line": raw.decode()}
    except UnicodeDecodeError:
        return {"line_base64": base64.b64encode(raw).decode()}
