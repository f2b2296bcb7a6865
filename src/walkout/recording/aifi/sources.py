"""Import a case in whichever form it comes: a folder of JSON lines, a mongodump archive, or a CSV of readings."""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

import orjson

from walkout.recording.aifi.archive import documents, is_archive
from walkout.recording.aifi.importer import ImportReport, Progress, import_aifi
from walkout.recording.aifi.readings import batches, is_readings
from walkout.recording.error import RecordingError
from walkout.recording.loss import Loss
from walkout.recording.reader import open_recording
from walkout.recording.writer import RecordingWriter
from walkout.store.folder import load, pack
from walkout.store.shop import Store

COLLECTIONS: Final = ("plate_data", "full_targets", "targets", "planogram", "products")


def import_any(
    src: Path,
    out: Path,
    store_out: Path | None = None,
    *,
    store: Path | None = None,
    progress: Progress = lambda *_: None,
) -> ImportReport:
    """Make a recording of a case; the same case gives the same bytes, and a folder the same as its archive.

    Args:
        src: a folder as `import_aifi` takes it, a file that mongodump --archive wrote, or a CSV of readings.
        out: the recording to write.
        store_out: a store folder to write beside it; not with a CSV, which tells nothing of a store.
        store: the store folder that a CSV was recorded in; not with the others, which hold their own.
        progress: told how many of how many bytes are done, and what is being done.

    Raises:
        RecordingError: nothing to import, or the options do not fit what it is; nothing is written then.
        StoreError: the store folder cannot be used.
    """
    if src.is_file() and is_readings(src):
        if store is None:
            raise RecordingError(
                f"{src} holds readings and no planogram; right: also name its store folder (--store DIR)"
            )
        if store_out is not None:
            raise RecordingError(f"{src} tells nothing of a store; right: a CSV without --store-out")
        return import_readings(src, out, store, progress=progress)
    if store is not None:
        raise RecordingError(f"{src} holds its own store; right: --store with a CSV of readings only")
    if src.is_file() and is_archive(src):
        return import_archive(src, out, store_out, progress=progress)
    if src.is_file():
        with src.open("rb") as stream:
            head = stream.read(16)
        found = f"a file that begins with {head!r}" if head else "an empty file"
        right = "a folder of JSON lines, what mongodump --archive writes, or a CSV of readings"
        raise RecordingError(f"{src}: found {found}; right would be {right}")
    return import_aifi(src, out, store_out, progress=progress)


def import_archive(
    src: Path, out: Path, store_out: Path | None = None, *, progress: Progress = lambda *_: None
) -> ImportReport:
    """Import what mongodump --archive wrote: unpacked for a moment, pictures left out, then as `import_aifi`.

    Raises:
        RecordingError: not such an archive, or no case in it.
    """
    with tempfile.TemporaryDirectory(prefix="walkout-") as folder:
        losses = unpack_archive(src, Path(folder))
        try:
            report = import_aifi(Path(folder), out, store_out, progress=progress)
        except RecordingError as error:
            raise RecordingError(str(error).replace(folder, str(src))) from error
    return replace(report, warnings=(*report.warnings, *(f"{src.name}: {loss.detail}" for loss in losses)))


def unpack_archive(src: Path, folder: Path) -> list[Loss]:
    """Write the collections of a case as JSON lines; a damaged place becomes a line that says so and is no JSON.

    The import then lists that line where the damage was, and keeps it in the recording.

    Raises:
        RecordingError: not such an archive.
    """
    losses: list[Loss] = []
    with ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}

        def file(collection: str) -> IO[bytes]:
            if collection not in files:
                files[collection] = stack.enter_context((folder / f"{collection}.json").open("wb"))
            return files[collection]

        def lost(loss: Loss) -> None:
            losses.append(loss)
            known = loss.channel if loss.channel in COLLECTIONS else "plate_data"
            file(known).write(f"# damaged in the archive: {loss.kind}: {loss.detail}\n".encode())

        for collection, document in documents(src, lost, COLLECTIONS):
            file(collection).write(orjson.dumps(document) + b"\n")
    return losses


def import_readings(src: Path, out: Path, store: Path, *, progress: Progress = lambda *_: None) -> ImportReport:
    """Make a recording of a CSV of readings and the store that they were taken in; it holds no people.

    Raises:
        RecordingError: not such a CSV, or not of this store; nothing is written then.
        StoreError: the store folder cannot be used.
    """
    shop = load(store)
    if shop.origin != "real":
        raise RecordingError(
            f"{store} is a simulated store and the readings are real; right: the store they were taken in"
        )
    size = src.stat().st_size
    count, fixtures = 0, set()
    with RecordingWriter(
        out,
        store_files=pack(shop),
        origin="real",
        store=shop.name,
        notes={"format": "AiFi AutoCheckout, load cells as CSV"},
    ) as writer:
        for batch in batches(src, writer.write, lambda done: progress(done, size, "writing the recording")):
            writer.write(batch)
            count += 1
            fixtures.add(batch.fixture)
        writer.write(Loss("gap", "/people", 1, "the case holds nobody's position"))
        warnings = _strangers(fixtures, shop, src)
    return ImportReport(
        recording=out,
        store=None,
        origin="real",
        plate_batches=count,
        people_frames=0,
        rows=0,
        source_ids=0,
        products=len(shop.products),
        facings=len(shop.planogram),
        restricted=(),
        warnings=warnings,
        losses=open_recording(out).losses,
    )


def _strangers(found: set[str], shop: Store, src: Path) -> tuple[str, ...]:
    known = {fixture.id for fixture in shop.fixtures}
    if not found & known:
        both = f"{', '.join(sorted(found))}; the store has {', '.join(sorted(known)) or 'no fixture'}"
        raise RecordingError(f"{src}: found readings of {both}; right: the store that they were taken in")
    return tuple(f"{fixture} is no fixture of the store; its readings are kept" for fixture in sorted(found - known))
