"""The tables of an export: their columns and what each means; `docs/formats/parquet.md` says the same in words."""

from typing import Final

import pyarrow as pa

_NS = pa.int64()
_TEXT = pa.string()
_METRES = pa.float64()
_COUNT = pa.int32()
_PLATES = pa.list_(pa.int16())
_PLACE = pa.struct(
    [("kind", _TEXT), ("fixture", _TEXT), ("shelf", pa.int16()), ("plates", _PLATES), ("shopper", _TEXT)]
)
_FIXTURE = pa.dictionary(pa.int32(), _TEXT)

TABLES: Final[dict[str, pa.Schema]] = {
    "plates": pa.schema(
        [
            ("t_ns", _NS),
            ("arrived_ns", _NS),
            ("fixture", _FIXTURE),
            ("shelf", pa.int16()),
            ("plate", pa.int16()),
            ("grams", pa.float32()),
        ]
    ),
    "frames": pa.schema([("t_ns", _NS), ("arrived_ns", _NS), ("people", _COUNT)]),
    "people": pa.schema(
        [
            ("t_ns", _NS),
            ("person", _TEXT),
            ("joint", _TEXT),
            ("x_m", _METRES),
            ("y_m", _METRES),
            ("z_m", _METRES),
            ("score", pa.float64()),
        ]
    ),
    "boxes": pa.schema(
        [
            ("t_ns", _NS),
            ("person", _TEXT),
            ("camera", _TEXT),
            ("camera_t_ns", _NS),
            ("left_px", pa.float64()),
            ("top_px", pa.float64()),
            ("width_px", pa.float64()),
            ("height_px", pa.float64()),
        ]
    ),
    "gates": pa.schema(
        [
            ("t_ns", _NS),
            ("arrived_ns", _NS),
            ("gate", _TEXT),
            ("way", _TEXT),
            ("visit", _TEXT),
            ("party", _TEXT),
            ("person", _TEXT),
            ("role", _TEXT),
        ]
    ),
    "looks": pa.schema(
        [
            ("t_ns", _NS),
            ("arrived_ns", _NS),
            ("person", _TEXT),
            ("hand", _TEXT),
            ("fixture", _TEXT),
            ("shelf", pa.int64()),
            ("gtin", _TEXT),
            ("likelihood", pa.float64()),
        ]
    ),
    "tags": pa.schema(
        [
            ("t_ns", _NS),
            ("arrived_ns", _NS),
            ("gate", _TEXT),
            ("gtin", _TEXT),
            ("item", _TEXT),
            ("antenna", pa.int64()),
            ("rssi_dbm", pa.float64()),
            ("count", pa.int64()),
        ]
    ),
    "shelf_events": pa.schema(
        [
            ("id", _TEXT),
            ("fixture", _TEXT),
            ("shelf", pa.int16()),
            ("plates", _PLATES),
            ("delta_g", pa.list_(pa.float64())),
            ("cov_g2", pa.list_(pa.list_(pa.float64()))),
            ("onset_ns", _NS),
            ("start_ns", _NS),
            ("end_ns", _NS),
            ("reported_ns", _NS),
        ]
    ),
    "truth_moves": pa.schema(
        [
            ("id", _TEXT),
            ("start_ns", _NS),
            ("end_ns", _NS),
            ("shopper", _TEXT),
            ("action", _TEXT),
            ("gtin", _TEXT),
            ("quantity", _COUNT),
            ("mass_g", pa.float64()),
            ("source", _PLACE),
            ("target", _PLACE),
        ]
    ),
    "truth_visits": pa.schema(
        [
            ("visit", _TEXT),
            ("party", _TEXT),
            ("shoppers", pa.list_(_TEXT)),
            ("entered_ns", _NS),
            ("left_ns", _NS),
            ("basket", pa.map_(_TEXT, _COUNT)),
            ("path", pa.list_(pa.struct([("t_ns", _NS), ("x_m", _METRES), ("y_m", _METRES)]))),
        ]
    ),
    "truth_notes": pa.schema([("name", _TEXT), ("value", _TEXT)]),
    "losses": pa.schema(
        [
            ("kind", _TEXT),
            ("channel", _TEXT),
            ("count", pa.int64()),
            ("detail", _TEXT),
            ("start_ns", _NS),
            ("end_ns", _NS),
        ]
    ),
    "store_plates": pa.schema(
        [
            ("fixture", _TEXT),
            ("shelf", pa.int16()),
            ("plate", pa.int16()),
            ("x_m", _METRES),
            ("width_m", _METRES),
            ("depth_m", _METRES),
            ("z_m", _METRES),
            ("cell", pa.bool_()),
        ]
    ),
    "store_planogram": pa.schema(
        [
            ("fixture", _TEXT),
            ("shelf", pa.int16()),
            ("plates", _PLATES),
            ("gtin", _TEXT),
            ("facings", _COUNT),
            ("stock", _COUNT),
        ]
    ),
    "store_products": pa.schema(
        [
            ("gtin", _TEXT),
            ("name", _TEXT),
            ("masses", pa.list_(pa.struct([("mass_g", pa.float64()), ("sd_g", pa.float64())]))),
            ("price", _TEXT),
            ("currency", _TEXT),
            ("tax", _TEXT),
            ("sold_by", _TEXT),
            ("age_min", pa.int16()),
            ("source_ids", pa.list_(_TEXT)),
            ("tagged", pa.float64()),
        ]
    ),
}
