"""Duplicates, disorder, gaps and clocks that run back, in samples of plates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.sensing.test_plates import RATE, SHAPE, at, batch, clock, detector, events_of, noise, take
from walkout.sensing.event import ShelfEvent
from walkout.sensing.plates import PlateDetector

Grams = NDArray[np.float32]


def fed(order: list[int], grams: Grams, size: int = 12) -> tuple[list[ShelfEvent], PlateDetector]:
    """Feed messages of 12 samples in some order, cut up again into other sizes."""
    t_ns = clock(len(grams))
    index = np.concatenate([np.arange(12 * k, 12 * k + 12) for k in order])
    watch = detector()
    events: list[ShelfEvent] = []
    for k in range(0, len(index), size):
        part = index[k : k + size]
        events += watch.push(batch(grams[part], t_ns[part]))
    return [*events, *watch.flush()], watch


def visit() -> Grams:
    grams = noise(20, seed=2)
    take(grams)
    return grams


def kinds(watch: PlateDetector) -> dict[str, int]:
    return {loss.kind: loss.count for loss in watch.losses()}


def test_messages_sent_twice_change_nothing() -> None:
    grams = visit()
    order = [k for k in range(100) for _ in range(2)]
    events, watch = fed(order, grams)
    assert events == events_of(grams)
    assert kinds(watch) == {"duplicate": 1200}


def test_messages_out_of_order_are_put_in_order() -> None:
    grams = visit()
    order = list(range(100))
    order[20:24] = [22, 20, 23, 21]
    order[50], order[51] = order[51], order[50]
    events, watch = fed(order, grams)
    assert events == events_of(grams)
    assert set(kinds(watch)) == {"disorder"}


def test_lost_messages_are_a_gap() -> None:
    grams = visit()
    events, watch = fed([k for k in range(100) if not 20 <= k < 35], grams)
    assert [event.plates for event in events] == [(4,)]
    (loss,) = watch.losses()
    assert (loss.kind, loss.count, loss.channel) == ("gap", 180, "g1")
    assert loss.start_ns is not None
    assert loss.end_ns is not None
    assert (loss.end_ns - loss.start_ns) / 1e9 == pytest.approx(3.0, abs=0.1)


def test_a_clock_set_back_goes_on() -> None:
    grams = noise(40, seed=3)
    grams[at(30) :, 0, 3] -= 300.0
    t_ns = clock(len(grams))
    t_ns[at(15) :] -= 3_600_000_000_000
    watch = detector()
    events = [*watch.push(batch(grams, t_ns)), *watch.flush()]
    assert [round(event.delta_g[0] / 300) for event in events] == [-1]
    assert events[0].start_ns == pytest.approx(t_ns[at(30)], abs=2e8)
    assert kinds(watch)["clock"] == 1


def test_messages_that_overlap_by_their_jitter_are_all_taken() -> None:
    grams = visit()
    late_ms = np.random.default_rng(0).integers(-4, 5, len(grams) // 12)
    t_ns = clock(len(grams)) + np.repeat(late_ms, 12) * 1_000_000
    watch = detector()
    events = [*watch.push(batch(grams, t_ns)), *watch.flush()]
    assert [event.delta_g for event in events] == [event.delta_g for event in events_of(grams)]
    assert watch.losses() == ()


def test_an_hour_of_silence_does_not_hurt() -> None:
    grams = visit()
    t_ns = clock(len(grams))
    t_ns[at(10) :] += 3_600_000_000_000
    watch = detector()
    events = [*watch.push(batch(grams, t_ns)), *watch.flush()]
    assert [event.plates for event in events] == [(4,)]
    assert kinds(watch) == {"gap": 216_000}


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=8),
    st.sampled_from([1, 7, 12, 100, 10_000]),
)
def test_trouble_is_read_the_same_in_any_chunking(swaps: list[tuple[int, int]], size: int) -> None:
    grams = noise(17, seed=4)
    take(grams)
    order = list(range(85))
    for a, b in swaps:
        order[a], order[b] = order[b], order[a]
    events, watch = fed(order, grams, size)
    expected, other = fed(order, grams, 12)
    assert events == expected
    assert watch.losses() == other.losses()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=60), st.floats(width=32))
def test_no_times_and_no_values_break_it(jumps: list[int], value: float) -> None:
    t_ns = np.cumsum(np.array([clock(1)[0], *jumps], np.int64))
    grams = np.full((len(t_ns), *SHAPE), value, np.float32)
    watch = detector()
    watch.push(batch(grams, t_ns))
    watch.flush()
    watch.losses()


def test_what_waits_is_in_the_snapshot() -> None:
    grams = visit()
    t_ns = clock(len(grams))
    first, second = detector(), detector()
    first.push(batch(grams[: at(5)], t_ns[: at(5)]))
    first.push(batch(grams[at(5.2) : at(5.4)], t_ns[at(5.2) : at(5.4)]))
    second.restore(first.snapshot())
    rest = [(5.0, 5.2), (5.4, 20.0)]
    for a, b in rest:
        part = slice(at(a), at(b))
        assert second.push(batch(grams[part], t_ns[part])) == first.push(batch(grams[part], t_ns[part]))
    assert second.losses() == first.losses()
    assert RATE == 60
