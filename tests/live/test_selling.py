"""Selling from the gate's message to the paid receipt and the export: taxes and offers, a new price, by weight."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.checkout.xsd import valid
from tests.live.story import feed, messages, shop_in
from tests.live.wire import sample
from walkout.checkout import poslog
from walkout.checkout.receipt import Receipt
from walkout.checkout.reconcile import reconcile
from walkout.checkout.sale import sales
from walkout.live.disputes import Disputes
from walkout.live.source import Message
from walkout.live.till import Till
from walkout.store.currency import to_minor
from walkout.store.selling import Offer, PriceChange, Selling, Slot, Sticker
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

STORE = sample()
STORY = (Arrival(0.5, (Member(Build(), b.take),)),)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def said() -> list[Message]:
    return list(messages(STORE, STORY, 26))


def played(folder: Path, store: Store, said: list[Message], **wishes: Any) -> tuple[Receipt, Decimal, bytes]:
    """The last receipt, what was paid, and the POSLog."""
    shop = shop_in(folder, store, **wishes)

    async def go() -> tuple[Receipt, Decimal, bytes]:
        await shop.open(listen=False)
        await feed(shop, said)
        await shop.do(shop.till.runner.finish)
        for _ in range(3):
            await shop.do(shop.till.cashier.work)

        def read(till: Till) -> tuple[Receipt, Decimal, bytes]:
            (visit,) = till.ledger.visits("settled")
            text = poslog.poslog(sales(till.ledger), store.name, store.timezone)
            assert reconcile(till.ledger, till.provider) == ()
            return till.ledger.receipts(visit)[-1].receipt, till.ledger.payment(visit).net, text

        found = await shop.do(lambda: read(shop.till))
        await shop.close()
        return found

    return asyncio.run(go())


def test_taxes_a_new_price_and_an_offer_reach_the_card_and_the_books(said: list[Message], tmp_path: Path) -> None:
    plain, paid, _ = played(tmp_path / "plain", STORE, said)
    (line,) = plain.lines
    assert paid == plain.total == line.unit_price * line.quantity > 0
    rules = Selling(
        taxes={p.tax: Decimal(19) for p in STORE.products.values()},
        prices_include_tax=False,
        price_changes=(PriceChange(line.gtin, LONG_AGO, Decimal("3.00")),),
        offers=(Offer("today", (Slot((line.gtin,), 1),), Decimal("2.00")),),
    )
    made, paid, text = played(tmp_path / "rules", replace(STORE, selling=rules), said)
    assert made.lines[0].offers == ("today",)
    assert (made.lines[0].unit_price, made.lines[0].cost) == (Decimal("3.00"), Decimal(2) * line.quantity)
    assert paid == made.total == Decimal("2.38") * line.quantity
    assert made.taxes[0].tax == Decimal("0.38") * line.quantity
    assert valid(poslog.xsd(), text)
    assert b"<PromotionID>today</PromotionID>" in text


def test_goods_by_weight_are_charged_from_the_scales_own_reading(said: list[Message], tmp_path: Path) -> None:
    products = {g: replace(p, sold_by="weight", price=Decimal("10.00")) for g, p in STORE.products.items()}
    made, paid, text = played(tmp_path / "weight", replace(STORE, products=products), said)
    (line,) = made.lines
    true_g = products[line.gtin].masses[0].mass_g * line.quantity
    assert line.mass_g is not None
    assert 0.8 * true_g < line.mass_g < true_g * 1.02
    assert paid == made.total == (Decimal(repr(line.mass_g)) / 100).quantize(Decimal("0.01"))
    assert b'UnitOfMeasureCode="KGM"' in text
    assert valid(poslog.xsd(), text)


def entered(said: list[Message]) -> datetime:
    """When the one party came in, by the gate's clock."""
    entry = next(orjson.loads(one.data) for one in said if "/gate/" in one.topic)
    return datetime.fromtimestamp(entry["t_ns"] / 1e9, UTC)


@pytest.mark.parametrize(
    ("after_s", "old", "new", "pays"),
    [
        (2.0, "5.00", "3.00", "3.00"),
        (2.0, "3.00", "5.00", "3.00"),
        (-60.0, "3.00", "5.00", "5.00"),
        (900.0, "5.00", "3.00", "5.00"),
    ],
    ids=["falls while inside", "rises while inside", "rose before", "falls after"],
)
def test_a_price_that_changes_in_mid_visit_is_paid_at_the_lower_one(
    said: list[Message], tmp_path: Path, after_s: float, old: str, new: str, pays: str
) -> None:
    changed = entered(said) + timedelta(seconds=after_s)
    rules = Selling(price_changes=tuple(PriceChange(gtin, changed, Decimal(new)) for gtin in STORE.products))
    products = {gtin: replace(p, price=Decimal(old)) for gtin, p in STORE.products.items()}
    made, paid, text = played(tmp_path, replace(STORE, products=products, selling=rules), said)
    (line,) = made.lines
    assert line.unit_price == Decimal(pays)
    assert paid == made.total == Decimal(pays) * line.quantity
    assert valid(poslog.xsd(), text)


def test_an_item_with_a_sticker_costs_what_the_sticker_says(said: list[Message], tmp_path: Path) -> None:
    plain, _, _ = played(tmp_path / "plain", STORE, said)
    (line,) = plain.lines
    rules = Selling(stickers=(Sticker(line.gtin, Decimal("0.25"), 1),))
    made, paid, text = played(tmp_path / "rules", replace(STORE, selling=rules), said)
    assert paid == made.total == plain.total - line.unit_price + Decimal("0.25")
    assert made.lines[0].gtin == line.gtin
    assert valid(poslog.xsd(), text)
    over = Selling(stickers=(Sticker(line.gtin, Decimal("0.25"), 1, ends=LONG_AGO),))
    assert played(tmp_path / "over", replace(STORE, selling=over), said)[1] == plain.total


@pytest.mark.parametrize(
    ("currency", "price", "minor"), [("JPY", "150", 150), ("KWD", "1.125", 1125), ("CHF", "2.35", 235)]
)
def test_a_shop_sells_in_its_own_currency_to_the_providers_minor_unit(
    said: list[Message], tmp_path: Path, currency: str, price: str, minor: int
) -> None:
    products = {g: replace(p, price=Decimal(price), currency=currency) for g, p in STORE.products.items()}
    store = replace(STORE, currency=currency, products=products, selling=Selling())
    made, paid, text = played(tmp_path, store, said, hold=Decimal(price) * 10, cap=Decimal(price) * 20)
    (line,) = made.lines
    assert made.currency == currency
    assert paid == made.total == Decimal(price) * line.quantity
    assert to_minor(paid, currency) == minor * line.quantity
    assert f"<CurrencyCode>{currency}".encode() in text or f'"{currency}"'.encode() in text
    assert valid(poslog.xsd(), text)


def test_another_number_on_the_packet_is_the_same_product_for_offer_dispute_and_tag(
    said: list[Message], tmp_path: Path
) -> None:
    """A shopper's phone reads the other barcode: what they say is missing is charged as the catalogue's product."""
    plain, _, _ = played(tmp_path / "plain", STORE, said)
    (line,) = plain.lines
    other = "04012345123456"
    shop = shop_in(tmp_path / "shop", replace(STORE, selling=Selling(barcodes={other: line.gtin})))

    async def go() -> tuple[Receipt, Decimal]:
        await shop.open(listen=False)
        await feed(shop, said)
        await shop.do(shop.till.runner.finish)

        def act(till: Till) -> tuple[Receipt, Decimal]:
            for _ in range(3):
                till.cashier.work()
            (visit,) = till.ledger.visits("settled")
            case = Disputes(till).open(visit, "missed", "one more", till.cashier.now_ns, other, 1)
            assert (case.gtin, case.outcome) == (line.gtin, "added")
            for _ in range(3):
                till.cashier.work()
            assert reconcile(till.ledger, till.provider) == ()
            return till.ledger.receipts(visit)[-1].receipt, till.ledger.payment(visit).net

        found = await shop.do(lambda: act(shop.till))
        await shop.close()
        return found

    made, paid = asyncio.run(go())
    assert [(one.gtin, one.quantity) for one in made.lines] == [(line.gtin, line.quantity + 1)]
    assert paid == plain.total + line.unit_price
