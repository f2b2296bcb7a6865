"""Two days of a simulated shop with ten reviewers in two places, played once; its report and bundle."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from benchmarks._a_month import Played, Setting, play

from walkout.disclosure.bundle import read_bundle, write_bundle
from walkout.disclosure.holder import Bundle
from walkout.disclosure.report import report

SMALL = Setting(days=2, visits_a_day=24, team=5, shift_h=0.5, asks=0.2, audit=0.3, disputes=0.05, erased=1)


@dataclass(frozen=True)
class Month:
    """The played shop, its report, and the bundle that it exported."""

    shop: Played
    report: dict[str, Any]
    folder: Path
    bundle: Bundle


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """Nobody changes it; who wants to, copies."""
    place = tmp_path_factory.mktemp("month")
    shop = play(place, SMALL)
    source = shop.source()
    made = report(source)
    folder = write_bundle(source, made, place / "bundle")
    yield Month(shop, made, folder, read_bundle(folder))
    shop.close()
