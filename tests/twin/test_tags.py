"""The twin's reader: what is carried out is heard, with misses and strays; a shop without tags is as before."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.live.wire import sample
from walkout.recording.gate import GateEvent
from walkout.recording.tags import TagFrame
from walkout.recording.truth import TruthVisit
from walkout.store.folder import pack
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.settings import SILENT, Settings
from walkout.twin.simulation import Observation
from walkout.twin.tags import with_tags

STORY = tuple(Arrival(0.5 + 6.0 * k, (Member(Build(), b.sequence(b.take_several, b.take)),)) for k in range(3))
HEARD = replace(SILENT, tag_read=1.0, tag_stray=0.0)


def play(store: Store, settings: Settings = HEARD) -> Iterator[Observation]:
    return simulate(store, STORY, seed=7, settings=settings)


def frames(observations: list[Observation]) -> list[TagFrame]:
    return [o for o in observations if isinstance(o, TagFrame)]


def same(one: Observation, other: Observation) -> bool:
    return repr(one) == repr(other)


@pytest.fixture(scope="module")
def everything() -> list[Observation]:
    return list(play(with_tags(sample(), 1.0)))


def test_all_that_is_carried_out_is_heard_around_the_exit(everything: list[Observation]) -> None:
    heard = frames(everything)
    bought = Counter[str]()
    for visit in everything:
        if isinstance(visit, TruthVisit):
            bought.update(visit.basket)
    items = {(tag.gtin, tag.item) for frame in heard for tag in frame.tags}
    assert Counter(gtin for gtin, _ in items) == bought
    exits = [o.t_ns for o in everything if isinstance(o, GateEvent) and o.way == "exit"]
    for frame in heard:
        assert not frame.tags or min(abs(frame.t_ns - t_ns) for t_ns in exits) < 1_700_000_000


def test_the_reader_speaks_twice_a_second_from_the_start(everything: list[Observation]) -> None:
    heard = frames(everything)
    assert [frame.seq for frame in heard] == list(range(len(heard)))
    assert {b.t_ns - a.t_ns for a, b in pairwise(heard)} == {500_000_000}


def test_the_same_seed_hears_the_same(everything: list[Observation]) -> None:
    assert frames(everything) == frames(list(play(with_tags(sample(), 1.0))))


def test_a_shop_without_tags_is_as_it_was(everything: list[Observation]) -> None:
    plain = list(play(sample()))
    assert not frames(plain)
    others = [o for o in everything if not isinstance(o, TagFrame)]
    assert len(others) == len(plain)
    assert all(same(one, other) for one, other in zip(plain, others, strict=True))


def test_misses_and_strays() -> None:
    shop, deaf = with_tags(sample(), 1.0), replace(HEARD, tag_read=0.0)
    assert not any(frame.tags for frame in frames(list(play(shop, deaf))))
    strays = frames(list(play(shop, replace(deaf, tag_stray=5.0))))
    assert len({tag.item for frame in strays for tag in frame.tags}) > 4


def test_a_share_of_the_products_is_always_the_same() -> None:
    third, all_ = with_tags(sample(), 1 / 3), with_tags(sample(), 1.0)
    chosen = {g for g, p in third.products.items() if p.tagged}
    assert len(chosen) == round(len(all_.products) / 3)
    assert chosen == {g for g, p in with_tags(sample(), 1 / 3).products.items() if p.tagged}
    assert all(gate.tag_reader for gate in all_.gates if gate.way != "entry")


def test_the_store_folder_keeps_tags_and_without_them_its_bytes() -> None:
    tagged = with_tags(sample(), 0.5)
    files = pack(tagged)
    assert b"tag_reader" in files["store.yaml"]
    assert files["catalog.csv"].splitlines()[0].endswith(b",tagged")
    plain = pack(sample())
    assert b"tag" not in plain["store.yaml"]
    assert plain["catalog.csv"].splitlines()[0].endswith(b",source_ids")
