"""Labelled cases play as labelled: the truth equals the labels' receipts, and the rules for facings hold."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.twin.shops import small_shop
from walkout.recording.aifi.exporter import export_aifi
from walkout.recording.aifi.importer import import_aifi
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit
from walkout.recording.truth_reader import truth_of
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.labels import (
    Case,
    LabelError,
    LabelEvent,
    case_store,
    expected_receipts,
    gtin_of,
    load_labels,
    play_case,
)
from walkout.twin.record import record_case
from walkout.twin.simulation import Observation

SHOP = small_shop(prefix="gondola-")
AT_HOME, ELSEWHERE = SHOP.planogram[0], SHOP.planogram[4]


def event(t_s: float, action: str, gtin: str, shelf: int, plates: tuple[int, ...], **more: object) -> LabelEvent:
    fields = {"shopper": "s1", "fixture": "gondola-1", "count": 1, "mass_g": 99.0, **more}
    return LabelEvent(t_s=t_s, action=action, shelf=shelf, plates=plates, label=gtin, **fields)  # type: ignore[arg-type]


def case(*events: LabelEvent, receipts: dict[str, dict[str, int]] | None = None) -> Case:
    return Case("made-up", True, receipts or {}, events)


def baskets(observations: Sequence[Observation]) -> dict[str, dict[str, int]]:
    return {o.party: dict(o.basket) for o in observations if isinstance(o, TruthVisit)}


def test_a_take_where_the_product_belongs_moves_nothing() -> None:
    played = case(event(5.0, "take", AT_HOME.gtin, AT_HOME.shelf, AT_HOME.plates[:1]))
    assert case_store(SHOP, played).planogram == SHOP.planogram


def test_a_take_off_the_planogram_moves_the_facing_there() -> None:
    played = case(event(5.0, "take", AT_HOME.gtin, ELSEWHERE.shelf, ELSEWHERE.plates))
    moved = case_store(SHOP, played)
    assert [(f.shelf, f.plates) for f in moved.facings_of(AT_HOME.gtin)] == [(ELSEWHERE.shelf, ELSEWHERE.plates)]
    assert moved.facings_of(ELSEWHERE.gtin) == ()


def test_a_return_to_a_wrong_place_and_a_take_from_there_move_nothing() -> None:
    played = case(
        event(5.0, "take", AT_HOME.gtin, AT_HOME.shelf, AT_HOME.plates),
        event(12.0, "return", AT_HOME.gtin, ELSEWHERE.shelf, ELSEWHERE.plates),
        event(20.0, "take", AT_HOME.gtin, ELSEWHERE.shelf, ELSEWHERE.plates),
    )
    assert case_store(SHOP, played).planogram == SHOP.planogram
    _, observations, report = play_case(SHOP, played, seed=1)
    seen = list(observations)
    assert [o.action for o in seen if isinstance(o, TruthMove)] == ["take", "misplace", "take"]
    assert baskets(seen) == {"s1": {AT_HOME.gtin: 1}}
    assert report.left_out == []


def test_a_plate_past_the_last_is_the_last() -> None:
    last = SHOP.planogram[2]
    played = case(event(5.0, "take", last.gtin, last.shelf, (11, 12)))
    _, observations, _ = play_case(SHOP, played, seed=1)
    (move,) = (o for o in observations if isinstance(o, TruthMove))
    assert move.source.plates == (6,)


def test_what_a_shopper_does_not_hold_is_handed_over_first_or_left_out() -> None:
    played = case(
        event(5.0, "take", AT_HOME.gtin, AT_HOME.shelf, AT_HOME.plates),
        event(12.0, "return", AT_HOME.gtin, AT_HOME.shelf, AT_HOME.plates, shopper="s2"),
        event(18.0, "return", AT_HOME.gtin, AT_HOME.shelf, AT_HOME.plates, shopper="s2"),
        event(25.0, "take", ELSEWHERE.gtin, ELSEWHERE.shelf, ELSEWHERE.plates),
    )
    _, observations, report = play_case(SHOP, played, seed=1)
    seen = list(observations)
    assert [o.action for o in seen if isinstance(o, TruthMove)] == ["take", "hand_over", "return", "take"]
    assert baskets(seen) == {"s1": {ELSEWHERE.gtin: 1}, "s2": {}}
    assert len(report.left_out) == 1


def test_a_time_that_walking_cannot_keep_is_said() -> None:
    far = SHOP.planogram[-1]
    played = case(
        event(5.0, "take", AT_HOME.gtin, AT_HOME.shelf, AT_HOME.plates),
        event(5.0, "take", far.gtin, far.shelf, far.plates, fixture=far.fixture),
    )
    _, observations, report = play_case(SHOP, played, seed=1)
    notes = [o.value for o in observations if isinstance(o, TruthNote) and o.name == "slip"]
    assert len(report.slips) == len(notes) >= 1
    assert report.slips[-1][2] > 1.0


@pytest.mark.parametrize("text", ["", "[]", '{"cases": [{"case": "x"}]}'], ids=["empty", "list", "no-events"])
def test_what_is_not_a_file_of_labels_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(text)
    with pytest.raises(LabelError, match="is not a file of labels"):
        load_labels(path)


def test_record_case_names_the_cases_there_are(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps({"cases": [{"case": "one", "receipts": {}, "events": []}]}))
    with pytest.raises(LabelError, match="there are one"):
        record_case(SHOP, path, "two", tmp_path / "out.mcap", seed=1)
    record_case(SHOP, path, "one", tmp_path / "out.mcap", seed=1)
    assert not [truth for truth in truth_of(open_recording(tmp_path / "out.mcap")) if isinstance(truth, TruthVisit)]


@pytest.fixture(scope="module")
def real_shop(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("aifi")
    import_aifi(shared_data / "aifi-benchmark-1", folder / "real.mcap", folder / "store")
    return load(folder / "store")


@pytest.mark.data
def test_truth_of_every_labelled_case_equals_its_receipts(shared_data: Path, real_shop: Store) -> None:
    cases = load_labels(shared_data / "aifi-scripts" / "dev.json")
    assert len(cases) == 21
    for name, labelled in cases.items():
        _, observations, report = play_case(real_shop, labelled, seed=1)
        assert baskets(list(observations)) == expected_receipts(real_shop, labelled), name
        assert report.left_out == [], name


@pytest.mark.data
def test_damaged_ids_are_the_catalogues(real_shop: Store) -> None:
    assert gtin_of(real_shop, "01201303") == gtin_of(real_shop, "120130")
    assert gtin_of(real_shop, "0120850") in real_shop.products


@pytest.mark.data
def test_a_played_case_exports_in_the_real_shops_own_form(shared_data: Path, real_shop: Store, tmp_path: Path) -> None:
    labels = shared_data / "aifi-scripts" / "dev.json"
    record_case(real_shop, labels, "cps-test-7", tmp_path / "case.mcap", seed=1)
    export_aifi(tmp_path / "case.mcap", tmp_path / "out")
    shapes = {}
    for line in (tmp_path / "out" / "plate_data.json").read_bytes().splitlines():
        document = json.loads(line)
        shapes[document["gondola_id"]] = tuple(document["document"]["plate_data"]["values"]["shape"])
    assert shapes == {1: (12, 7, 15), 2: (12, 7, 13), 3: (12, 7, 13), 4: (12, 7, 13), 5: (12, 7, 13)}
    documents = [json.loads(line) for line in (tmp_path / "out" / "full_targets.json").read_bytes().splitlines()]
    targets = [target for d in documents for target in d["document"]["targets"].get("targets", [])]
    assert targets
    assert {len(target["detection_metadata"]) for target in targets} <= {1, 2, 3, 4}
    again = import_aifi(tmp_path / "out", tmp_path / "again.mcap", tmp_path / "shop")
    assert again.origin == "simulated"
    assert again.losses == ()
    first, second = (
        [o for o in open_recording(tmp_path / name).observations() if isinstance(o, PlateBatch)]
        for name in ("case.mcap", "again.mcap")
    )
    assert [(o.fixture, o.t_ns.tobytes(), o.grams.tobytes()) for o in first] == [
        (o.fixture, o.t_ns.tobytes(), o.grams.tobytes()) for o in second
    ]
