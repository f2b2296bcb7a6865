"""The bench of the loop that learns: the shop that is not as it is told, the desk, and what is paired."""

from collections import Counter
from dataclasses import replace

from benchmarks._school import Hour, asked, believed, is_audited, sample

from benchmarks import learn
from tests.inference.test_question import OTHER, TEA, belief, doubt
from walkout.inference.calibrate import NO_CARD
from walkout.recording.truth import Place, TruthMove


def test_pairs_of_facings_are_exchanged_and_never_on_one_shelf() -> None:
    store = sample()
    for swaps in (0, 1, 4):
        told = believed(store, swaps, 3)
        wrong = [(one, two) for one, two in zip(store.planogram, told.planogram, strict=True) if one.gtin != two.gtin]
        assert len(wrong) == 2 * swaps
        assert Counter(f.gtin for f in told.planogram) == Counter(f.gtin for f in store.planogram)
        where = {f.gtin: (f.fixture, f.shelf) for f in store.planogram}
        assert all(where[one.gtin] != where[two.gtin] for one, two in wrong)
        assert all(replace(one, gtin=two.gtin) == two for one, two in wrong)
    assert believed(store, 4, 3) == believed(store, 4, 3) != believed(store, 4, 4)


def move(count: int) -> TruthMove:
    shelf, hand = Place("plates", "f", 1, (1,)), Place("shopper", shopper="a")
    return TruthMove("m", 1, 2, "a", "take", TEA, count, 250.0, shelf, hand)


def test_somebody_who_saw_everything_answers_until_it_settles() -> None:
    hour = Hour({"v": ((TEA, 2),)}, (move(2),), {"a": "v"}, ())
    found, told = asked(belief(doubt()), hour, NO_CARD, 0.7)
    assert (found.alone, found.exact, found.over, found.questions, found.settled) == (False, False, False, 1, True)
    assert [(one.kind, one.key) for one in told] == [("count", "2")]
    alone, told = asked(belief(doubt()), hour, NO_CARD, 0.4)
    assert (alone.alone, alone.questions, told) == (True, 0, ())
    assert OTHER


def test_audits_are_a_share_and_the_same_each_time() -> None:
    drawn = [is_audited(1, f"v{n}", 0.05) for n in range(4000)]
    assert 120 < sum(drawn) < 280
    assert drawn == [is_audited(1, f"v{n}", 0.05) for n in range(4000)]


def test_questions_are_paired_by_hour() -> None:
    off = [{"questions": 60, "visits": 80}, {"questions": 40, "visits": 80}]
    on = [{"questions": 30, "visits": 80}, {"questions": 30, "visits": 80}]
    assert learn._paired(off, on)["mean"] == 250
    assert learn._paired([], [])["mean"] is None
    assert learn._late([{"hour": 2 * learn.EVERY - 1}, {"hour": 2 * learn.EVERY}]) == [{"hour": 2 * learn.EVERY}]
