"""Who needs somebody: refused at the entry, old enough or not, or in need of help."""

from dataclasses import replace
from decimal import Decimal

from walkout.inference.belief import Belief, BelievedLine
from walkout.inference.visit import Visit
from walkout.live.bell import MOST, Bell
from walkout.live.door import Refused
from walkout.store.product import Mass, Product

T = 1_700_000_000 * 10**9
WINE = Product("04000000000011", "Red wine", (Mass(1200.0, 5.0),), Decimal("6.99"), "EUR", age_min=16)
GIN = replace(WINE, gtin="04000000000028", name="Gin", age_min=18)
WATER = replace(WINE, gtin="04000000000035", name="Water", age_min=0)
GOODS = {p.gtin: p for p in (WINE, GIN, WATER)}


def holding(*products: Product, probability: float = 0.9) -> Belief:
    lines = tuple(BelievedLine(p.gtin, 1, probability, "", ()) for p in products)
    return Belief(Visit("v1", "v1", ("a",), T, T), lines, 0.9, ())


def test_an_age_is_asked_for_once_and_only_for_what_needs_one() -> None:
    bell = Bell()
    bell.look((holding(WATER), holding(WINE, probability=0.2)), GOODS, T)
    assert not list(bell)
    bell.look((holding(WATER, WINE, GIN),), GOODS, T)
    bell.look((holding(WATER, WINE, GIN),), GOODS, T + 1)
    (one,) = bell
    assert (one.kind, one.visit, one.words) == ("age", "v1", "Gin: at least 18 years")
    assert bell.take(one.id) == one
    bell.look((holding(GIN),), GOODS, T + 2)
    assert not list(bell), "it was answered"
    bell.over("v1")
    bell.look((holding(GIN),), GOODS, T + 3)
    assert len(list(bell)) == 1, "another visit"


def test_a_call_for_help_is_one_call_and_ends_with_the_visit() -> None:
    bell = Bell()
    bell.help("v1", "", T)
    bell.help("v1", "the fridge is stuck", T + 1)
    (one,) = bell
    assert one.words == "the fridge is stuck"
    bell.over("v1")
    assert not list(bell)


def test_the_oldest_are_forgotten_first() -> None:
    bell = Bell()
    for n in range(MOST + 5):
        bell.entry(Refused("door", T, "unknown credential", "Please ask."), T + n)
    assert [one.since_ns for one in bell] == [T + n for n in range(5, MOST + 5)]
