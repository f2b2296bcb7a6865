"""What a stolen session, link, cookie or key file opens: at most what its owner may see now."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.routing import APIRoute

from tests.web.api.conftest import Open
from tests.web.api.test_access import ROUTES
from walkout.privacy.checkpoint import CheckpointError
from walkout.privacy.keys import KeyStoreError
from walkout.privacy.vault import Vault
from walkout.privacy.witness import Witness
from walkout.web.api.access import ROLES, TABLE

API = "/api/v1"
PICTURES = ("clip", "raw", "video", "frame", "evidence")
"""In paths of routes that could show a picture."""


def test_a_reviewers_session_opens_no_visit_no_receipt_and_no_list(here: Open) -> None:
    """Of pictures at most the clip that is leased to it; nothing else has a route that its role may use."""
    visit = here.visit()
    for path in (
        f"visits/{visit}",
        "visits",
        f"visits/{visit}/receipts",
        "disputes",
        "live",
        "users",
        "keys",
        "events",
    ):
        assert here.ask("GET", f"{API}/{path}", "reviewer").status_code == 403, path
    mine = [(method, path) for method, path, action in ROUTES if action and "reviewer" in TABLE[action]]
    shown = [path for _, path in mine if any(word in path for word in PICTURES)]
    assert [path for path in shown if not path.startswith("/desk/")] == []


def test_no_stolen_session_alone_opens_video_as_it_was_taken(here: Open) -> None:
    """It takes two people: what one of them may do, asked with everything that a thief of their session has."""
    camera = here.context.till.store.cameras[0].id
    wish = {"camera": camera, "from_ns": 0, "seconds": 60, "minutes": 5, "reason": "as a thief would write it"}
    for role in ROLES:
        made = here.ask("POST", f"{API}/break-glass", role, json=wish)
        assert made.status_code == (201 if role in TABLE["raw.ask"] else 403)
        if made.status_code != 201:
            continue
        path = f"{API}/break-glass/{made.json()['id']}"
        assert here.ask("POST", f"{path}/approve", role, json={}).status_code in (403, 409)
        assert here.ask("GET", f"{path}/video", role).status_code == 409
        assert here.ask("POST", f"{path}/end", role, json={}).status_code == 200
    key = here.ask("POST", f"{API}/keys", "admin", json={"name": "thief", "scopes": ["raw.ask"]})
    assert key.status_code == 422, "no key of a program may"


def test_a_stolen_reviewers_session_says_nothing_in_their_name(here: Open) -> None:
    """Only their own key signs; what a thief signs with another one shows as another one, and they see it listed."""
    forged = {"store": "s", "month": "2026-03", "replaces": "", "text": "All is well.", "key": "00" * 32}
    answer = here.ask("POST", f"{API}/shift/voice", "reviewer", json=forged | {"signature": "00" * 64})
    assert answer.status_code == 409


def test_a_cookie_without_its_token_changes_nothing(here: Open) -> None:
    visit = here.visit()
    body = {"lines": [], "reason": "because"}
    assert here.ask("POST", f"{API}/visits/{visit}/refunds", "operator", csrf=False, json=body).status_code == 403


def test_a_cookie_is_worth_nothing_once_its_owner_signed_out(here: Open) -> None:
    here.context.identity.add_user("thief's victim", "a long enough one", "operator", 1)
    cookie = here.context.identity.log_in("thief's victim", "a long enough one")
    headers = {"cookie": f"walkout_session={cookie}"}
    assert here.ask("GET", f"{API}/visits", headers=headers).status_code == 200
    here.context.identity.log_out("thief's victim")
    assert here.ask("GET", f"{API}/visits", headers=headers).status_code == 401


def test_a_link_opens_its_own_visit_and_no_picture_of_anybody(here: Open) -> None:
    one, *others = here.context.till.ledger.visits("settled")
    token = here.context.identity.link(one)
    for what in ("", "/looks", "/proof"):
        answer = here.ask("GET", f"{API}/s/{token}{what}")
        assert answer.status_code in (200, 404)
        assert not [other for other in others if other in answer.text]
    head, _, tail = token.rpartition(".")
    assert here.ask("GET", f"{API}/s/{head}.{tail[:-2]}AA").status_code == 404
    for path in (f"visits/{one}", "visits"):
        assert here.ask("GET", f"{API}/{path}", headers={"cookie": f"walkout_session={token}"}).status_code == 401
        assert here.ask("GET", f"{API}/{path}", headers={"authorization": f"Bearer {token}"}).status_code == 401


def test_a_link_opens_these_routes_and_no_others(here: Open) -> None:
    """All that takes a shopper's token is here by name, and none of it gives a picture but the shopper's own copy."""
    mine = {(m, path) for m, path, action in ROUTES if action is None and path.startswith("/s/{token}")}
    assert mine == {
        ("GET", "/s/{token}"), ("GET", "/s/{token}/qr"), ("GET", "/s/{token}/looks"), ("GET", "/s/{token}/proof"),
        ("GET", "/s/{token}/export"), ("POST", "/s/{token}/disputes"), ("POST", "/s/{token}/erase"),
        ("POST", "/s/{token}/review"), ("POST", "/s/{token}/mail"), ("POST", "/s/{token}/help"),
        ("DELETE", "/s/{token}/mail"), ("GET", "/s/{token}/consent"), ("POST", "/s/{token}/consent"),
    }  # fmt: skip
    token = here.context.identity.link(here.visit())
    for action in ("approve", "end"):
        assert here.ask("POST", f"{API}/break-glass/{token}/{action}", json={}).status_code == 401
    assert here.ask("GET", f"{API}/break-glass/{token}/video").status_code == 401


def test_a_shoppers_export_says_that_it_was_made(here: Open) -> None:
    visit = here.visit()
    till = here.context.till
    before = sum(one.kind == "export" for one in till.vault.log.entries())
    answer = here.ask("GET", f"{API}/s/{here.context.identity.link(visit)}/export")
    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")
    assert sum(one.kind == "export" for one in till.vault.log.entries()) == before + 1


def test_an_operators_look_is_told_to_the_shopper(here: Open) -> None:
    visit = here.visit()
    link = f"{API}/s/{here.context.identity.link(visit)}/looks"
    before = len(here.ask("GET", link).json()["items"])
    here.ask("GET", f"{API}/visits/{visit}", "auditor")
    items = here.ask("GET", link).json()["items"]
    assert len(items) == before + 1
    assert (items[-1]["what"], items[-1]["why"]) == ("page", "auditor")


def test_the_key_file_alone_and_the_data_alone_open_nothing(tmp_path: Path) -> None:
    with Vault(tmp_path / "data", tmp_path / "secrets", 1) as vault:
        vault.clips.put("v", "c", b"MARKER" * 100, {}, 1)
        vault.keep_training("v", 1)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"MARKER" in path.read_bytes()]
    (tmp_path / "secrets" / "store.key").rename(tmp_path / "stolen.key")
    with pytest.raises(KeyStoreError, match="no store key"):
        Vault(tmp_path / "data", tmp_path / "secrets", 2)
    with Vault(tmp_path / "elsewhere", tmp_path / "secrets", 2) as other:  # a key of one's own opens nothing of it
        assert other.clips.names("v") == other.training.names("v") == ()


def test_the_signing_key_alone_signs_and_reads_nothing(tmp_path: Path) -> None:
    """Whoever has it can sign another log, which a witness, or any paper handed out before, contradicts."""
    with Vault(tmp_path / "data", tmp_path / "secrets", 1) as vault:
        vault.clips.put("v", "c", b"MARKER" * 100, {}, 1)
        vault.record("view", 1, {"what": "page"}, {"visit": "v"})
        vault.log.checkpoint(2)
        seen = vault.log.checkpoints()[-1]
    thief = Witness(tmp_path / "witness", Ed25519PrivateKey.generate())
    thief.see(seen, (), 3)
    shutil.rmtree(tmp_path / "data")
    (tmp_path / "secrets" / "store.key").unlink()
    with Vault(tmp_path / "data", tmp_path / "secrets", 4) as again:  # the log anew, with the same signing key
        again.record("retention", 4, {"keys_ended": 0})
        again.record("retention", 5, {"keys_ended": 0})
        again.log.checkpoint(6)
        proof = again.log.tree.consistency(min(seen.size, len(again.log)), len(again.log))
        with pytest.raises(CheckpointError, match="does not begin with"):
            thief.see(again.log.checkpoints()[-1], proof, 7)
        assert again.clips.names("v") == ()


def test_no_route_hands_out_video_in_bulk() -> None:
    from tests.web.api.test_access import ROUTERS

    paths = {route.path for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)}
    bulk = [path for path in paths if {"clips", "raw", "video"} & set(path.split("/")) and "{token}" not in path]
    assert bulk == ["/break-glass/{request_id}/video"]  # two people, in their minutes: test_break_glass.py
