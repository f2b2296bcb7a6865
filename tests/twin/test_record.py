"""A simulated recording is a recording like any other, marked simulated, the same bytes each time."""

from pathlib import Path

from tests.twin.shops import small_shop
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthVisit
from walkout.recording.truth_reader import truth_of
from walkout.twin.play import simulate
from walkout.twin.record import delivered, demo_arrivals, demo_visit, record

SHOP = small_shop()


def test_demo_visit_is_marked_simulated_and_repeats_to_the_byte(tmp_path: Path) -> None:
    first = demo_visit(SHOP, tmp_path / "a.mcap", seed=3)
    second = demo_visit(SHOP, tmp_path / "b.mcap", seed=3)
    assert first.read_bytes() == second.read_bytes()
    recording = open_recording(first)
    assert recording.origin == "simulated"
    assert sum(isinstance(truth, TruthVisit) for truth in truth_of(recording)) == 5


def test_record_lets_about_so_many_people_in(tmp_path: Path) -> None:
    path = record(SHOP, tmp_path / "day.mcap", shoppers=6, minutes=1.0, seed=9)
    visits = [truth for truth in truth_of(open_recording(path)) if isinstance(truth, TruthVisit)]
    assert sum(len(visit.shoppers) for visit in visits) == 6


def test_delivery_is_in_order_of_arrival_and_loses_nothing() -> None:
    played = list(simulate(SHOP, demo_arrivals(), seed=1))
    came = list(delivered(played))
    assert len(came) == len(played)
    arrived = [o.arrived_ns for o in came if hasattr(o, "arrived_ns")]
    assert arrived == sorted(arrived)
