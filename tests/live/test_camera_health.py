import pytest

from walkout.live.camera_health import Pulse

S = 1_000_000_000


def running(seconds: int = 5) -> Pulse:
    pulse = Pulse("c1")
    for k in range(10 * seconds):
        pulse.frame(k * S // 10, k * S // 10)
    return pulse


@pytest.mark.parametrize(("age_s", "state"), [(0.2, "ok"), (3.0, "late"), (30.0, "silent")])
def test_a_state_follows_from_the_age_of_the_last_frame(age_s: float, state: str) -> None:
    health = running().health(round((4.9 + age_s) * S), 2_400_000)
    assert (health.state, health.rate_hz, health.gaps, health.clock_error_ms) == (state, 10.0, 0, 2.4)


def test_gaps_are_counted_and_single_lost_frames_are_not() -> None:
    pulse = running()
    pulse.frame(51 * S // 10, 51 * S // 10)
    assert pulse.gaps == 0
    pulse.frame(56 * S // 10, 56 * S // 10)
    assert pulse.gaps == 1


def test_trouble_is_said_with_what_to_do() -> None:
    pulse = Pulse("c1")
    assert pulse.health(0).state == "dead"
    pulse.lost("it sends hevc; right is H.264", refused=True)
    health = pulse.health(0)
    assert (health.state, health.detail) == ("dead", "it sends hevc; right is H.264")
    assert "settings" in health.advice
    pulse = running()
    pulse.lost("connection refused")
    assert pulse.health(5 * S).state == "late"
    assert "connection refused" in pulse.health(60 * S).detail
    pulse.frame(61 * S, 61 * S)
    assert pulse.health(61 * S).state == "ok"
