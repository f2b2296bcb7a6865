"""catalog.csv: what is for sale."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from walkout.store import table
from walkout.store.gtin import GtinError, normalise, zeros_lost
from walkout.store.problem import MAX_PROBLEMS, Problem, capped, quoted
from walkout.store.product import Mass, Product
from walkout.store.table import Row
from walkout.store.validation import faults

FILE = "catalog.csv"
LIGHT_G, HEAVY_G = 10.0, 20_000.0
"""Outside of these a mass is doubtful: hardly any packed item weighs less, and plates are rated 20 kg."""
SPREAD, LEAST_SD_G = 0.01, 0.5
"""Where the spread of a product's mass is not known, this share of its mass is assumed, at least 0.5 g. It is about a
quarter of what packers are allowed at 300 g (9 g; directive 76/211/EEC, annex I, 2.4), an assumption to be replaced by
weighing."""


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """One row of catalog.csv. A product with several masses has a row for each."""

    gtin: Annotated[str, Field(description="a GTIN, best with all 14 digits")]
    name: Annotated[str, Field(min_length=1, max_length=500, description="the product's name")]
    price: Annotated[
        Decimal,
        Field(
            ge=0,
            le=1_000_000,
            max_digits=12,
            decimal_places=4,
            description="a price such as 1.99, with a point, not below 0",
        ),
    ]
    mass_g: Annotated[
        float | None,
        Field(
            gt=0,
            le=1e6,
            allow_inf_nan=False,
            description="grams above 0 such as 330.5, or nothing where it is not known",
        ),
    ] = None
    mass_sd_g: Annotated[
        float | None,
        Field(
            ge=0,
            le=1e6,
            allow_inf_nan=False,
            description="grams from item to item, such as 1.5, or nothing: 1 % is assumed",
        ),
    ] = None
    currency: Annotated[
        str | None, Field(pattern=r"^[A-Z]{3}$", description="the shop's currency, such as EUR, or nothing")
    ] = None
    tax: Annotated[str, Field(max_length=100, description="the name of a tax rate, or nothing")] = ""
    sold_by: Annotated[Literal["unit", "weight"], Field(description="unit or weight")] = "unit"
    age_min: Annotated[int, Field(ge=0, le=150, description="the least age in years to buy it, or nothing")] = 0
    image: Annotated[str, Field(max_length=2000, description="a file in the folder or an address")] = ""
    source_ids: Annotated[str, Field(description="ids in other systems, with ; between them")] = ""
    tagged: Annotated[
        float,
        Field(ge=0, le=1, allow_inf_nan=False, description="the share of items with an RFID tag, 0 to 1, or nothing"),
    ] = 0.0


COLUMNS = (
    "gtin",
    "name",
    "mass_g",
    "mass_sd_g",
    "price",
    "currency",
    "tax",
    "sold_by",
    "age_min",
    "image",
    "source_ids",
    "tagged",
)
OPTIONAL = "tagged"
"""A column that is written only where some product has something in it: older files keep their bytes."""
REQUIRED = ("gtin", "name", "mass_g", "price")
_TEXTS = {"name", "tax", "image", "source_ids"}
ROW: TypeAdapter[CatalogRow] = TypeAdapter(CatalogRow)
SCHEMA = ROW.json_schema()


def read(text: str, currency: str | None) -> tuple[dict[str, Product], set[str] | None, list[Problem]]:
    """The products by GTIN; all GTINs that the file names, also in rows with faults; and everything that is wrong.

    `currency` is the shop's own, None where it is not known. The GTINs are None where the file could not be read
    to its end.
    """
    form = table.read(text, FILE, COLUMNS, REQUIRED)
    problems = form.problems
    products: dict[str, tuple[Product, Row]] = {}
    named: set[str] = set()
    short: list[Row] = []
    assumed: list[Row] = []
    for row in form.rows:
        if capped(problems, FILE):
            break
        gtin = read_gtin(row, FILE, problems)
        if gtin:
            named.add(gtin)
            if zeros_lost(row.cells["gtin"].text):
                short.append(row)
        parsed = _parse(row, problems) if row.whole else None
        if gtin is None or parsed is None:
            continue
        if parsed.mass_g is not None and parsed.mass_sd_g is None:
            assumed.append(row)
        product = _product(gtin, parsed, currency)
        problems += _doubts(row, product, parsed, currency)
        if gtin in products:
            first, first_row = products[gtin]
            products[gtin] = _merge(first, product, row, first_row, problems), first_row
        else:
            products[gtin] = product, row
    problems += lost_zeros(short, FILE)
    if assumed:
        what = f"no spread of the mass in {len(assumed)} rows, the first of them here"
        right = f"mass_sd_g as weighed; {SPREAD:.0%} of the mass is assumed, at least {LEAST_SD_G} g"
        problems.append(Problem(FILE, *assumed[0].place("mass_sd_g"), "warning", "mass_sd_g", what, right))
    kept = {gtin: product for gtin, (product, _) in products.items()}
    return kept, named if form.complete and len(problems) < MAX_PROBLEMS else None, problems


def untaxed(text: str, taxes: Collection[str]) -> list[Problem]:
    """A warning for each product without a tax, or with one that is not among the shop's: it is sold at 0 percent."""
    if not taxes:
        return []
    right = f"{' or '.join(sorted(taxes))}, as selling.yaml names them; it is sold without tax"
    found: list[Problem] = []
    for row in table.read(text, FILE, COLUMNS, REQUIRED).rows:
        cells = row.values()
        if not row.whole or cells.get("tax") in taxes:
            continue
        if capped(found, FILE):
            break
        what = quoted(cells["tax"]) if "tax" in cells else "no tax"
        name = quoted(cells.get("name", cells.get("gtin", "")))
        found.append(Problem(FILE, *row.place("tax"), "warning", "tax", f"{what} for {name}", right))
    return found


def read_gtin(row: Row, file: str, problems: list[Problem]) -> str | None:
    """The GTIN of a row as 14 digits, or None; says what is wrong with it."""
    if "gtin" not in row.cells:  # a row cut short, which is said elsewhere
        return None
    try:
        return normalise(row.cells["gtin"].text)
    except GtinError as error:
        problems.append(Problem(file, *row.place("gtin"), "error", "gtin", error.found, error.right))
        return None


def lost_zeros(rows: list[Row], file: str) -> list[Problem]:
    """One warning for all GTINs of a file that came short."""
    if not rows:
        return []
    what = f"{quoted(rows[0].cells['gtin'].text)}, without its leading zeros ({len(rows)} rows, the first of them here)"
    right = "14 digits, in a spreadsheet a column of the format text; read as if the zeros were there"
    return [Problem(file, *rows[0].place("gtin"), "warning", "gtin", what, right)]


def values(row: Row, texts: set[str]) -> dict[str, str]:
    """What pydantic is given: blanks around numbers and words dropped, texts as they are."""
    return {name: text if name in texts else text.strip() for name, text in row.values().items()}


def write(products: Iterable[Product]) -> str:
    """The catalogue as CSV, sorted by GTIN, a row for each mass."""
    rows = []
    every = sorted(products, key=lambda product: product.gtin)
    columns = COLUMNS if any(product.tagged for product in every) else tuple(c for c in COLUMNS if c != OPTIONAL)
    for product in every:
        ids = ";".join(_escape(identity) for identity in product.source_ids)
        rest = [
            f"{product.price:f}",
            product.currency,
            product.tax,
            product.sold_by,
            product.age_min or "",
            product.image,
            ids,
            *([f"{product.tagged:g}" if product.tagged else ""] if OPTIONAL in columns else []),
        ]
        for mass in product.masses or (None,):
            grams = [repr(float(mass.mass_g)), repr(float(mass.sd_g))] if mass else ["", ""]
            rows.append([product.gtin, product.name, *grams, *rest])
    return table.write(columns, rows)


def _parse(row: Row, problems: list[Problem]) -> CatalogRow | None:
    try:
        return ROW.validate_python({"gtin": "", **values(row, _TEXTS)})  # a missing gtin is said elsewhere
    except ValidationError as error:
        for fault in faults(error, SCHEMA):
            name = str(fault.path[0])
            problems.append(Problem(FILE, *row.place(name), "error", name, fault.found, fault.right))
        return None


def _product(gtin: str, row: CatalogRow, currency: str | None) -> Product:
    masses: tuple[Mass, ...] = ()
    if row.mass_g is not None:
        sd_g = max(SPREAD * row.mass_g, LEAST_SD_G) if row.mass_sd_g is None else row.mass_sd_g
        masses = (Mass(row.mass_g, sd_g),)
    money = row.currency or currency or ""
    ids = _split(row.source_ids)
    return Product(
        gtin, row.name, masses, row.price, money, row.tax, row.sold_by, row.age_min, row.image, ids, row.tagged
    )


def _doubts(row: Row, product: Product, parsed: CatalogRow, currency: str | None) -> list[Problem]:
    found: list[Problem] = []

    def say(name: str, level: Literal["error", "warning"], what: str, right: str) -> None:
        found.append(Problem(FILE, *row.place(name), level, name, what, right))

    if currency and product.currency != currency:
        say("currency", "error", quoted(product.currency), f"the shop's {currency}")
    if parsed.mass_g is None and parsed.mass_sd_g is not None:
        say("mass_sd_g", "error", f"{parsed.mass_sd_g} g without a mass", "mass_g too, or nothing")
    elif parsed.mass_g is None:
        say(
            "mass_g",
            "warning",
            f"no mass for {quoted(product.name)}",
            "grams as weighed; until then no scale can tell it",
        )
    elif not LIGHT_G <= parsed.mass_g <= HEAVY_G:
        say(
            "mass_g",
            "warning",
            f"{parsed.mass_g} g",
            f"{LIGHT_G:g} g to {HEAVY_G:g} g for a packed item; weigh it again",
        )
    if parsed.mass_g is not None and (parsed.mass_sd_g or 0) > parsed.mass_g / 2:
        say("mass_sd_g", "warning", f"{parsed.mass_sd_g} g for {parsed.mass_g} g", "much less than the mass")
    if not product.price:
        say("price", "warning", f"{product.price}", "a price above 0, unless it is given away")
    return found


def _merge(first: Product, other: Product, row: Row, first_row: Row, problems: list[Problem]) -> Product:
    """One product from two rows with its GTIN: another mass is a variant, another price an error."""

    def say(name: str, level: Literal["error", "warning"], what: str, right: str) -> None:
        problems.append(Problem(FILE, *row.place(name), level, name, what, right))

    def both(name: str) -> str:
        one, two = getattr(first, name), getattr(other, name)
        return f"{quoted(str(two))}, but {quoted(str(one))} on line {first_row.line} for the same GTIN"

    for name in ("price", "currency", "tax", "sold_by", "age_min", "tagged"):
        if getattr(first, name) != getattr(other, name):
            say(name, "error", both(name), "one and the same, or a GTIN of its own")
    for name in ("name", "image"):
        if getattr(first, name) != getattr(other, name):
            say(name, "warning", both(name), f"one and the same; that of line {first_row.line} is used")
    new = tuple(mass for mass in other.masses if mass not in first.masses)
    ids = tuple(identity for identity in other.source_ids if identity not in first.source_ids)
    if new and first.masses:
        what = f"{new[0].mass_g} g, but {first.masses[0].mass_g} g on line {first_row.line} for the same GTIN"
        say("mass_g", "warning", what, "one mass; both are kept as variants")
    if not new:
        say("gtin", "warning", f"line {first_row.line} again", "one row; they are read as one")
    return replace(first, masses=first.masses + new, source_ids=first.source_ids + ids)


def _escape(identity: str) -> str:
    return re.sub(r"[\\;]|^\s|\s$", lambda match: f"\\{match[0]}", identity)


def _split(text: str) -> tuple[str, ...]:
    """Ids between semicolons; a backslash makes the next character part of the id."""
    found: list[str] = []
    for part in re.findall(r"(?:\\.|[^;])+", text, re.DOTALL):
        bare = re.sub(r"^\s+|(?<!\\)\s+$", "", part)
        identity = re.sub(r"\\(.)", r"\1", bare, flags=re.DOTALL)
        if identity and identity not in found:
            found.append(identity)
    return tuple(found)
