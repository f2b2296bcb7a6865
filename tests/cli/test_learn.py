"""`walkout review learn`, on a journal whose replay is made by hand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from tests.learning.lessons import T0, belief, candidate, event, label
from walkout.cli import learn
from walkout.cli.app import app
from walkout.inference.belief import Belief
from walkout.inference.explanation import Explanation
from walkout.inference.learnt import NOTHING
from walkout.learning.label import Label
from walkout.learning.register import FOLDER, Register, Use
from walkout.store.folder import load

STORE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"
SHOP = load(STORE)
WATER = SHOP.planogram[0]
OTHER = next(f for f in SHOP.planogram if f.fixture != WATER.fixture)
SECOND = 10**9
COUNT = 100


@dataclass(frozen=True)
class Heard:
    beliefs: tuple[Belief, ...]
    explanations: tuple[Explanation, ...]


def heard(*, knows: bool) -> Heard:
    """Each visit takes water where another product should be; who knows that it stands there is sure of it."""
    beliefs, explanations = [], []
    for n in range(COUNT):
        at_ns = n * 60 * SECOND
        likely, other = (WATER.gtin, OTHER.gtin) if knows else (OTHER.gtin, WATER.gtin)
        made = belief(f"v{n}", {likely: 1}, 0.95 if knows else 0.6, {other: 0.05 if knows else 0.4})
        visit = made.visit.__class__(f"v{n}", f"v{n}", ("a",), T0 + at_ns, T0 + at_ns + 9)
        beliefs.append(made.__class__(visit, made.lines, made.p_exact, made.baskets))
        change = event(f"e{n}", OTHER.shelf, OTHER.plates)
        moved = change.__class__(
            change.id, OTHER.fixture, change.shelf, change.plates, change.delta_g, change.cov_g2,
            T0 + at_ns + 1, T0 + at_ns + 1, T0 + at_ns + 2, T0 + at_ns + 3,
        )  # fmt: skip
        ways = (candidate(likely, p=0.6), candidate(other, p=0.4))
        explanations.append(Explanation(moved, ways))
    return Heard(tuple(beliefs), tuple(explanations))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    labels: dict[str, Label] = {f"v{n}": label(f"v{n}", {WATER.gtin: 1}) for n in range(COUNT)}

    def replayed(_recording: Any, _store: Any, use: Use, _model: Any, *, quiet: bool) -> Heard:
        assert quiet
        return heard(knows=any(place.gtin == WATER.gtin for place in use.learnt.there))

    monkeypatch.setattr(learn, "labels_of", lambda _engine: labels)
    monkeypatch.setattr(learn, "kept_visits", lambda _engine: frozenset(labels))
    monkeypatch.setattr(learn, "open_recording", lambda _path: None)
    monkeypatch.setattr(learn, "_heard", replayed)
    return tmp_path


def run(*words: str, status: int = 0) -> Any:
    done = CliRunner().invoke(app, ["review", "learn", *words])
    assert done.exit_code == status, done.output
    return orjson.loads(done.stdout) if "--json" in words and not status else done.output


def test_what_answers_taught_is_tried_promoted_shown_and_taken_back(shop: Path) -> None:
    (shop / "certificate.json").write_text("{}")
    (record,) = run("try", str(shop), "--store", str(STORE), "--by", "olga", "--json")["records"]
    assert (record["action"], record["by"], record["number"]) == ("promoted", "olga", 1)
    assert record["learnt"]["there"] == [
        {"fixture": OTHER.fixture, "shelf": OTHER.shelf, "plates": list(OTHER.plates), "gtin": WATER.gtin}
    ]
    assert (record["source"]["visits"], record["trial"]["visits"]) == (60, 40)  # the older, and the fresh ones
    assert record["trial"]["low"] > 0
    assert (record["trial"]["right_before"], record["trial"]["right_after"]) == (0, 40)
    assert not (shop / "certificate.json").exists()  # it was learnt on other beliefs
    assert (shop / "certificate-until-0001.json").exists()

    shown = run("show", str(shop), "--json")
    assert shown["records"] == [record]
    assert shown["in_use"]["learnt"] == record["learnt"]["id"]
    assert "promoted by olga" in run("show", str(shop))

    back = run("back", str(shop), "--to", "0", "--by", "ruth", "--json")
    assert (back["action"], back["number"], back["before"]) == ("rolled back", 2, record["id"])
    assert Register(shop / FOLDER).use().learnt == NOTHING


def test_no_fresh_visit_is_tried_on_twice(shop: Path) -> None:
    run("try", str(shop), "--store", str(STORE), "--json")
    said = run("try", str(shop), "--store", str(STORE), "--json", status=2)
    assert said is not None
    assert len(Register(shop / FOLDER).records()) == 1


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    assert "learn try" in run("show", str(tmp_path))
    assert run("show", str(tmp_path), "--json") == {
        "records": [],
        "in_use": {"learnt": NOTHING.id, "card": None},
    }
    run("back", str(tmp_path), "--to", "0", "--by", "olga", status=2)
    run("try", str(tmp_path), "--store", str(STORE), status=2)
