"""Tags through the engine: the same bytes in any chunks and through a snapshot; receipts and reports say so."""

import pytest

from tests.live.wire import sample
from walkout.inference.belief import Belief
from walkout.live.engine import Engine
from walkout.live.replay import replay, replay_json
from walkout.recording.reader import Recording, open_recording
from walkout.recording.tags import TagFrame
from walkout.store.folder import unpack
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.record import write
from walkout.twin.tags import with_tags

STORY = tuple(Arrival(0.5 + 1.5 * k, (Member(Build(), b.sequence(b.take)),)) for k in range(2))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    store = with_tags(sample(), 1.0)
    path = tmp_path_factory.mktemp("tags") / "tags.mcap"
    return open_recording(write(simulate(store, STORY, seed=5), path, store))


@pytest.fixture(scope="module")
def whole(recording: Recording) -> bytes:
    return replay_json(replay(recording))


def test_a_line_says_that_its_tag_was_read(recording: Recording) -> None:
    found = replay(recording)
    reasons = [line.why for receipt in found.receipts for line in receipt.lines]
    assert reasons
    assert all("read at the exit" in why for why in reasons)
    heard = {tags.gtin for belief in found.beliefs for tags in belief.tags or () if tags.heard}
    assert heard & {line.gtin for receipt in found.receipts for line in receipt.lines}


def test_the_report_of_each_event_moves_with_the_tags(recording: Recording) -> None:
    """First and last probabilities differ by what was heard: nothing else came after these takes."""
    moved = [
        abs(one.probability - one.at_first)
        for explanation in replay(recording).explanations
        for one in explanation.candidates
        if one.at_first is not None
    ]
    assert max(moved) > 1e-6


@pytest.mark.parametrize("samples", [5, 60])
def test_chunks_change_nothing(recording: Recording, whole: bytes, samples: int) -> None:
    assert replay_json(replay(recording, samples=samples)) == whole


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_snapshot_goes_on_as_if_nothing_had_happened(recording: Recording, share: float) -> None:
    store = unpack(recording.store_files)
    observations = list(recording.observations())
    assert any(isinstance(one, TagFrame) and one.tags for one in observations)

    def run(cut: int | None) -> list[Belief]:
        engine = Engine(store)
        found: list[Belief] = []
        for n, one in enumerate(observations):
            if n == cut:
                engine = Engine.restore(store, engine.snapshot())
            found += engine.step(one).beliefs
        return [*found, *engine.finish().beliefs]

    assert run(round(share * len(observations))) == run(None)


def test_tags_that_the_shop_does_not_know_of_change_nothing(recording: Recording) -> None:
    """A catalogue without tags: frames of a reader are passed over, and receipts say nothing of them."""
    found = replay(recording, store=sample())
    assert all(belief.tags is None for belief in found.beliefs)
    assert not any("exit" in line.why for receipt in found.receipts for line in receipt.lines)
