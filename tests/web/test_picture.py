"""The picture of the README: made again by its script, marked, and small."""

import runpy
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.web import builders
from walkout.web.picture import visit_svg

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in builders.parse(svg).iter(f"{SVG}text")]


def test_a_picture_of_one_visit() -> None:
    replay = builders.replay(2)
    said = texts(visit_svg(replay, replay.store, "visit-1", replay.events[1].id))
    assert said[:2] == ["Simulated: nobody was there", "B took 1 × Spring water 0.6 l"]
    assert "1.25 USD" in said
    assert "95.0 %" in said
    with pytest.raises(KeyError, match="no event 'x'"):
        visit_svg(replay, replay.store, "visit-1", "x")


def test_hostile_names_stay_text() -> None:
    replay = builders.replay(1, shop=builders.store(water="</text><script>" + "x" * 200))
    svg = visit_svg(replay, replay.store, "visit-0", replay.events[0].id)
    assert "<script" not in svg
    builders.parse(svg)


def test_the_script_draws_what_is_committed_anew(tmp_path: Path) -> None:
    committed = (ROOT / "docs" / "pictures" / "visit.svg").read_text(encoding="utf-8")
    assert len(committed) < 200_000
    script = runpy.run_path(str(ROOT / "scripts" / "visit_picture.py"))
    script["main"]([str(tmp_path / "visit.svg")])
    drawn = (tmp_path / "visit.svg").read_text(encoding="utf-8")
    # not its bytes: they follow the twin and the inference, and last digits differ between kinds of machines
    for svg in (drawn, committed):
        said = texts(svg)
        assert said[0] == "Simulated: nobody was there"
        assert " took " in said[1]
        assert "Total" in said
    assert len(drawn) < 200_000
