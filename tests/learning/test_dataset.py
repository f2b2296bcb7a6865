"""Annotated clips in a shop's books: consent first and last, versions, and the sheet with people, hours and pay."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from tests.live.desk_shop import Shop, desk_shop
from walkout.learning.annotation import Annotated, AnnotationError, Mark, Span, corrected
from walkout.learning.dataset import PURPOSE, annotated, imported, keep, newest, offer, sheet
from walkout.learning.prelabel import drafted
from walkout.recording.people import JOINTS
from walkout.review.case import ReviewError
from walkout.review.consent import agree, consent_of, withdraw
from walkout.sensing.vision.persons import Persons

CLIP = Annotated("1-00", "1", 320, 240, (1, 2), origin="simulated")
BOX = Mark(0, "hand", 10.0, 20.0, 30.0, 40.0)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with desk_shop(tmp_path) as found:
        yield found


def people(count: int) -> Persons:
    keypoints = np.full((count, len(JOINTS), 3), np.nan, np.float32)
    keypoints[:, :, 2] = 0.0
    keypoints[:, JOINTS.index("r_wrist")] = (100.0, 120.0, 0.9)
    keypoints[:, JOINTS.index("l_wrist")] = (40.0, 60.0, 0.1)  # not sure enough to be a draft
    boxes = np.array([(20.0, -5.0, 220.0, 235.0)] * count, np.float32).reshape(count, 4)
    return Persons.of(320, 240, boxes, np.linspace(0.9, 0.2, count).astype(np.float32), keypoints)


def test_a_draft_has_the_people_their_joints_and_their_hands_and_is_the_models(shop: Shop) -> None:
    found = drafted(CLIP, [people(2), people(0)], [Span(0, 1, "take")])
    person, hand = found.marks
    assert (person.what, person.x_px, person.y_px, person.width_px, person.height_px) == ("person", 20, 0, 200, 235)
    assert [name for name, _ in person.joints] == ["r_wrist"]
    assert (hand.what, hand.by, found.spans[0].by) == ("hand", "model", "model")
    assert hand.x_px < 100 < hand.x_px + hand.width_px
    assert not found.looked_at
    with pytest.raises(ValueError, match="found 1 pictures"):
        drafted(CLIP, [people(1)])


def test_nothing_is_marked_without_consent_and_nothing_is_left_when_it_is_taken_back(shop: Shop) -> None:
    till = shop.till
    with pytest.raises(ReviewError, match="did not agree"):
        offer(till.queues, "v1", CLIP, shows="e1.door", deadline_ns=9)
    consent = agree(till.database, "v1", shop.now_ns)
    assert agree(till.database, "v1", shop.now_ns) == consent
    offer(till.queues, "v1", CLIP, shows="e1.door", deadline_ns=9)
    keep(till.database, "v1", replace(CLIP, marks=(BOX,)), by="person", t_ns=5)
    assert [clip.marks for clip in annotated(till.database)] == [(BOX,)]
    assert withdraw(till.database, "v1", shop.now_ns) == 2
    assert (annotated(till.database), newest(till.database, "1-00"), consent_of(till.database, "v1")) == (
        (),
        None,
        None,
    )
    assert withdraw(till.database, "v1", shop.now_ns) == 0
    with pytest.raises(ReviewError, match="did not agree"):
        keep(till.database, "v1", CLIP, by="person", t_ns=5)
    assert agree(till.database, "v1", shop.now_ns).consent == 3, "each word stands by itself"


def test_each_version_stays_and_a_clip_keeps_its_pictures(shop: Shop) -> None:
    engine = shop.till.database
    agree(engine, "v1", 1)
    assert keep(engine, "v1", CLIP, by="model", t_ns=1) == 1
    assert keep(engine, "v1", CLIP, by="model", t_ns=1, only_first=True) == 1
    assert annotated(engine) == (), "a draft is nobody's word"
    assert len(annotated(engine, drafts=True)) == 1
    assert keep(engine, "v1", replace(CLIP, marks=(BOX,)), by="person", t_ns=2) == 2
    with pytest.raises(AnnotationError, match="other pictures"):
        keep(engine, "v1", replace(CLIP, width_px=640), by="person", t_ns=3)
    changed = replace(CLIP, marks=(replace(BOX, x_px=11.0),))
    assert imported(engine, (changed, replace(CLIP, clip="9-00")), 4) == (("1-00",), ("9-00",))
    assert [clip.marks[0].x_px for clip in annotated(engine)] == [11.0]


def test_the_sheet_says_whose_consent_how_many_peoples_hours_and_at_what_pay(shop: Shop) -> None:
    till = shop.till
    agree(till.database, "v1", shop.now_ns)
    offer(till.queues, "v1", drafted(CLIP, [people(1), people(0)]), shows="e1.door", deadline_ns=9 * 10**18)
    shop.team(PURPOSE)
    assert till.reviewing.lease("ada") is None, "it has a screen of its own"
    lease = till.reviewing.lease("ada", only=frozenset({PURPOSE}))
    assert lease is not None
    assert (lease.purpose, lease.question) == (PURPOSE, "annotate/1-00")
    shop.on(90)
    draft = newest(till.database, "1-00")
    assert draft is not None
    keep(till.database, "v1", corrected(draft, (*draft.marks, BOX), ()), by="person", t_ns=shop.now_ns)
    till.reviewing.submit("ada", lease.token, "revision 2", "sure")
    shop.on(60)
    till.reviewing.shift("ada", "shift_ended")
    (clip,) = annotated(till.database)
    assert clip.looked_at
    says = sheet(till.database, (clip,))
    assert (says["clips"], says["pictures"], says["marks"], says["placed_by_people"]) == (1, 2, 3, 3)
    assert [(one["consent"], "taken back" in one["words"]) for one in says["consents"]] == [(1, True)]
    assert says["people"] == "fewer than 5"
    assert says["paid_hours"] == pytest.approx(90 / 3600, abs=1e-3)
    (pay,) = says["pay"]
    assert pay.endswith("an hour, exampleville")
    assert Decimal(pay.split(" ")[0]) >= 16
    assert says["hours_of_imported"] is None
