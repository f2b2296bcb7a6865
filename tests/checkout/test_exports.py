"""Sales in other programs' forms: valid by schema, and adding up to what the ledger says."""

import os
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import jsonschema_rs
import orjson
import pytest

from tests.checkout.money import D, Shop, line, receipt
from tests.checkout.xsd import valid
from walkout.checkout import cloudevent, epcis, poslog
from walkout.checkout.feed import Entry
from walkout.checkout.receipt import recounted, with_quantity
from walkout.checkout.sale import sales
from walkout.checkout.tax import TaxRule
from walkout.store.gtin import restricted

N = {"p": poslog.NAMESPACE}
RULE = TaxRule(included=True, rounding="receipt", unit=D("0.01"))


@pytest.fixture
def sold(small_shop: Shop) -> Shop:
    """Two visits, one of them given something back later, and one that took nothing."""
    shop = small_shop
    for visit in ("v1", "v2", "v3"):
        shop.enter(visit)
    first = replace(receipt("v1", 0), tax_rule=RULE)
    jam = replace(line("2.99", 3), tax="A", tax_rate=D("7"), amount=D("7.50"), offers=("3 for 7.50",))
    first = recounted(first, (jam,))
    shop.ledger.issue(first, final=True, reason="t", now_ns=shop.now_ns)
    shop.issue("v2", 0, line("1.10", 2))
    shop.issue("v3", 0)
    shop.quiet()
    shop.now_ns += 10**12
    back = replace(recounted(first, (with_quantity(jam, 1),)), revision=1)
    shop.ledger.issue(back, final=True, reason="dispute", now_ns=shop.now_ns)
    shop.quiet()
    return shop


def signed(one: ET.Element, text: str) -> D:
    """An amount, below 0 where it goes back to the customer."""
    return -D(text) if "Refund" in (one.get("TypeCode"), one.get(poslog.WAY)) else D(text)


OFFICIAL = os.environ.get("WALKOUT_POSLOG_SCHEMA", "")


@pytest.mark.skipif(
    not OFFICIAL,
    reason="the POSLog XSD may not be handed on: set WALKOUT_POSLOG_SCHEMA to a copy of POSLogV6.0.0.xsd",
)
def test_a_poslog_is_valid_by_the_official_xsd(sold: Shop) -> None:
    official = Path(OFFICIAL).read_bytes()
    text = poslog.poslog(sales(sold.ledger), "shop", "Europe/Berlin")
    assert valid(official, text)
    assert not valid(official, text.replace(b"<RetailTransaction ", b"<Retail ").replace(b"</RetailTr", b"</Retail"))


def test_a_poslog_is_valid_and_adds_up_to_what_was_paid(sold: Shop) -> None:
    text = poslog.poslog(sales(sold.ledger), "shop", "Europe/Berlin")
    assert valid(poslog.xsd(), text)
    assert not valid(poslog.xsd(), text.replace(b"<CurrencyCode>EUR", b"<CurrencyCode>euro"))
    root = ET.fromstring(text)  # noqa: S314 - our own
    totals = [signed(one, one.text or "") for one in root.findall(".//p:Total", N)]
    assert all(D(one.text) >= 0 for name in ("Total", "Amount") for one in root.findall(f".//p:{name}", N) if one.text)
    assert [one.tag.rpartition("}")[2] for one in root[0]] == [
        "BusinessUnit", "WorkstationID", "SequenceNumber", "TransactionID", "CurrencyCode", "RetailTransaction",
        "BusinessDayDate", "BeginDateTime", "EndDateTime",
    ]  # fmt: skip
    assert not valid(poslog.xsd(), text.replace(b"<Amount Currency", b"<Amount Unit", 1))
    assert sum(totals) == sold.taken("v1") + sold.taken("v2")
    paid = sum(signed(one, one.findtext("p:Amount", "", N)) for one in root.findall(".//p:Tender", N))
    assert paid == sum(totals)
    returned = root.findall(".//p:Return", N)
    assert [one.findtext("p:Quantity", "", N) for one in returned] == ["2"]
    assert returned[0].findtext("p:ExtendedAmount", "", N) == "5.00"
    assert root.find(".//p:TransactionLink/p:TransactionID", N).text == "v1/0"  # type: ignore[union-attr]
    assert {one.get("TrainingModeFlag") for one in root.findall("p:Transaction", N)} == {"true"}
    tax = sum(signed(one, one.findtext("p:Amount", "", N)) for one in root.findall(".//p:Tax", N))
    assert tax == sold.ledger.receipts("v1")[-1].receipt.taxes[0].tax


def test_epcis_is_valid_and_has_every_item_once(sold: Shop) -> None:
    made = epcis.epcis(sales(sold.ledger), "a shop", "Europe/Berlin", sold.now_ns)
    jsonschema.validate(made, epcis.schema(), jsonschema.Draft202012Validator)
    events = made["epcisBody"]["eventList"]
    kinds = [(one["bizStep"], one["quantityList"][0]["quantity"]) for one in events]
    assert sorted(kinds) == [("receiving", 2), ("retail_selling", 2), ("retail_selling", 3)]
    assert events[0]["quantityList"][0]["epcClass"] == "https://id.gs1.org/01/00071142008582"
    assert len({one["eventID"] for one in events}) == 3
    assert "payer" not in str(made)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made | {"schemaVersion": "1.2"}, epcis.schema())


def test_a_numbers_of_the_shops_own_is_no_gs1_id() -> None:
    assert epcis.product_class(restricted("44")).startswith("urn:walkout:")


def test_what_happens_is_a_cloudevent() -> None:
    body = {"visit": "v1", "revision": 0, "final": True, "total": "1.10", "due": "1.10", "currency": "EUR"}
    made = cloudevent.envelope(Entry(7, "receipt.issued", "v1", 1_800_000_000_123_456_789, body), "a/shop")
    jsonschema.validate(made, cloudevent.schema(), jsonschema.Draft202012Validator)
    assert (made["type"], made["time"]) == ("org.walkout.receipt.issued.v1", "2027-01-15T08:00:00.123456Z")
    del made["data"]["currency"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, cloudevent.schema())


def test_a_span_takes_only_what_was_issued_in_it(sold: Shop) -> None:
    late = list(sales(sold.ledger, since_ns=sold.ledger.receipts("v1")[-1].issued_ns))
    assert [(one.receipt.visit, one.receipt.revision, one.total) for one in late] == [("v1", 1, Decimal("-5.00"))]


GS1 = os.environ.get("WALKOUT_EPCIS_SCHEMA", "")


def places(one: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inside = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
    for key, value in inside:
        yield from places(value, (*at, key))


def broken(one: Any) -> list[tuple[str, Any]]:
    """What a strict schema refuses instead of a value: nothing, another type, another word, one field more."""
    made: list[tuple[str, Any]] = [("null", None), ("another type", 7 if isinstance(one, str | dict | list) else "7")]
    if isinstance(one, str):
        made += [("another word", "no such word"), ("no text", "")]
    if isinstance(one, dict):
        made += [("one field more", one | {"noSuchField": "1"})]
        made += [(f"without {key}", {k: v for k, v in one.items() if k != key}) for key in one if ":" not in key]
        made += [(f"{key} renamed", {f"{k}s" if k == key else k: v for k, v in one.items()}) for key in one]
    if isinstance(one, int | float):
        made += [("below 0", -1)]
    return made


def faults(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with one thing wrong each time, at every place."""
    for at in list(places(document)):
        found = document
        for key in at:
            found = found[key]
        for what, instead in broken(found):
            if not at:
                yield what, instead
                continue
            made = deepcopy(document)
            inner = made
            for key in at[:-1]:
                inner = inner[key]
            inner[at[-1]] = instead
            yield f"{what} at {'/'.join(map(str, at))}", made


@pytest.fixture
def document(sold: Shop) -> Any:
    """All that is ever written: sales, what came back, goods by weight, a number of the shop's own."""
    sold.enter("v4")
    weighed = replace(line("4.00"), gtin=restricted("44"), mass_g=502.0, amount=D("2.00"))
    sold.ledger.issue(recounted(receipt("v4", 0), (weighed,)), final=True, reason="t", now_ns=sold.now_ns)
    return epcis.epcis(sales(sold.ledger), "a shop", "Europe/Berlin", sold.now_ns)


def test_our_own_reading_of_the_epcis_schema_refuses_every_single_fault(document: Any) -> None:
    ours = jsonschema_rs.Draft202012Validator(epcis.schema(), validate_formats=True)
    assert [str(error) for error in ours.iter_errors(document)] == []
    tried = list(faults(document))
    assert len(tried) > 200
    assert [what for what, made in tried if ours.is_valid(made)] == []


@pytest.mark.skipif(
    not GS1,
    reason="GS1's EPCIS schema may not be handed on: WALKOUT_EPCIS_SCHEMA=$(python3 tests/schemas/fetch.py FOLDER)",
)
def test_epcis_is_valid_by_gs1s_own_schema_and_ours_refuses_what_that_refuses(document: Any) -> None:
    theirs = jsonschema_rs.Draft7Validator(orjson.loads(Path(GS1).read_bytes()), validate_formats=True)
    ours = jsonschema_rs.Draft202012Validator(epcis.schema(), validate_formats=True)
    assert [str(error) for error in theirs.iter_errors(document)] == []
    refused = [(what, made) for what, made in faults(document) if not theirs.is_valid(made)]
    assert len(refused) > 200
    assert [what for what, made in refused if ours.is_valid(made)] == []


PLAIN = ("ID", "Number", "Percent", "Quantity")
"""Numbers that are no amounts: the schema that was read lets them be below 0."""


def renamed(one: ET.Element) -> bool:
    one.tag += "s"
    return True


def marked(one: ET.Element) -> bool:
    one.set("NoSuchAttribute", "1")
    return True


def grown(one: ET.Element) -> bool:
    ET.SubElement(one, f"{{{poslog.NAMESPACE}}}NoSuchElement")
    return True


def swapped(one: ET.Element) -> bool:
    first = next((k for k in range(len(one) - 1) if one[k].tag != one[k + 1].tag), None)
    if first is not None:
        one[first], one[first + 1] = one[first + 1], one[first]
    return first is not None


def below_zero(one: ET.Element) -> bool:
    if one.tag.endswith(PLAIN) or not (one.text or "").strip().replace(".", "", 1).isdigit():
        return False
    one.text = "-1.00"
    return True


def emptied(one: ET.Element) -> bool:
    if len(one) or not (one.text or "").strip():
        return False
    one.text = ""
    return True


def mutants(text: bytes) -> list[tuple[str, bytes]]:
    """The document with one thing wrong each time, at every place: what a strict schema refuses."""
    made = []
    for number in range(len(list(ET.fromstring(text).iter()))):  # noqa: S314 - our own
        for change in (renamed, marked, grown, swapped, below_zero, emptied):
            tree = ET.fromstring(text)  # noqa: S314 - our own
            one = list(tree.iter())[number]
            if change(one):
                made.append((f"{change.__name__} {one.tag.rpartition('}')[2]}", ET.tostring(tree)))
    return made


def test_our_own_reading_of_the_poslog_schema_refuses_every_single_fault(sold: Shop) -> None:
    """Another name, an attribute or a child that nobody knows, two neighbours swapped, an amount below 0, no text."""
    text = poslog.poslog(sales(sold.ledger), "shop", "Europe/Berlin")
    assert valid(poslog.xsd(), ET.tostring(ET.fromstring(text)))  # noqa: S314 - our own
    tried = mutants(text)
    assert len(tried) > 300
    passed = sorted({what for what, made in tried if valid(poslog.xsd(), made)})
    assert passed == []
