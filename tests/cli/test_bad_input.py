"""Bad input is refused with status 2, a clear error and nothing half-written; damaged input still gives receipts."""

import json
import shutil
import struct
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from walkout.cli.app import app
from walkout.store.folder import load
from walkout.twin.record import record

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "examples" / "sample-store"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One minute of the sample shop, simulated."""
    return record(load(SAMPLE), tmp_path_factory.mktemp("twin") / "visit.mcap", shoppers=2, minutes=1, seed=3)


def test_a_whole_recording_is_not_degraded(recording: Path) -> None:
    done = call("replay", recording, "--json", "--strict")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["degraded"] == []


BAD_RECORDINGS = {
    "not there": (None, "not there"),
    "empty": (b"", "an empty file"),
    "not an MCAP": (b"hello, I am a text file\n" * 10, "begins with"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "begins with"),
    "10 GB declared in 1 kB": (b"\x89MCAP0\r\n" + b"\x01" + struct.pack("<Q", 10 * 2**30) + bytes(1000), "metadata"),
}


@pytest.mark.parametrize(("data", "says"), BAD_RECORDINGS.values(), ids=BAD_RECORDINGS)
@pytest.mark.parametrize("command", ["replay", "report", "score"])
def test_what_is_no_recording_is_refused(command: str, data: bytes | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.mcap"
    if data is not None:
        path.write_bytes(data)
    options = ["--out", tmp_path / "page.html"] if command == "report" else []
    done = call(command, path, *options)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == ([path] if data is not None else [])


def test_a_directory_is_refused(tmp_path: Path) -> None:
    done = call("replay", tmp_path)
    assert done.exit_code == 2
    assert "directory" in done.stderr


def bad_store(folder: Path, change: str) -> Path:
    shutil.copytree(SAMPLE, folder)
    catalog = folder / "catalog.csv"
    match change:
        case "no planogram":
            (folder / "planogram.csv").unlink()
        case "negative mass":
            lines = catalog.read_text().splitlines()
            cells = lines[1].split(",")
            cells[lines[0].split(",").index("mass_g")] = "-5"
            catalog.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
        case "no store.yaml":
            (folder / "store.yaml").unlink()
        case "yaml bomb":
            (folder / "store.yaml").write_text("a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(1000)))
    return folder


@pytest.mark.parametrize("change", ["no planogram", "negative mass", "no store.yaml", "yaml bomb"])
def test_a_bad_store_is_refused(change: str, tmp_path: Path, recording: Path) -> None:
    folder = bad_store(tmp_path / "store", change)
    assert call("store", "check", folder).exit_code == 1
    for arguments in (("store", "show", folder), ("replay", recording, "--store", folder)):
        done = call(*arguments)
        assert done.exit_code == 2
        assert "found" in done.stderr
        assert "right" in done.stderr


def test_a_cut_off_recording_gives_receipts_and_says_what_is_lost(recording: Path, tmp_path: Path) -> None:
    data = recording.read_bytes()
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(data[: len(data) * 2 // 3])
    done = call("replay", cut, "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["degraded"]
    assert "lost: truncated" in done.stderr
    assert call("replay", cut, "--strict").exit_code == 3


@pytest.mark.parametrize("missing", ["planogram.json", "products.json", "plate_data.json"])
def test_an_aifi_case_without_a_file_is_refused(missing: str, recording: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    assert call("export", "aifi", recording, case).exit_code == 0
    (case / missing).unlink()
    made = tmp_path / "made"
    made.mkdir()
    done = call("import", "aifi", case, made / "again.mcap", "--store-out", made / "store")
    assert done.exit_code == 2
    assert missing.removesuffix(".json") in done.stderr
    assert list(made.iterdir()) == []


@pytest.mark.parametrize("source", ["nothing there", "an empty folder", "a file"])
def test_no_aifi_case_is_refused(source: str, tmp_path: Path) -> None:
    path = tmp_path / "case"
    if source == "an empty folder":
        path.mkdir()
    elif source == "a file":
        path.write_text("no case")
    done = call("import", "aifi", path, tmp_path / "x.mcap")
    assert done.exit_code == 2
    assert not (tmp_path / "x.mcap").exists()


def test_an_aifi_case_that_is_cut_off_is_imported_and_said(recording: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    assert call("export", "aifi", recording, case).exit_code == 0
    plates = case / "plate_data.json"
    plates.write_bytes(plates.read_bytes()[:-500])
    done = call("import", "aifi", case, tmp_path / "x.mcap")
    assert done.exit_code == 0, done.stderr
    assert "lost: malformed on /plates" in done.stderr
