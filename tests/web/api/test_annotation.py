"""Annotation over HTTP: consent by the shopper, a clip in one's own hands, marks, and nothing without consent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.live.desk_shop import doubted, sure
from tests.web.api.desk_api import API, Api, desk_api
from walkout.cli.app import app
from walkout.learning.annotation import Annotated
from walkout.learning.dataset import offer

CLIP = Annotated("1-00", "1", 320, 240, (1, 2), origin="simulated")
BOX = {"picture": 0, "what": "hand", "x_px": 1, "y_px": 2, "width_px": 30, "height_px": 40}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with desk_api(tmp_path) as found:
        found.shop.visit(sure("v1"))
        yield found


def put_clip(api: Api, visit: str, name: str = "e1.door") -> None:
    about = {"event": "e1", "camera": "door", "t_ns": [1, 2], "width": 320, "height": 240}
    api.shop.till.vault.clips.put(visit, name, b"no video", about, api.shop.now_ns)


def test_from_consent_to_a_data_set_and_back(api: Api, tmp_path: Path) -> None:
    link = f"/s/{api.context.identity.link('v1')}/consent"
    assert api.get(link, None)["agreed"] is False  # type: ignore[arg-type]
    api.post("/review/visits/v1/annotate", "operator", 409)
    assert api.post(link, None, agree=True) == {"agreed": True, "deleted": 0}
    assert api.post("/review/visits/v1/annotate", "operator", 201) == {"clips": []}, "this shop has no cameras"
    put_clip(api, "v1")
    offer(api.shop.till.queues, "v1", CLIP, shows="e1.door", deadline_ns=9 * 10**18)
    api.post("/desk/annotations/lease", "ada", 204)  # not a purpose that she accepted
    api.post("/desk/purposes/annotate/accept", "ada")
    assert api.post("/desk/lease", "ada", 204) is None
    found = api.post("/desk/annotations/lease", "ada")
    assert (found["draft"]["width_px"], found["draft"]["marks"], "consent" in found["draft"]) == (320, [], False)
    token = found["token"]
    assert api.get(f"/desk/annotations/{token}", "ada") == found
    assert api.ask("GET", f"{API}/desk/annotations/{token}", "ben").status_code == 404
    bad = {"marks": [BOX | {"width_px": 999}], "spans": []}
    assert api.ask("PUT", f"{API}/desk/annotations/{token}", "ada", json=bad).status_code == 422
    good = {"marks": [BOX], "spans": [{"first": 0, "last": 1, "happens": "take"}]}
    done = api.ask("PUT", f"{API}/desk/annotations/{token}", "ada", json=good)
    assert (done.status_code, done.json()["revision"]) == (200, 2)
    assert api.ask("PUT", f"{API}/desk/annotations/{token}", "ada", json=good).status_code == 409
    says = api.get("/review/annotations", "auditor")
    assert (says["clips"], says["marks"], says["people"]) == (1, 1, "fewer than 5")
    assert (says["visits_agreed"], says["visits_taken_back"], says["clips_waiting"]) == (1, 0, 0)

    data, out = str(api.shop.folder), tmp_path / "coco.json"

    def walkout(*words: str) -> str:
        done = CliRunner().invoke(app, ["review", "dataset", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "1 clips, 2 pictures, 1 marks" in walkout("show", data)
    walkout("export", data, "--out", str(out))
    assert '"kept":["1-00"]' in walkout("import", data, str(out), "--json").replace(" ", "").replace("\n", "")

    assert api.post(link, None, agree=False) == {"agreed": False, "deleted": 3}
    assert api.get("/review/annotations", "operator")["clips"] == 0
    assert "0 clips taken in, 1 left out" in walkout("import", data, str(out))
    assert api.get("/review/annotations", "operator")["visits_taken_back"] == 1


def test_the_words_that_a_shopper_reads_are_those_that_are_kept(api: Api) -> None:
    link = f"/s/{api.context.identity.link('v1')}/consent"
    shown = api.get(link, None)  # type: ignore[arg-type]
    assert shown["possible"] is True
    assert shown["clips"] == 0
    assert any("72 hours" in words for words in shown["sentences"])
    api.post(link, None, agree=True)
    (kept,) = sheet_words(api)
    assert kept == shown["words"]


def sheet_words(api: Api) -> list[str]:
    put_clip(api, "v1")
    assert api.post("/review/annotations/offer", "operator") == {"clips": 1}
    assert api.post("/review/annotations/offer", "operator") == {"clips": 1}, "said again it makes nothing new"
    api.post("/desk/purposes/annotate/accept", "ada")
    token = api.post("/desk/annotations/lease", "ada")["token"]
    assert api.ask("PUT", f"{API}/desk/annotations/{token}", "ada", json={"marks": [], "spans": []}).status_code == 200
    return [one["words"] for one in api.get("/review/annotations", "auditor")["consents"]]


def test_a_clip_that_is_gone_is_asked_of_nobody_and_a_consent_taken_back_ends_the_asking(api: Api) -> None:
    links = []
    for visit in ("v1", "v2"):
        if visit == "v2":
            api.shop.visit(sure(visit))
        links.append(f"/s/{api.context.identity.link(visit)}/consent")
        api.post(links[-1], None, agree=True)
    offer(api.shop.till.queues, "v1", CLIP, shows="e1.door", deadline_ns=1)  # its clip has ended
    put_clip(api, "v2")
    api.post("/review/annotations/offer", "operator")
    api.post("/desk/purposes/annotate/accept", "ada")
    found = api.post("/desk/annotations/lease", "ada")
    assert found["draft"]["clip"].startswith("2-")
    assert api.get("/review/annotations", "operator")["clips_waiting"] == 0
    api.post(links[1], None, agree=False)
    assert api.ask("GET", f"{API}/desk/annotations/{found['token']}", "ada").status_code == 409
    api.post("/desk/annotations/lease", "ada", 204)


def test_what_is_marked_is_the_copy_which_outlives_the_clip_and_ends_in_ones_hands_when_it_is_taken_back(
    api: Api,
) -> None:
    link = f"/s/{api.context.identity.link('v1')}"
    put_clip(api, "v1")
    api.post(f"{link}/consent", None, agree=True)
    assert api.get(f"{link}/consent", None)["copies"] == 1  # type: ignore[arg-type]
    told = [one["what"] for one in api.get(link, None)["stored"]]  # type: ignore[arg-type]
    assert "1 copies of redacted clips for learning, under a key of their own" in told
    api.post("/review/annotations/offer", "operator")
    vault = api.shop.till.vault
    assert vault.keys.destroy("clip", "v1", "retention")
    api.post("/desk/purposes/annotate/accept", "ada")
    found = api.post("/desk/annotations/lease", "ada")
    assert [one["frames"] for one in found["clips"]] == [2]
    api.post(f"{link}/consent", None, agree=False)
    assert api.ask("GET", f"{API}/desk/clips/{found['token']}/0", "ada").status_code == 409
    assert vault.training.names("v1") == ()


def test_a_draft_is_what_the_tracker_had_of_the_hands(api: Api) -> None:
    api.post(f"/s/{api.context.identity.link('v1')}/consent", None, agree=True)
    times = [k * 100_000_000 for k in range(60)]
    wrists = [[29, "r_wrist", 100.0, 50.0, 30.0], [30, "r_wrist", 315.0, 50.0, 30.0]]
    about = {"event": "e1", "camera": "door", "t_ns": times, "width": 320, "height": 240}
    about |= {"event_ns": 3_000_000_000, "wrists": wrists}
    api.shop.till.vault.clips.put("v1", "e1.door", b"no video", about, api.shop.now_ns)
    api.post("/review/annotations/offer", "operator")
    api.post("/desk/purposes/annotate/accept", "ada")
    draft = api.post("/desk/annotations/lease", "ada")["draft"]
    boxes = [(m["picture"], m["x_px"], m["width_px"], m["track"], m["by"]) for m in draft["marks"]]
    assert boxes == [(29, 85.0, 30.0, 2, "model"), (30, 300.0, 20.0, 2, "model")], "inside the picture"
    (span,) = draft["spans"]
    assert (span["first"], span["last"], span["happens"], span["by"]) == (23, 37, "touch", "model")


def test_a_question_in_hand_comes_first(api: Api) -> None:
    api.shop.visit(doubted("v3"))
    api.post("/desk/purposes/annotate/accept", "ada")
    token = api.post("/desk/lease", "ada")["token"]
    api.post("/desk/annotations/lease", "ada", 409)
    api.post(f"/desk/leases/{token}/return", "ada")
    api.post("/desk/annotations/lease", "ada", 204)


def test_saved_marks_are_taken_back_for_a_minute_and_are_still_there(api: Api) -> None:
    link = f"/s/{api.context.identity.link('v1')}/consent"
    api.post(link, None, agree=True)
    put_clip(api, "v1")
    api.post("/review/annotations/offer", "operator")
    api.post("/desk/purposes/annotate/accept", "ada")
    token = api.post("/desk/annotations/lease", "ada")["token"]
    body = {"marks": [BOX], "spans": []}
    assert api.ask("PUT", f"{API}/desk/annotations/{token}", "ada", json=body).status_code == 200
    api.post(f"/desk/leases/{token}/undo", "ada")
    again = api.post("/desk/annotations/lease", "ada")
    assert [mark["by"] for mark in again["draft"]["marks"]] == ["person"]
    assert again["token"] != token
