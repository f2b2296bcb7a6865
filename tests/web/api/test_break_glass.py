"""Breaking the glass over HTTP: two people, and everything in the log before a byte is out; the shoppers are told."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from tests.live.desk_shop import SECOND, START_NS, sure
from tests.web.api.conftest import PASSWORD
from tests.web.api.desk_api import API, Api, desk_api, sign_in
from walkout.checkout.tables import users
from walkout.disclosure.entries import month_of
from walkout.disclosure.page import to_html
from walkout.privacy.entry import Entry
from walkout.privacy.segments import SLICE_NS, RawPacket
from walkout.twin.camera.encode import Encoder
from walkout.web.api.access import ROLES

av = pytest.importorskip("av", reason="video needs PyAV: ./run extras")
REASON = "somebody fell at the door, the doctor asks"
FROM_NS = START_NS - START_NS % SLICE_NS


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """A shop with three seconds of video of one camera, and two visits: one was inside then, one came much later."""
    with desk_api(tmp_path) as found:
        found.shop.visit(sure("here"))
        till = found.shop.till
        camera, encoder = till.store.cameras[0].id, Encoder(64, 48, 10.0, kind="h264")
        writer = till.vault.raw_writer(camera)
        for k in range(30):
            rgb = np.full((48, 64, 3), 8 * k, np.uint8)
            for one in [*encoder.push(rgb, FROM_NS + k * SECOND // 10), *(encoder.close() if k == 29 else [])]:
                writer.write(RawPacket(one.t_ns, one.keyframe, one.data), found.shop.now_ns)
        writer.close()
        later = found.shop.now_ns + 3600 * SECOND
        holder = till.credentials.holder("another card")
        assert holder is not None
        till.cashier.enter("later", "later", holder.digest, later)
        till.record.work()
        yield found


def wish(api: Api, **more: Any) -> dict[str, Any]:
    camera = api.shop.till.store.cameras[0].id
    return {"camera": camera, "from_ns": FROM_NS, "seconds": 600, "minutes": 5, "reason": REASON} | more


def entries(api: Api, *kinds: str) -> list[Entry]:
    return [one for one in api.shop.till.vault.log.entries() if one.kind in kinds]


def video(api: Api, id_: str, who: str, range_: str = "bytes=0-") -> Any:
    return api.ask("GET", f"{API}/break-glass/{id_}/video", who, headers={"range": range_} if range_ else {})


def opened(api: Api) -> str:
    made = api.post("/break-glass", "operator", 201, **wish(api))
    api.post(f"/break-glass/{made['id']}/approve", "auditor")
    return str(made["id"])


def test_two_people_open_it_and_what_is_shown_plays(api: Api) -> None:
    made = api.post("/break-glass", "operator", 201, **wish(api))
    assert (made["state"], made["may_look"]) == ("asked", False)
    assert video(api, made["id"], "operator").status_code == 409
    (row,) = api.get("/break-glass", "auditor")["items"]
    assert (row["reason"], row["asked_by"], row["role"], row["may_approve"]) == (REASON, "operator", "operator", True)
    assert api.post(f"/break-glass/{made['id']}/approve", "auditor")["state"] == "open"
    whole = video(api, made["id"], "operator", "")
    assert (whole.status_code, whole.headers["cache-control"]) == (200, "no-store")
    with av.open(io.BytesIO(whole.content), "r") as container:
        assert container.format.name.startswith("mov")
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 30
    assert frames[-1].mean() - frames[0].mean() > 150
    part = video(api, made["id"], "operator", "bytes=10-19")
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert part.headers["cache-control"] == "no-store"
    assert video(api, made["id"], "operator", "bytes=-5").status_code == 416
    assert video(api, made["id"], "operator", f"bytes={len(whole.content)}-").status_code == 409
    served = [dict(one.facts) for one in entries(api, "break_glass") if one.facts["what"] == "served"]
    assert [(one["first_byte"], one["last_byte"]) for one in served] == [(0, len(whole.content) - 1), (10, 19)]


def test_names_roles_and_reason_are_in_the_log_and_the_counts_in_the_report(api: Api) -> None:
    id_ = opened(api)
    assert entries(api, "raw_access") == [], "nobody looked yet"
    video(api, id_, "operator")
    said = {str(one.facts["what"]): one for one in entries(api, "break_glass")}
    assert list(said) == ["asked", "approved", "opened", "served"]
    assert (said["asked"].facts["role"], said["approved"].facts["role"]) == ("operator", "auditor")
    assert said["asked"].facts["reason"] == said["approved"].facts["reason"] == REASON
    assert all("reviewer" in one.sealed for one in said.values()), "names stand there under seals"
    assert said["opened"].facts["visits"] == 1
    (look,) = entries(api, "raw_access")
    assert (look.facts["what"], look.facts["reason"], look.facts["roles"]) == ("raw", REASON, "operator, auditor")
    api.shop.till.record.forget_reports()
    month = month_of(api.shop.now_ns)
    told = api.ask("GET", f"{API}/public/disclosure?month={month}").json()
    assert [told["privacy"][name]["n"] for name in ("raw_views", "raw_asked", "raw_visits")] == [1, 1, 1]
    assert told["privacy"]["raw_reasons"] == [f"{REASON} (operator, auditor; who made the accounts is not known)"]
    assert f"<li>{REASON} (operator, auditor; who made the accounts is not known)</li>" in to_html(told)
    private = next(one for one in told["claims"] if one["name"] == "private")
    assert not private["backed"]


def test_the_shopper_who_was_inside_is_told_and_nobody_else(api: Api) -> None:
    video(api, opened(api), "operator")
    looks = {
        visit: api.ask("GET", f"{API}/s/{api.context.identity.link(visit)}/looks").json()["items"]
        for visit in ("here", "later")
    }
    (look,) = looks["here"]
    assert (look["kind"], look["what"], look["why"]) == ("raw_access", "raw", f"{REASON} (operator, auditor)")
    assert looks["later"] == []
    paper = api.ask("GET", f"{API}/s/{api.context.identity.link('here')}/proof").json()
    assert sum('"kind":"raw_access"' in one["line"] for one in paper["entries"]) == 1


def test_nobody_else_and_nothing_later(api: Api) -> None:
    made = api.post("/break-glass", "admin", 201, **wish(api))
    path = f"/break-glass/{made['id']}/approve"
    assert "another person" in api.post(path, "admin", 409)["detail"]
    assert api.ask("POST", f"{API}{path}", "operator", json={}).status_code == 403, "an operator approves nothing"
    api.post(path, "auditor")
    assert "approved already" in api.post(path, "auditor", 409)["detail"]
    for who in (*ROLES, "ada", None):
        answer = video(api, made["id"], who) if who else api.ask("GET", f"{API}/break-glass/{made['id']}/video")
        assert answer.status_code == (206 if who == "admin" else 409 if who == "operator" else 403 if who else 401), who
        assert answer.headers["cache-control"] == "no-store"
    api.shop.on(5 * 60)
    assert "time is over" in video(api, made["id"], "admin").json()["detail"]
    assert not api.shop.till.record.break_glass._video, "the memory holds nothing of it any more"
    late = api.post("/break-glass", "operator", 201, **wish(api))
    api.shop.on(3600)
    assert "is over" in api.post(f"/break-glass/{late['id']}/approve", "auditor", 409)["detail"]


def test_it_can_be_closed_early_by_those_who_have_part_in_it(api: Api) -> None:
    id_ = opened(api)
    assert api.ask("POST", f"{API}/break-glass/{id_}/end", "reviewer", json={}).status_code == 403
    assert api.post(f"/break-glass/{id_}/end", "auditor")["state"] == "over"
    assert video(api, id_, "operator").status_code == 409
    assert entries(api, "break_glass")[-1].facts["what"] == "ended"


def test_what_is_refused_opens_nothing(api: Api) -> None:
    for more, status, words in (
        ({"camera": "nowhere"}, 409, "right: one of"),
        ({"seconds": 601}, 422, "seconds"),
        ({"from_ns": FROM_NS + 1}, 409, "one slice"),
        ({"reason": "because"}, 409, "reason of 7"),
        ({"minutes": 31}, 422, "minutes"),
    ):
        assert words in str(api.post("/break-glass", "operator", status, **wish(api, **more))), more
    made = api.post("/break-glass", "operator", 201, **wish(api, from_ns=FROM_NS - SLICE_NS))
    api.post(f"/break-glass/{made['id']}/approve", "auditor")
    assert "found no video" in video(api, made["id"], "operator").json()["detail"]
    assert entries(api, "raw_access") == []
    for key in [key for key in api.shop.till.vault.keys.all() if key.purpose == "raw"]:
        api.shop.till.vault.keys.destroy_id(key.id, "retention")
    assert "found no video" in video(api, opened(api), "operator").json()["detail"], "dead keys open nothing"


def test_a_restart_changes_nothing(api: Api) -> None:
    id_ = opened(api)
    waits = str(api.post("/break-glass", "admin", 201, **wish(api))["id"])
    video(api, id_, "operator")
    before = api.get("/break-glass", "auditor")["items"]
    record = api.shop.till.record
    record.__post_init__()
    assert not record.break_glass._video
    assert api.get("/break-glass", "auditor")["items"] == before
    assert video(api, id_, "operator").status_code == 206, "the minutes go on"
    assert api.post(f"/break-glass/{waits}/approve", "auditor")["state"] == "open"
    said = [str(one.facts["what"]) for one in entries(api, "break_glass")]
    assert said == ["asked", "approved", "asked", "opened", "served", "served", "approved"], "one opening, not two"
    assert len(entries(api, "raw_access")) == 1


def test_who_made_the_others_account_may_not_let_them_and_whom_they_made_neither(api: Api) -> None:
    """The admin made olga and tom, with passwords that the admin chose; olga and tom did not make each other."""
    for name, role in (("olga", "operator"), ("tom", "auditor")):
        body = {"name": name, "password": PASSWORD, "role": role}
        assert api.ask("POST", f"{API}/users", "admin", json=body).status_code == 201
        sign_in(api, name)
    with api.shop.till.database.begin() as connection:  # long ago, by the clock of this test
        connection.execute(update(users).where(users.c.name.in_(("olga", "tom"))).values(created_ns=2))
        connection.execute(update(users).where(users.c.name == "admin").values(made_by=""))
    made = api.post("/break-glass", "olga", 201, **wish(api))
    (row,) = api.get("/break-glass", "admin")["items"]
    assert not row["may_approve"]
    assert "who made the account of olga" in row["hinders"]
    assert "who made the account of olga" in api.post(f"/break-glass/{made['id']}/approve", "admin", 409)["detail"]
    own = api.post("/break-glass", "admin", 201, **wish(api))
    assert "who made the account of tom" in api.post(f"/break-glass/{own['id']}/approve", "tom", 409)["detail"]
    may = {one["id"]: one["may_approve"] for one in api.get("/break-glass", "tom")["items"]}
    assert may == {made["id"]: True, own["id"]: False}, "siblings may, and it is said in public"
    let = api.post(f"/break-glass/{made['id']}/approve", "tom")
    assert let["accounts"] == "both accounts made by one person"
    video(api, made["id"], "olga")
    api.shop.till.record.forget_reports()
    told = api.ask("GET", f"{API}/public/disclosure?month={month_of(api.shop.now_ns)}").json()
    assert told["privacy"]["raw_reasons"] == [f"{REASON} (operator, auditor; both accounts made by one person)"]


def test_an_account_made_for_the_occasion_and_one_of_each_kind_are_refused(api: Api) -> None:
    made = api.post("/break-glass", "operator", 201, **wish(api))
    now_ns = api.shop.now_ns + 1
    api.context.identity.add_user("quick", PASSWORD, "auditor", now_ns, made_by="admin")
    sign_in(api, "quick")
    path = f"/break-glass/{made['id']}/approve"
    assert "made after the request" in api.post(path, "quick", 409)["detail"]
    for subject, role in (("1", "auditor"), ("2", "operator")):
        cookie = api.context.identity.log_in_elsewhere("https://id.example", subject, "x", role, now_ns)  # type: ignore[arg-type]
        session = api.context.identity.session(cookie)
        assert session is not None
        api.sessions[f"sso{subject}"] = (cookie, session.csrf)
    assert "may be one person's" in api.post(path, "sso1", 409)["detail"]
    theirs = api.post("/break-glass", "sso2", 201, **wish(api))
    let = api.post(f"/break-glass/{theirs['id']}/approve", "sso1")
    assert let["accounts"] == "both accounts vouched for by the single sign-on"
