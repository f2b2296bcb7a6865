"""The list of what stands at wrong places."""

from dataclasses import replace

from sqlalchemy import Engine, inspect

from tests.checkout.money import GTIN, START_NS
from walkout.checkout import tables
from walkout.checkout.misplaced import Misplaced, MisplacedGoods, Taken

SECOND_NS = 10**9
JAM = Misplaced("g/1/7@1", GTIN, 1, "g", 1, (7, 8), START_NS, 0.9)


def test_a_row_stays_until_it_is_ticked_off_and_does_not_come_again(engine: Engine) -> None:
    goods = MisplacedGoods(engine, 30 * SECOND_NS)
    goods.keep([JAM], [], START_NS)
    goods.keep([JAM], [], START_NS)
    (row,) = goods.there()
    assert replace(row, id=0) == JAM
    assert goods.put_back(row.id)
    assert goods.there() == ()
    assert not goods.put_back(row.id)
    goods.keep([JAM], [], START_NS)  # a restart reads the journal again
    assert goods.there() == ()


def test_what_the_next_shopper_takes_from_there_is_struck_once(engine: Engine) -> None:
    goods = MisplacedGoods(engine, 30 * SECOND_NS)
    other = replace(JAM, event="g/1/8@2", t_ns=START_NS + SECOND_NS)
    far = replace(JAM, event="g/1/1@2", plates=(1,))
    goods.keep([other, JAM, far], [], START_NS)
    taken = Taken("g/1/7@9", GTIN, "g", 1, (7,), START_NS + 9 * SECOND_NS)
    goods.keep([], [replace(taken, event="before", t_ns=START_NS - 1)], START_NS)
    assert len(goods.there()) == 3
    for _ in range(2):
        goods.keep([], [taken], START_NS)
        assert [one.event for one in goods.there()] == ["g/1/1@2", "g/1/8@2"]


def test_rows_end_with_the_evidence(engine: Engine) -> None:
    goods = MisplacedGoods(engine, 30 * SECOND_NS)
    goods.keep([JAM], [], START_NS)
    assert goods.delete_due(START_NS + 29 * SECOND_NS) == 0
    assert goods.delete_due(START_NS + 30 * SECOND_NS) == 1
    assert goods.there() == ()


def test_no_column_can_hold_a_person_or_when_somebody_worked(engine: Engine) -> None:
    columns = {column["name"] for column in inspect(engine).get_columns(tables.misplaced.name)}
    product = {"id", "event", "gtin", "quantity", "fixture", "shelf", "plates", "t_ns", "probability"}
    assert columns == product | {"state", "taken_in", "until_ns"}
    goods = MisplacedGoods(engine, 30 * SECOND_NS)
    goods.keep([JAM], [], START_NS)
    with engine.connect() as connection:
        before = connection.execute(tables.misplaced.select()).one()._asdict()
    assert goods.put_back(before["id"])
    with engine.connect() as connection:
        after = connection.execute(tables.misplaced.select()).one()._asdict()
    assert {name for name in columns if before[name] != after[name]} == {"state"}
