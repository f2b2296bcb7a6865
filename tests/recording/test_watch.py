"""What is said of streams that are not in order."""

from dataclasses import replace

import numpy as np
import pytest

from tests.recording.make import BATCH_NS, gate, people, plates
from walkout.recording.channel import Observation
from walkout.recording.loss import Loss
from walkout.recording.watch import MAX_KINDS, Watch

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
    ],
)
def test_what_is_listed(items: list[Observation], expected: list[tuple[str, int]]) -> None:
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
