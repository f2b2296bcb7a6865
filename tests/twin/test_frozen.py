"""Suites are frozen: what a seed plays stays what it was, whatever is made faster."""

from collections.abc import Callable, Iterable
from hashlib import sha256

import numpy as np
import pytest

from tests.twin.shops import small_shop
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.people import Joint, PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.truth import TruthMove, TruthVisit
from walkout.twin.constants import QUANTUM_G
from walkout.twin.play import simulate
from walkout.twin.settings import HARDER
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import Observation
from walkout.twin.suites import VERSION, suite

SHOP = small_shop()


def joint(of: Joint) -> str:
    return f"{of.x_m:.6f} {of.y_m:.6f} {of.z_m:.6f} {of.score:.6f}"


def digest(observations: Iterable[Observation]) -> str:
    """What was played, to a micrometre and a microgram: the last bits of a sine may differ between processors."""
    whole = sha256()
    for o in observations:
        match o:
            case PlateBatch():
                steps = np.rint(np.nan_to_num(o.grams, nan=-1e9) / QUANTUM_G).astype("<i8")
                said = f"{o.fixture} {o.t_ns[0]} {o.arrived_ns} {sha256(steps.tobytes()).hexdigest()}"
            case PeopleFrame():
                people = [
                    (
                        p.id,
                        [(n, f"{j.x_m:.6f} {j.y_m:.6f} {j.z_m:.6f} {j.score:.6f}") for n, j in p.joints.items()],
                        p.boxes,
                    )
                    for p in o.people
                ]
                said = f"{o.t_ns} {o.arrived_ns} {people}"
            case TruthMove():
                said = f"{o.action} {o.start_ns} {o.end_ns} {o.shopper} {o.gtin} {o.mass_g:.6f} {o.source} {o.target}"
            case TruthVisit():
                said = f"{o.visit} {o.shoppers} {o.entered_ns} {o.left_ns} {o.basket}"
            case GateEvent() | Look():
                said = repr(o)
            case _:
                continue
        whole.update(said.encode())
    return whole.hexdigest()[:24]


def free_play() -> Iterable[Observation]:
    coming = arrivals(4, HARDER, shoppers=6, minutes=1.0)
    return simulate(SHOP, coming, seed=4, settings=HARDER)


def a_crowd() -> Iterable[Observation]:
    plays = [play for play in suite("crowd", SHOP, seeds=range(1, 2)) if play.tags["shoppers"] == "5"]
    return plays[0].observations()


@pytest.mark.parametrize(
    ("played", "digest_then"),
    [(free_play, "eb18fdaaae3a4a5c5794c6cf"), (a_crowd, "558437a5d646e324c7108400")],
    ids=["free play", "a crowd of five"],
)
def test_what_a_seed_plays_has_not_changed(played: Callable[[], Iterable[Observation]], digest_then: str) -> None:
    assert VERSION == 2, "new version, new digests"
    assert digest(played()) == digest_then, (
        "recordings changed: raise suites.VERSION, and mind whoever compares figures"
    )
