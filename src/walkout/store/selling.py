"""selling.yaml: taxes, offers, price changes, stickers and other barcodes; a shop without the file has none of them.

It stands beside the three files of a store folder and travels inside a recording where it is there.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

import orjson
import yaml
from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter, ValidationError

from walkout.store import marks
from walkout.store.gtin import GtinError, normalise
from walkout.store.problem import Problem, quoted
from walkout.store.validation import faults

FILE = "selling.yaml"
Price = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=4, description="a price in quotes, such as '1.99'")]
Gtin = Annotated[str, Field(min_length=8, max_length=14, description="a GTIN of catalog.csv, in quotes")]
_FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of an offer: so many of any of these products."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID
    gtins: Annotated[tuple[Gtin, ...], Field(min_length=1, max_length=200)]
    count: Annotated[int, Field(ge=1, le=20, description="how many of them, 1 to 20")] = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """A bundle or multi-buy: all its slots together for one price ("3 for 5.00", "sandwich and drink for 4.50")."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID
    name: Annotated[str, Field(min_length=1, max_length=100)]
    slots: Annotated[tuple[Slot, ...], Field(min_length=1, max_length=5)]
    price: Price
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class PriceChange:
    """From this instant on a product has another price than the catalogue's."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID
    gtin: Gtin
    starts: AwareDatetime
    price: Price


@dataclass(frozen=True, slots=True)
class Sticker:
    """So many items of a product carry a reduced-price sticker."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID
    gtin: Gtin
    price: Price
    count: Annotated[int, Field(ge=1, le=1000, description="how many items carry it")]
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Selling:
    """What selling.yaml holds."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID
    taxes: Annotated[
        Mapping[str, Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]],
        Field(description="percent by name, in quotes, as the column tax of catalog.csv names them"),
    ] = field(default_factory=dict)
    prices_include_tax: bool = True
    tax_rounding: Annotated[Literal["line", "receipt"], Field(description="line or receipt")] = "receipt"
    barcodes: Annotated[
        Mapping[Gtin, Gtin], Field(description="another GTIN on the packet to the one in catalog.csv")
    ] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    price_changes: tuple[PriceChange, ...] = ()
    stickers: tuple[Sticker, ...] = ()
    weight_tolerance: Annotated[
        Decimal, Field(gt=0, le=10, description="standard deviations that are taken off a weighed mass, such as '2'")
    ] = Decimal(2)

    def product_of(self, barcode: str) -> str:
        """The GTIN that the catalogue has for a barcode on a packet (8 to 14 digits); GtinError for no number."""
        gtin = normalise(barcode)
        return self.barcodes.get(gtin, gtin)


NOTHING = Selling()
SELLING: TypeAdapter[Selling] = TypeAdapter(Selling)
SCHEMA = SELLING.json_schema()


def read(text: str, gtins: Container[str] | None) -> tuple[Selling | None, list[Problem]]:
    """What the file says, None where it is wrong; and everything that is wrong with it.

    `gtins`: those of the catalogue, None where they are not known.
    """
    marked, problems = marks.read(text, FILE)
    if marked is None:
        return None, problems
    try:
        found = SELLING.validate_json(orjson.dumps(marked.value or {}))
    except ValidationError as error:
        for fault in faults(error, SCHEMA):
            line, column = marked.place(fault.path, key=fault.at_key)
            problems.append(Problem(FILE, line, column, "error", marks.dotted(fault.path), fault.found, fault.right))
        return None, problems
    made = _whole(found, gtins, problems)
    return (None if any(one.level == "error" for one in problems) else made), problems


def write(selling: Selling) -> str:
    """The same as text; what stands at its default is left out."""
    plain = SELLING.dump_python(selling, mode="json", exclude_defaults=True)
    return str(yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


class _Dumper(yaml.SafeDumper):
    """Text in quotes where it would be read as something else: 00440000012038 is a number to us, and none to PyYAML."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = isinstance(marks.scalar(text), str) and text.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def ns(at: datetime) -> int:
    """An instant as UTC nanoseconds."""
    past = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (past.days * 86_400 + past.seconds) * 1_000_000_000 + past.microseconds * 1000


def within(starts: datetime | None, ends: datetime | None, from_ns: int, to_ns: int) -> bool:
    """Whether a time of validity meets a visit, both ends included: what held at any moment of it holds."""
    return (starts is None or ns(starts) <= to_ns) and (ends is None or ns(ends) >= from_ns)


def _whole(found: Selling, gtins: Container[str] | None, problems: list[Problem]) -> Selling:
    """With every number as 14 digits, and held against the catalogue."""

    def number(text: str, where: str, *, known: bool = True) -> str:
        try:
            gtin = normalise(text)
        except GtinError as error:
            problems.append(Problem(FILE, 0, 0, "error", where, error.found, error.right))
            return text
        if known and gtins is not None and gtin not in gtins:
            problems.append(Problem(FILE, 0, 0, "error", where, quoted(text), "a GTIN of catalog.csv"))
        return gtin

    values: dict[str, Any] = {one.name: getattr(found, one.name) for one in fields(Selling)}
    values["barcodes"] = {
        number(one, f"barcodes.{one}", known=False): number(other, f"barcodes.{one}")
        for one, other in found.barcodes.items()
    }
    for one in values["barcodes"]:
        if gtins is not None and one in gtins:
            right = "a number that has no row of its own in catalog.csv"
            problems.append(Problem(FILE, 0, 0, "error", f"barcodes.{one}", quoted(one), right))
    values["offers"] = tuple(
        Offer(
            offer.name,
            tuple(Slot(tuple(number(g, f"offers[{k}]") for g in slot.gtins), slot.count) for slot in offer.slots),
            offer.price,
            offer.starts,
            offer.ends,
        )
        for k, offer in enumerate(found.offers)
    )
    values["price_changes"] = tuple(
        PriceChange(number(one.gtin, f"price_changes[{k}]"), one.starts, one.price)
        for k, one in enumerate(found.price_changes)
    )
    values["stickers"] = tuple(
        Sticker(number(one.gtin, f"stickers[{k}]"), one.price, one.count, one.starts, one.ends)
        for k, one in enumerate(found.stickers)
    )
    return Selling(**values)
