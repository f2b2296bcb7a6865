"""What is given away: each cause by itself, and quick where the ledger is large."""

import time
from dataclasses import replace

from sqlalchemy import Engine, insert

from tests.checkout.money import START_NS, D, Shop, line, receipt
from walkout.checkout import tables
from walkout.checkout.given_away import given_away
from walkout.checkout.provider_fake import DECLINED_CARD

UNANSWERED = "nobody answered"


def test_each_cause_counts_once(shop: Shop) -> None:
    ledger = shop.ledger
    for name, card in (("v1", "card"), ("v2", DECLINED_CARD), ("v3", "card")):
        ledger.enter(name, "p", card, START_NS)
    asked = receipt("v1", 0, line("1.10"), replace(line("2.20"), shown=False))
    ledger.issue(replace(asked, due=D("1.10")), final=False, reason="asked", now_ns=START_NS)
    ledger.issue(receipt("v1", 1, line("1.10")), final=True, reason=UNANSWERED, now_ns=START_NS)
    ledger.issue(receipt("v2", 0, line("5.00")), final=True, reason="decided", now_ns=START_NS)
    # What a person, or the last look of the software, takes off a provisional receipt was never owed.
    ledger.issue(receipt("v3", 0, line("9.00")), final=False, reason="provisional", now_ns=START_NS)
    ledger.issue(receipt("v3", 1), final=True, reason="decided", now_ns=START_NS)
    for name in ("v1", "v2", "v3"):
        ledger.leave(name, START_NS + 1)
    shop.quiet()
    with shop.engine.begin() as connection:
        for number, (outcome, amount) in enumerate((("upheld", D("0.50")), ("rejected", D("7.00")))):
            connection.execute(
                insert(tables.cases).values(
                    id=f"c{number}", visit="v1", kind="wrong", words="", state="closed", outcome=outcome, amount=amount,
                    opened_ns=1, closed_ns=2, closed_by="x",
                )
            )  # fmt: skip
    found = given_away(ledger, [UNANSWERED])
    assert found.visits == 3
    assert found.causes == {
        "unanswered": D("2.20"), "not collected": D("5.00"), "given back": D("0.50"), "contested": 0,
    }  # fmt: skip
    assert found.per_1000()["given back"] == "166.67"


def test_a_ledger_of_years_is_summed_up_at_once(engine: Engine, shop: Shop) -> None:
    visits = 20_000
    with engine.begin() as connection:
        rows = [
            {"visit": f"v{n}", "party": "p", "payer": "t", "currency": "EUR", "entered_ns": n, "stage": "settled",
             "payment": "{}"} for n in range(visits)
        ]  # fmt: skip
        connection.execute(insert(tables.visits), rows)
        made = [
            {"visit": f"v{n}", "revision": k, "final": k == 1, "reason": UNANSWERED if n % 50 == 0 and k else "decided",
             "total": D("3.00") - k, "currency": "EUR", "published": "{}", "sha256": "", "issued_ns": n}
            for n in range(visits) for k in (0, 1)
        ]  # fmt: skip
        connection.execute(insert(tables.receipts), made)
    started = time.perf_counter()
    found = given_away(shop.ledger, [UNANSWERED])
    spent_s = time.perf_counter() - started
    assert found.visits == visits
    assert found.causes["unanswered"] == D(visits // 50)
    assert spent_s < 2.0, "it was linear in every receipt's text, some 10 s here"
