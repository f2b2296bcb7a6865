"""What is said of streams that are not in order."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.recording.make import BATCH_NS, START_NS, frame, gate, people, plates
from walkout.recording.camera import CameraFrame
from walkout.recording.channel import Observation
from walkout.recording.loss import Loss
from walkout.recording.watch import MAX_KINDS, Watch

SHOTS_NS = 100_000_000


def shot(number: int, **changed: Any) -> CameraFrame:
    """Frame `number` of a camera at 10 Hz, unlike the others."""
    t_ns = START_NS + number * SHOTS_NS
    data = b"\xff\xd8" + bytes([number]) * 40
    parts: dict[str, Any] = {"t_ns": t_ns, "arrived_ns": t_ns, "format": "jpeg", "data": data}
    return replace(frame(0, "c1"), **(parts | changed))


LATE_NS = 60 * 10**9


def _nan(number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    grams = plates(number).grams.copy()
    grams[3:5, 0, 0] = np.nan
    return grams


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([plates(n) for n in range(9)], [], id="in order"),
        pytest.param([plates(0), plates(1), plates(1)], [("duplicate", 1)], id="duplicate batch"),
        pytest.param([plates(0), replace(plates(0), arrived_ns=2**60)], [("duplicate", 1)], id="arrived again later"),
        pytest.param([people(0), people(0)], [("duplicate", 1)], id="duplicate frame"),
        pytest.param([gate(0), gate(0)], [("duplicate", 1)], id="duplicate gate message"),
        pytest.param([plates(0), plates(2), plates(1)], [("disorder", 1), ("gap", 1)], id="swapped batches"),
        pytest.param(
            [plates(0), plates(9, arrived_ns=plates(0).arrived_ns + 1), plates(1)],
            [("clock", 1), ("gap", 1)],
            id="clock ran ahead and back",
        ),
        pytest.param([plates(0, t_ns=plates(0).t_ns[::-1])], [("clock", 1)], id="times run back in a batch"),
        pytest.param([plates(0), plates(5)], [("gap", 1)], id="plates stopped"),
        pytest.param([people(0), people(9)], [], id="a short silence of the people"),
        pytest.param([people(0), people(11)], [("gap", 1)], id="people stopped"),
        pytest.param([plates(0), plates(1, grams=_nan(1))], [("nan", 2)], id="two readings missing"),
        pytest.param([plates(0, grams=_nan(0))], [("nan", 2)], id="missing beside others in the first batch"),
        pytest.param(
            [plates(0), plates(1, grams=np.zeros((12, 3, 3), np.float32))], [("malformed", 1)], id="another shape"
        ),
        pytest.param([plates(0), plates(1, t_ns=plates(1).t_ns - 7_000_000)], [], id="jitter of 7 ms"),
        pytest.param([shot(n) for n in range(9)], [], id="a camera in order"),
        pytest.param([shot(n) for n in range(9) if n != 5], [], id="one frame lost"),
        pytest.param([shot(n) for n in range(12) if not 4 < n < 9], [("gap", 1)], id="a camera stopped for a while"),
        pytest.param([shot(0), shot(9)], [], id="a camera's pace is not known yet"),
        pytest.param([shot(0), shot(1), shot(1)], [("duplicate", 1)], id="duplicate picture"),
        pytest.param([shot(0), shot(2), shot(1)], [("disorder", 1)], id="pictures in another order"),
        pytest.param(
            [shot(0), shot(2), shot(1, arrived_ns=shot(3).arrived_ns)], [("clock", 1)], id="a camera's clock ran back"
        ),
        pytest.param([shot(n, data=b"\xff\xd8x") for n in range(4)], [("frozen", 3)], id="a frozen picture"),
        pytest.param([shot(n, data=b"\xff\xd8x") for n in range(6)], [("frozen", 5)], id="frozen for longer"),
        pytest.param([shot(n, data=b"\xff\xd8x") for n in range(3)], [], id="alike for a moment"),
    ],
)
def test_what_is_listed(items: list[Observation | CameraFrame], expected: list[tuple[str, int]]) -> None:
    watch = Watch()
    for item in items:
        watch.keep(item)
    assert [(loss.kind, loss.count) for loss in watch.losses()] == expected


def test_only_exact_duplicates_are_not_kept() -> None:
    watch = Watch()
    kept = [watch.keep(item) for item in (plates(0), plates(0), plates(0, rate_hz=60.0, grams=plates(1).grams))]
    assert kept == [True, False, True]


def test_losses_of_a_kind_on_a_channel_are_counted_together() -> None:
    watch = Watch()
    for number in (0, 5, 10):
        watch.keep(plates(number))
    (loss,) = watch.losses()
    assert (loss.kind, loss.channel, loss.count) == ("gap", "/plates/gondola-1", 2)
    assert loss.end_ns is not None
    assert loss.start_ns is not None
    assert loss.end_ns - loss.start_ns > 9 * BATCH_NS


def test_the_list_does_not_grow_without_end() -> None:
    watch = Watch()
    for number in range(3 * MAX_KINDS):
        watch.add(Loss(f"kind {number}", "", 1, ""))
    assert len(watch.losses()) == MAX_KINDS + 1
    assert sum(loss.count for loss in watch.losses()) == 3 * MAX_KINDS


def test_a_camera_that_never_comes_back_is_noted_at_the_end() -> None:
    watch = Watch()
    for number in range(9):
        watch.keep(shot(number))
    end_ns = shot(8).arrived_ns
    watch.ended(end_ns + 4_000_000_000)
    assert watch.losses() == ()
    watch.ended(end_ns + 6_000_000_000)
    (loss,) = watch.losses()
    assert (loss.kind, loss.channel, loss.start_ns) == ("gap", "/camera/c1", shot(8).t_ns)
