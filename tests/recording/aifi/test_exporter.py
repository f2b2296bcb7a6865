"""Out and in again gives the same recording."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from tests.recording import make
from tests.recording.aifi.make import case_files, lines_of, plate_document, write_case
from tests.recording.fuzz import aifi_inputs
from walkout.recording.aifi import export_aifi, import_aifi
from walkout.recording.error import RecordingError
from walkout.recording.reader import open_recording
from walkout.recording.writer import RecordingWriter
from walkout.store.folder import pack, unpack
from walkout.store.problem import StoreError


def there_and_back(folder: Path, source: Path) -> tuple[bytes, bytes]:
    import_aifi(source, folder / "first.mcap")
    export_aifi(folder / "first.mcap", folder / "export")
    import_aifi(folder / "export", folder / "second.mcap")
    return (folder / "first.mcap").read_bytes(), (folder / "second.mcap").read_bytes()


def test_a_case_comes_back_to_the_bit(tmp_path: Path) -> None:
    first, second = there_and_back(tmp_path, write_case(tmp_path / "case"))
    assert first == second
    for name, data in case_files().items():
        exported = (tmp_path / "export" / f"{name}.json").read_bytes()
        assert [orjson.loads(line) for line in exported.splitlines()] == [
            orjson.loads(line) for line in data.splitlines()
        ]
    names = sorted(file.name for file in (tmp_path / "export").iterdir())
    assert names == ["full_targets.json", "planogram.json", "plate_data.json", "products.json"]


def test_damaged_cases_come_back_to_the_bit(tmp_path: Path) -> None:
    compared = 0
    for number, files in enumerate(aifi_inputs(seed=3, count=40)):
        folder = tmp_path / str(number)
        try:
            first, second = there_and_back(folder, write_case(folder / "case", **files))
        except (RecordingError, StoreError):
            continue
        assert first == second, number
        compared += 1
    assert compared > 20


def test_lines_that_are_no_text_come_back(tmp_path: Path) -> None:
    data = (
        b"\xff\xfe{\n"
        + lines_of([plate_document(0)])
        + b'{"cut": \n  {"gondola_id": 1}  \n'
        + lines_of([plate_document(1)])
    )
    first, second = there_and_back(tmp_path, write_case(tmp_path / "case", plate_data=data + b'{"last'))
    assert first == second
    assert [loss.count for loss in open_recording(tmp_path / "second.mcap").losses] == [4]


@pytest.mark.data
def test_the_real_visit_comes_back_to_the_bit(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "aifi-benchmark-1"
    first, second = there_and_back(tmp_path, source)
    assert first == second
    for name in ("plate_data", "full_targets"):
        exported = (tmp_path / "export" / f"{name}.json").read_bytes().splitlines()
        original = (source / f"{name}.json").read_bytes().splitlines()
        assert [orjson.loads(line) for line in exported] == [orjson.loads(line) for line in original]
    for name in ("planogram", "products"):
        assert (tmp_path / "export" / f"{name}.json").read_bytes() == (source / f"{name}.json").read_bytes()


def _simulated(folder: Path) -> Path:
    """A recording that never was a case: the small case's shop, readings and people without a source."""
    import_aifi(write_case(folder / "case"), folder / "real.mcap")
    store = unpack(open_recording(folder / "real.mcap").store_files)
    path = folder / "simulated.mcap"
    with RecordingWriter(path, store_files=pack(replace(store, origin="simulated")), origin="simulated") as writer:
        for item in make.small():
            writer.write(item)
    return path


def test_a_recording_that_was_no_case(tmp_path: Path) -> None:
    report = export_aifi(_simulated(tmp_path), tmp_path / "export")
    assert report.documents == {"plate_data": 12, "full_targets": 6, "planogram": 5, "products": 3}
    assert report.left_out == {
        "/faults": 1,
        "/gate": 1,
        "/looks": 1,
        "/shelf_events": 1,
        "/tags": 1,
        "/truth/moves": 1,
        "/truth/notes": 1,
        "/truth/visits": 1,
    }
    (first, *_) = [orjson.loads(line) for line in (tmp_path / "export" / "plate_data.json").read_bytes().splitlines()]
    assert len(first["_id"]["$oid"]) == 24
    assert first["document"]["header"]["t_origin"] == "2020-04-22T05:06:36.857Z"
    import_aifi(tmp_path / "export", tmp_path / "first.mcap")
    again = open_recording(tmp_path / "first.mcap")
    assert again.origin == "simulated"
    before, after = (unpack(open_recording(tmp_path / name).store_files) for name in ("simulated.mcap", "first.mcap"))
    assert (after.products, after.planogram) == (before.products, before.planogram)
    export_aifi(tmp_path / "first.mcap", tmp_path / "export2")
    import_aifi(tmp_path / "export2", tmp_path / "second.mcap")
    assert (tmp_path / "first.mcap").read_bytes() == (tmp_path / "second.mcap").read_bytes()


def test_a_file_in_the_way(tmp_path: Path) -> None:
    import_aifi(write_case(tmp_path / "case"), tmp_path / "a.mcap")
    (tmp_path / "out").write_bytes(b"x")
    with pytest.raises(RecordingError, match="is a file"):
        export_aifi(tmp_path / "a.mcap", tmp_path / "out")


def test_a_recording_without_a_store(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(make.recorded([make.plates()], store_files={}))
    with pytest.raises(RecordingError, match="its store cannot be read"):
        export_aifi(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
