"""Parquet export, opened again with pyarrow."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.store.strategies import small_store
from walkout.recording import parquet as module
from walkout.recording.aifi.importer import import_aifi
from walkout.recording.channel import Written
from walkout.recording.error import RecordingError
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.loss import Loss
from walkout.recording.parquet import ParquetReport, export_parquet
from walkout.recording.people import CameraBox, Joint, PeopleFrame, Person
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.recording.tables import TABLES
from walkout.recording.tags import Tag, TagFrame
from walkout.recording.truth import Place, TruthMove, TruthNote, TruthVisit
from walkout.recording.writer import RecordingWriter
from walkout.store.folder import pack

START_NS = 1_700_000_000_000_000_000
STEP_NS = 16_666_667


def batch(fixture: str, number: int, shape: tuple[int, int, int] = (12, 2, 3)) -> PlateBatch:
    t_ns = START_NS + (12 * number + np.arange(shape[0])) * STEP_NS
    grams = (np.arange(np.prod(shape), dtype=np.float32) * 0.241 + number).reshape(shape)
    grams[:, 0, 1] = np.nan
    return PlateBatch(fixture, t_ns, grams, 60.0, int(t_ns[-1]) + 1_000_000)


PERSON = Person("7", {"head": Joint(1.0, -0.5, 1.7, 0.9)}, (CameraBox("100", START_NS - 5, 10.0, 20.0, 30.0, 40.0),))
FRAME = PeopleFrame(START_NS, START_NS + 2_300_000_000, (PERSON,))
NOBODY = PeopleFrame(START_NS + 50_000_000, START_NS + 2_350_000_000, ())
GATE = GateEvent(START_NS, START_NS, "door", "entry", "v1", "p1", "7")
EVENT = {
    "id": "e1",
    "fixture": "a",
    "shelf": 1,
    "plates": [1, 2],
    "delta_g": [-100.0, -20.5],
    "cov_g2": [[1.0, 0.1], [0.1, 1.0]],
    "onset_ns": START_NS,
    "start_ns": START_NS + 1,
    "end_ns": START_NS + 2,
    "reported_ns": START_NS + 3,
}
MOVE = TruthMove(
    "m1",
    START_NS,
    START_NS + 1,
    "7",
    "take",
    "00000000000017",
    2,
    120.5,
    Place("plates", "a", 1, (1, 2)),
    Place("shopper", shopper="7"),
)
VISIT = TruthVisit("v1", "p1", ("7",), START_NS, START_NS + 9, {"00000000000017": 2}, ((START_NS, 1.0, -0.5),))
NOTE = TruthNote("seed", "1")
LOOK = Look(START_NS, START_NS + 5, "7", "left", "a", 1, {"00000000000017": 0.75})
TAGS = TagFrame(START_NS, START_NS + 5, "door", (Tag("00000000000017", "a1", 2, -58.5, 3),), 4)
BATCHES = [batch(fixture, number) for number in range(4) for fixture in ("b", "a")]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "visit.mcap"
    everything: list[Written] = [
        *BATCHES,
        FRAME,
        NOBODY,
        GATE,
        LOOK,
        TAGS,
        EVENT,
        MOVE,
        VISIT,
        NOTE,
        Loss("gap", "/people", 1, "nothing came"),
    ]
    with RecordingWriter(
        path, store_files=pack(small_store()), origin="simulated", store="small", notes={"seed": "1"}
    ) as writer:
        for item in everything:
            writer.write(item)
    return path


@pytest.fixture
def exported(recording: Path, tmp_path: Path) -> tuple[ParquetReport, dict[str, pa.Table]]:
    report = export_parquet(recording, tmp_path / "out")
    return report, {name: parquet.read_table(tmp_path / "out" / f"{name}.parquet") for name in TABLES}


def test_every_table_has_its_columns_and_says_where_it_is_from(
    exported: tuple[ParquetReport, dict[str, pa.Table]],
) -> None:
    report, tables = exported
    for name, table in tables.items():
        assert table.schema.equals(TABLES[name]), name
        assert table.num_rows == report.rows[name]
        metadata = table.schema.metadata
        assert metadata[b"walkout.origin"] == b"simulated"
        assert metadata[b"walkout.table"] == name.encode()
        assert metadata[b"walkout.store"] == b"small"
        assert metadata[b"walkout.note.seed"] == b"1"
        assert metadata[b"walkout.version"]


def test_readings_are_those_of_the_recording(exported: tuple[ParquetReport, dict[str, pa.Table]]) -> None:
    rows = exported[1]["plates"].to_pylist()
    expected = [
        {
            "t_ns": int(item.t_ns[sample]),
            "arrived_ns": item.arrived_ns,
            "fixture": item.fixture,
            "shelf": shelf + 1,
            "plate": plate + 1,
            "grams": float(item.grams[sample, shelf, plate]),
        }
        for item in sorted(BATCHES, key=lambda item: item.fixture)
        for shelf in range(2)
        for plate in range(3)
        for sample in range(12)
        if not np.isnan(item.grams[sample, shelf, plate])
    ]
    assert rows == sorted(expected, key=lambda row: (row["fixture"], row["shelf"], row["plate"], row["t_ns"]))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "frames",
            [
                {"t_ns": START_NS, "arrived_ns": START_NS + 2_300_000_000, "people": 1},
                {"t_ns": START_NS + 50_000_000, "arrived_ns": START_NS + 2_350_000_000, "people": 0},
            ],
        ),
        (
            "people",
            [{"t_ns": START_NS, "person": "7", "joint": "head", "x_m": 1.0, "y_m": -0.5, "z_m": 1.7, "score": 0.9}],
        ),
        (
            "boxes",
            [
                {
                    "t_ns": START_NS,
                    "person": "7",
                    "camera": "100",
                    "camera_t_ns": START_NS - 5,
                    "left_px": 10.0,
                    "top_px": 20.0,
                    "width_px": 30.0,
                    "height_px": 40.0,
                }
            ],
        ),
        (
            "gates",
            [
                {
                    "t_ns": START_NS,
                    "arrived_ns": START_NS,
                    "gate": "door",
                    "way": "entry",
                    "visit": "v1",
                    "party": "p1",
                    "person": "7",
                    "role": "shopper",
                }
            ],
        ),
        (
            "looks",
            [
                {
                    "t_ns": START_NS,
                    "arrived_ns": START_NS + 5,
                    "person": "7",
                    "hand": "left",
                    "fixture": "a",
                    "shelf": 1,
                    "gtin": "00000000000017",
                    "likelihood": 0.75,
                }
            ],
        ),
        (
            "tags",
            [
                {
                    "t_ns": START_NS,
                    "arrived_ns": START_NS + 5,
                    "gate": "door",
                    "gtin": "00000000000017",
                    "item": "a1",
                    "antenna": 2,
                    "rssi_dbm": -58.5,
                    "count": 3,
                }
            ],
        ),
        ("shelf_events", [EVENT]),
        ("truth_notes", [{"name": "seed", "value": "1"}]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_small_tables(
    table: str, expected: list[dict[str, object]], exported: tuple[ParquetReport, dict[str, pa.Table]]
) -> None:
    assert exported[1][table].to_pylist() == expected


def test_truth(exported: tuple[ParquetReport, dict[str, pa.Table]]) -> None:
    (move,) = exported[1]["truth_moves"].to_pylist()
    assert (move["gtin"], move["quantity"], move["mass_g"]) == ("00000000000017", 2, 120.5)
    assert move["source"] == {"kind": "plates", "fixture": "a", "shelf": 1, "plates": [1, 2], "shopper": ""}
    assert move["target"]["shopper"] == "7"
    (visit,) = exported[1]["truth_visits"].to_pylist()
    assert visit["basket"] == [("00000000000017", 2)]
    assert visit["path"] == [{"t_ns": START_NS, "x_m": 1.0, "y_m": -0.5}]


def test_the_store_is_there(exported: tuple[ParquetReport, dict[str, pa.Table]]) -> None:
    store = small_store()
    tables = exported[1]
    assert tables["store_products"].column("gtin").to_pylist() == sorted(store.products)
    assert tables["store_products"].column("price").to_pylist() == [
        format(store.products[gtin].price, "f") for gtin in sorted(store.products)
    ]
    assert tables["store_planogram"].num_rows == len(store.planogram)
    plates = sum(len(shelf.plates) for fixture in store.fixtures for shelf in fixture.shelves)
    assert tables["store_plates"].num_rows == plates


def test_losses_are_there(exported: tuple[ParquetReport, dict[str, pa.Table]]) -> None:
    assert ("gap", "/people") in {(row["kind"], row["channel"]) for row in exported[1]["losses"].to_pylist()}


def test_row_groups_do_not_change_what_is_in_it(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_parquet(recording, tmp_path / "one")
    monkeypatch.setattr(module, "GROUP_ROWS", 100)
    export_parquet(recording, tmp_path / "many")
    one, many = (parquet.ParquetFile(tmp_path / name / "plates.parquet") for name in ("one", "many"))
    assert one.num_row_groups < many.num_row_groups
    order = [(name, "ascending") for name in ("fixture", "shelf", "plate", "t_ns")]
    read = [file.read().cast(TABLES["plates"].set(2, pa.field("fixture", pa.string()))) for file in (one, many)]
    assert read[0].sort_by(order).equals(read[1].sort_by(order))


def test_the_same_bytes_again(recording: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export_parquet(recording, tmp_path / name)
    for table in TABLES:
        first, second = ((tmp_path / name / f"{table}.parquet").read_bytes() for name in ("one", "two"))
        assert first == second, table


def test_fixtures_that_change_their_shape(tmp_path: Path) -> None:
    path = tmp_path / "visit.mcap"
    with RecordingWriter(path, store_files=pack(small_store()), origin="real") as writer:
        writer.write(batch("a", 0))
        writer.write(batch("a", 1, (12, 3, 3)))
    assert export_parquet(path, tmp_path / "out").rows["plates"] == 12 * 5 + 12 * 8


def test_events_of_another_form_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "visit.mcap"
    with RecordingWriter(path, store_files=pack(small_store()), origin="real") as writer:
        writer.write({**EVENT, "plates": "all"})
    rows = export_parquet(path, tmp_path / "out").rows
    assert rows["shelf_events"] == 0
    losses = parquet.read_table(tmp_path / "out" / "losses.parquet").to_pylist()
    assert [(loss["kind"], loss["channel"]) for loss in losses] == [("malformed", "/shelf_events")]


def test_a_file_in_the_way_is_refused(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(RecordingError, match="is a file"):
        export_parquet(recording, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_nothing_is_left_of_a_failed_export(tmp_path: Path) -> None:
    path = tmp_path / "visit.mcap"
    with RecordingWriter(path, store_files=pack(small_store()), origin="real") as writer:
        writer.write(batch("a", 0))
        writer.write(batch("a", 1, (1, 1, 40_000)))
    with pytest.raises(RecordingError, match="no room"):
        export_parquet(path, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_not_a_recording(tmp_path: Path) -> None:
    (tmp_path / "x.mcap").write_bytes(b"hello")
    with pytest.raises(RecordingError, match="right would be a recording"):
        export_parquet(tmp_path / "x.mcap", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.data
def test_the_real_visit(shared_data: Path, tmp_path: Path) -> None:
    import_aifi(shared_data / "aifi-benchmark-1", tmp_path / "visit.mcap")
    report = export_parquet(tmp_path / "visit.mcap", tmp_path / "out")
    expected = [item for item in open_recording(tmp_path / "visit.mcap").observations() if isinstance(item, PlateBatch)]
    assert report.rows["plates"] == sum(int((~np.isnan(item.grams)).sum()) for item in expected)
    size = (tmp_path / "out" / "plates.parquet").stat().st_size
    assert size < 2 * report.rows["plates"], "more than 2 bytes a reading"
