from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.checkout.receipt import (
    Asked,
    HumanWork,
    Line,
    Receipt,
    ReceiptError,
    from_json,
    from_published,
    make_receipt,
    recounted,
    schema,
    to_json,
    to_published,
)
from walkout.checkout.tax import TaxRule
from walkout.inference.belief import Belief, BelievedLine
from walkout.inference.visit import Visit
from walkout.store.product import Mass, Product

WATER = "00071142008582"
PRODUCTS = {WATER: Product(WATER, "water", (Mass(621.67, 1.0),), Decimal("1.10"), "USD")}
ADDED = {"status", "due", "p_raw", "certificate", "questions"}
"""Fields that a receipt of the first release has not."""
VISIT = Visit("v1", "p1", ("a", "b"), 1_587_531_994_630_447_000, 1_587_532_013_030_511_000)
LINE = BelievedLine(WATER, 3, 0.987654321, "621 g left shelf 5 plate 11", ("e1",))

amounts = st.decimals(0, 10_000, places=2)
words = st.text(min_size=1, max_size=20)
shares = st.floats(0, 1).map(lambda p: round(p, 6))
lines = st.builds(
    Line,
    st.integers(0, 10**14 - 1).map(lambda n: f"{n:014d}"),
    words,
    st.integers(1, 50),
    amounts,
    shares,
    words,
    st.lists(words, max_size=3).map(tuple),
    st.booleans(),
    st.none() | shares,
)
asked = st.builds(
    Asked,
    words,
    st.integers(0, 2**62),
    st.integers(0, 2**62),
    st.sampled_from(["whole", "who", "what", "count", "back"]),
    words,
    st.lists(st.tuples(words, words, shares), max_size=3).map(tuple),
    shares,
)
human = st.builds(
    HumanWork,
    st.integers(0, 9),
    st.integers(0, 9),
    st.floats(0, 1e4),
    st.lists(words, max_size=2).map(tuple),
    st.none() | st.integers(0, 2**62),
)
receipts = st.builds(
    Receipt,
    words,
    words,
    st.lists(words, unique=True, max_size=3).map(tuple),
    st.integers(0, 2**62),
    st.integers(0, 2**62),
    st.lists(lines, max_size=4).map(tuple),
    amounts,
    st.sampled_from(["EUR", "USD"]),
    shares,
    st.sampled_from(["software", "person"]),
    human,
    st.integers(0, 5),
    st.sampled_from(["real", "simulated"]),
    st.none() | words,
    st.sampled_from(["settled", "asks"]),
    amounts,
    st.none() | shares,
    st.none() | words,
    st.lists(asked, max_size=2).map(tuple),
)


def belief(*lines: BelievedLine) -> Belief:
    return Belief(VISIT, lines, 0.9912345678, ())


def test_money_is_exact_and_probabilities_are_rounded() -> None:
    receipt = make_receipt(belief(LINE), PRODUCTS, "USD", "real")
    assert receipt.total == Decimal("3.30")
    assert (receipt.p_exact, receipt.lines[0].probability) == (0.989252, 0.985679)  # less 0.2 % that no sensor shows
    assert (receipt.p_raw, receipt.lines[0].raw) == (0.991234568, 0.987654321)
    assert (receipt.decided_by, receipt.revision, receipt.human.viewers) == ("software", 0, 0)
    assert orjson.loads(to_json([receipt]))[0]["total"] == "3.30"


def test_a_visit_without_items_has_a_receipt_without_lines() -> None:
    published = to_published(make_receipt(belief(), PRODUCTS, "USD", "real"))
    assert (published["lines"], published["total"]) == ([], "0")
    jsonschema.validate(published, schema())


@pytest.mark.parametrize(
    ("line", "currency", "words"),
    [
        pytest.param(replace(LINE, gtin="00000000000017"), "USD", "catalogue", id="not in the catalogue"),
        pytest.param(LINE, "EUR", "priced in USD", id="another currency"),
    ],
)
def test_a_line_that_cannot_be_priced_is_refused(line: BelievedLine, currency: str, words: str) -> None:
    with pytest.raises(ReceiptError, match=words):
        make_receipt(belief(line), PRODUCTS, currency, "real")


@given(st.lists(receipts, max_size=3))
def test_published_receipts_fit_the_schema_and_come_back_the_same(given_receipts: list[Receipt]) -> None:
    data = to_json(given_receipts)
    for published in orjson.loads(data):
        jsonschema.validate(published, schema())
    assert from_json(data) == tuple(given_receipts)
    assert to_json(from_json(data)) == data


def test_the_schema_names_every_field_and_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    plain = make_receipt(belief(LINE), PRODUCTS, "USD", "real")
    found = schema()["properties"]
    assert set(to_published(plain)) == set(schema()["required"]) | ADDED
    # A shop that taxes and has offers says more; one that does not keeps the bytes it had.
    cheap: dict[str, Any] = {
        "amount": Decimal("3.00"),
        "offers": ("o",),
        "mass_g": 1.0,
        "tax": "A",
        "tax_rate": Decimal(19),
    }
    rule = TaxRule(included=True, rounding="line", unit=Decimal("0.01"))
    full = recounted(replace(plain, tax_rule=rule, withheld=plain.lines), (replace(plain.lines[0], **cheap),))
    published = to_published(full)
    jsonschema.validate(published, schema())
    assert from_published(published) == full
    assert set(found) == set(published)
    assert found["lines"]["items"] == found["withheld"]["items"] == {"$ref": "#/$defs/line"}
    assert set(schema()["$defs"]["line"]["properties"]) == set(published["lines"][0])
    assert set(found["human"]["properties"]) == set(published["human"])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"{", "no JSON", id="cut off"),
        pytest.param(b"{}", "no array", id="an object"),
        pytest.param(b"[3]", "no array of objects", id="numbers"),
        pytest.param(b"[{}]", "no field", id="an empty object"),
    ],
)
def test_what_is_no_receipt_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ReceiptError, match=words):
        from_json(data)


@pytest.mark.parametrize(("field", "value"), [("total", "three"), ("lines", 5), ("human", 7), ("shoppers", None)])
def test_a_field_of_the_wrong_kind_is_refused(field: str, value: object) -> None:
    published = to_published(make_receipt(belief(LINE), PRODUCTS, "USD", "real"))
    with pytest.raises(ReceiptError, match="wrong kind"):
        from_published(published | {field: value})


def test_a_receipt_of_the_first_release_is_settled_and_all_of_it_is_due() -> None:
    published = to_published(make_receipt(belief(LINE), PRODUCTS, "USD", "real"))
    old = {key: value for key, value in published.items() if key not in ADDED}
    jsonschema.validate(old, schema())
    receipt = from_published(old)
    assert (receipt.status, receipt.payable, receipt.questions) == ("settled", receipt.total, ())


def test_a_real_shop_starts_in_shadow_and_charges_only_what_is_shown() -> None:
    doubtful = replace(LINE, quantity=1, probability=0.8)
    receipt = make_receipt(belief(LINE), PRODUCTS, "USD", "real")
    assert (receipt.status, receipt.certificate, receipt.due) == ("asks", None, Decimal("3.30"))
    unshown = make_receipt(belief(doubtful), PRODUCTS, "USD", "real")
    assert (unshown.total, unshown.due, unshown.lines[0].shown) == (Decimal("1.10"), Decimal(0), False)


def test_fields_that_a_newer_release_added_are_left_out() -> None:
    receipt = make_receipt(belief(LINE), PRODUCTS, "USD", "real")
    assert from_published(to_published(receipt) | {"new": 1}) == receipt
