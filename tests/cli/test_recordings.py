"""Import in each of its forms and export, as a user calls them."""

import json
from pathlib import Path

import pytest
from bson import encode, json_util
from pyarrow import parquet
from typer.testing import CliRunner, Result

from tests.recording.aifi.archive_form import archive
from tests.recording.aifi.make import case_files, write_case
from tests.recording.aifi.readings_form import text
from walkout.cli.app import app
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.recording.tables import TABLES


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case, the recording of it and its store."""
    folder = tmp_path_factory.mktemp("case")
    write_case(folder / "case")
    done = call("import", "aifi", folder / "case", folder / "case.mcap", "--store-out", folder / "store")
    assert done.exit_code == 0, done.stderr
    return folder


def test_an_archive_gives_the_same_bytes_as_its_folder(imported: Path, tmp_path: Path) -> None:
    documents = {
        name: [encode(json_util.loads(line)) for line in lines.splitlines()] for name, lines in case_files().items()
    }
    (tmp_path / "case.archive").write_bytes(archive(documents, segment=2))
    done = call("import", "aifi", tmp_path / "case.archive", tmp_path / "again.mcap")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "again.mcap").read_bytes() == (imported / "case.mcap").read_bytes()


def test_a_csv_gives_the_plates_and_says_that_nobody_is_there(imported: Path, tmp_path: Path) -> None:
    expected = [i for i in open_recording(imported / "case.mcap").observations() if isinstance(i, PlateBatch)]
    (tmp_path / "case.csv").write_bytes(text(expected))
    done = call("import", "aifi", tmp_path / "case.csv", tmp_path / "csv.mcap", "--store", imported / "store", "--json")
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["plate_batches"] == len(expected)
    assert [loss["channel"] for loss in report["losses"]] == ["/people"]


def test_a_csv_without_a_store_is_refused(imported: Path, tmp_path: Path) -> None:
    (tmp_path / "case.csv").write_text("timestamp,reading,gondola,shelf,plate\n")
    done = call("import", "aifi", tmp_path / "case.csv", tmp_path / "csv.mcap")
    assert done.exit_code == 2
    assert "--store DIR" in done.stderr
    assert not (tmp_path / "csv.mcap").exists()


def test_parquet_has_every_table(imported: Path, tmp_path: Path) -> None:
    done = call("export", "parquet", imported / "case.mcap", tmp_path / "tables", "--json")
    assert done.exit_code == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == sorted(f"{name}.parquet" for name in TABLES)
    assert parquet.read_table(tmp_path / "tables" / "plates.parquet").num_rows == rows["plates"] > 0


def test_parquet_of_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.mcap").write_bytes(b"")
    done = call("export", "parquet", tmp_path / "x.mcap", tmp_path / "tables")
    assert done.exit_code == 2
    assert "an empty file" in done.stderr
    assert not (tmp_path / "tables").exists()
