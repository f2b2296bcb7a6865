"""What is for sale: a product with its GTIN, its masses as a scale sees them, and its price."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Mass:
    """The gross mass of one packed item in grams, and how much it varies from item to item."""

    mass_g: float
    sd_g: float


@dataclass(frozen=True, slots=True)
class Product:
    """One GTIN. `masses` is empty where the mass is unknown; more than one entry: variants seen under the same GTIN."""

    gtin: str
    name: str
    masses: tuple[Mass, ...]
    price: Decimal
    currency: str
    tax: str = ""
    sold_by: Literal["unit", "weight"] = "unit"
    age_min: int = 0
    image: str = ""
    source_ids: tuple[str, ...] = ()
    tagged: float = 0.0
    """The share of its items that carry an RFID tag, 0 to 1."""
