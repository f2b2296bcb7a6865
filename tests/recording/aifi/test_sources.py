"""The same case from its three forms."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from walkout.recording.aifi.importer import import_aifi
from walkout.recording.aifi.sources import COLLECTIONS, import_any
from walkout.recording.error import RecordingError
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.store.folder import load, save

from .archive_form import archive, from_lines
from .readings_form import HEADER, text


@pytest.fixture(scope="session")
def case(shared_data: Path) -> Path:
    return shared_data / "aifi-benchmark-1"


@pytest.fixture(scope="session")
def imported(case: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The recording from JSON lines, and its store folder."""
    folder = tmp_path_factory.mktemp("imported")
    import_aifi(case, folder / "case.mcap", folder / "store")
    return folder / "case.mcap", folder / "store"


@pytest.fixture(scope="session")
def dump(case: Path) -> bytes:
    return archive(from_lines(case, [name for name in COLLECTIONS if name != "targets"]))


def plates(recording: Path) -> list[PlateBatch]:
    return [item for item in open_recording(recording).observations() if isinstance(item, PlateBatch)]


@pytest.mark.data
def test_an_archive_gives_the_same_bytes_as_its_json_lines(
    imported: tuple[Path, Path], dump: bytes, tmp_path: Path
) -> None:
    (tmp_path / "case.archive").write_bytes(dump)
    report = import_any(tmp_path / "case.archive", tmp_path / "case.mcap", tmp_path / "store")
    assert (tmp_path / "case.mcap").read_bytes() == imported[0].read_bytes()
    assert {file.name: file.read_bytes() for file in (tmp_path / "store").iterdir()} == {
        file.name: file.read_bytes() for file in imported[1].iterdir()
    }
    assert report.losses == open_recording(imported[0]).losses


@pytest.mark.data
def test_a_folder_goes_to_the_import_of_folders(case: Path, imported: tuple[Path, Path], tmp_path: Path) -> None:
    import_any(case, tmp_path / "case.mcap")
    assert (tmp_path / "case.mcap").read_bytes() == imported[0].read_bytes()


@pytest.mark.data
def test_a_damaged_archive_is_imported_with_its_losses(dump: bytes, tmp_path: Path) -> None:
    cut = bytearray(dump)
    at = dump.index(b"\x07_id\x00", len(dump) // 2) - 4
    cut[at : at + 4] = b"\xff\xff\xff\x7f"
    (tmp_path / "case.archive").write_bytes(cut)
    report = import_any(tmp_path / "case.archive", tmp_path / "case.mcap")
    assert report.plate_batches + report.people_frames == 344 + 291 - 1
    assert any("claims 2147483647 bytes" in warning for warning in report.warnings)
    assert "malformed" in {loss.kind for loss in open_recording(tmp_path / "case.mcap").losses}


@pytest.mark.data
def test_readings_as_csv_are_the_same_samples(imported: tuple[Path, Path], tmp_path: Path) -> None:
    expected = plates(imported[0])
    (tmp_path / "case.csv").write_bytes(text(sorted(expected, key=lambda batch: batch.arrived_ns)))
    report = import_any(tmp_path / "case.csv", tmp_path / "case.mcap", store=imported[1])
    found = plates(tmp_path / "case.mcap")
    assert report.plate_batches == len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.fixture == other.fixture
        assert np.array_equal(one.t_ns, other.t_ns)
        assert np.array_equal(one.grams, other.grams, equal_nan=True)
    assert [loss.channel for loss in report.losses] == ["/people"]


ROW = "1587531996.955074,1.0,1.0,1.0,1.0"


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    (tmp_path / "case.csv").write_text(f"{HEADER}\n{ROW}\n")
    return tmp_path / "case.csv"


@pytest.mark.data
def test_a_store_without_the_gondolas_is_refused(csv: Path, imported: tuple[Path, Path], tmp_path: Path) -> None:
    csv.write_text(f"{HEADER}\n{ROW.replace(',1.0,1.0,1.0,1.0', ',1.0,9.0,1.0,1.0')}\n")
    with pytest.raises(RecordingError, match="found readings of gondola-9; the store has gondola-1"):
        import_any(csv, tmp_path / "out.mcap", store=imported[1])
    assert not (tmp_path / "out.mcap").exists()


@pytest.mark.data
def test_real_readings_do_not_go_into_a_simulated_store(csv: Path, imported: tuple[Path, Path], tmp_path: Path) -> None:
    save(replace(load(imported[1]), origin="simulated"), tmp_path / "store")
    with pytest.raises(RecordingError, match="simulated store"):
        import_any(csv, tmp_path / "out.mcap", store=tmp_path / "store")


def test_a_csv_needs_a_store(csv: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="--store DIR"):
        import_any(csv, tmp_path / "out.mcap")


def test_a_csv_makes_no_store(csv: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="without --store-out"):
        import_any(csv, tmp_path / "out.mcap", tmp_path / "new", store=tmp_path)


def test_a_store_is_only_for_a_csv(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="holds its own store"):
        import_any(tmp_path, tmp_path / "out.mcap", store=tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello\n"], ids=["empty", "something else"])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "case").write_bytes(content)
    with pytest.raises(RecordingError, match="mongodump --archive"):
        import_any(tmp_path / "case", tmp_path / "out.mcap")


def test_an_archive_without_a_case_names_the_archive(tmp_path: Path) -> None:
    (tmp_path / "x.archive").write_bytes(archive({"other": []}))
    with pytest.raises(RecordingError, match=r"x\.archive holds no plate_data"):
        import_any(tmp_path / "x.archive", tmp_path / "out.mcap")
