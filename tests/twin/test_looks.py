"""Looks say what a hand has, as surely as they are told to, and change nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.twin.shops import small_shop
from walkout.live.replay import replay
from walkout.recording.look import Look
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthMove, TruthNote
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.looks import DIRECTIONS, REACH_M, appearance, likelihoods
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.record import record
from walkout.twin.settings import DEFAULT
from walkout.twin.simulation import Observation

SHOP = small_shop()
GTINS = [facing.gtin for facing in SHOP.planogram]


def played(confusion: float | None, seed: int = 3) -> Iterator[Observation]:
    visit = b.sequence(b.take, b.two_hands, b.return_one, b.press_without_taking, b.hold_and_leave)
    coming = [Arrival(0.5, (Member(Build(), visit),))]
    return simulate(SHOP, coming, seed=seed, settings=replace(DEFAULT, looks_confusion=confusion))


def test_without_confusion_every_move_at_a_shelf_is_seen_for_certain() -> None:
    everything = list(played(0.0))
    looks = [o for o in everything if isinstance(o, Look)]
    moves = [o for o in everything if isinstance(o, TruthMove) and "plates" in (o.source.kind, o.target.kind)]
    assert len(looks) == len(moves) + 1  # and the press
    assert {look.hand for look in looks} == {"left", "right"}
    for look in looks:
        assert sorted(look.likelihoods.values())[-2:] == [0.0, 1.0]
        assert list(look.likelihoods) == sorted(look.likelihoods)
        assert look.arrived_ns > look.t_ns
    for move in moves:
        place = move.source if move.source.kind == "plates" else move.target
        at_ns = move.end_ns if move.source.kind == "plates" else move.start_ns
        at_once = [
            k for k in looks if k.t_ns == at_ns and k.likelihoods.get(move.gtin) == 1.0 and k.person == move.shopper
        ]
        assert [(k.fixture, k.shelf) for k in at_once] == [(place.fixture, place.shelf)]


def test_looks_change_nothing_else() -> None:
    def others(confusion: float | None) -> list[str]:
        kept = []
        for o in played(confusion):
            if isinstance(o, PlateBatch):
                kept.append(f"{o.fixture} {o.t_ns[0]} {o.grams.tobytes().hex()}")
            elif not isinstance(o, Look | TruthNote):
                kept.append(repr(o))
        return kept

    assert others(None) == others(0.5)
    assert not [o for o in played(None) if isinstance(o, Look)]


def test_nearby_are_the_products_within_reach() -> None:
    centre = {facing.gtin: (facing.fixture, *SHOP.box(facing).low_m[::2]) for facing in SHOP.planogram}
    for look in (o for o in played(0.3) if isinstance(o, Look)):
        assert {centre[gtin][0] for gtin in look.likelihoods} == {look.fixture}
        lefts = [centre[gtin][1] for gtin in look.likelihoods]
        assert max(lefts) - min(lefts) <= 2 * REACH_M + 0.2 + 1e-9  # facings are 0.2 m wide


@pytest.mark.parametrize("confusion", [0.15, 0.3, 0.6], ids=str)
def test_likelihoods_are_honest(confusion: float) -> None:
    rng = np.random.default_rng(1)
    told, right = [], []
    for _ in range(3000):
        gtin = GTINS[int(rng.integers(len(GTINS)))]
        likely = likelihoods(gtin, GTINS, confusion, rng.standard_normal(DIRECTIONS))
        assert sum(likely.values()) == pytest.approx(1.0, abs=1e-4)
        best = max(likely, key=lambda g: likely[g])
        told.append(likely[best])
        right.append(best == gtin)
    assert np.mean(told) == pytest.approx(np.mean(right), abs=0.03)


def test_products_that_look_alike_are_mixed_up_most() -> None:
    rng = np.random.default_rng(2)
    gtin, *others = GTINS
    nearest = min(others, key=lambda g: float(np.linalg.norm(appearance(g) - appearance(gtin))))
    farthest = max(others, key=lambda g: float(np.linalg.norm(appearance(g) - appearance(gtin))))
    many = [likelihoods(gtin, GTINS, 0.5, rng.standard_normal(DIRECTIONS)) for _ in range(300)]
    assert np.mean([k[nearest] for k in many]) > 3 * np.mean([k[farthest] for k in many])


def test_looks_change_no_plain_receipt_and_repeat_to_the_byte(tmp_path: Path) -> None:
    results = []
    for confusion in (None, 0.2):
        settings = replace(DEFAULT, looks_confusion=confusion)
        path = record(SHOP, tmp_path / f"{confusion}.mcap", shoppers=2, minutes=0.3, seed=5, settings=settings)
        looks = [o for o in open_recording(path).observations() if isinstance(o, Look)]
        assert bool(looks) == (confusion is not None)
        taken = replay(open_recording(path)).receipts
        results.append([[(line.gtin, line.quantity) for line in receipt.lines] for receipt in taken])
    assert results[0] == results[1]
    again = record(SHOP, tmp_path / "again.mcap", shoppers=2, minutes=0.3, seed=5, settings=settings)
    assert again.read_bytes() == path.read_bytes()
