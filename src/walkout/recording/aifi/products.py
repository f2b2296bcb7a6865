"""AiFi's product rows to the catalogue: equal rows merge, odd ids and masses are kept and named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from walkout.store.catalog import HEAVY_G, LEAST_SD_G, LIGHT_G, SPREAD
from walkout.store.gtin import GtinError, normalise, restricted_all
from walkout.store.product import Mass, Product

CURRENCY: Final = "USD"
PLACEHOLDER: Final = Decimal(1)
"""The price where a row has none; most rows hold this number themselves."""
KNOWN_WRONG: Final[Mapping[str, float]] = {"898999010007": 538.0, "041508922487": 1064.0}
"""Grams of two rows that the competition's teams found to be weighed wrongly. We warn and change nothing: whoever
imports the shop decides, and a recording stays what it was."""
_MAX_MASS_G: Final = 1e6


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The products by GTIN, the GTIN of each source id, and what had to be decided."""

    products: Mapping[str, Product]
    gtins: Mapping[str, str]
    rows: int
    restricted: tuple[tuple[str, str], ...]
    """Source ids that are no GTIN, with the restricted-range number that each was given."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    mass_g: float | None
    price: Decimal | None
    image: str


def read_products(documents: Iterable[Mapping[str, Any]], needed: Iterable[str] = ()) -> Catalogue:
    """The catalogue in product documents.

    Args:
        documents: rows of `products`, in the file's order.
        needed: ids that the planogram names; those without a row get a product without a mass.
    """
    warnings: list[str] = []
    rows: dict[str, dict[_Row, None]] = {}
    count = 0
    for document in documents:
        count += 1
        identity = _text(_object(document, "product_id").get("id"))
        if not identity:
            warnings.append(f"product row {count} has no id and is left out")
            continue
        rows.setdefault(identity, {})[_row(_object(document, "metadata"))] = None
    for identity in sorted(set(needed) - set(rows)):
        warnings.append(f"the planogram names product {identity!r}, which has no row; taken in without a mass")
        rows[identity] = {_Row(f"(no name) {identity}", None, None, ""): None}
    gtins, restricted = _numbers(rows)
    by_gtin: dict[str, list[str]] = {}
    for identity in sorted(rows):
        by_gtin.setdefault(gtins[identity], []).append(identity)
    products = {gtin: _product(gtin, by_gtin[gtin], rows, warnings) for gtin in sorted(by_gtin)}
    return Catalogue(products, gtins, count, restricted, tuple(warnings))


def _numbers(identities: Iterable[str]) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    gtins: dict[str, str] = {}
    odd: list[str] = []
    for identity in sorted(identities):
        try:
            gtins[identity] = normalise(identity, upc=True)
        except GtinError:
            odd.append(identity)
    own = restricted_all(odd, gtins.values())
    return gtins | own, tuple((identity, own[identity]) for identity in odd)


def _row(metadata: Mapping[str, Any]) -> _Row:
    name = " ".join(_text(metadata.get("name")).split())[:500]
    weight: Any = metadata.get("weight")
    price: Any = metadata.get("price")
    mass_g = _tidy(float(weight)) if type(weight) in (int, float) and 0 < weight <= _MAX_MASS_G else None
    money = Decimal(str(price)).quantize(Decimal("0.0001")) if _is_price(price) else None
    image: Any = metadata.get("thumbnail")
    fine = type(image) is str and image.isprintable() and len(image) <= 2000
    return _Row(name or "(no name)", mass_g, money and _short(money), image if fine else "")


def _is_price(price: Any) -> bool:
    return type(price) in (int, float) and 0.0001 <= price <= 1_000_000


def _short(money: Decimal) -> Decimal:
    """Without zeros at the end: 1, not 1.0000."""
    return Decimal(f"{money:f}".rstrip("0").rstrip("."))


def _tidy(value: float) -> float:
    """117.67 for 117.66999816894531: the shortest number that is the same in single precision."""
    short = float(str(np.float32(value)))
    return short if abs(short - value) <= 1e-6 * abs(value) else value


def _product(gtin: str, identities: list[str], rows: Mapping[str, Iterable[_Row]], warnings: list[str]) -> Product:
    found = [row for identity in identities for row in rows[identity]]
    named = ", ".join(map(repr, identities))
    if len(identities) > 1:
        warnings.append(f"product ids {named} are one GTIN ({gtin}); taken in as one product")
    masses = list(dict.fromkeys(row.mass_g for row in found if row.mass_g is not None))
    prices = list(dict.fromkeys(row.price for row in found if row.price is not None))
    if len(masses) > 1:
        shown = ", ".join(f"{mass_g:g} g" for mass_g in masses)
        warnings.append(f"product {named} has rows of different mass ({shown}); kept as variants")
    if len({row.name for row in found}) > 1 or len(prices) > 1:
        warnings.append(f"product {named} has rows that differ in name or price; the first is used")
    if not masses:
        warnings.append(f"product {named} ({found[0].name}) has no mass; no scale can tell it")
    warnings += [
        f"product {named} ({found[0].name}) weighs {mass_g:g} g, which is doubtful"
        for mass_g in masses
        if not LIGHT_G <= mass_g <= HEAVY_G
    ]
    warnings += [
        f"product {identity!r} weighs {mass_g:g} g here and {KNOWN_WRONG[identity]:g} g by its own teams; kept"
        for identity in identities
        for mass_g in masses
        if identity in KNOWN_WRONG and abs(mass_g - KNOWN_WRONG[identity]) > 1
    ]
    return Product(
        gtin=gtin,
        name=found[0].name,
        masses=tuple(Mass(mass_g, max(SPREAD * mass_g, LEAST_SD_G)) for mass_g in masses),
        price=prices[0] if prices else PLACEHOLDER,
        currency=CURRENCY,
        image=next((row.image for row in found if row.image), ""),
        source_ids=tuple(identities),
    )


def product_documents(products: Iterable[Product]) -> list[dict[str, Any]]:
    """Rows for products that came from elsewhere: one for each source id and mass."""
    documents: list[dict[str, Any]] = []
    for product in products:
        price = int(product.price) if product.price == int(product.price) else float(product.price)
        for identity in product.source_ids or (upc(product.gtin),):
            for mass in product.masses or (None,):
                metadata: dict[str, Any] = {"name": product.name}
                metadata |= {"thumbnail": product.image} if product.image else {}
                metadata |= {"price": price} if price else {}
                metadata |= {"weight": float(np.float32(mass.mass_g))} if mass else {}
                documents.append({"product_id": {"barcode_type": "UPC", "id": identity}, "metadata": metadata})
    return documents


def upc(gtin: str) -> str:
    """A GTIN as the catalogue of this source writes it: 12 digits where that is enough."""
    return gtin.removeprefix("00")


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if type(found) is dict else {}


def _text(value: Any) -> str:
    """Printable text of at most 1000 characters; empty for anything else."""
    if type(value) is not str:
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in value)[:1000]
