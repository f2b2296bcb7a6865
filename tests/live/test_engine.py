from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inference.scene import JAM, SECOND, shop
from tests.live.scene import batches, delivered, people
from walkout.inference.belief import Belief
from walkout.live.engine import Engine
from walkout.recording.channel import Observation
from walkout.recording.rechunk import rechunk

EXPECTED = ("/plates/g", "/people")


def run(observations: Iterable[Observation], **settings: object) -> tuple[Engine, list[Belief]]:
    engine = Engine(shop(), expected=EXPECTED, **settings)  # type: ignore[arg-type]
    found: list[Belief] = []
    for observation in observations:
        found += engine.step(observation).beliefs
    found += engine.finish().beliefs
    return engine, found


def test_one_take_is_one_line() -> None:
    _, (belief,) = run(delivered(batches(), people()))
    assert [(line.gtin, line.quantity) for line in belief.lines] == [(JAM, 1)]
    assert belief.visit.shoppers == ("ann",)
    assert belief.p_exact > 0.9


@pytest.mark.parametrize("samples", [1, 12, 100, 10_000])
def test_chunks_change_nothing(samples: int) -> None:
    stream = delivered(batches(), people())
    assert run(rechunk(stream, samples))[1] == run(stream)[1]


@given(st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_streams_may_interleave_in_any_way(random: object) -> None:
    plates, frames = batches(), people()
    mixed: list[Observation] = []
    waiting = [list(reversed(plates)), list(reversed(frames))]
    while any(waiting):
        side = random.choice([w for w in waiting if w])  # type: ignore[attr-defined]
        mixed += [side.pop() for _ in range(min(len(side), 5))]
    assert run(mixed)[1] == run(delivered(plates, frames))[1]


def test_late_and_disordered_frames_are_put_in_their_place() -> None:
    frames = people()
    swapped = [f for k in range(0, len(frames), 2) for f in reversed(frames[k : k + 2])]
    assert run([*batches(), *swapped])[1] == run([*batches(), *frames])[1]


def test_nothing_is_settled_before_people_had_their_say() -> None:
    engine = Engine(shop(), expected=EXPECTED)
    for batch in batches():
        assert not engine.step(batch).explanations
    settled = [engine.step(frame) for frame in people()]
    assert not any(out.beliefs for out in settled[:200])


def test_with_patience_a_silent_stream_does_not_hold_the_shop_up() -> None:
    cut_ns = batches()[30].arrived_ns
    stream = delivered(batches(), [f for f in people() if f.arrived_ns < cut_ns])
    engine = Engine(shop(), expected=EXPECTED, patience_ns=3 * SECOND)
    found = [belief for observation in stream for belief in engine.step(observation).beliefs]
    assert [belief.lines for belief in found] == [()]
    stalled = Engine(shop(), expected=EXPECTED)
    assert not [belief for observation in stream for belief in stalled.step(observation).beliefs]


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param([*batches()], id="no people"),
        pytest.param([*people()], id="no plates"),
        pytest.param(delivered(batches(grams=0.0), people()), id="nothing happens"),
        pytest.param([], id="nothing at all"),
    ],
)
def test_missing_streams_charge_nobody(stream: list[Observation]) -> None:
    assert all(not belief.lines for belief in run(stream)[1])


def test_a_batch_of_an_unknown_fixture_is_said_and_left_out() -> None:
    engine, found = run([*(replace(b, fixture="x") for b in batches()[:3]), *delivered(batches(), people())])
    assert [(loss.kind, loss.count) for loss in engine.losses()] == [("malformed", 36)]
    assert "no fixture 'x'" in engine.losses()[0].detail
    assert len(found[0].lines) == 1


def test_a_snapshot_anywhere_changes_nothing() -> None:
    stream = delivered(batches(), people())
    whole = run(stream)[1]
    for cut in range(0, len(stream), max(1, len(stream) // 7)):
        engine = Engine(shop(), expected=EXPECTED)
        found = [belief for observation in stream[:cut] for belief in engine.step(observation).beliefs]
        data = engine.snapshot()
        engine = Engine.restore(shop(), data)
        assert engine.snapshot() == data
        found += [belief for observation in stream[cut:] for belief in engine.step(observation).beliefs]
        found += engine.finish().beliefs
        assert found == whole


def test_a_damaged_snapshot_is_refused() -> None:
    data = Engine(shop(), expected=EXPECTED).snapshot()
    for bad in (b"", data[:-1], b"no snapshot"):
        with pytest.raises(ValueError, match="found"):
            Engine.restore(shop(), bad)


def test_baskets_are_told_while_the_shopper_is_inside() -> None:
    engine = Engine(shop(), expected=EXPECTED)
    seen: list[tuple[str, ...]] = []
    for observation in delivered(batches(), people()):
        engine.step(observation)
        seen += [tuple(line.gtin for line in belief.lines) for belief in engine.baskets()]
    assert () in seen
    assert seen[-1] == (JAM,)
