"""Small cases in the form of the public ones: protobuf's JSON, zeros left out."""

import base64
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from walkout.recording.aifi.clock import iso, mongo_date

START_NS = 1_587_531_996_955_074_000
Document = dict[str, Any]


def plate_document(number: int = 0, gondola: int = 1, *, shelves: int = 2, plates: int = 4) -> Document:
    """Message `number` of a gondola; index 0 of both axes is NaN, as in the real ones."""
    t_ns = START_NS + number * 200_000_000
    values = np.full((12, shelves + 1, plates + 1), np.nan, "<f4")
    values[:, 1:, 1:] = np.arange(12 * shelves * plates).reshape(12, shelves, plates) * 0.25 + gondola + number
    return {
        "_id": {"$oid": f"5e9fd0df787b53230f{gondola:02d}{number:04d}"},
        "timestamp": t_ns / 10**9,
        "date_time": mongo_date(t_ns + 11_000_000),
        "document": {
            "header": {"t_origin": iso(t_ns - 96_074_000), "t_issue": iso(t_ns), "uuid": {"uuid": f"u-{number}"}},
            "plate_data": {
                "plate_id": {"shelf_id": {"gondola_id": {"id": gondola}}},
                "freq_samp": 60.0,
                "values": {
                    "data": base64.b64encode(values.tobytes()).decode(),
                    "shape": [12, shelves + 1, plates + 1],
                    "type": "DATATYPE_FLOAT32",
                },
            },
        },
        "gondola_id": gondola,
        "shelf_index": 0,
        "plate_index": 0,
    }


def point(x: float, y: float, z: float, score: float) -> Document:
    single = {name: float(np.float32(value)) for name, value in (("x", x), ("y", y), ("z", z))}
    return {"point": {name: value for name, value in single.items() if value}, "score": float(np.float32(score))}


def people_document(number: int = 0, people: int = 1) -> Document:
    """Frame `number`, with two joints that were not found for each person."""
    t_ns = START_NS + number * 66_000_000
    wrist = point(134.32650756835938, -17.065256118774414, 0.0, 0.99)
    targets = [
        {
            "target_id": {"id": str(7 + index)},
            "detection_metadata": [
                {
                    "timestamp": iso(t_ns - 47_362_000),
                    "frame_source": {"camera_id": {"id": 104}},
                    "bbox": {"top": 66, "width": 69, "height": 106},
                }
            ],
            "target_state": "TARGETSTATE_VALID_ENTRANCE",
            "head": point(132.5, -22.25 + index, 66.5, 0.9),
            "hands": [wrist],
            **{name: point(130 + index, -20, 50, 0.5) for name in ("neck", "l_shoulder", "r_shoulder", "l_elbow")},
            "r_elbow": {"point": {}},
            "l_wrist": {"point": {}},
            "r_wrist": wrist,
        }
        for index in range(people)
    ]
    return {
        "_id": {"$oid": f"5e9fd0e0787b53230fff{number:04d}"},
        "timestamp": t_ns / 10**9,
        "date_time": mongo_date(t_ns + 2_310_000_000),
        "document": {
            "header": {"t_origin": iso(t_ns), "t_issue": iso(t_ns)},
            "targets": {"targets": targets} if targets else {},
        },
        "id": 0,
    }


def facing_document(product: str | None, plates: Iterable[int], *, gondola: int = 1, shelf: int = 1) -> Document:
    """A facing of a gondola that stands at x = 0.025 m, or of gondola 5, which is turned to the right."""
    held = list(plates)
    along = 0.1016 * (held[0] - 1)
    size = {"dim_x": 0.1016 * len(held), "dim_y": 0.4064, "dim_z": 0.25}
    local = {"x": along} if along else {}
    rotation = {"z": -1.5707999467849731} if gondola == 5 else {}
    x, y = (4.3176, -0.3429 - along) if gondola == 5 else (0.025 + along, 0.0)
    place: Document = {"x": x, "z": 0.27 + 0.3 * (shelf - 1)} | ({"y": y} if y else {})
    return {
        "_id": {"$oid": f"5e9e24cb75bc71ad{gondola:02d}{shelf:02d}{held[0]:04d}"},
        "plate_ids": [
            {"shelf_id": {"gondola_id": {"id": gondola}, "shelf_index": shelf}, "plate_index": plate} for plate in held
        ],
        "planogram_product_id": {"barcode_type": "UPC", "id": product} if product else {},
        "coordinates": {"transform": {"translation": local, "rotation": rotation}, **size},
        "global_coordinates": {"transform": {"translation": place, "rotation": rotation}, **size},
    }


def product_document(identity: str, name: str = "Goods", weight: float | None = 300.0, **metadata: Any) -> Document:
    held = {"name": name, "price": 1} | ({} if weight is None else {"weight": weight}) | metadata
    return {
        "_id": {"$oid": "5e9d3438eaee98099b6a0ff5"},
        "product_id": {"barcode_type": "UPC", "id": identity},
        "metadata": held,
    }


def lines_of(documents: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(document) + b"\n" for document in documents)


@cache
def _files() -> tuple[tuple[str, bytes], ...]:
    plates = [plate_document(number, gondola) for number in range(4) for gondola in (1, 2)]
    people = [people_document(number, people) for number, people in enumerate((0, 1, 2, 1))]
    facings = [
        facing_document("071142008582", (1, 2)),
        facing_document("632565000012", (3, 4)),
        facing_document("120130", (1,), shelf=2),
        facing_document("071142008582", (2, 3), gondola=5),
        facing_document(None, (1, 2, 3), gondola=2),
    ]
    products = [
        product_document("071142008582", "Spring water", 621.6699829101562),
        product_document("071142008582", "Spring water", 621.6699829101562),
        product_document("632565000012", "Fiji water", 538.0),
        product_document("120130", "Energy drink", 480.5),
    ]
    return tuple(
        (name, lines_of(documents))
        for name, documents in (
            ("plate_data", plates),
            ("full_targets", people),
            ("planogram", facings),
            ("products", products),
        )
    )


def case_files() -> dict[str, bytes]:
    """The four files of a small case, by name without .json."""
    return dict(_files())


def write_case(folder: Path, **changed: bytes | None) -> Path:
    """The small case as a folder; a file given as None is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (case_files() | changed).items():
        if data is not None:
            (folder / f"{name}.json").write_bytes(data)
    return folder
