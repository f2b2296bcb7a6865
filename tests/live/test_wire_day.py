"""A slice of `walkout bench wire_day`: real Mosquitto, real RTSP, and receipts as the replay of the journal decides."""

import pytest

pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")

from benchmarks.wire_day import run

from tests.live.wire import HOW, mosquitto


@pytest.mark.slow
def test_a_slice_of_a_day_over_real_wires_is_what_its_replay_decides() -> None:
    if mosquitto() is None:
        pytest.skip(HOW)
    figures = run(json=True, shoppers=2, minutes=0.1, speed=4.0, cameras=1)
    assert figures["visits"] == figures["receipts_replayed"] == 2
    assert figures["replay_equal"], "receipts are those of an offline replay of the journal, byte for byte"
    assert figures["lost_or_doubled"] == 0
    assert figures["camera_frames"] > 20
    assert figures["plaintext_files"] == 0
    assert figures["passed"]
