"""RFID tags on goods that a reader at a gate hears."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag as one antenna heard it."""

    gtin: str
    item: str
    """What tells this item from others of its product. In a running shop a pseudonym that outlasts no visit, never the
    tag's serial number, by which somebody could be known again elsewhere."""
    antenna: int
    """The reader's own number of the antenna."""
    rssi_dbm: float
    count: int = 1
    """How often it was heard."""


@dataclass(frozen=True, slots=True)
class TagFrame:
    """All tags that a gate's reader heard since its frame before; an empty one says that it hears nothing."""

    t_ns: int
    arrived_ns: int
    gate: str
    tags: tuple[Tag, ...]
    seq: int | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
