"""A camera's stamps are put on the recorder's clock, as well as is said."""

import numpy as np
import pytest

from walkout.sensing.camera_clock import CameraClock, apart

S = 1_000_000_000
ZERO = 1_767_603_600 * S


def play(
    seed: int, drift: float, floor_ms: float, jitter_ms: float, seconds: int = 60
) -> tuple[CameraClock, list[int]]:
    """A camera at 10 frames a second; how far each estimated instant was from the true one plus the floor."""
    rng, clock, off = np.random.default_rng(seed), CameraClock(), []
    zero = int(rng.integers(0, 10 * S))
    arrived = 0
    for k in range(600):
        true = ZERO + k * S // 10
        stamp = zero + round(k * S / 10 * (1 + drift))
        arrived = max(arrived + 1, true + round(1e6 * (floor_ms + jitter_ms * rng.exponential())))
        off.append(clock.push(stamp, arrived) - true - round(1e6 * floor_ms))
    return clock, off


@pytest.mark.parametrize("drift", [0.0, 80e-6, -80e-6], ids=["steady", "fast", "slow"])
@pytest.mark.parametrize("jitter_ms", [2.0, 30.0])
def test_the_error_is_what_it_is_said_to_be(drift: float, jitter_ms: float) -> None:
    ratios = []
    for seed in range(8):
        clock, off = play(seed, drift, 80.0, jitter_ms)
        assert clock.offset is not None
        ratios.append(off[-1] / clock.offset.error_ns)
        assert clock.offset.error_ns < 6e6
    assert max(map(abs, ratios)) < 4.5
    assert np.mean(np.square(ratios)) < 4.0


def test_two_cameras_agree_within_what_is_said() -> None:
    one, off_one = play(1, 50e-6, 80.0, 10.0)
    two, off_two = play(2, -50e-6, 80.0, 10.0)
    assert one.offset is not None
    assert two.offset is not None
    error_ns = apart(one.offset, two.offset)
    assert abs(off_one[-1] - off_two[-1]) < 4 * error_ns < 4 * 4e6


def test_a_frame_without_a_stamp_is_placed_by_its_arrival() -> None:
    clock, _ = play(3, 0.0, 80.0, 5.0)
    t_ns = clock.push(None, ZERO + 60 * S + 80_000_000)
    assert abs(t_ns - (ZERO + 60 * S + 80_000_000)) < 20_000_000
    assert CameraClock(floor_ns=7).push(None, ZERO) == ZERO - 7


def test_stamps_that_begin_anew_do_not_move_the_time() -> None:
    clock, _ = play(4, 0.0, 80.0, 5.0)
    t_ns = clock.push(12, ZERO + 61 * S)
    assert abs(t_ns - (ZERO + 61 * S)) < S // 5
    assert clock.restarts == 1
    later = clock.push(12 + S // 10, ZERO + 61 * S + S // 10)
    assert 0 < later - t_ns < S // 5


def test_times_never_run_back() -> None:
    clock = CameraClock()
    times = [clock.push(s, a) for s, a in ((0, 5 * S), (S // 10, 5 * S + 1), (S // 5, 5 * S + 2), (S // 5, 5 * S + 3))]
    assert times == sorted(set(times))
