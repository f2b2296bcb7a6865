from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from rich.console import Console

from walkout.store.drawing import elevations_svg, plan_svg, plates_text, show_html, show_text
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.store.svg import wrap

from .strategies import product, small_store, stores

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"


def words_in(svg: str, tag: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 (our own text)
    return [element.text or "" for element in root.iter() if element.tag.endswith(tag)]


@given(stores())
@settings(max_examples=40, deadline=None)
def test_any_shop_can_be_drawn(store: Store) -> None:
    for draw in (plan_svg, elevations_svg):
        words_in(draw(store), "text")
        assert draw(store) == draw(store)
    assert show_html(store).startswith("<!doctype html>")
    console = Console(width=100, record=True, quiet=True)
    console.print(show_text(store))


def test_the_plan_shows_fixtures_gates_and_cameras() -> None:
    texts = words_in(plan_svg(load(SAMPLE)), "text")
    assert {"snacks", "grocery", "fridge", "door: in and out", "ceiling-1", "ceiling-6"} <= set(texts)


def test_the_elevations_show_every_product_with_its_mass() -> None:
    store = load(SAMPLE)
    titles = "".join(words_in(elevations_svg(store), "title"))
    assert all(item.name in titles and item.gtin in titles for item in store.products.values())
    assert "1,532 g" in titles


def test_the_page_is_self_contained_and_says_simulated() -> None:
    page = show_html(load(SAMPLE))
    assert "simulated shop" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "prefers-color-scheme: dark" in page


def test_names_cannot_break_out_of_the_page() -> None:
    store = small_store()
    gtin = store.planogram[0].gtin
    bad = replace(
        store, name="<script>", products={**store.products, gtin: product(gtin, name="<script>alert(1)</script>")}
    )
    assert "<script" not in show_html(bad)
    assert "<script" not in plan_svg(bad) + elevations_svg(bad)


@pytest.mark.parametrize(
    ("words", "width", "lines", "expected"),
    [
        ("Oat bar honey", 60.0, 9, ["Oat bar", "honey"]),
        ("Still water 1.5 l", 80.0, 9, ["Still water", "1.5\xa0l"]),
        ("peppermint", 30.0, 9, ["pepp", "ermi", "nt"]),
        ("ARRWHD WTR", 62.0, 9, ["ARRWHD", "WTR"]),
        ("one two three four", 30.0, 2, ["one", "two…"]),
        ("one", 30.0, 0, []),
        ("", 30.0, 2, []),
    ],
)
def test_wrap(words: str, width: float, lines: int, expected: list[str]) -> None:
    assert [row for row in wrap(words, width, lines) if row] == expected


@pytest.mark.parametrize(("plates", "text"), [((3,), "3"), ((3, 4, 5), "3-5"), ((3, 5), "3 5"), ((5, 4), "5 4")])
def test_plates_text(plates: tuple[int, ...], text: str) -> None:
    assert plates_text(plates) == text
