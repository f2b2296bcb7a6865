"""Selling from the gate's message to the paid receipt and the export: taxes and offers, a new price, by weight."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.checkout.xsd import valid
from tests.live.story import feed, messages, shop_in
from tests.live.wire import sample
from walkout.checkout import poslog
from walkout.checkout.receipt import Receipt
from walkout.checkout.sale import sales
from walkout.live.source import Message
from walkout.live.till import Till
from walkout.store.selling import Offer, PriceChange, Selling, Slot
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


def played(folder: Path, store: Store, said: list[Message]) -> tuple[Receipt, Decimal, bytes]:
    """The last receipt, what was paid, and the POSLog."""
    shop = shop_in(folder, store)

    async def go() -> tuple[Receipt, Decimal, bytes]:
        await shop.open(listen=False)
        await feed(shop, said)
        await shop.do(shop.till.runner.finish)
        for _ in range(3):
            await shop.do(shop.till.cashier.work)

        def read(till: Till) -> tuple[Receipt, Decimal, bytes]:
            (visit,) = till.ledger.visits("settled")
            text = poslog.poslog(sales(till.ledger), store.name, store.timezone)
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
