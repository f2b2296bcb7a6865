"""Plays a small day in a shop of an older state of this repository and packs all that it left on disk.

Run in a checkout of that state, see README.md here: it uses only what was there then. The archive holds the data folder
as it was after the shop was closed, and `facts.json`: what that state said of it.
"""

import asyncio
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text
from tests.live.story import feed, messages

from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.doubt import Answer, Doubt
from walkout.inference.visit import Visit
from walkout.live.disputes import Disputes
from walkout.live.sandbox import play_trip
from walkout.live.shop import Shop
from walkout.live.till import Till, Wishes, open_till
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

STORE = Path("examples/shell-shop")
"""The smallest: a minute of the sample store's sensors is 2 MB."""
WISHES = Wishes(any_card=True, settle_at=0.99, audit_share=0.01, durable=False)
SHOPPERS = (
    Arrival(0.5, (Member(Build(), b.sequence(b.take, b.take)),)),
    Arrival(24.0, (Member(Build(1.7), b.sequence(b.take, *[b.browse] * 30)),)),
)
MONTH = time.strftime("%Y-%m")
PURPOSES = ("settle", "audit", "adjudicate", "dispute")


def main(commit: str, folder: Path, archive: Path) -> None:
    """Play, close, say what there is, pack."""
    store = load(STORE)
    shop = Shop(lambda: open_till(store, folder, wishes=WISHES), store.name, None)
    asyncio.run(shop.open(listen=False))
    asyncio.run(feed(shop, messages(store, SHOPPERS, 34)))
    till = shop.till

    def do(what: Any) -> Any:
        return shop.worker.submit(what).result()

    disputes = do(lambda: Disputes(till))
    for _ in range(4):
        do(till.cashier.work)
    do(lambda: play_trip(till, disputes, "refund"))
    do(lambda: play_trip(till, disputes, "wrong-product"))
    do(lambda: play_trip(till, disputes, "late-payment"))
    for _ in range(4):
        do(till.cashier.work)
    for name in ("v-answered", "v-asked"):
        do(lambda name=name: doubt(till, store, name))
    for name in ("ada", "ben"):
        do(lambda name=name: till.reviewing.add(name, "exampleville", "employed", "Example Ltd"))
        for purpose in PURPOSES:
            do(lambda name=name, purpose=purpose: till.reviewing.accept(name, purpose))
        do(lambda name=name: till.reviewing.shift(name, "shift_started"))
    time.sleep(5)
    lease = do(lambda: till.reviewing.lease("ada"))
    do(lambda: till.reviewing.submit("ada", lease.token, lease.body.candidates[0][0], "sure"))
    for name in ("ada", "ben"):
        do(lambda name=name: till.reviewing.shift(name, "shift_ended"))
    do(lambda: till.reviewing.books.issue("ben", MONTH))
    do(till.work)
    facts = {"commit": commit, "at_ns": time.time_ns(), "month": MONTH, **do(lambda: said(till, disputes))}
    asyncio.run(shop.close())
    (folder / "facts.json").write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                tar.add(path, str(path.relative_to(folder)))
    counts = {key: len(value) for key, value in facts.items() if isinstance(value, dict)}
    print(archive.stat().st_size, "bytes;", counts)  # noqa: T201


def doubt(till: Till, store: Store, visit: str) -> None:
    """A party that left with one or two of something: people are asked, and only what is shown is charged meanwhile."""
    first, second = sorted(store.products)[:2]
    one, two, other = ((first, 1),), ((first, 2),), ((second, 1),)
    at_ns = time.time_ns()
    answers = (Answer((("a", first, 1),), "took one"), Answer((("a", first, 2),), "took two"))
    count = Doubt("e1", 1, 2, "", 1, answers, ((0.6, 0.0), (0.0, 0.38), (0.02, 0.0), (0.0, 0.0)))
    belief = Belief(
        Visit(visit, visit, ("a",), at_ns - 60 * 10**9, at_ns),
        (BelievedLine(first, 1, 0.6, "it left the shelf", ("e1",)),),
        0.6,
        (Basket(one, 0.6), Basket(two, 0.38), Basket(other, 0.02)),
        (count,),
    )
    holder = till.credentials.holder(f"card of {visit}")
    assert holder is not None
    till.cashier.enter(visit, visit, holder.digest, belief.visit.entered_ns)
    till.cashier.decide(belief, 0)
    curve = {"event": "e1", "fixture": "fridge", "shelf": 1, "plates": [1, 2]}
    curve |= {"t_ns": [at_ns - 2 * 10**9, at_ns - 10**9], "grams": [[900.0, None], [800.0, None]]}
    event = {"id": "e1", "candidates": [{"shopper": "a", "probability": 0.6, "why": "a hand was there"}]}
    till.evidence.keep(visit, {"events": [event], "curves": [curve], "reaches": [], "baskets": []}, at_ns)
    till.desk.decided(belief)


def said(till: Till, disputes: Disputes) -> dict[str, Any]:
    """What the older state says of its own data."""
    ledger, books = till.ledger, till.reviewing.books
    versions = text("SELECT name FROM sqlite_master WHERE name LIKE '%\\_version' ESCAPE '\\'")
    with till.database.begin() as connection:
        names = connection.execute(versions).scalars().all()
        # Names of tables are no values; these come from the database itself.
        schema = {name: connection.execute(text(f"SELECT version_num FROM {name}")).scalar_one() for name in names}  # noqa: S608
    receipts, payments = {}, {}
    for visit in ledger.visits():
        receipts[visit] = [[one.published.decode(), one.sha256, one.final] for one in ledger.receipts(visit)]
        payment = ledger.payment(visit)
        payments[visit] = [str(payment.net), str(payment.held), payment.hold_state]
    statements = {worker: books.statement(worker, MONTH) for worker in books.ledger.workers()}
    return {
        "schema": schema,
        "receipts": receipts,
        "payments": payments,
        "movements": {m.key: [m.kind, m.visit, str(m.amount), m.currency, m.id] for m in till.provider.movements()},
        "disputes": {case.id: [case.visit, case.kind, case.state, str(case.amount)] for case in disputes.all()},
        "pay": {worker: [str(one.pay.total), one.as_of, one.head] for worker, one in statements.items()},
        "issued": [
            [one.worker, one.period, str(one.due), one.published.decode(), one.sha256] for one in books.issued()
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
