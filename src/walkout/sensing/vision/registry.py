"""Models that others made and a shop may fetch: where each lies, what it must be to the byte, under which licence.

Only entries whose checksum was computed from the file itself are listed, and none under a licence that would bind the
shop's own code (no AGPL, no GPL).
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from walkout.sensing.vision.onnx_file import MOST_BYTES, ModelFileError, inspect

_BLOCK = 1 << 16
_PATIENCE_S = 30.0


class FetchError(Exception):
    """A model could not be fetched; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model that can be fetched. `adapter` is the module of walkout.sensing.vision that runs it."""

    name: str
    what: str
    url: str
    sha256: str
    size_bytes: int
    licence: str
    source: str
    """Who made it and where that is written; shown with the licence."""
    adapter: str


MODELS: Final = (
    Entry(
        name="yolox-nano",
        what="boxes of people (and 79 other kinds of things), 416 x 416, trained on COCO",
        url="https://raw.githubusercontent.com/Kazuhito00/YOLOX-ONNX-TFLite-Sample/"
        "ac07155e3ac8a531d89d24204e50f364d3444275/model/yolox_nano.onnx",
        sha256="695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14",
        size_bytes=3_660_092,
        licence="Apache-2.0",
        source="YOLOX by Megvii, github.com/Megvii-BaseDetection/YOLOX; exported by github.com/Kazuhito00",
        adapter="yolox",
    ),
)


def entry(name: str) -> Entry:
    """The model of that name; KeyError, which names those that there are, for another."""
    for one in MODELS:
        if one.name == name:
            return one
    raise KeyError(f"there is no model '{name}': there are {', '.join(one.name for one in MODELS)}")


def folder() -> Path:
    """Where fetched models lie: WALKOUT_MODELS, or the user's cache."""
    given = os.environ.get("WALKOUT_MODELS", "")
    base = Path(os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache")
    return Path(given) if given else base / "walkout" / "models"


def place(one: Entry, into: Path) -> Path:
    """Where a fetched model lies in a folder."""
    return into / f"{one.name}.onnx"


def present(one: Entry, into: Path) -> bool:
    """Whether the model lies there, unchanged."""
    path = place(one, into)
    return path.is_file() and path.stat().st_size == one.size_bytes and _sum(path) == one.sha256


def fetch(one: Entry, into: Path, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Path:
    """Bring a model into a folder, whole and checked, or not at all; one that is there already stays.

    Streams into a file beside it and moves that into place once size, checksum and contents are right. Raises
    FetchError where the server or the disk fails or something else came than was asked for.
    """
    path = place(one, into)
    if present(one, into):
        return path
    part = None
    try:
        into.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{one.name}-", suffix=".part", dir=into)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            _stream(one, file.write, progress)
            file.flush()
            os.fsync(file.fileno())
        inspect(part.read_bytes())
        part.replace(path)
    except ModelFileError as error:
        raise FetchError(f"{one.url} is what was asked for but is no model that may be run: {error}") from error
    except (OSError, HTTPException) as error:  # URLError is an OSError
        raise FetchError(f"{one.url} could not be fetched: {error}") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    return path


def _stream(one: Entry, write: Callable[[bytes], object], progress: Callable[[int, int], None]) -> None:
    """Read the model's bytes and hand them on; FetchError as soon as they cannot be right."""
    if urlsplit(one.url).scheme not in ("https", "http") or one.size_bytes > MOST_BYTES:
        raise FetchError(f"{one.url} is not fetched: only http and https, and at most {MOST_BYTES} bytes")
    request = Request(one.url, headers={"User-Agent": "walkout"})  # noqa: S310 the scheme was checked
    digest, done = hashlib.sha256(), 0
    with urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310
        while block := answer.read(_BLOCK):
            done += len(block)
            if done > one.size_bytes:
                raise FetchError(f"{one.url} sends more than the {one.size_bytes} bytes it should have; nothing kept")
            digest.update(block)
            write(block)
            progress(done, one.size_bytes)
    if done < one.size_bytes:
        raise FetchError(f"{one.url} sent {done} of {one.size_bytes} bytes; nothing kept, try again")
    if digest.hexdigest() != one.sha256:
        raise FetchError(
            f"{one.url} is another file than the one that was checked: sha256 {digest.hexdigest()}, "
            f"expected {one.sha256}; nothing kept"
        )


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
