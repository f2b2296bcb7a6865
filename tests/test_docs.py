"""The documentation: the site builds without a warning, every link leads somewhere, every list is the code's own."""

import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

import pytest
import typer.main

from walkout.checkout.receipt import schema as receipt_schema
from walkout.cli.app import app
from walkout.cli.console import Exit
from walkout.recording import channel, json_message, people, plate_message, truth_message
from walkout.recording.tables import TABLES
from walkout.store import catalog, facings, layout
from walkout.store.document import Document

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
WRITTEN = [*PAGES, ROOT / "README.md", *sorted((ROOT / "examples").rglob("*.md"))]
IDS = [str(path.relative_to(ROOT)) for path in WRITTEN]


def text(name: str) -> str:
    return (DOCS / name).read_text()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as Markdown sites make them."""
    headings = re.findall(r"^#+ +(.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", WRITTEN, ids=IDS)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name}: no {target}"
        assert not anchor or anchor in anchors(found), f"{page.name}: no heading for {target}"
        if page in PAGES:
            assert found.is_relative_to(DOCS), f"{page.name}: {target} is outside of the site"


@pytest.mark.parametrize("page", WRITTEN, ids=IDS)
def test_every_command_exists(page: Path) -> None:
    for line in re.findall(r"(?:\./run walkout|^walkout) ([^\n`|]+)", page.read_text(), re.MULTILINE):
        command: Any = typer.main.get_command(app)
        words = line.split()
        while hasattr(command, "list_commands") and words and not words[0].startswith("-"):
            assert words[0] in command.list_commands(None), f"{page.name}: no command '{words[0]}' in 'walkout {line}'"
            command = command.get_command(None, words.pop(0))
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        for word in words:
            if word.startswith("--"):
                assert word in options | {"--help"}, f"{page.name}: no option '{word}' in 'walkout {line}'"


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    if importlib.util.find_spec("zensical") is None:
        pytest.skip("the site is not built: zensical is not installed here")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    shutil.copytree(DOCS, tmp_path / "docs")
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout + done.stderr
    for page in PAGES:
        place = page.relative_to(DOCS).with_suffix("")
        made = tmp_path / "site" / (place.parent if place.name == "index" else place) / "index.html"
        assert made.is_file(), f"{place} is not on the site"
        outside = re.findall(r"""(?:src|<link[^>]+href)=["'](https?://[^"']+)""", made.read_text())
        assert outside == [], f"{place} loads from elsewhere"


def test_receipt_page_lists_the_schema() -> None:
    page = text("formats/receipt.md")
    schema = receipt_schema()
    named = [*schema["properties"], *schema["$defs"]["line"]["properties"]]
    named += schema["properties"]["human"]["properties"]
    assert [name for name in named if f"`{name}`" not in page] == []


def test_store_page_lists_every_column_and_field() -> None:
    page = text("formats/store-folder.md")
    kinds = (Document, layout.Fixture, layout.Shelf, layout.Plate, layout.Gate, layout.Camera)
    fields = [name for kind in kinds for name in [field.name for field in fields_of(kind)]]
    assert [name for name in fields if f"`{name}`" not in page] == []
    for module in (catalog, facings):
        section = page[page.index(f"## {module.FILE}") :]
        rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert rows[: len(module.COLUMNS)] == list(module.COLUMNS)


def test_recording_page_lists_every_channel_and_field() -> None:
    page = text("formats/recording.md")
    topics = [topic for topic, _ in [*channel.TOPICS.values(), channel.SHELF_EVENTS]]
    assert [topic for topic in topics if f"`{topic}`" not in page] == []
    assert f"`{channel.PLATES}<fixture>` | `{plate_message.SCHEMA_NAME}`" in page
    for name, schema in {**json_message.SCHEMAS, **truth_message.TRUTH_SCHEMAS}.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        missing = [field for field in schema["properties"] if f"`{field}`" not in row]
        assert missing == [], name
        required = [field for field in schema["properties"] if f"[`{field}`]" not in row]
        assert sorted(required) == sorted(schema["required"]), name
    assert [joint for joint in people.JOINTS if f"`{joint}`" not in page] == []


def test_parquet_page_lists_every_table_and_column() -> None:
    page = text("formats/parquet.md")
    rows = dict(re.findall(r"^\| `(\w+)\.parquet` \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE))
    assert {name: re.findall(r"`(\w+)`", columns) for name, columns in rows.items()} == {
        name: schema.names for name, schema in TABLES.items()
    }


def test_exit_codes_are_those_of_the_code() -> None:
    listed = re.findall(r"^\| (\d+) \|", text("reference/exit-codes.md"), re.MULTILINE)
    assert listed == [*(str(int(code)) for code in sorted(Exit)), "130"]


def test_examples_in_python_run_as_far_as_they_can() -> None:
    for page in PAGES:
        for block in re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            compile(block, str(page), "exec")
            for module, names in re.findall(r"^from (walkout[\w.]*) import ([\w, ]+)$", block, re.MULTILINE):
                found = importlib.import_module(module)
                assert all(hasattr(found, name.strip()) for name in names.split(",")), f"{page.name}: {module}"
