"""The store folder: a shop as plain files that people edit and that travel inside a recording.

`store.yaml` (layout and policies), `catalog.csv` (products) and `planogram.csv` (facings). Other files are left alone.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from itertools import zip_longest
from pathlib import Path

from walkout.store import catalog, document, facings, selling
from walkout.store.document import Document
from walkout.store.planogram import Facing
from walkout.store.problem import Problem, StoreError, quoted
from walkout.store.product import Product
from walkout.store.shop import Store

FILES = (document.FILE, catalog.FILE, facings.FILE)
MAX_BYTES = 16 * 2**20
"""A file larger than 16 MiB is refused: a catalogue of 100,000 products is about 10 MB."""


def load(folder: str | os.PathLike[str]) -> Store:
    """The shop that a folder describes.

    Raises StoreError, which lists everything that is wrong, when there is any error; warnings are for `check`.
    """
    files, problems = _read(Path(folder))
    return _store_of(*_examined(files, problems))


def check(folder: str | os.PathLike[str]) -> list[Problem]:
    """Every error and warning of a folder at once, in the order of the files and their lines."""
    files, problems = _read(Path(folder))
    return _examined(files, problems)[1]


def examine(files: Mapping[str, bytes]) -> tuple[Store | None, list[Problem]]:
    """The shop in files held in memory, None when there is an error, and every error and warning."""
    return _examined(files, [])


def unpack(files: Mapping[str, bytes]) -> Store:
    """The shop in files held in memory, as `pack` made them; raises StoreError like `load`."""
    return _store_of(*_examined(files, []))


def pack(store: Store | str | os.PathLike[str]) -> dict[str, bytes]:
    """A shop, or the shop in a folder, as its three files; the same shop always gives the same bytes.

    Raises StoreError where the shop cannot be written so that it reads back the same.
    """
    if not isinstance(store, Store):
        store = load(store)
    layout = Document(
        version=1,
        name=store.name,
        origin=store.origin,
        currency=store.currency,
        timezone=store.timezone,
        floor_m=store.floor_m,
        policies=store.policies,
        gates=store.gates,
        cameras=store.cameras,
        fixtures=store.fixtures,
    )
    texts = (document.write(layout), catalog.write(store.products.values()), facings.write(store.planogram))
    files = {name: text.encode() for name, text in zip(FILES, texts, strict=True)}
    if store.selling != selling.NOTHING:
        files[selling.FILE] = selling.write(store.selling).encode()
    back = unpack(files)
    if back != store:
        raise StoreError([_difference(store, back)])
    return files


def save(store: Store, folder: str | os.PathLike[str]) -> None:
    """Write a shop into a folder, which is made where it is not there.

    A new folder appears whole or not at all. In an old one each file is replaced whole, after all three are on disk.
    Raises StoreError like `pack`, OSError when the disk refuses.
    """
    files = pack(store)
    target = Path(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, data in files.items():
            with (fresh / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        if target.is_dir():
            for name in files:
                (fresh / name).replace(target / name)
            if selling.FILE not in files:
                (target / selling.FILE).unlink(missing_ok=True)
        else:
            fresh.chmod(0o755)
            fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _read(folder: Path) -> tuple[dict[str, bytes] | None, list[Problem]]:
    """The files as they are, None where there is no folder, and what could not be read."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    if not folder.is_dir():
        what = "a file" if folder.exists() else "no such folder"
        return None, [Problem(str(folder), 0, 0, "error", "", what, f"a folder with {', '.join(FILES)}")]
    for name in (*FILES, selling.FILE):
        path = folder / name
        try:
            if not path.exists():
                continue
            if not path.is_file():
                problems.append(Problem(name, 0, 0, "error", "", "something that is not a file", "a file"))
                continue
            with path.open("rb") as file:
                files[name] = file.read(MAX_BYTES + 1)
        except OSError as error:
            problems.append(Problem(name, 0, 0, "error", "", error.strerror or str(error), "a file that can be read"))
    return files, problems


def _examined(files: Mapping[str, bytes] | None, problems: list[Problem]) -> tuple[Store | None, list[Problem]]:
    if files is None:
        return None, problems
    problems = list(problems)
    layout_text, catalog_text, planogram_text = (_text(name, files.get(name), problems) for name in FILES)
    layout, skeleton, gtins = None, None, None
    products: dict[str, Product] = {}
    planogram: list[Facing] = []
    if layout_text is not None:
        layout, skeleton, found = document.read(layout_text)
        problems += found
    if catalog_text is not None:
        products, gtins, found = catalog.read(catalog_text, layout.currency if layout else None)
        problems += found
    if planogram_text is not None:
        planogram, found = facings.read(planogram_text, skeleton, gtins)
        problems += found
    sold: selling.Selling | None = selling.NOTHING
    if selling.FILE in files:
        text = _text(selling.FILE, files[selling.FILE], problems)
        sold, found = selling.read(text, gtins) if text is not None else (None, [])
        problems += found
        if sold is not None and catalog_text is not None and gtins is not None:
            problems += catalog.untaxed(catalog_text, sold.taxes)
    problems.sort(
        key=lambda problem: (_order(problem.file), problem.line, problem.column, problem.where, problem.found)
    )
    if layout is None or sold is None or any(problem.level == "error" for problem in problems):
        return None, problems
    store = Store(
        layout.name,
        layout.origin,
        layout.currency,
        layout.timezone,
        layout.floor_m,
        layout.fixtures,
        layout.gates,
        layout.cameras,
        products,
        tuple(planogram),
        layout.policies,
        sold,
    )
    return store, problems


def _text(name: str, data: bytes | None, problems: list[Problem]) -> str | None:
    if data is None:
        if all(problem.file != name for problem in problems):
            problems.append(Problem(name, 0, 0, "error", "", "no such file", f"a file {name} in the folder"))
        return None
    if len(data) > MAX_BYTES:
        right = f"at most {MAX_BYTES // 2**20} MiB"
        problems.append(Problem(name, 0, 0, "error", "", f"more than {MAX_BYTES} bytes", right))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        right = "UTF-8 text (in a spreadsheet: save as CSV UTF-8)"
        found = f"the byte 0x{data[error.start]:02x}, which is no UTF-8"
        problems.append(Problem(name, line, column, "error", "", found, right))
        return None


def _order(file: str) -> int:
    names = (*FILES, selling.FILE)
    return names.index(file) if file in names else -1


def _store_of(store: Store | None, problems: list[Problem]) -> Store:
    if store is None:
        raise StoreError([problem for problem in problems if problem.level == "error"])
    return store


def _difference(store: Store, back: Store) -> Problem:
    """The first part of a shop that its files would not keep."""
    for item in fields(Store):
        ours, theirs = getattr(store, item.name), getattr(back, item.name)
        if item.compare and ours != theirs:
            if item.name == "products":
                gtin = min(gtin for gtin in {*ours, *theirs} if ours.get(gtin) != theirs.get(gtin))
                ours, theirs = ours.get(gtin), theirs.get(gtin)
            elif isinstance(ours, tuple):
                pairs = zip_longest(ours, theirs)
                ours, theirs = next((one, other) for one, other in pairs if one != other)
            found = f"{quoted(ours, 300)}, which would be read back as {quoted(theirs, 300)}"
            return Problem(item.name, 0, 0, "error", item.name, found, "values that the files can keep")
    raise AssertionError("a shop that differs in nothing")
