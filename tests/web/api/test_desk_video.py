"""No route, header, cache or error page gives a reviewer a byte of video that is not leased to them and marked.

The clip here is a real one, in a real vault. Its file has a marker in it that no answer may hold: what is sent is made
anew, picture by picture, with the lease's mark. Every route is asked as every role, with tokens of one's own, of
others, stale and forged ones.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from tests.live.desk_shop import doubted
from tests.web.api.desk_api import API, Api, desk_api
from tests.web.api.test_access import BODIES, ROUTES
from walkout.live.clip_view import MOST_PX
from walkout.live.mp4 import fragmented_mp4
from walkout.privacy.vault import Vault
from walkout.web.api import evidence_clips
from walkout.web.api.access import ROLES

av = pytest.importorskip("av", reason="clips need PyAV: ./run extras")
pytest.importorskip("cv2", reason="marks need OpenCV: ./run extras")
MARKER = b"walkout-marker-in-the-clip-as-it-lies-on-the-disk"
VIDEO = "video/mp4"
EVERYBODY = (*ROLES, "ada", "ben")


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    times = [k * 100_000_000 for k in range(6)]
    grey = [np.full((96, 128, 3), 90 + k, np.uint8) for k in range(6)]
    free = len(MARKER) + 8
    video = fragmented_mp4(grey, times) + free.to_bytes(4) + b"free" + MARKER
    with desk_api(tmp_path / "shop") as found, Vault(tmp_path / "data", tmp_path / "secrets", 1) as vault:
        for visit in ("v1", "v2"):
            found.shop.visit(doubted(visit))
            vault.clips.put(visit, f"e1.{visit}", video, {"event": "e1", "camera": "door", "t_ns": times}, 1)
            vault.keep_training(visit, 1)
        monkeypatch.setattr(evidence_clips, "vault_of", lambda _till: vault)
        yield found


def clips(api: Api, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.post("/desk/lease", who)["evidence"]["clips"]
    return found


def asked(api: Api, url: str, who: str | None) -> Any:
    return api.ask("GET", url, who)


def is_video(response: Any) -> bool:
    text = response.content
    return VIDEO in response.headers.get("content-type", "") or b"ftyp" in text or b"moof" in text or MARKER in text


def test_the_holder_gets_it_with_their_mark_and_nothing_keeps_it(api: Api) -> None:
    (one,) = clips(api, "ada")
    assert (one["camera"], one["frames"], one["frame_rate"]) == ("door", 6, 10.0)
    found = asked(api, one["url"], "ada")
    assert found.status_code == 200
    assert found.headers["content-type"] == VIDEO
    assert found.headers["cache-control"] == "no-store, private"
    assert "etag" not in found.headers
    assert "last-modified" not in found.headers
    assert MARKER not in found.content, "what lies on the disk is not what is sent"
    with av.open(io.BytesIO(found.content)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == 6
    assert all(int(p.max()) - int(p.min()) > 100 for p in pictures), "a mark in each of them"
    token = one["url"].split("/")[-2]
    assert found.headers["x-watermark"] == token[:8]
    api.post(f"/desk/leases/{token}/answer", choice="1")
    api.shop.work(61)
    last = api.shop.till.cashier.last("v1")
    assert last is not None
    assert last.receipt.human.clips == 1, "the receipt says that a clip was opened"


def shelf(size_px: int, seed: int) -> list[np.ndarray]:
    """Six seconds of a full shelf in the largest clip there is: hard edges everywhere, a sensor's noise, a hand."""
    rng = np.random.default_rng(seed)
    packs = np.kron(rng.integers(40, 220, (size_px // 8, size_px // 8, 3)), np.ones((8, 8, 1)))
    shown = []
    for k in range(60):
        picture = packs + rng.normal(0.0, 3.0, packs.shape)
        picture[100:140, 2 * k : 2 * k + 60] = (150, 130, 110)
        shown.append(np.clip(picture, 0, 255).astype(np.uint8))
    return shown


def test_two_cameras_of_the_largest_size_and_all_that_is_said_with_them_fit_in_400_kb(api: Api) -> None:
    times = [k * 100_000_000 for k in range(60)]
    vault = evidence_clips.vault_of(api.shop.till)
    for camera in ("door", "aisle"):
        about = {"event": "e1", "camera": camera, "t_ns": times}
        vault.clips.put("v1", f"e1.{camera}", fragmented_mp4(shelf(MOST_PX, len(camera)), times), about, 1)
    vault.clips.put("v1", "e1.v1", b"", {"event": "another", "camera": "x", "t_ns": times}, 1)
    question = api.post("/desk/lease", "ada")
    urls = [one["url"] for one in question["evidence"]["clips"]]
    assert len(urls) == 2
    sent = [len(asked(api, url, "ada").content) for url in urls]
    assert sum(sent) + len(orjson.dumps(question)) <= 400_000, sent
    assert min(sent) > 60_000, "these are no easy pictures"


def test_a_browser_may_ask_for_a_range_and_each_look_is_in_the_log_once(api: Api) -> None:
    (one,) = clips(api, "ada")
    whole = asked(api, one["url"], "ada").content
    part = api.ask("GET", one["url"], "ada", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert api.ask("GET", one["url"], "ada", headers={"range": f"bytes={len(whole)}-"}).status_code == 416
    looks = [e for e in api.shop.till.vault.log.entries() if e.kind == "view" and e.facts.get("what") == "clip"]
    assert len(looks) == 1


def test_nobody_else_gets_a_byte_with_any_token(api: Api) -> None:
    mine, theirs = clips(api, "ada")[0]["url"], clips(api, "ben")[0]["url"]
    assert mine != theirs
    forged = re.sub(r"clips/\w+", "clips/" + "0" * 32, mine)
    for who in (None, *EVERYBODY):
        for url in (mine, theirs, forged, mine[:-1] + "1", mine[:-1] + "-1", mine + "/..", mine[:-1] + "%2e%2e"):
            found = asked(api, url, who)
            allowed = (who, url) in {("ada", mine), ("ben", theirs)}
            assert is_video(found) == allowed, (who, url, found.status_code)


@pytest.mark.parametrize("end", ["return", "expire", "break", "shift", "given to ben"])
def test_what_is_lent_ahead_is_shown_to_its_holder_alone_and_no_longer_than_that(api: Api, end: str) -> None:
    hand = clips(api, "ada")[0]["url"].split("/")[-2]
    ahead = api.get("/desk/next")["question"]["evidence"]["clips"][0]["url"]
    for who in (None, *EVERYBODY):
        assert is_video(asked(api, ahead, who)) == (who == "ada")
    if end == "return":
        api.post(f"/desk/leases/{ahead.split('/')[-2]}/return")
    elif end == "expire":
        api.shop.on(200)
        api.post(f"/desk/leases/{hand}/heartbeat")
        api.shop.on(101)
    elif end == "break":
        api.post("/desk/break/start", kind="unpaid")
    elif end == "shift":
        api.post("/desk/shift/end")
    else:
        assert is_video(asked(api, clips(api, "ben")[0]["url"], "ben"))
    found = asked(api, ahead, "ada")
    assert (found.status_code, is_video(found)) == (409, False)


@pytest.mark.parametrize("end", ["answer", "skip", "return", "expire", "break", "shift", "sign out"])
def test_a_link_is_dead_as_soon_as_its_lease_is(api: Api, end: str) -> None:
    (one,) = clips(api, "ada")
    token = one["url"].split("/")[-2]
    assert is_video(asked(api, one["url"], "ada"))
    if end in ("answer", "skip", "return"):
        api.post(f"/desk/leases/{token}/{end}", **({"choice": "1"} if end == "answer" else {}))
    elif end == "expire":
        api.shop.on(301)
    elif end == "break":
        api.post("/desk/break/start", kind="paid")
    elif end == "shift":
        api.post("/desk/shift/end")
    else:
        api.context.identity.log_out("ada")
    found = asked(api, one["url"], "ada")
    assert found.status_code == (401 if end == "sign out" else 409)
    assert not is_video(found)
    assert found.headers["cache-control"] == "no-store"


def test_no_other_route_gives_video_to_anybody(api: Api) -> None:
    token = clips(api, "ada")[0]["url"].split("/")[-2]
    for method, path, _ in ROUTES:
        if path == "/desk/clips/{token}/{number}" or (method, path) == ("DELETE", "/session"):
            continue
        for value in (token, "v1", "e1.v1"):
            where = API + re.sub(r"\{[\w:]+\}", value, path) + ("?follow=false" if path == "/events" else "")
            for who in ("reviewer", "ben", "auditor", "admin"):
                if method != "GET" and who == "admin":
                    continue
                body = {"json": BODIES.get(path, {})} if method == "POST" else {}
                assert not is_video(api.ask(method, where, who, **body)), (method, where, who)


def test_pages_hold_no_frame_as_it_was_taken() -> None:
    web = Path(evidence_clips.__file__).resolve().parents[1]
    for module in web.rglob("*.py"):
        text = module.read_text()
        for forbidden in ("live.clip ", "live.clip_view", "privacy.segments", "vault.raw", "camera_packets"):
            assert forbidden not in text, f"{module.name} may not know of {forbidden}"
