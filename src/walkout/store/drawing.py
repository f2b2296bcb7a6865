"""A shop to look at: a page with plan, shelves and catalogue, and tables for the terminal."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from walkout.store.elevation import elevation_svg, elevations_svg, label_mass
from walkout.store.plan import plan_svg
from walkout.store.shop import Store
from walkout.store.svg import VARIABLES, said

__all__ = ["elevations_svg", "plan_svg", "show_html", "show_text"]

_PAGE_STYLE = """
body { margin: 24px; background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, sans-serif;
  font-variant-numeric: tabular-nums; }
h1 { font-size: 20px; margin: 0; } h2 { font-size: 14px; margin: 32px 0 8px; } p { margin: 4px 0; color: var(--muted); }
.wide { overflow-x: auto; } .plan svg { max-width: 100%; height: auto; }
.shelves { display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-end; }
.shelves > div { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 2px 16px 2px 0; white-space: nowrap;
  border-bottom: 1px solid var(--line); } th { font-weight: 600; } .number { text-align: right; }"""


def show_html(store: Store) -> str:
    """One self-contained page, light and dark: the plan, each fixture from the front, the catalogue."""
    shelves = "".join(
        f'<div tabindex="0" role="group" aria-label="{said(fixture.id)}">{elevation_svg(store, fixture.id)}</div>'
        for fixture in store.fixtures
    )
    rows = "".join(_row(cells) for cells in _catalogue(store))
    shelves_note = "Numbers under a shelf are its plates, in brackets those without a load cell."
    goods_note = "The grey part is how high the goods stand; a dashed edge: products that share a plate."
    names = '<th>GTIN</th><th>Name</th><th class="number">Mass</th><th class="number">Price</th><th>Place</th>'
    table = f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
    body = [
        f"<h1>{said(store.name)}</h1><p>{said(_summary(store))}</p>",
        f'<h2>Plan</h2><div class="plan">{plan_svg(store)}</div>',
        "<p>A thick edge is the front of a fixture.</p>",
        f'<h2>Shelves</h2><div class="shelves">{shelves}</div>',
        f"<p>{shelves_note} {goods_note}</p>",
        f'<h2>Catalogue</h2><div class="wide" tabindex="0" role="group" aria-label="catalogue">{table}</div>',
    ]
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{said(store.name)}</title><style>{VARIABLES}{_PAGE_STYLE}</style></head><body>"
    )
    return f"{head}{''.join(body)}</body></html>\n"


def show_text(store: Store) -> Group:
    """The shop for a terminal: what rich prints as a headline and a table for each fixture, the top shelf first."""
    parts: list[Text | Table] = [Text(store.name, style="bold"), Text(_summary(store))]
    for fixture in store.fixtures:
        place = f"at {fixture.x_m:g}, {fixture.y_m:g} m, turned {fixture.yaw_deg:g}°"
        table = Table(title=Text(f"{fixture.id} ({fixture.kind}) {place}"), title_justify="left")
        for name in ("shelf", "plates"):
            table.add_column(name, justify="right")
        for name in ("product", "GTIN"):
            table.add_column(name)
        for name in ("mass", "price"):
            table.add_column(name, justify="right")
        for shelf in sorted(fixture.shelves, key=lambda shelf: (-shelf.z_m, shelf.id)):
            facings = store.facings_on(fixture.id, shelf.id)
            if not facings:
                table.add_row(str(shelf.id), "", Text("nothing", style="dim"))
            for number, facing in enumerate(facings):
                product = store.products.get(facing.gtin)
                cells = [
                    str(shelf.id) if number == 0 else "",
                    plates_text(facing.plates),
                    product.name if product else "not in the catalogue",
                    facing.gtin,
                    label_mass(store, facing.gtin),
                    f"{product.price:f} {product.currency}" if product else "",
                ]
                table.add_row(*(Text(cell) for cell in cells), end_section=number == len(facings) - 1)
        parts.append(table)
    return Group(*parts)


def plates_text(plates: tuple[int, ...]) -> str:
    """Plates as people write them: 3-5, or 3 5 where others lie between."""
    run = len(plates) > 1 and plates == tuple(range(plates[0], plates[0] + len(plates)))
    return f"{plates[0]}-{plates[-1]}" if run else " ".join(map(str, plates))


def _summary(store: Store) -> str:
    plates = sum(len(shelf.plates) for fixture in store.fixtures for shelf in fixture.shelves)
    counts = {
        "fixture": len(store.fixtures),
        "plate": plates,
        "facing": len(store.planogram),
        "product": len(store.products),
        "camera": len(store.cameras),
        "gate": len(store.gates),
    }
    told = [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items()]
    return " · ".join([f"{store.origin} shop", *told, store.currency, store.timezone])


def _catalogue(store: Store) -> list[list[str]]:
    rows = []
    for gtin in sorted(store.products):
        product = store.products[gtin]
        places = [f"{f.fixture}, shelf {f.shelf}, plates {plates_text(f.plates)}" for f in store.facings_of(gtin)]
        price = f"{product.price:f} {product.currency}"
        rows.append([gtin, product.name, label_mass(store, gtin), price, "; ".join(places) or "no place"])
    return rows


def _row(cells: list[str]) -> str:
    kinds = ["", "", ' class="number"', ' class="number"', ""]
    return f"<tr>{''.join(f'<td{kind}>{said(cell)}</td>' for kind, cell in zip(kinds, cells, strict=True))}</tr>"
