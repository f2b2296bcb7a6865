"""The committed files of the console are what its sources make, and its own tests pass; needs node for most."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from walkout.web.tokens import css_variables

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "console"
STATIC = ROOT / "src" / "walkout" / "web" / "static"
MODULES = CONSOLE / "node_modules"

NODE = shutil.which("node")

needs_node = pytest.mark.skipif(
    NODE is None or not (MODULES / ".package-lock.json").is_file(),
    reason="node or the console's packages are not there: install node 20.19 or newer, then npm ci in console/",
)


def _node(*command: str) -> str:
    done = subprocess.run(
        [str(NODE), str(MODULES / command[0]), *command[1:]],
        cwd=CONSOLE,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_the_pages_have_the_colours_of_all_other_pages() -> None:
    head, _, rest = (CONSOLE / "src" / "tokens.css").read_text("utf-8").partition("\n")
    assert head.startswith("/* Made from walkout.web.tokens")
    assert rest == css_variables(), "write walkout.web.tokens.css_variables() into console/src/tokens.css"


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (CONSOLE / "package-lock.json").read_text("utf-8")


def test_all_that_the_page_asks_for_is_there_and_nothing_stands_in_it() -> None:
    page = (STATIC / "index.html").read_text("utf-8")
    wanted = re.findall(r'(?:src|href)="/([^"]+)"', page)
    assert len(wanted) >= 3
    assert all((STATIC / name).is_file() for name in wanted)
    assert "<style" not in page
    assert " style=" not in page
    assert all('src="' in script for script in re.findall(r"<script[^>]*>", page))


def test_nothing_shipped_names_another_host() -> None:
    for file in STATIC.iterdir():
        found = set(re.findall(r"https?://[\w.-]+", file.read_text("utf-8")))
        kept = {"http://www.w3.org"}  # names of XML vocabularies, asked for by nobody
        assert file.name == "licenses.txt" or found <= kept, file.name


def test_the_console_stays_small_and_brings_the_licence_of_what_is_in_it() -> None:
    """What any first page loads; pages that few open come in files of their own when they are opened."""
    first = re.findall(r'(?:src|href)="/(console[\w-]*\.js)"', (STATIC / "index.html").read_text("utf-8"))
    assert "console.js" in first
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in first) < 60_000
    assert "Preact" in (STATIC / "licenses.txt").read_text("utf-8")


@needs_node
def test_the_sources_make_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    _node("vite/bin/vite.js", "build", "--outDir", str(tmp_path / "static"), "--emptyOutDir", "--logLevel", "error")
    built = {file.name: file.read_bytes() for file in (tmp_path / "static").iterdir()}
    committed = {file.name: file.read_bytes() for file in STATIC.iterdir()}
    assert sorted(built) == sorted(committed)
    changed = [name for name in built if built[name] != committed[name]]
    assert not changed, f"{changed} differ: run npm run build in console/ and commit what it makes"


@needs_node
def test_the_offline_page_checks_by_the_consoles_own_sources(tmp_path: Path) -> None:
    """`proof.ts` is in both, so that a shopper's page and the bundle's page cannot check in two ways."""
    _node("vite/bin/vite.js", "build", "--config", "vite.verify.ts", "--outDir", str(tmp_path), "--logLevel", "error")
    committed = (STATIC.parents[1] / "disclosure" / "static" / "verify.js").read_bytes()
    assert (tmp_path / "verify.js").read_bytes() == committed, "run npm run build in console/ and commit what it makes"
    assert b"// src/proof.ts" in committed


@needs_node
def test_the_types_hold() -> None:
    _node("typescript/bin/tsc", "--noEmit")


@needs_node
def test_the_consoles_own_tests_pass() -> None:
    _node("vitest/vitest.mjs", "run", "--reporter=dot")
