"""Which questions want clips, and what came of making them, whatever dies in between: all from the database."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from math import dist
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.live.desk_shop import SECOND, START_NS, Shop, desk_shop, sure
from tests.live.desk_shop import doubted as long_ago
from tests.live.story import feed, messages, shop_in
from tests.live.wire import sample
from walkout.inference.belief import Belief
from walkout.live.clip import Clip, Made
from walkout.live.clip_keeper import keeper_of
from walkout.live.clip_maker import EMPTY, GONE, Answer
from walkout.live.clip_work import (
    AGAIN_NS,
    FAILED,
    NO_CAMERA,
    NO_SHELF,
    NOT_KEPT,
    TRIES,
    WAIT_NS,
    ClipWork,
    Job,
    target_of,
    why_none,
)
from walkout.live.erasure import erase_visit
from walkout.privacy.audit import audit
from walkout.privacy.entry import Entry
from walkout.privacy.segments import RawPacket
from walkout.review import tables
from walkout.review.case import Body
from walkout.review.consent import agree
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

MADE = Made("e1.aisle", "aisle", 60, 3, ("somebody",))
CLIP = Clip(MADE, b"a redacted video", {"event": "e1", "camera": "aisle", "t_ns": [1, 2]})
DONE = Answer((CLIP,), read=True, cpu_s=1.0)


def doubted(visit: str) -> Belief:
    """A visit with a happening in its last second."""
    belief = long_ago(visit)
    when = replace(belief.doubts[0], start_ns=START_NS - SECOND, end_ns=START_NS - SECOND // 2)
    return replace(belief, doubts=(when,))


def work_of(shop: Shop, *cameras: str) -> ClipWork:
    till = shop.till
    return ClipWork(
        till.database, till.store, till.evidence, till.cashier, till.vault, till.queues.now_ns,
        frozenset(cameras or ("aisle",)),
    )  # fmt: skip


def entries(shop: Shop) -> list[Entry]:
    return [one for one in shop.till.vault.log.entries() if one.kind == "clip"]


def rows(shop: Shop) -> list[tuple[str, str, int, str]]:
    with shop.till.database.connect() as connection:
        return [(r.visit, r.event, r.made, r.why) for r in connection.execute(select(tables.clips))]


def job_of(work: ClipWork) -> Job:
    found = work.due()
    assert found is not None
    return found


def test_a_question_wants_clips_once_and_its_case_says_that_they_are_made(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        work = work_of(shop)
        assert work.due() is None
        shop.visit(doubted("v1"))
        assert work.due() is None, "people and pictures of that time are not all there yet"
        shop.on(WAIT_NS / SECOND + 1)
        job = job_of(work)
        assert (job.visit, job.event, job.wanted.shoppers, job.wanted.most) == ("v1", "e1", ("a",), 1)
        (one,) = job.wanted.happenings
        assert one.target == target_of(shop.till.store, {"fixture": "snacks", "shelf": 1, "plates": [1, 2]})
        assert why_none(shop.till.database, "v1", "e1") is None
        work.keep(job, DONE)
        assert work.due() is None
        assert rows(shop) == [("v1", "e1", 1, "")]
        video, about = shop.till.vault.clips.get("v1", "e1.aisle")
        assert (video, about["made_ns"]) == (b"a redacted video", shop.now_ns)
        (entry,) = entries(shop)
        assert entry.facts["what"] == "made"
        assert (entry.facts["clips"], entry.facts["pictures"], entry.facts["withheld"]) == (1, 60, 3)
        assert set(entry.sealed) == {"visit"}
        assert "v1" not in str(entry.facts)
        work.keep(job, DONE)
        assert len(rows(shop)) == 1


def test_what_nobody_saw_counts_as_no_look_and_the_log_holds(tmp_path: Path) -> None:
    """Software that read raw video is not somebody who looked; anybody can check the log all the same."""
    with desk_shop(tmp_path) as shop:
        shop.visit(doubted("v1"))
        shop.on(60)
        work = work_of(shop)
        work.keep(job_of(work), DONE)
        kinds = [one.kind for one in shop.till.vault.log.entries()]
        assert "raw_access" not in kinds
        assert "view" not in kinds
        human = shop.till.desk.human("v1", shop.till.cashier.last("v1").receipt.human)  # type: ignore[union-attr]
        assert human.viewers == 0
        found = audit(shop.till.vault.data / "log")
        assert found.whole, found


@pytest.mark.parametrize("at", ["before all", "between clips and row"])
def test_a_kill_anywhere_makes_them_again_or_leaves_them_whole(
    tmp_path: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk_shop(tmp_path) as shop:
        shop.visit(doubted("v1"))
        shop.on(60)
        work = work_of(shop)
        job = job_of(work)
        if at == "between clips and row":
            with monkeypatch.context() as patch:
                patch.setattr(ClipWork, "_say", _killed)
                with pytest.raises(KeyboardInterrupt):
                    work.keep(job, DONE)
        shop.open()
        work = work_of(shop)
        again = job_of(work)
        assert (again.visit, again.event) == ("v1", "e1")
        work.keep(again, DONE)
        assert rows(shop) == [("v1", "e1", 1, "")]
        assert shop.till.vault.clips.names("v1") == ("e1.aisle",)
        assert shop.till.vault.clips.get("v1", "e1.aisle")[0] == b"a redacted video"
        assert len(entries(shop)) == (1 if at == "before all" else 2), "each making is logged"
        assert work_of(shop).due() is None


@pytest.mark.parametrize("agrees", [True, False])
def test_a_clip_that_is_made_after_its_shopper_agreed_is_copied_for_learning_at_once(
    tmp_path: Path, agrees: bool
) -> None:
    with desk_shop(tmp_path) as shop:
        shop.visit(doubted("v1"))
        shop.on(60)
        if agrees:
            agree(shop.till.database, "v1", shop.now_ns)
        work = work_of(shop)
        work.keep(job_of(work), DONE)
        assert shop.till.vault.clips.names("v1") == ("e1.aisle",)
        assert shop.till.vault.training.names("v1") == (("e1.aisle",) if agrees else ())


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("when", ["before", "while it is made"])
def test_an_erased_visit_gets_no_clip_any_more(tmp_path: Path, when: str) -> None:
    """An audit is still open when the shopper erases the visit: what is made of it is thrown away."""
    with desk_shop(tmp_path) as shop:
        till = shop.till
        shop.visit(sure("v1"))
        till.work()
        till.queues.put("audit/v1", "v1", "audit", _whole(), deadline_ns=shop.now_ns + 10**15)
        shop.on(60)
        work = work_of(shop)
        job = job_of(work) if when == "while it is made" else None
        shop.work()
        erase_visit(till.database, till.record, "v1")
        if job is not None:
            work.keep(job, DONE)
            (entry,) = entries(shop)
            assert entry.sealed == {}, "raw video was read, and nobody can tell any more of whom"
        assert work.due() is None
        assert rows(shop) == [("v1", "", 0, NOT_KEPT)]
        assert till.vault.clips.names("v1") == ()
        assert not list((till.vault.data / "clips").rglob("*.clip"))
        assert till.vault.keys.id("salt", "visit/v1") not in {key.id for key in till.vault.keys.all()}


def _whole() -> Body:
    return Body("", START_NS - 60 * SECOND, START_NS, "basket", "What did they take?", ())


def test_an_erased_visits_clips_are_gone(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        shop.on(60)
        work = work_of(shop)
        work.keep(job_of(work), DONE)
        shop.answer("ada", "1")
        shop.work(61)
        shop.work()
        done = erase_visit(shop.till.database, shop.till.record, "v1")
        assert done.files == 1
        assert shop.till.vault.clips.names("v1") == ()
        assert work.due() is None


def test_a_question_that_is_answered_meanwhile_needs_none(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.team()
        shop.visit(doubted("v1"))
        shop.on(60)
        work = work_of(shop)
        job = job_of(work)
        shop.answer("ada", "1")
        shop.work(61)
        work.keep(job, DONE)
        assert shop.till.vault.clips.names("v1") == ()
        assert rows(shop) == []
        assert len(entries(shop)) == 1, "raw video was read all the same"


def test_why_there_is_none_stands_in_the_case(tmp_path: Path) -> None:
    def without(shop: Shop) -> ClipWork:
        return replace(work_of(shop), cameras=frozenset())

    def missing(shop: Shop) -> ClipWork:
        return replace(work_of(shop), missing="clips need PyAV")

    def forgotten(shop: Shop) -> ClipWork:
        shop.till.evidence.delete_due(2**62)
        return work_of(shop)

    def nowhere(shop: Shop) -> ClipWork:
        fixtures = tuple(one for one in shop.till.store.fixtures if one.id != "snacks")
        return replace(work_of(shop), store=replace(shop.till.store, fixtures=fixtures, planogram=()))

    ways: tuple[tuple[Callable[[Shop], ClipWork], str], ...] = (
        (without, NO_CAMERA),
        (missing, "clips need PyAV"),
        (forgotten, NOT_KEPT),
        (nowhere, NO_SHELF),
    )
    for k, (way, why) in enumerate(ways):
        (tmp_path / str(k)).mkdir()
        with desk_shop(tmp_path / str(k)) as shop:
            shop.visit(doubted("v1"))
            shop.on(60)
            assert way(shop).due() is None
            assert rows(shop) == [("v1", "e1", 0, why)]
            assert why_none(shop.till.database, "v1", "e1") == why


def test_what_may_come_later_is_tried_again_and_what_fails_is_not_for_ever(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        shop.visit(doubted("v1"))
        shop.on(60)
        work = work_of(shop)
        work.keep(job_of(work), Answer(why=EMPTY, later=True))
        assert work.waiting == {("v1", "e1"): EMPTY}
        assert (rows(shop), entries(shop)) == ([], []), "nothing is said for good, and nothing was read"
        assert work.due() is None
        shop.on(AGAIN_NS / SECOND)
        for _ in range(TRIES):
            work.failed(job_of(work))
            assert work.due() is None
            shop.on(AGAIN_NS / SECOND)
        assert rows(shop) == [("v1", "e1", 0, FAILED)]
        shop.visit(doubted("v2"))
        shop.on(60)
        work.keep(job_of(work), Answer(why=GONE, read=True))
        assert rows(shop)[-1] == ("v2", "e1", 0, GONE)
        assert [one.facts["what"] for one in entries(shop)] == ["not made"]
        assert work.waiting == {}


def test_many_questions_do_not_hold_the_till_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few are looked at in one turn, and what must wait is looked at once."""
    with desk_shop(tmp_path) as shop:
        for k in range(11):
            shop.visit(doubted(f"v{k}"))
        looks, of = list[str](), shop.till.evidence.of

        def counted(visit: str) -> dict[str, Any] | None:
            looks.append(visit)
            return of(visit)

        monkeypatch.setattr(shop.till.evidence, "of", counted)
        work = work_of(shop)
        counts = []
        for _ in range(5):
            assert work.due() is None
            counts.append(len(looks))
        assert counts == [4, 8, 11, 11, 11]
        shop.on(60)
        assert work.due() is not None
        assert len(looks) == 12


def test_only_the_keys_of_that_time_are_handed_over(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        vault = shop.till.vault
        for camera in ("aisle", "door"):
            writer = vault.raw_writer(camera)
            for k in range(-4, 3):
                writer.write(RawPacket(START_NS + k * 600 * SECOND, True, b"x"), shop.now_ns)
            writer.close()
        shop.visit(doubted("v1"))
        shop.on(60)
        keys = job_of(work_of(shop)).wanted.keys
        assert {key.owner.partition("/")[0] for key in keys} == {"aisle"}, "of a camera that sends video"
        slice_ns = 600 * SECOND
        assert {int(key.owner.partition("/")[2]) for key in keys} <= {
            (doubted("v1").doubts[0].start_ns + k * slice_ns) // slice_ns for k in (-1, 0, 1)
        }
        assert {key.purpose for key in keys} <= {"raw"}


def test_the_engines_own_happenings_are_found_where_the_goods_are(tmp_path: Path) -> None:
    """A shopper of the twin takes one thing, in a shop that asks about everything; nothing here is made up."""

    async def story() -> None:
        shop = shop_in(tmp_path / "shop", sample(), shadow=True, answer_within_ns=4 * 3600 * SECOND)
        await shop.open(listen=False)
        try:
            await feed(shop, messages(sample(), (Arrival(0.5, (Member(Build(), b.take),)),), 26))
            till = shop.till
            work = keeper_of(till, shop.do, None).work
            work.cameras, work.missing, work.now_ns = frozenset({"door"}), "", lambda: 2**62
            found = await shop.do(work.due)
            assert found is not None
            (visit,) = till.ledger.visits()
            last = till.cashier.last(visit)
            assert last is not None
            assert (found.visit, found.wanted.shoppers) == (visit, last.receipt.shoppers)
            (line,) = last.receipt.lines
            facing = next(one for one in till.store.planogram if one.gtin == line.gtin)
            kept = till.evidence.of(visit)
            assert kept is not None
            at = target_of(till.store, {"fixture": facing.fixture, "shelf": facing.shelf, "plates": facing.plates})
            assert at is not None
            (took,) = [one for one in found.wanted.happenings if one.event in line.evidence]
            assert dist(took.target, at) < 0.3
            assert took.mass_g < -5.0
            assert last.receipt.entered_ns < took.start_ns < last.receipt.left_ns
        finally:
            await shop.close()

    asyncio.run(story())
