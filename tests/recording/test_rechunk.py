"""The same samples in other batches."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recording.make import people, plates, same
from walkout.recording.channel import Observation
from walkout.recording.plates import PlateBatch
from walkout.recording.rechunk import rechunk

STREAM: list[Observation] = [
    item for number in range(5) for item in (plates(number), plates(number, "gondola-2", samples=7), people(number))
]


def samples(items: list[Observation]) -> dict[str, list[tuple[int, bytes]]]:
    found: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for item in items:
        if isinstance(item, PlateBatch):
            found[item.fixture] += [
                (int(t_ns), grams.tobytes()) for t_ns, grams in zip(item.t_ns, item.grams, strict=True)
            ]
    return found


@pytest.mark.parametrize("size", [1, 2, 12, 13, 100, 10_000])
def test_samples_stay_as_they_are(size: int) -> None:
    found = list(rechunk(STREAM, size))
    assert samples(found) == samples(STREAM)
    sizes = [len(item.t_ns) for item in found if isinstance(item, PlateBatch)]
    assert max(sizes) <= size
    assert [item for item in found if not isinstance(item, PlateBatch)] == [
        item for item in STREAM if not isinstance(item, PlateBatch)
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 30), max_size=6), st.integers(1, 40))
def test_any_batches_in_any_batches(sizes: list[int], size: int) -> None:
    items: list[Observation] = [plates(number, samples=count) for number, count in enumerate(sizes)]
    found = list(rechunk(items, size))
    assert samples(found) == samples(items)
    counts = [len(item.t_ns) for item in found if isinstance(item, PlateBatch)]
    assert counts[:-1] == [size] * (len(counts) - 1)


def test_a_batch_arrives_with_its_last_sample() -> None:
    found = [item for item in rechunk([plates(0), plates(1)], 5) if isinstance(item, PlateBatch)]
    assert [item.arrived_ns for item in found] == [plates(0).arrived_ns] * 2 + [plates(1).arrived_ns] * 3


def test_another_shape_or_rate_begins_another_batch() -> None:
    other = plates(1, grams=np.zeros((12, 3, 3), np.float32))
    found = list(rechunk([plates(0), other, plates(2, rate_hz=30.0)], 1000))
    assert [item.grams.shape for item in found if isinstance(item, PlateBatch)] == [(12, 2, 3), (12, 3, 3), (12, 2, 3)]


def test_batches_of_the_same_size_are_the_same_but_for_the_source() -> None:
    found = list(rechunk([plates(0), plates(1)], 12))
    assert all(same(one, other) for one, other in zip(found, [plates(0), plates(1)], strict=True))


def test_no_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        list(rechunk([], 0))
