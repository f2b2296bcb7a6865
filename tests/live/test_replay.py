import json
from pathlib import Path
from typing import Literal

import jsonschema
import pytest

from tests.inference.scene import SECOND
from walkout.checkout.receipt import schema, to_published
from walkout.evaluation.score import judge, score
from walkout.live.replay import replay, replay_json
from walkout.recording.aifi.importer import import_aifi
from walkout.recording.error import RecordingError
from walkout.recording.people import PeopleFrame
from walkout.recording.reader import Recording, open_recording
from walkout.recording.writer import RecordingWriter
from walkout.store.folder import load
from walkout.twin.record import demo_visit

SHOPPER = "3325379692103139202"
WATER = "00071142008582"
CHUNKS = (1, 12, 100, 10_000)


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    out = tmp_path_factory.mktemp("real") / "visit.mcap"
    import_aifi(shared_data / "aifi-benchmark-1", out)
    return open_recording(out)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    store = load(Path(__file__).resolve().parents[2] / "examples" / "sample-store")
    return open_recording(demo_visit(store, tmp_path_factory.mktemp("demo") / "demo.mcap", seed=5))


@pytest.mark.data
def test_the_real_visit_is_one_bottle_of_water(real: Recording) -> None:
    result = replay(real)
    (receipt,) = [receipt for receipt in result.receipts if receipt.lines]
    assert receipt.shoppers == (SHOPPER,)
    assert [(line.gtin, line.quantity) for line in receipt.lines] == [(WATER, 1)]
    assert receipt.p_exact >= 0.9
    assert receipt.origin == "real"
    assert "plate 11" in receipt.lines[0].why
    assert "right wrist" in receipt.lines[0].why


@pytest.mark.data
@pytest.mark.parametrize("samples", CHUNKS)
def test_the_real_visit_gives_the_same_bytes_in_any_chunks(real: Recording, samples: int) -> None:
    assert replay_json(replay(real, samples=samples)) == replay_json(replay(real))


@pytest.mark.parametrize("samples", CHUNKS)
def test_the_demo_gives_the_same_bytes_in_any_chunks(demo: Recording, samples: int) -> None:
    assert replay_json(replay(demo, samples=samples)) == replay_json(replay(demo))


def test_a_replay_holds_together(demo: Recording) -> None:
    seen: list[tuple[int, int, str]] = []
    result = replay(demo, progress=lambda done, total, what: seen.append((done, total, what)))
    assert result.origin == "simulated"
    assert [b.visit.id for b in result.beliefs] == [r.visit for r in result.receipts]
    assert [e.event for e in result.explanations] == list(result.events)
    assert [c.event for c in result.curves] == [e.id for e in result.events]
    assert all(len(c.plates) == c.grams.shape[1] and len(c.t_ns) == len(c.grams) for c in result.curves)
    assert {p.visit for p in result.paths} >= {r.visit for r in result.receipts}
    assert all(result.start_ns <= t <= result.end_ns for p in result.paths for t in (p.t_ns[0], p.t_ns[-1]))
    assert seen[-1][0] == seen[-1][1] > 0
    evidence = {e for r in result.receipts for line in r.lines for e in line.evidence}
    assert evidence <= {event.id for event in result.events}


def test_the_published_form_is_what_the_schema_says(demo: Recording) -> None:
    data = replay_json(replay(demo))
    published = json.loads(data)
    assert sorted(published) == ["degraded", "receipts"]
    assert len(published["receipts"]) == 5
    for receipt in published["receipts"]:
        jsonschema.validate(receipt, schema())


def test_the_demo_is_scored_against_its_truth(demo: Recording) -> None:
    receipts = [to_published(receipt) for receipt in replay(demo).receipts]
    found = score([(demo, receipts)])
    assert found["visits"] == 5
    assert found["unmatched_receipts"] == found["unmatched_visits"] == 0
    assert found["exact"] >= 0.6
    nothing = score([(demo, [])])
    assert (nothing["exact"], nothing["recall"], nothing["unmatched_visits"]) == (0.0, 0.0, 5)
    stranger = [r | {"visit": f"x{k}", "shoppers": [f"x{k}"]} for k, r in enumerate(receipts)]
    assert all(item.claim and item.visit for item in judge(demo, stranger).judged)


def copy(
    source: Recording,
    out: Path,
    *,
    origin: Literal["real", "simulated", "mixed"] | None = None,
    store: bool = True,
    people: bool = True,
) -> Recording:
    files = source.store_files if store else {}
    with RecordingWriter(out, store_files=files, origin=origin or "simulated", store=source.store_name) as writer:
        for observation in source.observations():
            if people or not isinstance(observation, PeopleFrame):
                writer.write(observation)
    return open_recording(out)


def test_without_people_nobody_is_charged(demo: Recording, tmp_path: Path) -> None:
    blind = replay(copy(demo, tmp_path / "blind.mcap", people=False))
    full = replay(demo)
    assert len(blind.receipts) == len(full.receipts)
    for dim, clear in zip(blind.receipts, full.receipts, strict=True):
        assert dim.p_exact <= clear.p_exact + 1e-6 or not dim.lines
    charged = sum(line.quantity for r in blind.receipts for line in r.lines)
    assert charged <= sum(line.quantity for r in full.receipts for line in r.lines)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"store": False}, "no store folder", id="no store inside"),
        pytest.param({"origin": "mixed"}, "real or simulated", id="mixed origin"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    demo: Recording, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    recording = copy(demo, tmp_path / "odd.mcap", **change)  # type: ignore[arg-type]
    with pytest.raises(RecordingError, match=words):
        replay(recording)


def test_a_store_beside_the_recording_stands_in(demo: Recording, tmp_path: Path) -> None:
    store = replay(demo).store
    bare = copy(demo, tmp_path / "bare.mcap", store=False)
    assert replay_json(replay(bare, store=store)) == replay_json(replay(demo))


def test_a_cut_off_recording_gives_receipts_and_says_what_was_lost(demo: Recording, tmp_path: Path) -> None:
    whole = copy(demo, tmp_path / "whole.mcap")
    data = Path(whole.name).read_bytes()
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(data[: len(data) * 6 // 10])
    result = replay(open_recording(cut))
    assert any(loss.kind == "truncated" for loss in result.degraded)
    assert result.receipts
    assert result.end_ns < replay(whole).end_ns - SECOND
