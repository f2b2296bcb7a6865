"""What was contested before it was paid: withheld, then charged once, dropped, or given away and counted."""

from dataclasses import replace
from decimal import Decimal

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from tests.checkout.money import START_NS, D, Shop, line, receipt
from walkout.checkout import contest, tables
from walkout.checkout.contest import amount, open_contests, resolved, to_withhold, withhold
from walkout.checkout.faults import Fault
from walkout.checkout.given_away import given_away
from walkout.checkout.ledger import Issued
from walkout.checkout.payment import RevisionError
from walkout.checkout.receipt import Line, Receipt, from_published, recounted, schema, sum_of, to_published
from walkout.checkout.reconcile import reconcile
from walkout.checkout.tax import TaxRule

A, B, C = "00000000000017", "00000000000024", "00000000000031"


def of(gtin: str, price: str, quantity: int = 1, **more: object) -> Line:
    return replace(line(price, quantity), gtin=gtin, **more)  # type: ignore[arg-type]


THREE = recounted(receipt("v1", 0), (of(A, "2.00"), of(B, "1.50", 2), of(C, "0.70")))


@given(
    st.sets(st.sampled_from((A, B, C))),
    st.sets(st.sampled_from((A, B, C))),
    st.sampled_from((None, TaxRule(True, "receipt", D("0.01")), TaxRule(False, "line", D("0.01")))),
)
def test_whatever_is_withheld_the_sum_stays_and_all_of_it_comes_back(
    first: set[str], second: set[str], rule: TaxRule | None
) -> None:
    whole = replace(THREE, tax_rule=rule, lines=tuple(replace(x, tax="A", tax_rate=D("7")) for x in THREE.lines))
    whole = recounted(whole, whole.lines)
    once = withhold(whole, first)
    assert {x.gtin for x in once.withheld} == first
    assert once.total + amount(once) == whole.total
    assert once.payable == once.total == sum_of(once.lines, rule)
    again = withhold(once, second)
    assert sorted(x.gtin for x in again.lines) == sorted({A, B, C} - second)
    assert again.total + amount(again) == whole.total
    back = withhold(again, ())
    assert (set(back.lines), back.total, back.withheld) == (set(whole.lines), whole.total, ())
    assert from_published(orjson.loads(orjson.dumps(to_published(once)))) == once
    jsonschema.validate(to_published(once), schema(), jsonschema.Draft202012Validator)


def test_what_is_not_withheld_is_not_published() -> None:
    assert "withheld" not in to_published(THREE)
    assert withhold(THREE, ()) is THREE
    unsure = replace(THREE, lines=(of(A, "2.00"), of(B, "1.50", 2, shown=False), of(C, "0.70")), due=D("2.70"))
    assert withhold(unsure, {A}).payable == D("0.70"), "what is due stays what is shown of the rest"


def issued(made: Receipt, *, final: bool) -> Issued:
    published = orjson.dumps(to_published(made))
    return Issued(made.revision, final, "t", made.total, made.currency, published, "", START_NS)


def test_only_what_was_said_before_the_first_receipt_is_withheld_and_what_is_charged_is_charged() -> None:
    said = {A: START_NS - 1, B: START_NS + 1}
    next_ = replace(THREE, revision=1)
    assert to_withhold(THREE, (), said) == {A, B}
    provisional = issued(withhold(THREE, {C}), final=False)
    assert to_withhold(next_, (provisional,), said) == {A}, "C is not contested any more, B was said too late"
    charged = issued(THREE, final=True)
    assert to_withhold(next_, (charged,), said) == frozenset()
    waits = issued(withhold(THREE, {A}), final=True)
    assert to_withhold(next_, (waits,), said) == {A}
    assert to_withhold(next_, (waits,), said, looked=A) == frozenset()
    assert to_withhold(THREE, (waits,), {}) == {A}, "made again after a crash it is the same"


def first(shop: Shop, *gtins: str) -> None:
    """A visit of which some lines are withheld, paid."""
    shop.enter()
    shop.quiet()
    shop.ledger.issue(withhold(THREE, gtins), final=True, reason="t", now_ns=shop.now_ns)
    shop.quiet()


def later(shop: Shop, gtin: str, reason: str, *, charge: bool) -> None:
    before = shop.ledger.receipts("v1")[-1].receipt
    made = replace(resolved(before, gtin, charge=charge), revision=before.revision + 1)
    shop.ledger.issue(made, final=True, reason=reason, now_ns=shop.now_ns)
    shop.quiet()


def test_the_rest_is_paid_and_what_a_person_saw_them_take_is_charged_afterwards(shop: Shop) -> None:
    first(shop, B, C)
    assert shop.ledger.payment("v1").net == shop.taken("v1") == D("2.00")
    later(shop, B, contest.TAKEN, charge=True)
    assert shop.ledger.payment("v1").net == shop.taken("v1") == D("5.00")
    later(shop, C, contest.NOT_TAKEN, charge=False)
    assert shop.ledger.payment("v1").net == shop.taken("v1") == D("5.00")
    assert shop.ledger.receipts("v1")[-1].receipt.withheld == ()
    assert given_away(shop.ledger, ()).causes["contested"] == 0
    assert reconcile(shop.ledger, shop.provider) == ()


def test_a_receipt_rises_by_what_was_withheld_and_by_nothing_else(small_shop: Shop) -> None:
    first(small_shop, B)
    before = small_shop.ledger.receipts("v1")[-1].receipt
    for wrong in (
        (*before.lines, of("00000000000048", "0.10")),
        (*before.lines, of(B, "1.50", 3)),
        (*before.lines, of(B, "1.60", 2)),
        tuple(replace(x, unit_price=x.unit_price + 1) for x in before.lines),
    ):
        with pytest.raises(RevisionError, match="unless the shopper added to it"):
            small_shop.ledger.issue(
                replace(recounted(before, wrong), revision=1, withheld=()), final=True, reason="t", now_ns=1
            )
    later(small_shop, B, contest.TAKEN, charge=True)
    again = replace(recounted(before, (*before.lines, *before.withheld)), revision=2)
    whole = small_shop.ledger.receipts("v1")[-1].receipt
    assert again.total == whole.total
    twice = replace(recounted(whole, (*whole.lines, of(B, "1.50", 2))), revision=2)
    with pytest.raises(RevisionError):
        small_shop.ledger.issue(twice, final=True, reason=contest.TAKEN, now_ns=1)


FAULTS = [f for f in Fault if f not in (Fault.NONE, Fault.DECLINE)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.value)
def test_under_every_fault_it_is_charged_exactly_once(small_shop: Shop, fault: Fault) -> None:
    small_shop.faults = lambda request, before: fault if request.kind == "charge" and before == 0 else Fault.NONE
    first(small_shop, B, C)
    later(small_shop, B, contest.TAKEN, charge=True)
    assert small_shop.ledger.payment("v1").net == small_shop.taken("v1") == D("5.00")
    assert reconcile(small_shop.ledger, small_shop.provider) == ()


def test_what_cannot_be_charged_any_more_is_given_away_and_counted(small_shop: Shop) -> None:
    first(small_shop, A, B, C)
    assert small_shop.taken("v1") == 0
    later(small_shop, C, contest.GIVEN_AWAY, charge=False)
    assert given_away(small_shop.ledger, ()).causes == {
        "unanswered": 0, "not collected": 0, "given back": 0, "contested": D("0.70"),
    }  # fmt: skip
    small_shop.faults = lambda request, _: Fault.DECLINE if request.kind == "charge" else Fault.NONE
    later(small_shop, B, contest.TAKEN, charge=True)
    assert small_shop.taken("v1") == 0
    found = given_away(small_shop.ledger, ()).causes
    assert (found["contested"], found["not collected"]) == (D("3.70"), Decimal(0))
    assert [one.what for one in reconcile(small_shop.ledger, small_shop.provider)] == ["not collected"]


def test_open_cases_are_read_with_when_they_were_said(small_shop: Shop) -> None:
    small_shop.enter()
    rows = [("c1", A, "open", "wrong"), ("c2", B, "closed", "wrong"), ("c3", C, "open", "missed")]
    with small_shop.engine.begin() as connection:
        for name, gtin, state, kind in rows:
            connection.execute(
                insert(tables.cases).values(
                    id=name, visit="v1", kind=kind, gtin=gtin, words="", state=state, note="", opened_ns=7
                )
            )
    assert open_contests(small_shop.ledger, "v1") == {A: 7}
    assert open_contests(small_shop.ledger, "v2") == {}
