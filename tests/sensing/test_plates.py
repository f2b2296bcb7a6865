"""Plates to shelf events, on made noise with known changes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from walkout.recording.plates import PlateBatch
from walkout.sensing.event import ShelfEvent
from walkout.sensing.plates import PlateDetector, cells_of
from walkout.store.layout import Fixture, Plate, Shelf

RATE = 60
SHAPE = (2, 8)
START_NS = 1_600_000_000_000_000_000
Grams = NDArray[np.float32]


def noise(seconds: float, seed: int = 0, ringing_g: float = 0.0) -> Grams:
    """White noise of 0.6 g, offsets of kilograms, and footsteps: two a second, each a burst of 8 Hz.

    The bursts' peaks are exponential with this mean, at most 120 g, and die away in 0.15 s.
    """
    rng = np.random.default_rng(seed)
    samples = int(seconds * RATE)
    t_s = np.arange(samples)[:, None, None] / RATE
    grams = rng.normal(0.0, 0.6, (samples, *SHAPE)) + rng.uniform(-5000, 17000, SHAPE)
    phase = rng.uniform(0, 2 * np.pi, SHAPE)
    peaks = np.minimum(rng.exponential(max(ringing_g, 1e-9), (int(seconds / 0.53) + 1, *SHAPE)), 120.0)
    burst = np.exp(-(t_s % 0.53) / 0.15) * peaks[(np.arange(samples) / RATE / 0.53).astype(int)]
    grams += burst * np.sin(2 * np.pi * 8.0 * t_s + phase)
    return np.asarray(np.rint(grams / 0.241) * 0.241, np.float32)


def clock(samples: int) -> NDArray[np.int64]:
    return START_NS + (np.arange(samples) * 1_000_000_000) // RATE


def batch(grams: Grams, t_ns: NDArray[np.int64]) -> PlateBatch:
    return PlateBatch("g1", t_ns, grams, RATE, 0)


def detector() -> PlateDetector:
    return PlateDetector("g1", np.ones(SHAPE, np.bool_), RATE)


def events_of(grams: Grams, size: int = 12) -> list[ShelfEvent]:
    watch, t_ns = detector(), clock(len(grams))
    events: list[ShelfEvent] = []
    for k in range(0, len(grams), size):
        events += watch.push(batch(grams[k : k + size], t_ns[k : k + size]))
    return [event for event in (*events, *watch.flush()) if not event.came_back]


def at(seconds: float) -> int:
    return int(seconds * RATE)


def seconds_of(t_ns: int) -> float:
    return (t_ns - START_NS) / 1e9


def take(grams: Grams) -> None:
    grams[at(5) :, 0, 3] -= 300.0


def light_take(grams: Grams) -> None:
    grams[at(4.7) : at(5), 0, 3] += 30.0
    grams[at(5) :, 0, 3] -= 12.0


def put(grams: Grams) -> None:
    grams[at(5) :, 0, 3] += 300.0


def slow_lift(grams: Grams) -> None:
    grams[at(4) : at(12), 0, 3] -= np.linspace(0, 300, at(8), dtype=np.float32)
    grams[at(12) :, 0, 3] -= 300.0


def slow_light_lift(grams: Grams) -> None:
    grams[at(4) : at(12), 0, 3] -= np.linspace(0, 60, at(8), dtype=np.float32)
    grams[at(12) :, 0, 3] -= 60.0


def hold_then_take(grams: Grams) -> None:
    rng = np.random.default_rng(9)
    hand = 40.0 + np.cumsum(rng.normal(0, 1.0, at(3.5))) * 0.5
    grams[at(5.5) : at(9), 0, 3] += hand.astype(np.float32)
    grams[at(9) :, 0, 3] -= 300.0


def several_at_once(grams: Grams) -> None:
    grams[at(5) :, 0, 3] -= 900.0


def across_three(grams: Grams) -> None:
    for plate, share in zip((2, 3, 4), (0.20, 0.56, 0.24), strict=True):
        grams[at(5) :, 0, plate] -= 32.0 * share


def with_leak(grams: Grams) -> None:
    for plate, share in zip((1, 2, 3), (0.009, 0.021, 1.0), strict=True):
        grams[at(5) :, 0, plate] -= 600.0 * share
    grams[at(5) :, 1, 5] -= 600.0 * 0.004


CASES: dict[str, tuple[Callable[[Grams], None], tuple[int, ...], float]] = {
    "take": (take, (4,), -300.0),
    "light take with a hand before it": (light_take, (4,), -12.0),
    "put": (put, (4,), 300.0),
    "slow lift over 8 s": (slow_lift, (4,), -300.0),
    "hold then take": (hold_then_take, (4,), -300.0),
    "several items at once": (several_at_once, (4,), -900.0),
    "item across three plates": (across_three, (3, 4, 5), -32.0),
    "leak belongs to its event": (with_leak, (2, 3, 4), -618.0),
}


@pytest.mark.parametrize("ringing_g", [0.0, 10.0], ids=["quiet", "walking"])
@pytest.mark.parametrize(("change", "plates", "total_g"), CASES.values(), ids=CASES)
def test_one_event_comes_of_one_change(
    change: Callable[[Grams], None], plates: tuple[int, ...], total_g: float, ringing_g: float
) -> None:
    grams = noise(22, ringing_g=ringing_g)
    change(grams)
    events = events_of(grams)
    assert [event.shelf for event in events] == [1]
    (event,) = events
    assert set(plates) <= set(event.plates) | ({2, 3, 5} if ringing_g else set())
    assert sum(event.delta_g) == pytest.approx(total_g, abs=max(4.0, 0.015 * abs(total_g)))
    assert event.onset_ns <= event.start_ns <= event.end_ns <= event.reported_ns


def test_a_slow_lift_of_a_light_item_is_one_event_in_a_quiet_shop() -> None:
    grams = noise(22)
    slow_light_lift(grams)
    (event,) = events_of(grams)
    assert event.delta_g[0] == pytest.approx(-60.0, abs=4.0)


@pytest.mark.parametrize("writable", [True, False], ids=["writable", "read-only"])
def test_arrays_straight_from_a_file_will_do(writable: bool) -> None:
    grams, t_ns = noise(22), clock(22 * RATE)
    take(grams)
    expected = detector().push(batch(grams, t_ns))
    grams.flags.writeable = t_ns.flags.writeable = writable
    assert detector().push(batch(grams, t_ns)) == expected


@pytest.mark.parametrize(
    ("change", "start_s", "end_s", "delay_s"),
    [(take, 5.0, 5.0, 1.5), (put, 5.0, 5.0, 4.5), (slow_lift, 4.0, 12.0, 2.5), (hold_then_take, 9.0, 9.0, 1.5)],
    ids=["take", "put", "slow lift", "hold then take"],
)
def test_an_event_says_when(change: Callable[[Grams], None], start_s: float, end_s: float, delay_s: float) -> None:
    grams = noise(22)
    change(grams)
    (event,) = events_of(grams)
    slack = 0.15 * (end_s - start_s) + 0.25
    assert seconds_of(event.start_ns) == pytest.approx(start_s, abs=slack)
    assert seconds_of(event.end_ns) == pytest.approx(end_s, abs=slack)
    assert seconds_of(event.reported_ns) <= end_s + delay_s
    assert event.id == f"g1/1/4@{event.start_ns // 10**9}.{event.start_ns // 10**6 % 1000:03d}"


def test_the_onset_is_the_hands() -> None:
    grams = noise(22)
    hold_then_take(grams)
    (event,) = events_of(grams)
    assert seconds_of(event.onset_ns) == pytest.approx(5.5, abs=0.3)


def press(grams: Grams) -> None:
    rng = np.random.default_rng(2)
    tremble = np.convolve(rng.normal(0, 1.0, at(2) + 14), np.ones(15) / np.sqrt(15), "valid")
    grams[at(5) : at(7), 0, 3] += (200.0 * (1.0 + 0.04 * tremble[: at(2)])).astype(np.float32)


def lean(grams: Grams) -> None:
    rng = np.random.default_rng(3)
    sway = 1.0 + 0.08 * np.convolve(rng.normal(0, 1.0, at(6) + 14), np.ones(15) / np.sqrt(15), "valid")
    for plate, share in zip((2, 3, 4), (0.3, 0.5, 0.2), strict=True):
        grams[at(5) : at(11), 0, plate] += (share * 800.0 * sway[: at(6)]).astype(np.float32)


def rummage(grams: Grams) -> None:
    rng = np.random.default_rng(4)
    for k in range(at(5), at(11), 18):
        grams[k : k + 18, 0, 3] += np.float32(rng.uniform(10, 200))


def quick_look(grams: Grams) -> None:
    grams[at(5) : at(5.6), 0, 3] -= 300.0


def nothing(grams: Grams) -> None:
    del grams


@pytest.mark.parametrize("ringing_g", [0.0, 10.0, 40.0], ids=["quiet", "walking", "footsteps up to 120 g"])
@pytest.mark.parametrize(
    "change",
    [nothing, press, lean, rummage, quick_look],
    ids=["nothing", "press", "lean", "rummaging", "lifted for half a second"],
)
def test_no_event_where_nothing_changed(change: Callable[[Grams], None], ringing_g: float) -> None:
    grams = noise(40, seed=1, ringing_g=ringing_g)
    change(grams)
    assert events_of(grams) == []


def test_a_take_and_its_return_are_two_events() -> None:
    grams = noise(22)
    grams[at(5) : at(8), 0, 3] -= 300.0
    assert [round(event.delta_g[0] / 300.0) for event in events_of(grams)] == [-1, 1]


def test_what_is_put_down_and_taken_again_is_told_where_it_lay_stiller_than_a_hand() -> None:
    grams = noise(22)
    grams[at(5) : at(7.5), 0, 3] += 300.0
    grams[at(7.5) :, 0, 3] -= 80.0
    events = events_of(grams)
    assert [round(sum(event.delta_g), -1) for event in events] == [300, -380]
    assert seconds_of(events[0].reported_ns) <= 7.0


def test_a_put_does_not_hide_a_take_beside_it() -> None:
    grams = noise(22)
    grams[at(5) :, 0, 2:4] += 150.0
    grams[at(7.5) :, 0, 1:3] -= 250.0
    told = [(event.plates, round(sum(event.delta_g), -1)) for event in events_of(grams)]
    assert told == [((3, 4), 300), ((2, 3), -500)]


def test_neighbours_that_changed_at_other_times_are_other_events() -> None:
    grams = noise(22)
    grams[at(5) :, 0, 3] -= 300.0
    grams[at(5.9) :, 0, 4] -= 200.0
    assert [event.plates for event in events_of(grams)] == [(4,), (5,)]


def test_a_change_is_told_once_when_its_plates_settle_with_others() -> None:
    grams = noise(22)
    for plate, grams_off in ((1, 100.0), (2, 3.6), (3, 2.4), (4, 101.0)):
        grams[at(5) :, 0, plate] -= grams_off
    assert sum(sum(event.delta_g) for event in events_of(grams)) == pytest.approx(-207.0, abs=4.0)


@pytest.mark.parametrize("phase", [0.0, 1.6, 3.1, 4.7])
def test_a_neighbour_that_swings_holds_up_no_take(phase: float) -> None:
    grams = noise(22)
    t_s = np.arange(len(grams)) / RATE
    grams[:, 0, 4] += (3.0 * np.sin(2 * np.pi * 1.6 * t_s + phase)).astype(np.float32)
    grams[at(5) :, 0, 4] -= 6.0
    grams[at(5) :, 0, 3] -= 530.0
    first = events_of(grams)[0]
    assert 4 in first.plates
    assert seconds_of(first.reported_ns) <= 6.5


def test_the_leak_of_a_take_comes_with_it_or_not_at_all() -> None:
    grams = noise(22)
    for plate, share in zip((3, 4, 5, 6), (1.0, 0.012, 0.009, 0.011), strict=True):
        grams[at(5) :, 0, plate] -= 600.0 * share
    (event,) = events_of(grams)
    assert 4 in event.plates


def test_an_event_says_how_likely_it_is_noise() -> None:
    loud, quiet = noise(22, seed=3, ringing_g=10.0), noise(22)
    for grams, size_g in ((loud, 10.0), (quiet, 300.0)):
        grams[at(8) :, 0, 3] -= size_g
    heavy, light = events_of(quiet)[0].noise_p, events_of(loud)[0].noise_p
    assert 0.0 <= heavy < 0.001
    assert heavy < light < 0.9


@pytest.mark.parametrize(("seconds", "size_g"), [(4, 60.0), (8, 190.0), (6, 300.0)])
@pytest.mark.parametrize("ringing_g", [0.0, 10.0], ids=["quiet", "walking"])
def test_a_slow_lift_is_told_once(seconds: int, size_g: float, ringing_g: float) -> None:
    grams = noise(26, ringing_g=ringing_g, seed=6)
    grams[at(5) : at(5 + seconds), 0, 3] -= np.linspace(0, size_g, at(seconds), dtype=np.float32)
    grams[at(5 + seconds) :, 0, 3] -= size_g
    (event,) = events_of(grams)
    assert sum(event.delta_g) == pytest.approx(-size_g, abs=5.0)


def test_two_shoppers_on_one_shelf_are_two_events() -> None:
    grams = noise(22)
    grams[at(5) :, 0, 1] -= 300.0
    grams[at(5) :, 0, 6] -= 200.0
    assert [event.plates for event in events_of(grams)] == [(2,), (7,)]


def test_the_variance_is_about_right() -> None:
    errors = []
    for seed in range(30):
        grams = noise(9, seed=seed)
        grams[at(5) :, 0, 3] -= 50.0
        (event,) = events_of(grams)
        errors.append((event.delta_g[0] + 50.0) / event.cov_g2[0][0] ** 0.5)
    assert 0.2 < float(np.std(errors)) < 1.5


def busy(seconds: float) -> Grams:
    grams = noise(seconds, seed=5, ringing_g=4.0)
    grams[at(4) :, 0, 3] -= 120.0
    grams[at(9) : at(9.4), 1, 6] += 50.0
    grams[at(9.4) :, 1, 6] -= 25.0
    grams[at(13) :, 0, 0] += 80.0
    return grams


@pytest.mark.parametrize("size", [1, 12, 100, 10_000])
def test_any_chunking_gives_the_same_events(size: int) -> None:
    grams = busy(20)
    assert events_of(grams, size) == events_of(grams, 7)
    assert len(events_of(grams, size)) == 3


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_random_chunks_give_the_same_events_and_the_same_state(sizes: list[int]) -> None:
    grams = busy(16)
    t_ns = clock(len(grams))
    whole, parts = detector(), detector()
    expected = whole.push(batch(grams, t_ns))
    events: list[ShelfEvent] = []
    first = 0
    while first < len(grams):
        size = sizes[first % len(sizes)]
        events += parts.push(batch(grams[first : first + size], t_ns[first : first + size]))
        first += size
    assert tuple(events) == expected
    assert parts.snapshot() == whole.snapshot()


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 20 * RATE - 1))
def test_a_restored_detector_goes_on_as_if_nothing_had_happened(cut: int) -> None:
    grams = busy(20)
    t_ns = clock(len(grams))
    first, second = detector(), detector()
    events = list(first.push(batch(grams[:cut], t_ns[:cut])))
    second.restore(first.snapshot())
    events += second.push(batch(grams[cut:], t_ns[cut:]))
    events += second.flush()
    assert events == events_of(grams)


@pytest.mark.parametrize(
    "data", [b"", b"x", b"\xff" * 40, detector().snapshot()[:-3]], ids=["none", "short", "wild", "cut"]
)
def test_a_damaged_snapshot_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        detector().restore(data)


def test_a_snapshot_of_another_fixture_is_refused() -> None:
    other = PlateDetector("g2", np.ones(SHAPE, np.bool_), RATE)
    with pytest.raises(ValueError, match="g2"):
        detector().restore(other.snapshot())


def test_plates_that_never_read_disturb_nothing() -> None:
    grams = noise(22)
    take(grams)
    expected = events_of(grams)
    grams[:, 1, :] = np.nan
    grams[:, 0, 6:] = np.nan
    assert [(event.plates, event.delta_g) for event in events_of(grams)] == [(e.plates, e.delta_g) for e in expected]


def test_columns_without_a_cell_are_never_looked_at() -> None:
    grams = noise(22)
    take(grams)
    cells = np.ones(SHAPE, np.bool_)
    cells[0, 3] = False
    assert PlateDetector("g1", cells, RATE).push(batch(grams, clock(len(grams)))) == ()


def test_a_change_during_a_gap_of_readings_is_seen_with_more_doubt() -> None:
    grams = noise(30)
    take(grams)
    plain = events_of(grams)[0]
    grams[at(4) : at(14), 0, 3] = np.nan
    (event,) = events_of(grams)
    assert event.delta_g[0] == pytest.approx(-300.0, abs=2.0)
    assert event.cov_g2[0][0] > plain.cov_g2[0][0]


def test_single_missing_samples_do_not_blind_a_plate() -> None:
    grams = noise(22)
    take(grams)
    grams[np.random.default_rng(0).random(grams.shape) < 0.05] = np.nan
    assert [round(event.delta_g[0]) for event in events_of(grams)] == [pytest.approx(-300, abs=2)]


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e30, np.nan], ids=["inf", "-inf", "absurd", "nan"])
def test_readings_that_are_none_leave_no_trace(value: float) -> None:
    grams = noise(22)
    take(grams)
    (expected,) = events_of(grams)
    grams[at(3) : at(3.3), 0, 3] = value
    (event,) = events_of(grams)
    assert event.delta_g[0] == pytest.approx(expected.delta_g[0], abs=0.5)


def test_a_stream_that_ends_tells_what_is_settled() -> None:
    grams = noise(5.8)
    take(grams)
    watch = detector()
    assert watch.push(batch(grams, clock(len(grams)))) == ()
    assert [event.plates for event in watch.flush()] == [(4,)]


def test_rates_other_than_60_hz_work() -> None:
    grams = noise(22)
    take(grams)
    watch = PlateDetector("g1", np.ones(SHAPE, np.bool_), 20.0)
    t_ns = clock(len(grams))[::3]
    events = watch.push(PlateBatch("g1", t_ns, grams[::3], 20.0, 0))
    assert [event.plates for event in events] == [(4,)]


def test_levels_are_there_for_drawing() -> None:
    grams = noise(22)
    watch = detector()
    watch.push(batch(grams, clock(len(grams))))
    t_ns, levels = watch.levels()
    assert levels.shape == (128, *SHAPE)
    assert t_ns[-1] - t_ns[0] == pytest.approx(12.7e9, abs=1e8)
    assert levels[-1, 0, 3] == pytest.approx(grams[-6:, 0, 3].mean(), abs=0.01)


@pytest.mark.parametrize(
    ("fixture", "shape", "times"),
    [("g2", SHAPE, 12), ("g1", (2, 9), 12), ("g1", (3, 8), 12), ("g1", SHAPE, 11)],
    ids=["other fixture", "other plates", "other shelves", "other times"],
)
def test_a_batch_that_does_not_fit_is_refused(fixture: str, shape: tuple[int, int], times: int) -> None:
    wrong = PlateBatch(fixture, clock(times), np.zeros((12, *shape), np.float32), RATE, 0)
    with pytest.raises(ValueError, match="takes samples of shape"):
        detector().push(wrong)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan")])
def test_a_rate_must_be_positive(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        PlateDetector("g1", np.ones(SHAPE, np.bool_), rate_hz)


def test_cells_come_from_the_store() -> None:
    plates = (Plate(1, 0.0, 0.1), Plate(2, 0.1, 0.1, cell=False), Plate(9, 0.2, 0.1))
    fixture = Fixture("g1", 0, 0, 1, 1, (Shelf(2, 0.5, 0.4, 0.3, plates),))
    assert np.argwhere(cells_of(fixture, (3, 4))).tolist() == [[1, 0]]


@pytest.mark.data
def test_the_real_take_is_the_only_event(shared_data: Path) -> None:
    from benchmarks._aifi_noise import read

    events = []
    for source in read(shared_data):
        watch = PlateDetector(source.fixture, source.cells, RATE)
        events += [*watch.push(PlateBatch(source.fixture, source.t_ns, source.grams, RATE, 0)), *watch.flush()]
        assert watch.losses() == ()
    (event,) = events
    assert (event.fixture, event.shelf, event.plates) == ("g1", 5, (9, 10, 11))
    assert event.delta_g[2] == pytest.approx(-623.1, abs=1.0)
    assert event.start_ns - 100_000_000 <= 1587532009_520_000_000 <= event.end_ns + 100_000_000
    assert event.reported_ns - event.end_ns <= 1_500_000_000
