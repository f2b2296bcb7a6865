"""Import a case as mongoexport wrote it: plate_data, full_targets or targets, planogram, products."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import zstandard

from walkout.recording.aifi.case import Case, open_case, scan, stream
from walkout.recording.aifi.columns import Columns
from walkout.recording.aifi.lines import Line, lines
from walkout.recording.aifi.planogram import Placed, build_facings, build_fixtures, read_placed
from walkout.recording.aifi.products import CURRENCY, Catalogue, read_products
from walkout.recording.error import RecordingError
from walkout.recording.loss import Loss
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.recording.writer import RecordingWriter
from walkout.store.folder import pack, save
from walkout.store.problem import StoreError
from walkout.store.shop import Store

Progress = Callable[[int, int, str], None]

STORE_NAME: Final = "AiFi NanoStore"


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
