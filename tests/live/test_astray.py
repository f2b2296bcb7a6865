"""What a visit leaves at wrong places, from the real inference over made-up shelf events."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.inference.scene import AWAY, GUM, JAM, at, event, evidence, explained, left_with, play
from tests.live.story import feed, messages, shop_in
from walkout.checkout.misplaced import Misplaced, Taken
from walkout.inference.choice import Evidence
from walkout.live.astray import left_astray
from walkout.store.folder import load
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"

A, B = "ann", "bob"
TAKES = evidence(event(1, 1, {7: -301.0}), {A: at(JAM), B: AWAY})
LEAVES = evidence(event(5, 2, {6: 300.0}), {A: at(GUM), B: AWAY})
FINDS = evidence(event(9, 2, {6: -299.0}), {A: AWAY, B: at(GUM)})


def told(who: str, *what: Evidence) -> tuple[tuple[Misplaced, ...], tuple[Taken, ...]]:
    beam = play(*what)
    return left_astray(left_with(beam, who), explained(beam))


def test_what_is_put_back_at_a_wrong_place_is_told_with_place_and_time() -> None:
    puts, takes = told(A, TAKES, LEAVES)
    (put,) = puts
    assert (put.gtin, put.quantity, put.fixture, put.shelf, put.plates) == (JAM, 1, "g", 2, LEAVES.event.plates)
    assert put.t_ns == LEAVES.event.start_ns
    assert put.probability > 0.9
    assert takes == ()


def test_what_is_put_back_at_its_own_place_is_not() -> None:
    assert told(A, TAKES, evidence(event(5, 1, {7: 300.0}), {A: at(JAM)})) == ((), ())


def test_another_visit_that_takes_it_strikes_it() -> None:
    assert told(A, TAKES, LEAVES, FINDS)[0] == ()  # it was gone before this visit was decided
    puts, takes = told(B, TAKES, LEAVES, FINDS)
    assert puts == ()
    assert [(one.event, one.gtin, one.plates) for one in takes] == [(FINDS.event.id, JAM, FINDS.event.plates)]


@pytest.mark.parametrize("share", [0.4, 0.6])
def test_only_what_is_more_likely_than_not_is_told(share: float) -> None:
    beam = play(TAKES, LEAVES)
    rests = [replace(one, candidates=(replace(one.candidates[0], probability=share),)) for one in explained(beam)]
    puts, _ = left_astray(left_with(beam, A), rests)
    assert [one.probability for one in puts] == ([] if share < 0.5 else [share])


def test_a_shopper_who_puts_something_at_a_wrong_place_leaves_a_row(tmp_path: Path) -> None:
    """From the sensors' messages to the list, in a simulated shop."""
    shop = shop_in(tmp_path, load(SAMPLE))
    asyncio.run(shop.open(listen=False))
    walk = (Arrival(0.5, (Member(Build(), b.sequence(b.misplace, b.take)),)),)
    asyncio.run(feed(shop, messages(shop.till.store, walk, 60)))
    try:
        rows = shop.till.misplaced.there()
        assert len(rows) == 1
        assert not any(
            (f.fixture, f.shelf) == (rows[0].fixture, rows[0].shelf) and set(f.plates) & set(rows[0].plates)
            for f in shop.till.store.facings_of(rows[0].gtin)
        )
    finally:
        asyncio.run(shop.close())
