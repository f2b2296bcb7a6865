"""Verdicts of a recording that the twin played: what is true of each visit, and what each receipt got wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.twin.shops import small_shop
from walkout.evaluation.greedy import greedy_receipts
from walkout.evaluation.rows import facts, rows
from walkout.evaluation.score import NoTruthError
from walkout.evaluation.visits import visits_of
from walkout.inference.explanation import Candidate, Explanation
from walkout.inference.visit import Visit
from walkout.recording.reader import Recording, open_recording
from walkout.recording.writer import RecordingWriter
from walkout.sensing.event import ShelfEvent
from walkout.store.folder import pack
from walkout.twin import behaviours as b
from walkout.twin.actor import Actor, Script
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.record import write

SHOP = small_shop(1, 2, 6)
FIRST, SECOND = SHOP.planogram[0], SHOP.planogram[1]


def takes(me: Actor) -> Script:
    yield from b.take(me, FIRST)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    party = (
        Member(Build(1.85, 0.9, bag="tote"), b.named("browse")),
        Member(Build(1.55, 0.9, handed="left", kind="pushchair"), takes),
    )
    coming = [Arrival(0.5, party), Arrival(1.0, (Member(Build(1.7, 0.9), takes),))]
    out = tmp_path_factory.mktemp("rows") / "played.mcap"
    return open_recording(write(simulate(SHOP, coming, seed=3, notes={"case": "one"}), out, SHOP))


def receipt(visit: str, *shoppers: str, p: float = 0.9, **quantities: int) -> dict[str, object]:
    lines = [{"gtin": gtin.removeprefix("g"), "quantity": n, "probability": p} for gtin, n in quantities.items()]
    return {"visit": visit, "shoppers": shoppers, "entered_ns": 0, "left_ns": 1, "lines": lines, "p_exact": p}


def test_facts_are_tags_of_the_recording_and_of_each_visit(recording: Recording) -> None:
    known = facts(recording)
    assert known.tags["case"] == "one"
    assert known.tags.keys().isdisjoint({"build", "behaviour"})
    group, single = known.of_visit["v00001"], known.of_visit["v00002"]
    assert (
        group.items()
        >= {
            "party": "2",
            "kind": "pushchair",
            "stature": "under 1.6 m",
            "bag": "bag",
            "handed": "left",
            "behaviours": "browse",
        }.items()
    )
    assert single.items() >= {"party": "1", "kind": "walker", "stature": "1.6 to 1.8 m", "bag": "none"}.items()
    assert 1.5 < float(single["others"]) <= 2.0  # the two of the group, nearly all the time
    assert single["crowd"] in ("0.5 to 2", "2 to 4")
    assert known.prices[FIRST.gtin] == Decimal("1.50")


def test_a_verdict_counts_items_and_money(recording: Recording) -> None:
    given = [
        receipt("v00001", "x", **{f"g{FIRST.gtin}": 1}),
        receipt("v00002", "y", **{f"g{FIRST.gtin}": 2, f"g{SECOND.gtin}": 1}, p=0.4),
        receipt("nobody", "z", **{f"g{SECOND.gtin}": 1}),
    ]
    by_visit = {row.visit: row for row in rows(recording, given, "some", tags={"level": "2"})}
    right, wrong, ghost = by_visit["v00001"], by_visit["v00002"], by_visit[""]
    assert (right.exact, right.over, right.under) == (True, False, False)
    assert (right.recording, right.method, right.tags["level"], right.tags["matched"]) == (
        "played",
        "some",
        "2",
        "both",
    )
    assert (wrong.taken, wrong.charged, wrong.right) == (1, 3, 1)
    assert wrong.lines == ((0.4, False), (0.4, False))
    assert (wrong.overcharged_value, wrong.undercharged_value) == (Decimal("3.00"), Decimal(0))
    assert (ghost.visit, ghost.taken, ghost.charged, ghost.tags["matched"]) == ("", 0, 1, "receipt alone")


def test_a_visit_without_a_receipt_is_wrong_and_unsure(recording: Recording) -> None:
    given = [receipt("v00001", "x", **{f"g{FIRST.gtin}": 1})]
    first, second = sorted(rows(recording, given, "some"), key=lambda row: row.visit)
    assert first.exact
    assert (second.exact, second.p_exact, second.tags["matched"]) == (False, 0.0, "visit alone")
    assert second.undercharged_value == Decimal("1.50")


def test_a_recording_without_truth_is_refused(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "x.mcap", store_files=pack(SHOP), origin="simulated", store="small"):
        pass
    with pytest.raises(NoTruthError, match="found no truth"):
        facts(open_recording(tmp_path / "x.mcap"))


def test_visits_are_those_of_gates_and_sights(recording: Recording) -> None:
    found = visits_of(recording)
    assert sorted((visit.id, len(visit.shoppers)) for visit in found) == [("v00001", 2), ("v00002", 1)]
    assert [visit.left_ns for visit in found] == sorted(visit.left_ns for visit in found)


def explained(*moves: tuple[str | None, str, int, float]) -> list[Explanation]:
    event = ShelfEvent("e", "g1", 1, (1,), (-63.0,), ((1.0,),), 0, 0, 1, 2)
    return [Explanation(event, (Candidate(who, gtin, n, p, 0.0, None, ""),)) for who, gtin, n, p in moves]


def test_greedy_adds_up_the_likeliest_of_each_event() -> None:
    visits = [Visit("v1", "p1", ("ann", "bob"), 0, 9), Visit("v2", "p2", ("cat",), 0, 9)]
    moves = explained(
        ("ann", FIRST.gtin, 2, 0.9), ("bob", FIRST.gtin, -1, 0.5), ("cat", SECOND.gtin, 1, 0.8), (None, "", 0, 1.0)
    )
    one, other = greedy_receipts(moves, visits)
    assert one["lines"] == [{"gtin": FIRST.gtin, "quantity": 1, "probability": pytest.approx(0.45)}]
    assert [(line["gtin"], line["quantity"]) for line in other["lines"]] == [(SECOND.gtin, 1)]
    assert other["p_exact"] == 0.8
