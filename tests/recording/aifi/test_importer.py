"""Cases as folders: whole, damaged and incomplete."""

import base64
from pathlib import Path

import numpy as np
import pytest

from tests.recording.aifi.make import case_files, lines_of, people_document, plate_document, write_case
from tests.recording.aifi.test_documents import changed
from walkout.recording.aifi import import_aifi
from walkout.recording.error import RecordingError
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import Recording, open_recording
from walkout.store.folder import load, unpack
from walkout.store.gtin import is_restricted

PLATES = [plate_document(number, gondola) for number in range(4) for gondola in (1, 2)]


def imported(folder: Path, **files: bytes | None) -> Recording:
    write_case(folder / "case", **files)
    import_aifi(folder / "case", folder / "a.mcap")
    return open_recording(folder / "a.mcap")


def losses(recording: Recording) -> list[tuple[str, str, int]]:
    return [(loss.kind, loss.channel, loss.count) for loss in recording.losses]


def test_a_case(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    report = import_aifi(tmp_path / "case", tmp_path / "a.mcap", tmp_path / "store")
    assert (report.plate_batches, report.people_frames, report.rows, report.source_ids) == (8, 4, 4, 3)
    assert (report.products, report.facings, report.origin, report.losses) == (3, 4, "real", ())
    ((identity, gtin),) = report.restricted
    assert (identity, is_restricted(gtin)) == ("120130", True)
    recording = open_recording(tmp_path / "a.mcap")
    found = list(recording.observations())
    assert [type(item) for item in found].count(PlateBatch) == 8
    assert [item.arrived_ns for item in found] == sorted(item.arrived_ns for item in found)
    assert unpack(recording.store_files) == load(tmp_path / "store")
    assert recording.origin == "real"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.mcap", "case", "store"]


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_case(tmp_path / name)
        import_aifi(tmp_path / name, tmp_path / f"{name}.mcap")
    assert (tmp_path / "one.mcap").read_bytes() == (tmp_path / "two.mcap").read_bytes()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param({"plate_data": None}, "holds no plate_data.json", id="no plate_data"),
        pytest.param({"planogram": None}, "holds no planogram.json", id="no planogram"),
        pytest.param({"products": None}, "holds no products.json", id="no products"),
        pytest.param({"plate_data": b""}, "no readings that can be read", id="empty plate_data"),
        pytest.param({"planogram": b""}, "no facing that can be read", id="empty planogram"),
        pytest.param({"products": b"\n\n"}, "no product that can be read", id="empty products"),
        pytest.param({"plate_data": b"PK\x03\x04"}, "no readings that can be read", id="plate_data is a zip"),
        pytest.param({"planogram": b"[]"}, "no facing that can be read", id="planogram is a list"),
        pytest.param({"origin": b"{}"}, "does not say its origin", id="a wrong origin"),
    ],
)
def test_what_cannot_be_imported_leaves_nothing(tmp_path: Path, files: dict[str, bytes | None], words: str) -> None:
    write_case(tmp_path / "case", **files)
    with pytest.raises(RecordingError, match=words):
        import_aifi(tmp_path / "case", tmp_path / "a.mcap", tmp_path / "store")
    assert [file.name for file in tmp_path.iterdir()] == ["case"]


@pytest.mark.parametrize("name", ["nothing", "file"])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(RecordingError, match="right would be a folder"):
        import_aifi(tmp_path / name, tmp_path / "a.mcap")


def test_a_store_that_cannot_be_written_leaves_no_recording(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    (tmp_path / "store").write_bytes(b"a file")
    with pytest.raises(RecordingError, match="cannot be written"):
        import_aifi(tmp_path / "case", tmp_path / "a.mcap", tmp_path / "store")
    assert not (tmp_path / "a.mcap").exists()


def test_truncated_lines_are_listed(tmp_path: Path) -> None:
    data = lines_of(PLATES)
    recording = imported(tmp_path, plate_data=data[:-300])
    assert len([item for item in recording.observations() if isinstance(item, PlateBatch)]) == 7
    assert losses(recording) == [("malformed", "/plates", 1)]


def test_a_damaged_first_line_arrives_with_the_first_whole_one(tmp_path: Path) -> None:
    recording = imported(tmp_path, plate_data=b"{broken\n" + lines_of(PLATES))
    (loss,) = recording.losses
    assert loss.start_ns == next(recording.observations()).arrived_ns


def test_duplicates_are_listed(tmp_path: Path) -> None:
    recording = imported(tmp_path, plate_data=lines_of([*PLATES[:3], PLATES[2], *PLATES[3:]]))
    assert len([item for item in recording.observations() if isinstance(item, PlateBatch)]) == 8
    assert losses(recording) == [("duplicate", "/plates/gondola-1", 1)]


def test_disorder_is_listed(tmp_path: Path) -> None:
    swapped = [PLATES[0], PLATES[4], PLATES[2], *PLATES[5:]]
    recording = imported(tmp_path, plate_data=lines_of(swapped))
    assert ("disorder", "/plates/gondola-1", 1) in losses(recording)


def test_a_clock_that_runs_back_is_listed(tmp_path: Path) -> None:
    back = changed(PLATES[4], "document", "header", "t_issue", to="2020-04-22T05:00:00Z")
    recording = imported(tmp_path, plate_data=lines_of([*PLATES[:4], back, *PLATES[5:]]))
    assert ("clock", "/plates/gondola-1", 1) in losses(recording)


def test_readings_that_go_missing_are_listed(tmp_path: Path) -> None:
    path = ("document", "plate_data", "values", "data")
    nothing = base64.b64encode(np.full((12, 3, 5), np.nan, "<f4").tobytes()).decode()
    recording = imported(
        tmp_path, plate_data=lines_of([*PLATES[:4], changed(PLATES[4], *path, to=nothing), *PLATES[5:]])
    )
    assert losses(recording) == [("nan", "/plates/gondola-1", 12 * 8)]


def test_a_person_without_an_id_is_listed(tmp_path: Path) -> None:
    odd = changed(people_document(1), "document", "targets", "targets", 0, "target_id", drop=True)
    recording = imported(tmp_path, full_targets=lines_of([odd]))
    assert losses(recording) == [("malformed", "/people", 1)]


def test_damage_in_the_lists_is_listed(tmp_path: Path) -> None:
    recording = imported(tmp_path, products=case_files()["products"] + b"{half")
    assert losses(recording) == [("malformed", "source/products.json", 1)]


@pytest.mark.parametrize("people", [None, b""], ids=["no file", "an empty file"])
def test_nobody_at_all_is_listed(tmp_path: Path, people: bytes | None) -> None:
    recording = imported(tmp_path, full_targets=people)
    assert losses(recording) == [("gap", "/people", 1)]


@pytest.mark.parametrize("full", [None, b""], ids=["no file", "an empty file"])
def test_targets_where_there_are_no_full_ones(tmp_path: Path, full: bytes | None) -> None:
    recording = imported(tmp_path, full_targets=full, targets=case_files()["full_targets"])
    assert len([item for item in recording.observations() if isinstance(item, PeopleFrame)]) == 4


def test_progress_goes_up_to_the_end(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    told: list[tuple[int, int]] = []
    import_aifi(tmp_path / "case", tmp_path / "a.mcap", progress=lambda done, total, _: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert len({total for _, total in told}) == 1


@pytest.mark.data
def test_the_real_visit(shared_data: Path, tmp_path: Path) -> None:
    report = import_aifi(shared_data / "aifi-benchmark-1", tmp_path / "a.mcap", tmp_path / "store")
    assert (report.plate_batches, report.people_frames, report.rows, report.source_ids) == (344, 291, 711, 361)
    assert (report.facings, report.losses) == (113, ())
    assert any("'041508922487' weighs 666.42 g" in warning for warning in report.warnings)
    store = load(tmp_path / "store")
    assert [fixture.id for fixture in store.fixtures] == [f"gondola-{number}" for number in range(1, 6)]
    water = store.products["00071142008582"]
    assert water.source_ids == ("071142008582",)
    assert water.masses[0].mass_g == 621.67
    (facing,) = store.facings_of(water.gtin)
    assert (facing.fixture, facing.shelf, facing.plates) == ("gondola-1", 5, (11, 12))
    assert not any(plate.cell for plate in store.shelf("gondola-3", 6).plates)
    assert all(plate.cell for plate in store.shelf("gondola-1", 5).plates)
    assert store.fixture("gondola-5").yaw_deg == -90.0
