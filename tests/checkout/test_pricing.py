"""Selling: whatever the rules, lines, taxes and total agree, and nobody pays above the shelf price."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checkout.money import START_NS, D, receipt
from walkout.checkout.pricing import Weighed, apply, price_of, priced, surely_g
from walkout.checkout.receipt import Line, from_published, sum_of, to_published, with_quantity
from walkout.store.currency import CurrencyError, digits, from_minor, sums, to_minor, unit
from walkout.store.product import Mass, Product
from walkout.store.selling import NOTHING, Offer, PriceChange, Selling, Slot, Sticker

A, B, C = "00000000000017", "00000000000024", "00000000000031"
AT = datetime.fromtimestamp(START_NS / 1e9, UTC)
SPAN = (START_NS, START_NS + 60 * 10**9)


def product(gtin: str, price: str, tax: str = "", sold_by: str = "unit", currency: str = "EUR") -> Product:
    return Product(gtin, f"p{gtin[-2:]}", (Mass(300.0, 3.0),), D(price), currency, tax, sold_by)  # type: ignore[arg-type]


PRODUCTS = {A: product(A, "2.00", "low"), B: product(B, "3.50", "high"), C: product(C, "1.25")}


def bought(**counts: int) -> tuple[Line, ...]:
    names = {"a": A, "b": B, "c": C}
    return tuple(Line(names[k], k, n, PRODUCTS[names[k]].price, 0.99, "why", ("e1",)) for k, n in counts.items() if n)


def cost(lines: tuple[Line, ...], **rules: object) -> D:
    made = priced(lines, PRODUCTS, Selling(**rules), "EUR", *SPAN)  # type: ignore[arg-type]
    return sum_of(made)


def multibuy(gtin: str, count: int, price: str) -> Offer:
    return Offer(f"{count} for {price}", (Slot((gtin,), count),), D(price))


def test_three_for_two_and_the_rest_at_the_full_price() -> None:
    offers = (multibuy(A, 3, "4.00"),)
    assert [cost(bought(a=n), offers=offers) for n in (1, 2, 3, 4, 6)] == [D(2), D(4), D(4), D(6), D(8)]


def test_the_best_combination_wins_not_the_first() -> None:
    """Two small offers together beat the one that saves most alone."""
    big = Offer("big", (Slot((A,), 2), Slot((B,), 1)), D("5.50"))  # saves 2.00
    one, two = Offer("one", (Slot((A,), 1), Slot((B,), 1)), D("4.00")), multibuy(A, 1, "1.00")  # 1.50 and 1.00
    for offers in permutations((big, one, two)):
        made = priced(bought(a=2, b=1), PRODUCTS, Selling(offers=offers), "EUR", *SPAN)
        assert sum_of(made) == D("5.00")
        assert {name for line in made for name in line.offers} == {"one", "1 for 1.00"}


def test_a_bundle_whose_other_half_is_taken_back_never_costs_more_than_before() -> None:
    meal = Offer("meal", (Slot((A, C), 1), Slot((B,), 1)), D("4.00"))
    made = priced(bought(a=1, b=1), PRODUCTS, Selling(offers=(meal,)), "EUR", *SPAN)
    assert sum_of(made) == D("4.00")
    assert sum(line.cost for line in made[:1]) <= D("2.00")
    assert with_quantity(made[0], 2).cost == made[0].cost + D("2.00")


def test_a_price_that_changes_during_the_visit_is_the_lower_one() -> None:
    def price(*changes: tuple[float, str]) -> D:
        rules = tuple(PriceChange(A, AT + timedelta(seconds=s), D(p)) for s, p in changes)
        return price_of(PRODUCTS[A], Selling(price_changes=rules), *SPAN)

    assert price((30, "2.50")) == D("2.00")
    assert price((30, "1.50")) == D("1.50")
    assert price((-30, "2.50")) == D("2.50")
    assert price((-30, "1.00"), (30, "9.00")) == D("1.00")
    assert price((90, "0.10")) == D("2.00")


def test_reduced_stickers_go_to_as_many_items_as_carry_one() -> None:
    stickers = (Sticker(A, D("0.50"), 2),)
    assert cost(bought(a=3), stickers=stickers) == D("3.00")
    assert cost(bought(a=1), stickers=(Sticker(A, D(9), 2),)) == D("2.00")
    over = Sticker(A, D("0.50"), 2, ends=AT - timedelta(seconds=1))
    assert cost(bought(a=1), stickers=(over,)) == D("2.00")


def test_goods_by_weight_cost_what_surely_left() -> None:
    goods = {A: product(A, "4.00", sold_by="weight")}
    (made,) = priced(bought(a=1), goods, NOTHING, "EUR", *SPAN, {A: Weighed(512.4, 5.0)})
    assert (made.mass_g, made.cost) == (502.0, D("2.00"))
    assert surely_g(Weighed(3.0, 5.0), D(2)) == 0
    (unseen,) = priced(bought(a=2), goods, NOTHING, "EUR", *SPAN)
    assert unseen.mass_g == 588.0
    assert with_quantity(unseen, 1).mass_g == 294.0


@pytest.mark.parametrize(("included", "total", "tax"), [(True, "5.50", "0.69"), (False, "6.31", "0.81")])
def test_taxes_in_and_on_top(included: bool, total: str, tax: str) -> None:
    rules = Selling(taxes={"low": D(7), "high": D(19)}, prices_include_tax=included)
    made = apply(receipt("v", 0, *bought(a=1, b=1)), PRODUCTS, rules)
    assert (made.total, sum(t.tax for t in made.taxes)) == (D(total), D(tax))
    assert from_published(to_published(made)) == replace(made, due=made.total)


def test_rounding_by_line_and_by_receipt_differ_and_both_add_up() -> None:
    goods = {A: product(A, "0.10", "t"), B: product(B, "0.10", "t"), C: product(C, "0.10", "t")}
    lines = tuple(Line(g, "x", 1, D("0.10"), 0.99, "w", ("e",)) for g in goods)
    found = {}
    for how in ("line", "receipt"):
        rules = Selling(taxes={"t": D(5)}, prices_include_tax=False, tax_rounding=how)
        found[how] = apply(receipt("v", 0, *lines), goods, rules).total
    assert found == {"line": D("0.33"), "receipt": D("0.32")}


def test_currencies_have_their_own_digits() -> None:
    assert [digits(c) for c in ("EUR", "JPY", "KWD", "CLF")] == [2, 0, 3, 4]
    assert to_minor(D("12.34"), "EUR") == 1234
    assert to_minor(D(500), "JPY") == 500
    with pytest.raises(CurrencyError):
        to_minor(D("0.5"), "JPY")
    assert sums([(D(1), "EUR"), (D(2), "USD"), (D(3), "EUR")]) == {"EUR": D(4), "USD": D(2)}


prices = st.integers(0, 2000).map(lambda n: D(n) / 100)
gtins = st.sampled_from([A, B, C])
slots = st.builds(Slot, st.lists(gtins, min_size=1, max_size=3).map(tuple), st.integers(1, 3))
offers = st.builds(Offer, st.sampled_from("xyz"), st.lists(slots, min_size=1, max_size=2).map(tuple), prices)
instants = st.integers(-90, 90).map(lambda s: AT + timedelta(seconds=s))
rules = st.builds(
    Selling,
    taxes=st.dictionaries(st.sampled_from(["low", "high"]), st.integers(0, 30).map(D), max_size=2),
    prices_include_tax=st.booleans(),
    tax_rounding=st.sampled_from(["line", "receipt"]),
    offers=st.lists(offers, max_size=3).map(tuple),
    price_changes=st.lists(st.builds(PriceChange, gtins, instants, prices), max_size=3).map(tuple),
    stickers=st.lists(st.builds(Sticker, gtins, prices, st.integers(1, 3)), max_size=2).map(tuple),
)


@settings(max_examples=120, deadline=None)
@given(rules, st.tuples(*[st.integers(0, 5)] * 3), st.sampled_from(["EUR", "JPY", "KWD"]), st.booleans())
def test_lines_taxes_and_total_agree_and_nobody_pays_above_the_shelf(
    selling: Selling, counts: tuple[int, int, int], currency: str, weight: bool
) -> None:
    goods = {g: replace(p, currency=currency) for g, p in PRODUCTS.items()}
    if weight:
        goods[C] = replace(goods[C], sold_by="weight")
    lines = bought(a=counts[0], b=counts[1], c=counts[2])
    made = apply(receipt("v", 0, *lines), goods, selling, {C: Weighed(300.0, 4.0)})
    made = replace(made, currency=currency)
    again = apply(receipt("v", 0, *lines), goods, selling, {C: Weighed(300.0, 4.0)})
    assert to_published(again)["lines"] == to_published(made)["lines"]
    if made.tax_rule is not None:
        assert sum((t.gross for t in made.taxes), D(0)) == made.total
        assert all(t.net + t.tax == t.gross for t in made.taxes)
        if made.tax_rule.included:
            assert sum((line.cost for line in made.lines), D(0)) == made.total
    else:
        assert sum((line.cost for line in made.lines), D(0)) == made.total
    for line in made.lines:
        shelf = line.unit_price * (D(repr(line.mass_g)) / 1000 if line.mass_g is not None else line.quantity)
        assert 0 <= line.cost <= shelf
        assert line.unit_price <= max([goods[line.gtin].price, *(c.price for c in selling.price_changes)])
        for part in range(line.quantity + 1):
            assert with_quantity(line, part).cost <= line.cost


@given(st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_minor_units_go_there_and_back(count: int, currency: str) -> None:
    assert to_minor(from_minor(count, currency), currency) == count
    assert from_minor(1, currency) == unit(currency)
