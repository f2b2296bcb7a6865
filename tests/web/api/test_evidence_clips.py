"""What a question says of its clips: there they are, or why not, and whether one may still come."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.live.desk_shop import START_NS, doubted
from tests.web.api.desk_api import Api, desk_api
from walkout.inference.belief import Belief
from walkout.live.clip import Clip, Made
from walkout.live.clip_keeper import ClipKeeper, keeper_of
from walkout.live.clip_maker import EMPTY, GONE, Answer
from walkout.live.clip_work import NO_CAMERA
from walkout.web.api.evidence_clips import BEING_MADE

TIMES = [1, 100_000_001]


def soon(visit: str) -> Belief:
    """A visit with a happening in its last second."""
    belief = doubted(visit)
    return replace(belief, doubts=(replace(belief.doubts[0], start_ns=START_NS - 10**9, end_ns=START_NS - 1),))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with desk_api(tmp_path / "shop") as found:
        found.shop.visit(soon("v1"))
        found.shop.on(60)
        yield found


def keeper(api: Api, *cameras: str) -> ClipKeeper:
    """As `serve` makes it, its process never started; `cameras` send video."""

    async def do(what: Any) -> Any:
        return what()

    made = keeper_of(api.shop.till, do, None)
    made.work.cameras, made.work.missing = frozenset(cameras), ""
    api.context.shop.clips = made
    return made


def none(api: Api, **more: Any) -> Any:
    return api.post("/desk/lease", "ada", **more)["evidence"]["no_clip"]


def clip(event: str, camera: str) -> Clip:
    about = {"event": event, "camera": camera, "t_ns": TIMES, "width": 96, "height": 96}
    return Clip(Made(f"{event}.{camera}", camera, 2, 0, ()), camera.encode(), about)


def test_a_shop_without_cameras_says_so(api: Api) -> None:
    work = keeper(api).work
    assert none(api) == {"why": BEING_MADE, "pending": True}, "nobody has looked for what is due yet"
    assert work.due() is None
    assert none(api) == {"why": NO_CAMERA, "pending": False}


def test_a_question_is_lent_without_its_clip_which_is_shown_as_soon_as_it_is_there(api: Api) -> None:
    work = keeper(api, "aisle").work
    job = work.due()
    assert job is not None
    assert api.get("/review/cases/v1", "auditor")["questions"][0]["clips"] is None
    first = api.post("/desk/lease", "ada")
    assert first["evidence"]["clips"] == []
    assert first["evidence"]["no_clip"] == {"why": BEING_MADE, "pending": True}
    work.keep(job, Answer(why=EMPTY, later=True))
    assert none(api) == {"why": EMPTY, "pending": True}
    work.keep(job, Answer((clip("e1", "door"), clip("e1", "aisle")), read=True))
    again = api.get(f"/desk/leases/{first['token']}")
    assert again["evidence"]["no_clip"] is None
    assert [one["camera"] for one in again["evidence"]["clips"]] == ["aisle", "door"]
    assert api.shop.till.vault.clips.names("v1") == ("e1.aisle", "e1.door")


def test_what_is_made_later_comes_behind_so_that_numbers_stay(api: Api) -> None:
    work = keeper(api, "aisle").work
    job = work.due()
    assert job is not None
    work.keep(job, Answer((clip("e1", "x"),)))
    before = api.post("/desk/lease", "ada")["evidence"]["clips"]
    api.shop.on(1)
    about = {**clip("e1", "a").about, "made_ns": api.shop.now_ns}
    api.shop.till.vault.clips.put("v1", "e0.a", b"", about, api.shop.now_ns)
    after = api.post("/desk/lease", "ada")["evidence"]["clips"]
    assert [one["camera"] for one in after] == ["x", "a"]
    assert after[0] == before[0]


def test_why_it_could_not_be_made_stands_there_for_good(api: Api) -> None:
    work = keeper(api, "aisle").work
    job = work.due()
    assert job is not None
    work.keep(job, Answer(why=GONE, read=True))
    assert none(api) == {"why": GONE, "pending": False}
    (question,) = api.get("/review/cases/v1", "auditor")["questions"]
    assert question["clips"] == {"made": 0, "why": GONE}, "and whoever reads the case sees it"
    api.shop.open()
    assert none(api) == {"why": GONE, "pending": False}
