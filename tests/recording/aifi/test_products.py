"""A dirty catalogue, taken in honestly."""

from decimal import Decimal

import pytest

from tests.recording.aifi.make import product_document
from walkout.recording.aifi.products import product_documents, read_products
from walkout.store.gtin import is_restricted
from walkout.store.product import Mass


def test_equal_rows_are_one_product() -> None:
    catalogue = read_products([product_document("071142008582"), product_document("071142008582")])
    assert (catalogue.rows, list(catalogue.products), catalogue.warnings) == (2, ["00071142008582"], ())
    product = catalogue.products["00071142008582"]
    assert (product.source_ids, product.currency, product.price) == (("071142008582",), "USD", Decimal(1))


def test_another_mass_is_a_variant() -> None:
    rows = [product_document("071142008582", weight=300.0), product_document("071142008582", weight=310.0)]
    catalogue = read_products(rows)
    assert catalogue.products["00071142008582"].masses == (Mass(300.0, 3.0), Mass(310.0, 3.1))
    assert any("rows of different mass (300 g, 310 g)" in warning for warning in catalogue.warnings)


def test_a_lost_zero_is_the_same_product() -> None:
    rows = [product_document("028400055987", "Chips"), product_document("28400055987", "Chips")]
    catalogue = read_products(rows)
    assert catalogue.products["00028400055987"].source_ids == ("028400055987", "28400055987")
    assert any("are one GTIN" in warning for warning in catalogue.warnings)


@pytest.mark.parametrize("identity", ["44", "3.5", "120130", "681131161725 681131161718", "x;y", "\n", "ſ"])
def test_an_odd_id_gets_a_number_of_its_own(identity: str) -> None:
    catalogue = read_products([product_document(identity), product_document("071142008582")])
    ((source, gtin),) = catalogue.restricted
    assert is_restricted(gtin)
    assert catalogue.products[gtin].source_ids == (source,)


@pytest.mark.parametrize(
    ("weight", "masses", "words"),
    [
        pytest.param(None, 0, "no mass", id="missing"),
        pytest.param(0, 0, "no mass", id="zero"),
        pytest.param(-5, 0, "no mass", id="negative"),
        pytest.param("300", 0, "no mass", id="a text"),
        pytest.param(1e30, 0, "no mass", id="above a tonne"),
        pytest.param(5.16, 1, "doubtful", id="5 g"),
        pytest.param(45_000, 1, "doubtful", id="45 kg"),
    ],
)
def test_odd_masses_are_named(weight: float | None, masses: int, words: str) -> None:
    catalogue = read_products([product_document("071142008582", weight=weight)])
    assert len(catalogue.products["00071142008582"].masses) == masses
    assert any(words in warning for warning in catalogue.warnings)


def test_single_precision_is_shortened() -> None:
    (mass,) = (
        read_products([product_document("071142008582", weight=117.66999816894531)]).products["00071142008582"].masses
    )
    assert mass.mass_g == 117.67


def test_rows_known_to_be_wrong_are_named_and_kept() -> None:
    catalogue = read_products([product_document("041508922487", weight=666.42)])
    assert [mass.mass_g for mass in catalogue.products["00041508922487"].masses] == [666.42]
    assert any("1064 g by its own teams" in warning for warning in catalogue.warnings)


@pytest.mark.parametrize(
    ("price", "expected"),
    [(2, "2"), (3.49, "3.49"), (None, "1"), (0, "1"), ("2", "1"), (-1, "1"), (1e9, "1"), (100, "100")],
)
def test_prices(price: object, expected: str) -> None:
    product = read_products([product_document("071142008582", price=price)]).products["00071142008582"]
    assert str(product.price) == expected


def test_a_product_that_only_the_planogram_names() -> None:
    catalogue = read_products([], ["071142008582"])
    assert catalogue.products["00071142008582"].masses == ()
    assert any("which has no row" in warning for warning in catalogue.warnings)


def test_rows_without_an_id_are_left_out() -> None:
    catalogue = read_products([{"metadata": {}}, {"product_id": {"id": 7}}, {"product_id": []}])
    assert (len(catalogue.products), len(catalogue.warnings)) == (0, 3)


def test_rows_for_products_read_back_the_same() -> None:
    rows = [
        product_document("071142008582", "Water", 621.67, thumbnail="https://x/y.jpg"),
        product_document("120130", "Drink", None),
        product_document("632565000012", "Fiji", 538.0, price=2.5),
    ]
    first = read_products(rows)
    again = read_products(product_documents(first.products.values()))
    assert (again.products, again.gtins) == (first.products, first.gtins)
