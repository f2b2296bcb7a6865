"""Export a recording as a case that reads like mongoexport's, so that importing it again gives the same recording."""

import base64
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson
import zstandard

from walkout.recording.aifi.case import MAX_LIST, ORIGIN_FILE
from walkout.recording.aifi.clock import iso
from walkout.recording.aifi.documents import KEY, people_document, plate_document
from walkout.recording.aifi.importer import Progress
from walkout.recording.aifi.planogram import gondola_numbers, planogram_documents
from walkout.recording.aifi.products import product_documents
from walkout.recording.channel import PLATES
from walkout.recording.error import RecordingError
from walkout.recording.json_message import decode_loss, decode_people
from walkout.recording.plate_message import decode_plates
from walkout.recording.reader import Recording, open_recording
from walkout.recording.records import Message
from walkout.recording.watch import Watch
from walkout.store.folder import unpack
from walkout.store.problem import StoreError
from walkout.store.shop import Store

FILES: Final = ("plate_data", "full_targets", "planogram", "products")
_BEFORE_NS: Final = 98_000_000
"""From origin to issue of a plate message: the median of the real ones; for batches that say nothing of it."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """How many documents were written, and what AiFi's format has no place for."""

    folder: Path
    documents: Mapping[str, int]
    left_out: Mapping[str, int]
    """Messages by channel."""


def export_aifi(recording: Path, out_dir: Path, *, progress: Progress = lambda *_: None) -> ExportReport:
    """Write plate_data.json, full_targets.json, planogram.json and products.json into a folder.

    A recording that is not real also gets origin.json, so that an import of it cannot pass for real.

    Raises:
        RecordingError: the recording or its store cannot be read, or the folder cannot be written.
    """
    source = open_recording(recording)
    planogram, products, numbers = _shop(source)
    target = Path(out_dir)
    if target.exists() and not target.is_dir():
        raise RecordingError(f"{target} is a file; right would be a folder to write to")
    parts = {name: target / f".{name}.json.part" for name in FILES}
    try:
        target.mkdir(parents=True, exist_ok=True)
        with parts["plate_data"].open("wb") as plates, parts["full_targets"].open("wb") as people:
            written, left_out = _streams(source, numbers, {"plate_data": plates, "full_targets": people}, progress)
        parts["planogram"].write_bytes(planogram)
        parts["products"].write_bytes(products)
        for name in FILES:
            parts[name].replace(target / f"{name}.json")
        mark = target / ORIGIN_FILE
        mark.unlink(missing_ok=True)
        if source.origin != "real":
            mark.write_bytes(orjson.dumps({"origin": source.origin}) + b"\n")
    except OSError as error:
        raise RecordingError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    written |= {"planogram": planogram.count(b"\n"), "products": products.count(b"\n")}
    return ExportReport(target, written, left_out)


def _shop(source: Recording) -> tuple[bytes, bytes, dict[str, int]]:
    """Planogram, products and the gondolas' numbers: those it was imported from, else made from its store."""
    kept = [source.source_files.get(f"{name}.json.zst") for name in ("planogram", "products")]
    try:
        store = unpack(source.store_files)
    except StoreError as error:
        raise RecordingError(f"{source.name}: its store cannot be read: {error}") from error
    numbers = gondola_numbers(fixture.id for fixture in store.fixtures)
    if kept[0] is not None and kept[1] is not None:
        return unsqueezed(kept[0]), unsqueezed(kept[1]), numbers
    made = (planogram_documents(store), product_documents(_sorted(store)))
    planogram, products = (_lines(documents, tag) for tag, documents in enumerate(made, 1))
    return planogram, products, numbers


def _sorted(store: Store) -> Iterator[Any]:
    return (store.products[gtin] for gtin in sorted(store.products))


def _lines(documents: Iterable[Mapping[str, Any]], tag: int) -> bytes:
    numbered = enumerate(documents, 1)
    return b"".join(orjson.dumps({"_id": _object_id(0, tag, number), **item}) + b"\n" for number, item in numbered)


def _object_id(t_ns: int, tag: int, number: int) -> dict[str, str]:
    """An id in MongoDB's form that depends on nothing but its place: seconds, kind, number."""
    return {"$oid": struct.pack(">IBIxxx", (t_ns // 10**9) & 0xFFFFFFFF, tag & 0xFF, number & 0xFFFFFFFF).hex()}


def unsqueezed(data: bytes) -> bytes:
    """What `squeezed` compressed.

    Raises:
        RecordingError: it is not that, or claims to be too large.
    """
    try:
        size = zstandard.get_frame_parameters(data).content_size
        if size > MAX_LIST:
            raise RecordingError(f"a kept source file claims {size} bytes; the limit is {MAX_LIST}")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_LIST)
    except zstandard.ZstdError as error:
        raise RecordingError(f"a kept source file cannot be read: {error}") from error


def _streams(
    source: Recording, numbers: dict[str, int], files: Mapping[str, IO[bytes]], progress: Progress
) -> tuple[dict[str, int], dict[str, int]]:
    written = dict.fromkeys(files, 0)
    left_out: dict[str, int] = {}
    total = sum(1 for _ in source.messages(Watch()))
    for done, (topic, message) in enumerate(source.messages(Watch())):
        line = _line(topic, message, numbers, written)
        if line is None:
            left_out[topic] = left_out.get(topic, 0) + 1
            continue
        name, text = line
        files[name].write(text + b"\n")
        written[name] += 1
        if done % 256 == 0:
            progress(done, total, "writing the case")
    progress(total, total, "writing the case")
    return written, {topic: left_out[topic] for topic in sorted(left_out)}


def _line(
    topic: str, message: Message, numbers: dict[str, int], written: Mapping[str, int]
) -> tuple[str, bytes] | None:
    """The file and the line of a message; None: the format has no place for it.

    Raises:
        RecordingError: the message cannot be read.
    """
    if topic == "/faults":
        kept = decode_loss(message.data).source.get(KEY, {})
        if kept.get("file") not in written:
            return None
        raw = kept["line"].encode() if "line" in kept else base64.b64decode(kept["line_base64"])
        return kept["file"], raw
    if topic == "/people":
        frame = decode_people(message.data, message.log_ns)
        document = people_document(frame)
        name, tag = "full_targets", 3
    elif topic.startswith(PLATES):
        batch = decode_plates(message.data, message.log_ns)
        number = numbers.setdefault(batch.fixture, max(numbers.values(), default=0) + 1)
        document = plate_document(batch, number)
        name, tag = "plate_data", 4
        if KEY not in batch.source:
            document["document"]["header"] |= _plate_header(message, written[name])
    else:
        return None
    if "_id" not in document:
        document = {"_id": _object_id(message.log_ns, tag, written[name]), **document}
    return name, orjson.dumps(document)


def _plate_header(message: Message, number: int) -> dict[str, Any]:
    origin_ns = max(0, message.publish_ns - _BEFORE_NS) // 10**6 * 10**6
    digits = f"{number:032x}"
    uuid = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return {"t_origin": iso(origin_ns), "uuid": {"uuid": uuid}}
