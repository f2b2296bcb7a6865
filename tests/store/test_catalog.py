from decimal import Decimal

import pytest

from walkout.store import catalog
from walkout.store.gtin import restricted
from walkout.store.product import Mass, Product

A, B = restricted("101"), restricted("102")
HEADER = "gtin,name,mass_g,mass_sd_g,price,currency,tax,sold_by,age_min,image,source_ids\n"


def read(rows: str) -> tuple[dict[str, Product], list[str]]:
    products, _, problems = catalog.read(HEADER + rows, "EUR")
    return products, [str(problem) for problem in problems]


def test_a_row_is_a_product() -> None:
    products, problems = read(f"{A},Pale ale,879.5,8,1.89,EUR,standard,unit,16,ale.jpg,a;b\\;c; d \n")
    assert problems == []
    masses = (Mass(879.5, 8.0),)
    ids = ("a", "b;c", "d")
    price = Decimal("1.89")
    assert products == {A: Product(A, "Pale ale", masses, price, "EUR", "standard", "unit", 16, "ale.jpg", ids)}


def test_blank_cells_take_the_shops_own() -> None:
    products, problems = read(f"{A},Tea,,,2,,,,,,\n")
    assert products == {A: Product(A, "Tea", (), Decimal(2), "EUR")}
    assert len(problems) == 1
    assert "no mass for 'Tea'" in problems[0]


def test_a_missing_spread_is_assumed_and_said_once() -> None:
    products, problems = read(f"{A},Tea,200,,2,,,,,,\n{B},Gum,20,,1,,,,,,\n")
    assert products[A].masses == (Mass(200.0, 2.0),)
    assert products[B].masses == (Mass(20.0, 0.5),)
    assert len(problems) == 1
    assert "no spread of the mass in 2 rows" in problems[0]


def test_other_masses_are_variants_with_a_warning() -> None:
    products, problems = read(f"{A},Tea,67,1,2,,,,,,x\n{A},Tea,71,1,2,,,,,,x;y\n{A},Tea,67,1,2,,,,,,x\n")
    assert products[A].masses == (Mass(67.0, 1.0), Mass(71.0, 1.0))
    assert products[A].source_ids == ("x", "y")
    variant = "found 71.0 g, but 67.0 g on line 2 for the same GTIN; right: one mass; both are kept as variants"
    again = "found line 2 again; right: one row; they are read as one"
    assert problems == [
        f"catalog.csv:3:20: warning in mass_g: {variant}",
        f"catalog.csv:4:1: warning in gtin: {again}",
    ]


def test_zeros_that_a_spreadsheet_dropped_are_put_back_with_a_warning() -> None:
    products, problems = read("71142008582,Water,621.67,2,1,,,,,,\n")
    assert list(products) == ["00071142008582"]
    assert len(problems) == 1
    assert "'71142008582', without its leading zeros" in problems[0]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (f"{A},Tea,-3,1,2,,,,,,\n", "2:20: error in mass_g: found '-3'; right: grams above 0"),
        (f"{A},Tea,0,1,2,,,,,,\n", "2:20: error in mass_g: found '0'; right: grams above 0"),
        (f"{A},Tea,nan,1,2,,,,,,\n", "2:20: error in mass_g: found 'nan'"),
        (f"{A},Tea,67,-1,2,,,,,,\n", "2:23: error in mass_sd_g: found '-1'"),
        (f"{A},Tea,,1,2,,,,,,\n", "error in mass_sd_g: found 1.0 g without a mass"),
        (
            f'{A},Tea,67,1,"1,99",,,,,,\n',
            "2:25: error in price: found '1,99'; right: a price such as 1.99, with a point",
        ),
        (f"{A},Tea,67,1,-1,,,,,,\n", "error in price: found '-1'"),
        (f"{A},Tea,67,1,,,,,,,\n", "2:25: error in price: found nothing; right: a price such as 1.99"),
        (f"{A},Tea,67,1,2,USD,,,,,\n", "error in currency: found 'USD'; right: the shop's EUR"),
        (f"{A},Tea,67,1,2,,,box,,,\n", "error in sold_by: found 'box'; right: unit or weight"),
        (f"{A},Tea,67,1,2,,,,-1,,\n", "error in age_min: found '-1'"),
        (f"{A},,67,1,2,,,,,,\n", "error in name: found nothing; right: the product's name"),
        (",Tea,67,1,2,,,,,,\n", "2:1: error in gtin: found nothing; right: digits only"),
        (f"{A[:-1]}5,Tea,67,1,2,,,,,,\n", "error in gtin: found check digit 5"),
        (f"{A},Tea,5.16,1,2,,,,,,\n", "warning in mass_g: found 5.16 g; right: 10 g to 20000 g"),
        (f"{A},Tea,25000,1,2,,,,,,\n", "warning in mass_g: found 25000.0 g"),
        (f"{A},Tea,67,60,2,,,,,,\n", "warning in mass_sd_g: found 60.0 g for 67.0 g"),
        (f"{A},Tea,67,1,0,,,,,,\n", "warning in price: found 0; right: a price above 0"),
    ],
)
def test_each_fault_says_where_what_and_what_would_be_right(rows: str, says: str) -> None:
    _, problems = read(rows)
    assert len(problems) == 1
    assert says in problems[0]
    assert problems[0].startswith("catalog.csv:2:")


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (f"{A},Tea,67,1,3,,,,,,", "error in price: found '3', but '2' on line 2"),
        (f"{A},Tea,67,1,2,,,weight,,,", "error in sold_by: found 'weight', but 'unit' on line 2"),
        (f"{A},Tea,67,1,2,,low,,,,", "error in tax: found 'low', but '' on line 2"),
        (f"{A},Herb tea,67,1,2,,,,,,", "warning in name: found 'Herb tea', but 'Tea' on line 2"),
    ],
)
def test_rows_of_one_gtin_must_agree(second: str, says: str) -> None:
    _, problems = read(f"{A},Tea,67,1,2,,,,,,\n{second}\n")
    assert any(says in problem for problem in problems)
