"""`walkout commission` as an operator runs it, against the twin."""

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from walkout.cli.app import app
from walkout.store.folder import load, save
from walkout.twin.tags import with_tags

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"


def test_it_measures_says_pass_and_writes_the_store_folder(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    shutil.copytree(SAMPLE, folder)
    before = (folder / "store.yaml").read_bytes()
    arguments = ["commission", str(folder), "--twin", "--shelf", "snacks/1", "--takes", "1"]
    done = CliRunner().invoke(app, [*arguments, "--json", "--dry-run"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["passed"]
    assert said["origin"] == "simulated"
    (shelf,) = said["shelves"]
    assert shelf["passed"]
    assert {one["camera"] for one in said["cameras"]} == {one.id for one in load(SAMPLE).cameras}
    assert (folder / "store.yaml").read_bytes() == before
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "snacks, shelf 1" in done.output
    store = load(folder)
    for plate in shelf["plates"]:
        kept = store.plate("snacks", 1, plate["plate"])
        assert (kept.gain, kept.tare_g) == (round(plate["gain"], 4), round(plate["tare_g"], 1))
    assert (folder / "store.yaml.before").read_bytes() == before


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    for more, words in (
        (["--shelf", "snacks/99"], "right: one of"),
        (["--camera", "nobody=rtsp://x"], "found the camera"),
    ):
        done = CliRunner().invoke(app, ["commission", str(SAMPLE), "--twin", "--dry-run", *more])
        assert done.exit_code == 2
        assert words in " ".join(done.output.split())
    assert not (tmp_path / "store").exists()


def test_readers_are_tried_where_gates_have_them(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    save(with_tags(load(SAMPLE), 1.0), folder)
    arguments = ["commission", str(folder), "--twin", "--readers", "--passes", "10", "--dry-run"]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    (reader,) = said["readers"]
    assert reader["passed"]
    assert (reader["gate"], reader["passes"]) == ("door", 10)
    assert reader["heard"] >= 8
    assert said["shelves"] == []
    words = " ".join(CliRunner().invoke(app, arguments).output.split())
    assert f"tags heard: {reader['heard']} of 10; the software assumes 0.95" in words
    refused = CliRunner().invoke(app, ["commission", str(SAMPLE), "--twin", "--readers", "--dry-run"])
    assert refused.exit_code == 2
    assert "tag_reader: true" in " ".join(refused.output.split())
