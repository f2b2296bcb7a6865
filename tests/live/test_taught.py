"""What people answered in a running shop, as learning is told of it; and a shop that starts with what it learnt."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.live.desk_shop import OAT, STORE, TEA, Shop, desk_shop, doubted, sure
from walkout.checkout.storage import StorageError
from walkout.disclosure.report import report
from walkout.inference.calibrate import NO_CARD
from walkout.inference.learnt import Learnt, Place
from walkout.inference.model import Model
from walkout.learning import answers
from walkout.learning.answers import labels_of
from walkout.learning.label import Told
from walkout.learning.register import FOLDER, Record, Register, Source, Use
from walkout.learning.trial import Trial
from walkout.live import desk
from walkout.live.disputes import Disputes
from walkout.review.case import UNDO_NS

PLATES = next(f for f in STORE.planogram if f.gtin == TEA)
LEARNT = Learnt((Place(PLATES.fixture, PLATES.shelf, PLATES.plates, OAT),), (), (("put_back", 0.4),))
SOURCE = Source(80, 20, 3, 0, "fewer than 5", 1, 2, 3)
TRIAL = Trial(40, "fewer than 5", 0.2, 0.1, 0.3, 30, 35, 2, 1, promoted=True, why="better")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with desk_shop(tmp_path) as found:
        yield found


def promoted(folder: Path, use: Use = Use(LEARNT)) -> Record:  # noqa: B008 - frozen
    what = Record(0, 1_790_000_000 * 10**9, "promoted", use, "simulated", "1 place", "olga", SOURCE, TRIAL)
    return Register(folder / FOLDER).add(what)


def test_a_settled_case_is_a_label_with_what_was_answered(shop: Shop) -> None:
    shop.team()
    shop.visit(doubted("v1"))
    shop.answer("ada", "2")
    shop.work()
    assert labels_of(shop.till.database) == {}  # it can be taken back for a minute: nothing is final
    shop.work(UNDO_NS / 1e9 + 1)
    (found,) = labels_of(shop.till.database).values()
    assert (found.visit, found.basket, found.how, found.probability) == ("v1", ((TEA, 2),), "answered", 1.0)
    assert found.told == (Told("e1", "count", "2"),)
    assert found.people == {"ada"}
    assert answers.ANSWERED == desk.ANSWERED


def test_what_nobody_could_tell_or_nobody_answered_is_no_label(shop: Shop) -> None:
    shop.team()
    shop.visit(doubted("v1"))
    shop.visit(doubted("v2"))
    shop.answer("ada", None)
    shop.work(5 * 3600)
    shop.work(120)
    assert labels_of(shop.till.database) == {}


def test_an_audit_stands_for_all_that_were_not_drawn(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.till.desk.watch.share = 0.999999  # as good as every visit is drawn
        shop.team()
        shop.visit(sure("v1"))
        for who in ("ada", "ben"):
            shop.answer(who, f"{OAT}*1")
        (found,) = labels_of(shop.till.database).values()
        assert (found.basket, found.how) == (((OAT, 1),), "audited")
        assert found.people == {"ada", "ben"}
        assert found.weight == pytest.approx(1 / 0.999999)


def test_a_dispute_that_was_upheld_is_a_label(shop: Shop) -> None:
    shop.team()
    shop.visit(sure("v1"))
    disputes = Disputes(shop.till)
    disputes.open("v1", "wrong", "I did not take it", now_ns=shop.now_ns, gtin=TEA, quantity=1)
    shop.work()
    shop.answer("cy", "upheld")
    shop.work(UNDO_NS / 1e9 + 3)
    (found,) = labels_of(shop.till.database).values()
    assert (found.basket, found.how) == ((), "disputed")


def test_of_an_erased_visit_nothing_is_learnt(shop: Shop) -> None:
    shop.team()
    shop.visit(doubted("v1"))
    shop.answer("ada", "2")
    shop.work(UNDO_NS / 1e9 + 3)
    assert labels_of(shop.till.database)
    shop.till.evidence.delete_due(shop.now_ns + 10**18)
    assert labels_of(shop.till.database) == {}


def test_a_shop_starts_with_what_it_learnt_and_its_planogram_stays(shop: Shop) -> None:
    assert shop.till.runner.store == STORE
    made = promoted(shop.folder)
    till = shop.open()
    assert till.store == STORE
    assert {
        f.gtin for f in till.runner.store.facings_on(PLATES.fixture, PLATES.shelf) if f.plates == PLATES.plates
    } == {
        TEA,
        OAT,
    }
    till.runner.snapshot()
    till.runner.open()  # a snapshot goes on with what is believed now
    assert till.runner._engine._goods.model == replace(Model(), put_back=0.4)
    again = shop.open()  # a restart says nothing twice
    assert again.desk.watch.guard == till.desk.watch.guard
    listed = report(again.record.source("2026-09"))["training"]["models"]
    assert made.id in {one["sha256"] for one in listed}


def test_what_was_learnt_ends_the_certificate_and_a_chosen_threshold_stays(shop: Shop) -> None:
    assert shop.till.cashier.settling.settle_at == 0.99
    old = shop.till.desk.watch.guard.certificate
    promoted(shop.folder, Use(LEARNT, NO_CARD))
    shop.on(60)
    till = shop.open()
    assert till.cashier.settling.card == NO_CARD
    assert till.cashier.settling.settle_at == 0.99  # chosen for a simulation, not learnt on labels
    assert old is not None
    with till.queues.reading.begin() as connection:
        kinds = [row.kind for row in connection.exec_driver_sql("select kind from review_moves order by number")]
    assert kinds[-2:] == ["changed", "certified"]


def test_a_record_that_was_changed_keeps_the_shop_closed(shop: Shop) -> None:
    promoted(shop.folder)
    (path,) = (shop.folder / FOLDER).glob("*.json")
    path.write_bytes(path.read_bytes().replace(b"olga", b"ruth"))
    with pytest.raises(StorageError, match="was changed"):
        shop.open()
