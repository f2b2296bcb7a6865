"""What was taken back or erased is in no row that the next training reads: neither marks nor what people answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.disclosure.shop import where
from tests.live.desk_shop import Shop, desk_shop, doubted
from walkout.checkout import tables as checkout
from walkout.learning.annotation import Annotated, Mark
from walkout.learning.answers import kept_visits, labels_of
from walkout.learning.coco import to_coco
from walkout.learning.dataset import annotated, keep, sheet
from walkout.live.erasure import erase_visit
from walkout.live.training_copies import agreed_to, taken_back
from walkout.review.consent import WORDS

NAMED = {"v1": "77777770000017", "v2": "77777770000024"}
"""What a hand holds in each visit's clip, as nothing else in the shop is called."""
CLIPS = {
    visit: Annotated(f"{n}-00", str(n), 320, 240, (n, n + 10), (Mark(0, "hand", 1, 2, 30, 40, gtin=NAMED[visit]),))
    for n, visit in enumerate(NAMED, 1)
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Two visits that people answered and whose shoppers agreed; each has a clip that somebody marked."""
    with desk_shop(tmp_path) as found:
        found.team("settle")
        till = found.till
        for visit, clip in CLIPS.items():
            found.visit(doubted(visit))
            for _ in range(4):
                lease = till.reviewing.lease("ada")
                if lease is not None:
                    till.reviewing.submit("ada", lease.token, lease.body.candidates[0][0], "sure")
                found.work(61)
            agreed_to(till.database, till.vault, visit, found.now_ns, WORDS)
            keep(till.database, visit, clip, by="person", t_ns=found.now_ns)
        of = checkout.visits.c
        with till.database.begin() as connection:
            stages = set(connection.execute(select(of.stage)).scalars())
        assert not stages & {"inside", "waiting"}
        yield found


def read(shop: Shop) -> tuple[set[str], set[str], set[str]]:
    """What a training reads now: visits with labels, visits with evidence, clips with marks."""
    engine = shop.till.database
    return set(labels_of(engine)), set(kept_visits(engine)), {one.clip for one in annotated(engine)}


def test_after_an_erasure_the_next_training_reads_nothing_of_the_visit(shop: Shop) -> None:
    assert read(shop) == ({"v1", "v2"}, {"v1", "v2"}, {"1-00", "2-00"})
    erase_visit(shop.till.database, shop.till.record, "v1")
    assert read(shop) == ({"v2"}, {"v2"}, {"2-00"})


def test_after_consent_is_taken_back_it_reads_no_mark_and_exports_none(shop: Shop) -> None:
    engine = shop.till.database
    assert where(shop.folder, NAMED["v1"]) != [], "the search does find it"
    taken_back(engine, shop.till.vault, "v1", shop.now_ns)
    labels, _, marked = read(shop)
    assert marked == {"2-00"}
    assert labels == {"v1", "v2"}, "what was answered about the receipt is not of the clips: it ends with an erasure"
    clips = annotated(engine, drafts=True)
    exported = to_coco(clips, sheet(engine, clips))
    assert "1-00" not in str(exported)
    assert "2-00" in str(exported)
    assert where(shop.folder, NAMED["v1"]) == [], "not in a free page of the database either"
    assert where(shop.folder, NAMED["v2"]) != []
