"""Products known by their pictures: from the store folder's files to prototypes, nothing trained.

A product's pictures are the file that its catalogue row names under `image`, and all files of the folder
`pictures/<GTIN>` beside catalog.csv. One to five that show different sides are plenty.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.vision.looks import MOST_PICTURES, Prototype
from walkout.sensing.vision.looks_model import LooksModel
from walkout.store.shop import Store

FOLDER = "pictures"
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp"})
MOST_BYTES, MOST_PIXELS = 20_000_000, 40_000_000
LONGEST_PX = 400
"""Larger pictures are scaled down: the network looks at 96 pixels."""


class PictureError(ValueError):
    """A picture of a product cannot be used; its words say which and what would be right."""


def prototypes(store: Store, folder: Path, model: LooksModel) -> dict[str, Prototype]:
    """Each product that has a picture in the store folder, by GTIN.

    Addresses under `image` are not fetched. Raises PictureError for a file that is named and is not there, leads out of
    the folder, is too large, or is no picture.
    """
    found = {}
    for gtin, paths in files(store, folder).items():
        found[gtin] = model.enrol([read(path) for path in paths])
    return found


def files(store: Store, folder: Path) -> Mapping[str, list[Path]]:
    """The pictures of each product that has any, at most 64 of each, that of the catalogue first."""
    root = folder.resolve()
    found: dict[str, list[Path]] = {}
    for gtin, product in sorted(store.products.items()):
        paths = [*_named(product.image, root, gtin), *_beside(root / FOLDER / gtin)]
        if paths:
            found[gtin] = paths[:MOST_PICTURES]
    return found


def read(path: Path) -> NDArray[np.uint8]:
    """A picture file as RGB, at most 400 pixels long. Raises PictureError as `prototypes` does."""
    cv2 = import_module("cv2")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise PictureError(f"{path} has {size} bytes, right: a picture of at most {MOST_BYTES}")
    coded = np.frombuffer(path.read_bytes(), np.uint8)
    picture = cv2.imdecode(coded, cv2.IMREAD_COLOR) if len(coded) else None
    if picture is None or picture.shape[0] * picture.shape[1] > MOST_PIXELS:
        raise PictureError(f"{path} is no picture that can be read, right: JPEG, PNG or WebP of at most 40 megapixels")
    scale = LONGEST_PX / max(picture.shape[:2])
    if scale < 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture[:, :, ::-1], np.uint8)


def _named(image: str, root: Path, gtin: str) -> Iterator[Path]:
    if not image or "://" in image:
        return
    path = (root / image).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise PictureError(f"product {gtin} names the picture {image!r}, right: a file within {root}")
    yield path


def _beside(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in ENDINGS)
