"""A copy for learning: its own key, its own end; the clips that it was made of know nothing of it, nor it of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.disclosure.shop import where
from tests.live.desk_shop import Shop, desk_shop, sure
from walkout.learning.annotation import Annotated, Mark
from walkout.learning.dataset import annotated, keep
from walkout.live.annotating import offer_agreed
from walkout.live.erasure import erase_visit
from walkout.live.training_copies import agreed_to, copied, settled, taken_back
from walkout.privacy.audit import audit
from walkout.privacy.keys import KeyGoneError
from walkout.privacy.retention import DAY_NS, HOUR_NS
from walkout.review.consent import WORDS, agree, consent_of, withdraw

VIDEO, OTHER = b"MARKER-IN-A-CLIP-77aa" * 30, b"MARKER-OF-ANOTHER-13bc" * 30
ABOUT = {"event": "e1", "camera": "door", "t_ns": [1, 2], "width": 320, "height": 240, "made_ns": 5, "why_withheld": []}
OLD = "What is kept, and how long: the clips end 72 hours after they were made, whatever you say here."
HAND = Mark(0, "hand", 1.0, 2.0, 30.0, 40.0)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with desk_shop(tmp_path) as found:
        for visit, video in (("v1", VIDEO), ("v2", OTHER)):
            found.visit(sure(visit))
            found.till.vault.clips.put(visit, "e1.door", video, ABOUT, found.now_ns)
        yield found


def ended(shop: Shop) -> list[tuple[object, object]]:
    entries = shop.till.vault.log.entries()
    return [(one.facts["purpose"], one.facts["reason"]) for one in entries if one.kind == "deletion"]


def marked(shop: Shop, visit: str) -> Annotated:
    """Somebody marked the visit's clip."""
    offer_agreed(shop.till.queues, shop.till.vault, "simulated", detect=None, now_ns=shop.now_ns)
    (clip,) = annotated(shop.till.database, drafts=True)
    made = replace(clip, marks=(HAND,))
    keep(shop.till.database, visit, made, by="person", t_ns=shop.now_ns)
    return made


def test_taken_back_it_is_read_nowhere_and_the_clip_lives_until_its_own_time(shop: Shop) -> None:
    till, vault = shop.till, shop.till.vault
    agreed_to(till.database, vault, "v1", shop.now_ns, WORDS)
    agreed_to(till.database, vault, "v1", shop.now_ns, WORDS)
    video, about = vault.training.get("v1", "e1.door")
    assert (video, "made_ns" in about, about["t_ns"]) == (VIDEO, False, [1, 2])
    secret, clip_secret = vault.keys.get("training", "v1").secret, vault.keys.get("clip", "v1").secret
    assert secret != clip_secret
    (sealed,) = (shop.folder / "vault" / "training").rglob("*.clip")
    made = [one for one in vault.log.entries() if one.facts.get("what") == "copied for learning"]
    assert [(one.kind, one.facts["clips"]) for one in made] == [("clip", 1)]
    marked(shop, "v1")
    bytes_of_copy = sealed.read_bytes()[-200:]
    assert where(shop.folder, bytes_of_copy) == [str(sealed.relative_to(shop.folder))]  # the search does find it

    assert taken_back(till.database, vault, "v1", shop.now_ns) == 2
    assert ended(shop) == [("training", "consent taken back")], "a signed tombstone of that key, and of no other"
    assert where(shop.folder, bytes_of_copy, secret, VIDEO[:22]) == []
    assert not list((shop.folder / "vault" / "training").rglob("*.clip"))
    with pytest.raises(KeyGoneError):
        vault.training.get("v1", "e1.door")
    assert vault.clips.get("v1", "e1.door")[0] == VIDEO, "the clip that the shop itself made lives on"
    assert annotated(till.database, drafts=True) == (), "no row is left that another training could read"
    assert taken_back(till.database, vault, "v1", shop.now_ns) == 0
    assert audit(vault.log.folder).whole

    shop.now_ns += 73 * HOUR_NS
    till.record.retain()
    assert vault.clips.names("v1") == vault.training.names("v1") == ()
    assert ended(shop)[1:] == [("clip", "retention")] * 2
    assert till.vault.unproven(till.record.policy, shop.now_ns) == ()


def test_clips_end_and_what_consent_keeps_stays_until_its_own_time(shop: Shop) -> None:
    till, vault = shop.till, shop.till.vault
    agreed_to(till.database, vault, "v1", shop.now_ns, WORDS)
    clip_secret = vault.keys.get("clip", "v1").secret
    mark = marked(shop, "v1")
    shop.now_ns += 73 * HOUR_NS
    till.record.retain()
    assert vault.clips.names("v1") == ()
    assert where(shop.folder, clip_secret) == []
    assert vault.training.get("v1", "e1.door")[0] == VIDEO
    assert [one.clip for one in annotated(till.database)] == [mark.clip]
    assert till.vault.unproven(till.record.policy, shop.now_ns) == ()
    shop.now_ns += 177 * DAY_NS
    till.record.retain()
    assert vault.training.names("v1") == ()
    assert ended(shop)[-1] == ("training", "retention")
    till.record.retain()
    assert vault.training.names("v1") == (), "a copy whose time is up is not made again"


def test_an_erasure_ends_both(shop: Shop) -> None:
    till, vault = shop.till, shop.till.vault
    for visit in ("v1", "v2"):
        agreed_to(till.database, vault, visit, shop.now_ns, WORDS)
    secrets = [vault.keys.get(purpose, "v1").secret for purpose in ("clip", "training")]
    done = erase_visit(till.database, till.record, "v1")
    assert done.files == 2
    assert {("clip", "erasure"), ("training", "erasure")} <= set(ended(shop))
    assert where(shop.folder, VIDEO[:22], *secrets) == []
    assert vault.clips.names("v1") == vault.training.names("v1") == ()
    till.record.retain()
    assert vault.training.names("v1") == ()
    assert vault.training.get("v2", "e1.door")[0] == OTHER
    assert consent_of(till.database, "v1") is None


def test_whoever_said_nothing_or_heard_older_words_has_no_copy(shop: Shop) -> None:
    till, vault = shop.till, shop.till.vault
    agree(till.database, "v2", 1, OLD)
    assert settled(till.database, vault, till.record.policy, shop.now_ns) == (0, 0)
    assert [copied(till.database, vault, visit, shop.now_ns) for visit in ("v1", "v2")] == [0, 0]
    assert not (shop.folder / "vault" / "training").exists()


@pytest.mark.parametrize("died", ["before the copy", "before the key ended"])
def test_a_death_between_word_and_deed_is_mended_within_the_hour(shop: Shop, died: str) -> None:
    """The database's word is first; the vault follows."""
    till, vault = shop.till, shop.till.vault
    if died == "before the copy":
        agree(till.database, "v1", shop.now_ns)
        assert vault.training.names("v1") == ()
        till.record.retain()
        assert vault.training.names("v1") == ("e1.door",)
    else:
        agreed_to(till.database, vault, "v1", shop.now_ns, WORDS)
        withdraw(till.database, "v1", shop.now_ns)
        assert vault.training.names("v1") == ("e1.door",)
        till.record.retain()
        assert vault.training.names("v1") == ()
        assert ended(shop) == [("training", "consent taken back")]


def test_a_clip_that_is_made_later_keeps_the_others_names(shop: Shop) -> None:
    till = shop.till
    agreed_to(till.database, till.vault, "v1", shop.now_ns, WORDS)
    offer: Callable[[], int] = lambda: offer_agreed(  # noqa: E731
        till.queues, till.vault, "simulated", detect=None, now_ns=shop.now_ns
    )
    assert offer() == 1
    till.vault.clips.put("v1", "e0.door", VIDEO, ABOUT | {"t_ns": [1, 2, 3]}, shop.now_ns)
    assert offer() == 2
    assert {one.clip: len(one.t_ns) for one in annotated(till.database, drafts=True)} == {"1-00": 2, "1-01": 3}
