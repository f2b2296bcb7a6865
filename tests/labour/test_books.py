"""Purposes, statements, corrections and what came of the money, in the database."""

import csv
from decimal import Decimal
from io import StringIO

import orjson
import pytest
from sqlalchemy import insert, select

from tests.labour.desk import WORKER, D, Turned, an_hour, card
from walkout.labour import tables
from walkout.labour.books import Books
from walkout.labour.export import own_data, to_csv, to_json
from walkout.labour.floor import FloorError
from walkout.labour.ledger import LabourError
from walkout.labour.notice import NOTICE
from walkout.labour.page import to_html
from walkout.labour.rate import NOTICE_NS, RateError
from walkout.labour.statement import to_csv as statement_csv
from walkout.labour.statement import to_json as statement_json

S = f"{WORKER}/2026-03/0"


def test_a_statement_reaches_the_floor(books: Books, turned: Turned) -> None:
    """14.00 an hour by the card, 16.00 by this person's contract: one hour is topped up to that.

    The two lines are 11.666... and 2.333..., each rounded up.
    """
    an_hour(books, turned)
    pay = books.statement(WORKER, "2026-03").pay
    assert (pay.earned, pay.top_up, pay.total, pay.currency) == (D("14.01"), D("1.99"), D("16.00"), "EUR")
    assert [(part.row.kind, part.row.hourly) for part in pay.floor] == [("contract", D("16.00"))]


def test_a_statement_computed_later_is_the_same_to_the_byte(books: Books, turned: Turned) -> None:
    an_hour(books, turned)
    issued = books.issue(WORKER, "2026-03")
    turned.on(86_400)
    an_hour(books, turned, "b")
    books.add_card(card(2, "20.00"))  # a rise, from the beginning of time
    books.import_floors(open_floors().replace("16.00", "30.00"), "operator")
    assert statement_json(books.statement(WORKER, "2026-03", 0)) == issued.published
    assert books.statement(WORKER, "2026-03").pay.total == D("60.00")
    second = books.issue(WORKER, "2026-03")
    assert (second.revision, second.due) == (1, D("44.00"))
    assert books.issue(WORKER, "2026-03") == second  # nothing new, nothing made


def test_a_month_below_the_floor_is_counted_not_believed_away(books: Books, turned: Turned) -> None:
    an_hour(books, turned)
    issued = books.issue(WORKER, "2026-03")
    assert books.below_floor() == 0
    planted = orjson.loads(issued.published) | {"total": "15.99"}
    with books.engine.begin() as connection:
        row = connection.execute(select(tables.statements)).one()._asdict()
        connection.execute(
            insert(tables.statements).values(**row | {"revision": 1, "published": orjson.dumps(planted).decode()})
        )
    assert books.below_floor() == 1


def open_floors() -> str:
    from importlib.resources import files

    return files("walkout.labour").joinpath("examples/floors.csv").read_text("utf-8")


def test_an_answer_and_a_grant_add_to_the_next_revision(books: Books, turned: Turned) -> None:
    say = books.ledger.happen
    say(WORKER, "shift_started", "a")
    turned.on(3600)
    say(WORKER, "shift_ended", "b")
    first = books.statement(WORKER, "2026-03")
    assert first.pay.paid_ns == (120 + 900) * 10**9
    assert [(i.number, i.paid) for i in first.asked] == [(2, True), (3, False)]
    books.issue(WORKER, "2026-03")
    for number in (1, 99):
        with pytest.raises(LabourError, match="right: one that swift-heron was asked about"):
            say(WORKER, "idle_answered", f"no {number}", of=number, detail="worked")
    say(WORKER, "idle_answered", "c", of=3, detail="worked")
    say(WORKER, "granted", "d", of=600 * 10**9, by="calm-otter", detail="the tablet was broken")
    second = books.statement(WORKER, "2026-03")
    assert second.pay.paid_ns == (3600 + 600) * 10**9
    assert [i.number for i in second.asked] == [2]
    assert second.due == second.pay.total - first.pay.total > 0


def test_money_that_was_stated_is_not_asked_back(books: Books, turned: Turned) -> None:
    say = books.ledger.happen
    say(WORKER, "shift_started", "a")
    turned.on(1000)
    say(WORKER, "shift_ended", "b")
    books.issue(WORKER, "2026-03")
    say(WORKER, "idle_answered", "c", of=2, detail="away")
    assert books.statement(WORKER, "2026-03").due == 0


def test_the_forms_say_the_same(books: Books, turned: Turned) -> None:
    an_hour(books, turned)
    made = books.statement(WORKER, "2026-03")
    plain = orjson.loads(statement_json(made))
    rows = list(csv.DictReader(StringIO(statement_csv(made))))
    page = to_html(made)
    assert plain["total"] == "16.00"
    assert plain["deductions"] == []
    assert next(r for r in rows if r["kind"] == "total")["amount"] == "16.00"
    assert sum(D(r["amount"]) for r in rows if r["rate_card"]) == made.pay.earned
    assert "Owed to you now: 16.00 EUR" in page
    assert "simulated" in page
    assert "<script" not in page
    assert "INVENTED" in page  # the floor's source
    assert made.head in page


def test_only_the_person_can_say_that_money_came(books: Books, turned: Turned) -> None:
    an_hour(books, turned)
    due = books.issue(WORKER, "2026-03").due
    assert books.payment(S) == "due"
    books.sent(S, due, "transfer 1", "operator")
    books.sent(S, due, "transfer 1", "operator")
    assert books.payment(S) == "sent"
    assert books.shares("EUR").confirmed == 0
    turned.on(8 * 86_400)
    assert books.payment(S) == "late"
    books.said(WORKER, S, came=False, words="nothing on my account")
    assert books.payment(S) == "disputed"
    books.said(WORKER, S, came=True)
    assert books.payment(S) == "confirmed"
    found = books.shares("EUR")
    assert (found.owed, found.confirmed, found.late, found.disputed) == (due, due, D(0), D(0))
    with pytest.raises(LabourError, match="a statement of their own"):
        books.said("somebody", S, came=True)
    with pytest.raises(LabourError, match="a reference never used"):
        books.sent(S, due + 1, "transfer 1", "operator")


def test_purposes_are_accepted_one_by_one_each_at_its_rate(books: Books, turned: Turned) -> None:
    assert books.accepted(WORKER) == frozenset()
    shown = books.accept(WORKER, "settle")
    assert (shown.hourly, shown.seconds_p50) == (D("14.00"), None)  # too little is known to estimate
    assert books.accepted(WORKER) == {"settle"}
    books.accept(WORKER, "audit")
    books.withdraw(WORKER, "settle")
    assert books.accepted(WORKER) == {"audit"}
    with pytest.raises(LabourError, match="right: one of settle"):
        books.accept(WORKER, "marketing")


def test_estimates_come_from_what_questions_took(books: Books, turned: Turned) -> None:
    an_hour(books, turned, questions=20)
    shown = books.estimate(WORKER, "settle")
    assert (shown.units, shown.seconds_p50, shown.seconds_p90) == (20, 150.0, 150.0)
    assert shown.pay_p50 == D("0.5833")


def test_a_lower_rate_has_to_be_accepted_again(books: Books, turned: Turned) -> None:
    books.add_card(card(2, "14.00", settle="18.00"))
    books.accept(WORKER, "settle")
    books.accept(WORKER, "audit")
    later = turned.now_ns + NOTICE_NS + 1
    books.add_card(card(3, "14.00", later, settle="15.00"))
    assert books.accepted(WORKER) == {"settle", "audit"}
    turned.on(15 * 86_400)
    assert books.accepted(WORKER) == {"audit"}
    books.accept(WORKER, "settle")
    assert books.accepted(WORKER) == {"settle", "audit"}


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (card(3), "right: 2, the next one"),
        (card(2, "13.00"), "less than 14 days' notice"),
        (card(2, "14.00", -5), "begins before the last one"),
    ],
)
def test_a_card_that_may_not_follow(books: Books, new: object, words: str) -> None:
    with pytest.raises(RateError, match=words):
        books.add_card(new)  # type: ignore[arg-type]


def test_a_fall_does_not_touch_what_was_worked_before_it(books: Books, turned: Turned) -> None:
    an_hour(books, turned)
    before = books.statement(WORKER, "2026-03").pay.total
    books.add_card(card(2, "13.50", turned.now_ns + NOTICE_NS + 1))
    assert books.statement(WORKER, "2026-03").pay.total == before


def test_without_a_floor_there_is_no_statement(books: Books, turned: Turned) -> None:
    books.ledger.register("new-wren", "nowhere", "employed", "Example Ltd")
    with pytest.raises(LabourError, match="right: a floors file that has it"):
        books.statement("new-wren", "2026-03")
    an_hour(books, turned)
    books.import_floors(open_floors().replace("2026-01-01", "2027-01-01").replace("2026-07-01", "2027-07-01"), "op")
    with pytest.raises(FloorError, match="found no legal_minimum for exampleville"):
        books.statement(WORKER, "2026-03")


def test_own_data_holds_every_row_about_a_person_and_nobody_elses(books: Books, turned: Turned) -> None:
    books.ledger.register("calm-otter", "exampleville", "employed", "Example Ltd")
    books.accept(WORKER, "settle")
    books.accept("calm-otter", "audit")
    an_hour(books, turned)
    books.issue(WORKER, "2026-03")
    books.looked(WORKER, "calm-otter", "intervals", "a question about March")
    data = own_data(books.ledger, WORKER)
    about = {table.name for table in tables.metadata.sorted_tables if "worker" in table.c}
    assert set(data["tables"]) == about
    assert all(row["worker"] == WORKER for rows in data["tables"].values() for row in rows)
    assert len(data["tables"]["labour_intervals"]) == len(books.ledger.intervals(WORKER))
    assert data["tables"]["labour_looks"][0]["looked_by"] == "calm-otter"
    assert {row.where.split(".")[0] for row in NOTICE} == about
    assert orjson.loads(to_json(data))["worker"] == WORKER
    assert to_csv(data, tables.looks).splitlines()[0] == "worker,number,looked_by,what,reason,t_ns"
    with pytest.raises(LabourError, match="right: all three"):
        books.looked(WORKER, "calm-otter", "intervals", "")


def test_amounts_are_exact(books: Books, turned: Turned) -> None:
    """A third of a cent is never lost: each line is rounded up, once."""
    say = books.ledger.happen
    say(WORKER, "shift_started", "a")
    turned.on(1)
    say(WORKER, "shift_ended", "b")
    pay = books.statement(WORKER, "2026-03").pay
    assert (pay.earned, pay.floor_due) == (Decimal("0.01"), Decimal("0.01"))
