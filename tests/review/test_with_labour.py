"""The desk and the time ledger in one database, wired as a shop wires them: neither knows of the other."""

import shutil
from importlib.resources import files
from pathlib import Path

from sqlalchemy import select

from tests.labour.desk import D, Turned, card
from tests.review.desk import BODY
from walkout.checkout.storage import connect
from walkout.labour.books import Books
from walkout.labour.ledger import LabourLedger
from walkout.labour.storage import BRANCH
from walkout.review import tables
from walkout.review.gold import put_gold
from walkout.review.queues import Queues

WHO = "swift-heron"


def test_a_shift_from_acceptance_to_statement(ready: Path, tmp_path: Path) -> None:
    engine = connect(shutil.copy(ready, tmp_path / "both.db"), durable=False)
    BRANCH.migrate(engine)
    turned = Turned()
    books = Books(LabourLedger(engine, turned.clock()), "simulated")
    books.import_floors(files("walkout.labour").joinpath("examples/floors.csv").read_text("utf-8"), "operator")
    books.add_card(card(1, "16.50"))
    books.ledger.register(WHO, "exampleville", "employed", "Example Ltd")
    queues = Queues(engine, books.accepted, books.ledger.clock.now_ns, seed=b"s", gold_rates=(1.0, 1.0))
    queues.register(WHO)
    put_gold(engine, "g", BODY, "a", software_was_wrong=True, author="dee", t_ns=1)
    for n in range(3):
        queues.put(f"q{n}", f"v{n}", ("settle", "dispute", "annotate")[n], BODY, deadline_ns=turned.now_ns + 10**13)

    assert queues.lease(WHO) is None  # nothing was accepted
    books.accept(WHO, "settle")
    books.accept(WHO, "gold")
    books.ledger.happen(WHO, "shift_started", "start")
    had = []
    while lease := queues.lease(WHO):
        had.append(lease.purpose)
        books.ledger.happen(
            WHO, "leased", lease.token, unit=lease.question, purpose=lease.purpose, card=books.card("exampleville").hash
        )
        turned.on(90)
        queues.submit(lease.token, "b" if lease.purpose == "gold" else "a")  # the gold answer is wrong: pay is the same
        books.ledger.happen(WHO, "submitted", f"{lease.token}/done", unit=lease.question)
    assert had == ["gold", "settle"]  # and nothing that was not accepted
    books.accept(WHO, "dispute")
    skipped = queues.lease(WHO)
    assert skipped is not None
    assert skipped.purpose == "dispute"
    books.ledger.happen(
        WHO, "leased", skipped.token, unit=skipped.question, purpose="dispute", card=books.card("exampleville").hash
    )
    turned.on(60)
    queues.skip(skipped.token, "I know this person")
    books.ledger.happen(WHO, "skipped", f"{skipped.token}/done", unit=skipped.question)
    books.ledger.happen(WHO, "shift_ended", "end")

    made = books.statement(WHO, "2026-03")
    assert made.units == (("dispute", 1), ("gold", 1), ("settle", 1))
    assert {(line.kind, line.length_ns // 10**9) for line in made.pay.lines} == {
        ("gold", 90),
        ("active", 90),
        ("active", 60),
    }
    assert made.pay.paid_ns == 240 * 10**9
    assert {line.hourly for line in made.pay.lines} == {D("16.50")}
    assert books.ledger.verify(WHO) == ()
    with engine.connect() as connection:
        assert len(connection.execute(select(tables.leases)).all()) == 3
    engine.dispose()
