"""Import a case as mongoexport wrote it: plate_data, full_targets or targets, planogram, products."""

import base64
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

import orjson
import zstandard

from walkout.recording.aifi.columns import Columns
from walkout.recording.aifi.documents import KEY, read_people, read_plate_cells, read_plates
from walkout.recording.aifi.lines import Line, lines, shortened
from walkout.recording.aifi.planogram import Placed, build_facings, build_fixtures, read_placed
from walkout.recording.aifi.products import CURRENCY, Catalogue, read_products
from walkout.recording.error import MalformedError, RecordingError
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.recording.writer import Origin, RecordingWriter
from walkout.store.folder import pack, save
from walkout.store.problem import StoreError
from walkout.store.shop import Store

Progress = Callable[[int, int, str], None]
Opener = Callable[[], IO[bytes]]
Item = PlateBatch | PeopleFrame | Loss

STORE_NAME: Final = "AiFi NanoStore"
MAX_LIST: Final = 64 * 1024 * 1024
"""Bytes of the largest planogram or product list."""
ORIGIN_FILE: Final = "origin.json"
"""Beside an export of a recording that is not real, so that importing it cannot make it real."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came in, and what had to be decided on the way."""

    recording: Path
    store: Path | None
    origin: str
    plate_batches: int
    people_frames: int
    rows: int
    source_ids: int
    products: int
    facings: int
    restricted: tuple[tuple[str, str], ...]
    """Source ids that are no GTIN, each with the number that it was given."""
    warnings: tuple[str, ...]
    losses: tuple[Loss, ...]


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


@dataclass(frozen=True, slots=True)
class Shop:
    """The store of a case, with what was decided when it was built."""

    store: Store
    catalogue: Catalogue
    warnings: tuple[str, ...]
    losses: tuple[Loss, ...]


def import_aifi(
    src: Path, out: Path, store_out: Path | None = None, *, progress: Progress = lambda *_: None
) -> ImportReport:
    """Make a recording of a case; the same case gives the same bytes.

    Args:
        src: folder with plate_data.json, full_targets.json (or targets.json), planogram.json and products.json.
        out: the recording to write.
        store_out: a store folder to write beside it.
        progress: told how many of how many bytes are done, and what is being done.

    Raises:
        RecordingError: nothing to import, or no store can be made of it; nothing is written then.
    """
    case = open_case(Path(src))
    half = 2 * case.size
    columns = scan(case, lambda done: progress(done, half, "looking at the plates"))
    shop = build_shop(case, columns)
    files = _packed(shop.store)
    counts = {"plates": 0, "people": 0}
    with RecordingWriter(
        out,
        store_files=files,
        origin=case.origin,
        store=shop.store.name,
        notes={"format": "AiFi AutoCheckout, CPS-IoT Week 2020"},
        source_files={"planogram.json.zst": squeezed(case.planogram), "products.json.zst": squeezed(case.products)},
    ) as writer:
        for item in stream(case, lambda done: progress(case.size + done, half, "writing the recording")):
            writer.write(item)
            if not isinstance(item, Loss):
                counts["plates" if isinstance(item, PlateBatch) else "people"] += 1
        for loss in shop.losses:
            writer.write(loss)
        if not counts["people"]:
            writer.write(Loss("gap", "/people", 1, "the case holds nobody's position"))
        if store_out is not None:
            _save(shop.store, store_out)
    progress(half, half, "checking the recording")
    return ImportReport(
        recording=Path(out),
        store=store_out,
        origin=case.origin,
        plate_batches=counts["plates"],
        people_frames=counts["people"],
        rows=shop.catalogue.rows,
        source_ids=len(shop.catalogue.gtins),
        products=len(shop.catalogue.products),
        facings=len(shop.store.planogram),
        restricted=shop.catalogue.restricted,
        warnings=shop.warnings,
        losses=open_recording(out).losses,
    )


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


def build_shop(case: Case, columns: Columns) -> Shop:
    """The store that planogram and products describe.

    Raises:
        RecordingError: no facing, or no product, can be read.
    """
    losses: list[Loss] = []
    warnings: list[str] = []
    placed: list[Placed] = []
    for line in _documents(case.planogram, "planogram.json", losses):
        try:
            placed += read_placed(line.document or {})
        except ValueError as error:
            warnings.append(f"planogram.json: facing {line.number} is left out: {error}")
    if not any(place.product for place in placed):
        raise RecordingError("planogram.json holds no facing that can be read; right: a document of a facing a line")
    rows = [line.document or {} for line in _documents(case.products, "products.json", losses)]
    if not rows:
        raise RecordingError("products.json holds no product that can be read; right: a document of a product a line")
    catalogue = read_products(rows, [place.product for place in placed if place.product])
    fixtures, about_fixtures = build_fixtures(placed, columns)
    facings, about_facings = build_facings(placed, fixtures, catalogue.gtins)
    store = Store(
        name=STORE_NAME,
        origin="real" if case.origin == "real" else "simulated",
        currency=CURRENCY,
        timezone="UTC",
        floor_m=(),
        fixtures=fixtures,
        gates=(),
        cameras=(),
        products=catalogue.products,
        planogram=facings,
    )
    warnings += [*catalogue.warnings, *about_fixtures, *about_facings, *_unplaced(columns, store)]
    return Shop(store, catalogue, tuple(warnings), tuple(losses))


def _documents(data: bytes, file: str, losses: list[Loss]) -> Iterator[Line]:
    broken = [line for line in lines(BytesIO(data)) if line.document is None]
    if broken:
        detail = f"document {broken[0].number}: {broken[0].problem}"
        losses.append(Loss("malformed", f"source/{file}", len(broken), detail))
    return (line for line in lines(BytesIO(data)) if line.document is not None)


def _unplaced(columns: Columns, store: Store) -> list[str]:
    """Columns with numbers that are no plate of the store: kept in the recording, named here."""
    plates = {
        (fixture.id, shelf.id, plate.id)
        for fixture in store.fixtures
        for shelf in fixture.shelves
        for plate in shelf.plates
    }
    found: dict[str, list[float]] = {}
    for fixture, shelf, plate, range_g in columns.every():
        if (fixture, shelf, plate) not in plates:
            found.setdefault(fixture, []).append(range_g)
    return [
        f"{fixture}: {len(ranges)} columns of readings belong to no plate of the planogram (they move by at most "
        f"{max(ranges):.1f} g); kept in the recording, no plates of the store"
        for fixture, ranges in found.items()
    ]


def _packed(store: Store) -> dict[str, bytes]:
    try:
        return pack(store)
    except StoreError as error:
        raise RecordingError(f"no store can be made of planogram and products: {error}") from error


def _save(store: Store, folder: Path) -> None:
    try:
        save(store, folder)
    except OSError as error:
        raise RecordingError(f"{folder} cannot be written: {error.strerror or error}") from error


def squeezed(data: bytes) -> bytes:
    """Compressed for keeping."""
    return zstandard.ZstdCompressor(level=19).compress(data)


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
