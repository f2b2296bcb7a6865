"""The bundle that anybody can check: log, head, checkpoints, report, and a page that verifies them without a network.

Nothing in it is secret: the log holds facts and seals, no names.
"""

import zipfile
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import orjson

from walkout.disclosure.holder import Bundle
from walkout.disclosure.page import to_html
from walkout.disclosure.report import to_json
from walkout.disclosure.source import Source
from walkout.privacy.files import write_whole
from walkout.privacy.log import CHECKPOINTS, ENTRIES, HEAD, PUBLIC, lines_of
from walkout.privacy.witness import COPY

REPORT: Final = "disclosure.json"
PAGE: Final = "disclosure.html"
VERIFY: Final = "verify.html"
README: Final = "README.txt"
WORDS: Final = """What this is

  disclosure.json   the report human-work-disclosure/0.1 of one month
  disclosure.html   the same as a page
  entries.jsonl     the shop's log: every look, decision, hour, payment and deletion, one line each
  head.json         how long the log was and what its root was, signed; checkpoints.jsonl: those kept before
  log.pub           the public key; compare it with the one at the shop's door
  witness.jsonl     what an outside witness saw, where there is one
  verify.html       open it in a browser, without a network: it checks all of this, and your own paper if you drop it in

Nothing in here names anybody. A shopper finds their own entries with the paper from their receipt's page, somebody who
worked with the paper from their own page; nobody else can.
"""


def bundle_files(source: Source, made: dict[str, Any]) -> dict[str, bytes]:
    """Every file of the bundle by its name."""
    lines = list(lines_of(source.log))[: source.head.size]
    out: dict[str, bytes] = {
        REPORT: to_json(made),
        PAGE: to_html(made).encode(),
        ENTRIES: b"".join(line + b"\n" for line in lines),
        HEAD: source.head.encode() + b"\n",
        CHECKPOINTS: b"".join(one.encode() + b"\n" for one in source.checkpoints),
        PUBLIC: source.head.key.hex().encode() + b"\n",
        README: WORDS.encode(),
    }
    if source.witness is not None:
        copy = source.witness / COPY if source.witness.is_dir() else source.witness
        if copy.is_file():
            out[COPY] = copy.read_bytes()
    out[VERIFY] = verify_page(out)
    return out


def verify_page(out: dict[str, bytes]) -> bytes:
    """One file with all that it checks inside, since a page from a disk may load nothing."""
    folder = files("walkout.disclosure").joinpath("static")
    data = orjson.dumps(
        {
            "entries": out[ENTRIES].decode().splitlines(),
            "head": out[HEAD].decode().strip(),
            "checkpoints": out[CHECKPOINTS].decode().splitlines(),
            "report": orjson.loads(out[REPORT]),
        }
    ).replace(b"</", b"<\\/")
    page = folder.joinpath("verify.html").read_bytes()
    style = files("walkout.disclosure").joinpath("page.css").read_bytes()
    script = folder.joinpath("verify.js").read_bytes()
    return page.replace(b"/*STYLE*/", style).replace(b"/*SCRIPT*/", script).replace(b"/*DATA*/", data)


def write_bundle(source: Source, made: dict[str, Any], folder: Path) -> Path:
    """Write the bundle into a folder, made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in bundle_files(source, made).items():
        write_whole(folder / name, data, 0o644)
    return folder


def zipped(source: Source, made: dict[str, Any]) -> bytes:
    """The bundle as one archive."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in bundle_files(source, made).items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return data.getvalue()


def read_bundle(folder: Path) -> Bundle:
    """A bundle from its folder; a missing file is an OSError."""
    return Bundle(
        tuple((folder / ENTRIES).read_bytes().split(b"\n")[:-1]),
        (folder / HEAD).read_bytes().rstrip(b"\n"),
        tuple((folder / CHECKPOINTS).read_bytes().splitlines()),
        orjson.loads((folder / REPORT).read_bytes()),
    )
