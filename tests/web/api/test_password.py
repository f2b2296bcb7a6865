"""Changing one's own password: the right one is asked for, every session of that user ends, nobody else's does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.api.conftest import Open
from walkout.checkout.storage import open_database
from walkout.web.api.identity import Identity, IdentityError

API = "/api/v1"
OLD, NEW = "the first long one", "quite another one"


@pytest.fixture
def identity(tmp_path: Path) -> Iterator[Identity]:
    engine = open_database(tmp_path / "users.db", durable=False)
    found = Identity(engine, b"key of the tests")
    found.add_user("eve", OLD, "operator", 1)
    found.add_user("adam", OLD, "operator", 1)
    yield found
    engine.dispose()


def signed_in(identity: Identity, name: str, password: str = OLD) -> str:
    cookie = identity.log_in(name, password)
    assert cookie is not None
    return cookie


def test_every_session_of_that_user_ends_and_nobody_elses(identity: Identity) -> None:
    phone, till, other = (signed_in(identity, name) for name in ("eve", "eve", "adam"))
    cookie = identity.change_password("eve", OLD, NEW)
    assert cookie is not None
    assert identity.session(phone) is identity.session(till) is None
    assert identity.session(cookie) is not None
    assert identity.session(other) is not None
    assert identity.log_in("eve", OLD) is None
    assert identity.log_in("eve", NEW) is not None
    assert identity.log_in("adam", OLD) is not None


def test_it_is_kept_as_argon2_and_never_in_clear(identity: Identity, tmp_path: Path) -> None:
    identity.change_password("eve", OLD, NEW)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert written.count(b"$argon2id$") >= 2
    assert NEW.encode() not in written
    assert OLD.encode() not in written


@pytest.mark.parametrize(("new", "words"), [("short", "5 characters"), ("x" * 257, "257"), (OLD, "was before")])
def test_what_is_no_new_password_changes_nothing(identity: Identity, new: str, words: str) -> None:
    cookie = signed_in(identity, "eve")
    with pytest.raises(IdentityError, match=words):
        identity.change_password("eve", OLD, new)
    assert identity.session(cookie) is not None
    assert identity.log_in("eve", OLD) is not None


def test_without_the_current_one_nothing_changes(identity: Identity) -> None:
    cookie = signed_in(identity, "eve")
    assert identity.change_password("eve", "a guess of a thief", NEW) is None
    assert identity.session(cookie) is not None
    assert identity.log_in("eve", NEW) is None


def test_who_signs_in_elsewhere_has_no_password_here(identity: Identity) -> None:
    identity.log_in_elsewhere("https://id.example", "42", "Eve", "operator", 1)
    name = next(one["name"] for one in identity.users() if one["name"].startswith("sso:"))
    for one in (name, "nobody"):
        with pytest.raises(IdentityError, match="elsewhere"):
            identity.change_password(one, OLD, NEW)


def test_the_makers_of_an_account_no_longer_know_its_password(here: Open) -> None:
    """Over the API: the admin chose the first password; after the change theirs opens nothing."""
    made = {"name": "newcomer", "password": OLD, "role": "auditor"}
    assert here.ask("POST", f"{API}/users", "admin", json=made).status_code == 201
    session = here.ask("POST", f"{API}/session", json={"name": "newcomer", "password": OLD})
    cookie = {"cookie": f"walkout_session={session.cookies['walkout_session']}"}
    change = {"current": OLD, "new": NEW}

    def put(body: dict[str, Any], headers: dict[str, str]) -> Any:
        return here.ask("PUT", f"{API}/session/password", headers=headers, json=body)

    assert put(change, cookie).status_code == 403, "without the token"
    token = cookie | {"x-csrf-token": session.json()["csrf"]}
    assert put(change | {"current": "a guess of a thief"}, token).status_code == 409
    assert "characters" in put(change | {"new": "short"}, token).json()["detail"]
    done = put(change, token)
    assert done.status_code == 200
    assert here.ask("GET", f"{API}/session", headers=cookie).status_code == 401, "the cookie of before"
    fresh = {"cookie": f"walkout_session={done.cookies['walkout_session']}"}
    assert here.ask("GET", f"{API}/session", headers=fresh).json()["user"] == "newcomer"
    assert here.ask("POST", f"{API}/session", json={"name": "newcomer", "password": OLD}).status_code == 401


def test_guesses_with_a_stolen_session_are_slowed_down(here: Open) -> None:
    here.context.identity.add_user("victim", OLD, "operator", 1)
    cookie = signed_in(here.context.identity, "victim")
    session = here.context.identity.session(cookie)
    assert session is not None
    headers = {"cookie": f"walkout_session={cookie}", "x-csrf-token": session.csrf}
    body = {"current": "a guess of a thief", "new": NEW}
    found = [here.ask("PUT", f"{API}/session/password", headers=headers, json=body).status_code for _ in range(14)]
    assert found[0] == 409
    assert found[-1] == 429
    assert here.context.identity.log_in("victim", OLD) is not None


def test_a_key_of_a_program_has_none(here: Open) -> None:
    made = here.ask("POST", f"{API}/keys", "admin", json={"name": "till", "scopes": ["session.read"]}).json()
    headers = {"authorization": f"Bearer {made['key']}"}
    body = {"current": OLD, "new": NEW}
    assert here.ask("PUT", f"{API}/session/password", headers=headers, json=body).status_code == 409


def test_the_first_run_link_stays_used_up(here: Open) -> None:
    body = {"token": here.context.first_run, "name": "second", "password": NEW}
    assert here.ask("POST", f"{API}/first-run", json=body).status_code == 403
