"""JSON Schemas of the store folder's files, for editors and for other programs."""

from importlib.resources import files
from typing import Any

import orjson

from walkout.store import catalog, document, facings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAMES = {document.FILE: "store.schema.json", catalog.FILE: "catalog.schema.json", facings.FILE: "planogram.schema.json"}
"""The published file of each schema, in the folder `schemas` beside this module."""


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of store.yaml, and of one row of each CSV, where a blank cell is an absent key."""
    made = {document.FILE: document.SCHEMA, catalog.FILE: catalog.SCHEMA, facings.FILE: facings.SCHEMA}
    return {file: {"$schema": DIALECT, **schema, "title": file} for file, schema in made.items()}


def rendered() -> dict[str, bytes]:
    """The text of each published file by its name."""
    pretty = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return {NAMES[file]: orjson.dumps(schema, option=pretty) for file, schema in schemas().items()}


def published() -> dict[str, bytes]:
    """The files as they were published with this package; a test holds them equal to `rendered`."""
    folder = files("walkout.store") / "schemas"
    return {name: (folder / name).read_bytes() for name in NAMES.values()}
