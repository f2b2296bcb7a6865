"""A link for whoever lost their password: one user, once, soon; written down; nothing for a thief who comes later."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from tests.disclosure.shop import where
from tests.web.api.conftest import PASSWORD, Open
from tests.web.api.desk_api import API, Api, desk_api
from walkout.cli.app import app
from walkout.live.glass_book import GlassBook
from walkout.privacy.apart import ApartError, apart
from walkout.web.api.access import ROLES, SCOPES
from walkout.web.api.identity import IdentityError
from walkout.web.api.password_links import LIVES_NS, PasswordLinks

NEW = "a few quiet words"
SECOND = 10**9


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with desk_api(tmp_path) as found:
        yield found


def token_of(answer: Any) -> str:
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"].partition("#")[2])


def made(api: Open, name: str) -> str:
    path = f"{API}/users/{name}/password-link"
    return token_of(api.ask("POST", path, "admin", json={"current": PASSWORD}))


def used(api: Open, token: str, new: str = NEW) -> Any:
    api.context.log_ins.burst = api.context.log_ins.per_minute = 1e9
    return api.ask("POST", f"{API}/session/password-link", None, json={"token": token, "new": new})


def signs_in(api: Open, name: str, password: str) -> bool:
    return api.context.identity.log_in(name, password) is not None


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_for_every_role_it_sets_a_password_once_and_ends_their_sessions_and_nobody_elses(api: Api, role: str) -> None:
    before = api.sessions[role][0]
    token = made(api, role)
    assert api.context.identity.session(before) is not None, "making it changes nothing"
    assert signs_in(api, role, PASSWORD)
    answer = used(api, token)
    assert answer.status_code == 200
    assert (answer.json()["user"], answer.json()["role"]) == (role, role)
    assert api.context.identity.session(before) is None
    assert api.context.identity.session(answer.cookies["walkout_session"]) is not None
    assert not signs_in(api, role, PASSWORD)
    assert signs_in(api, role, NEW)
    others = [api.sessions[other][0] for other in ROLES if other != role]
    assert all(api.context.identity.session(cookie) is not None for cookie in others)


def test_a_link_that_was_used_opens_nothing_for_who_steals_it(api: Api) -> None:
    token = made(api, "auditor")
    assert used(api, token).status_code == 200
    again = used(api, token, "a thief's own words")
    assert again.status_code == 403
    assert "walkout_session" not in again.cookies
    assert signs_in(api, "auditor", NEW)
    assert not signs_in(api, "auditor", "a thief's own words")


def test_a_link_ends_with_its_half_hour_and_with_a_newer_one(api: Api) -> None:
    links = PasswordLinks(api.shop.till.database)
    now_ns = 5_000 * SECOND
    old = links.make("auditor", "admin", now_ns)
    assert links.use(old.token, NEW, now_ns + LIVES_NS) is None, "stale"
    first = links.make("auditor", "admin", now_ns)
    second = links.make("auditor", "admin", now_ns + SECOND)
    other = links.make("staff", "admin", now_ns + SECOND)
    assert links.use(first.token, NEW, now_ns + 2 * SECOND) is None, "a newer one ended it"
    assert links.use(second.token, NEW, now_ns + 2 * SECOND) == "auditor"
    assert links.use(other.token, NEW, now_ns + 2 * SECOND) == "staff", "another user's is its own"
    assert links.use("made up", NEW, now_ns) is None


def test_a_password_that_cannot_be_does_not_use_it_up(api: Api) -> None:
    token = made(api, "auditor")
    assert used(api, token, "short").status_code == 422
    assert used(api, token).status_code == 200


def test_of_two_at_once_one_wins(api: Api) -> None:
    links = PasswordLinks(api.shop.till.database)
    token = links.make("auditor", "admin", 1).token
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: links.use(token, f"number {n} of the words", 2), range(4)))
    assert sorted(one is not None for one in found) == [False, False, False, True]
    winner = next(n for n, one in enumerate(found) if one is not None)
    assert signs_in(api, "auditor", f"number {winner} of the words")


def test_only_an_admin_who_says_their_own_password_makes_one(api: Api) -> None:
    path = f"{API}/users/auditor/password-link"
    for role in ROLES:
        if role != "admin":
            assert api.ask("POST", path, role, json={"current": PASSWORD}).status_code == 403
    assert api.ask("POST", path, None, json={"current": PASSWORD}).status_code == 401
    assert api.ask("POST", path, "admin", json={"current": PASSWORD}, csrf=False).status_code == 403
    for wrong in ("", "a guess of a thief"):
        assert api.ask("POST", path, "admin", json={"current": wrong}).status_code == 409
    assert "users.write" not in SCOPES, "no program's key may"
    found = [api.ask("POST", path, "admin", json={"current": "a guess"}).status_code for _ in range(14)]
    assert found[-1] == 429
    assert PasswordLinks(api.shop.till.database).of_user("auditor") == []


def test_guesses_of_a_link_are_slowed_down(api: Api) -> None:
    body = {"token": "a guess", "new": NEW}
    found = [api.ask("POST", f"{API}/session/password-link", None, json=body).status_code for _ in range(14)]
    assert (found[0], found[-1]) == (403, 429)


def test_nobody_who_signs_in_elsewhere_is_nobody_and_ones_own_is_on_ones_own_page(api: Api) -> None:
    links = PasswordLinks(api.shop.till.database)
    api.context.identity.log_in_elsewhere("https://id.example", "42", "Eve", "operator", 1)
    away = next(one["name"] for one in api.context.identity.users() if one["name"].startswith("sso:"))
    for name, words in ((away, "elsewhere"), ("nobody", "right: ada, admin"), ("admin", "your own")):
        with pytest.raises(IdentityError, match=words):
            links.make(name, "admin", 1)
    answer = api.ask("POST", f"{API}/users/nobody/password-link", "admin", json={"current": PASSWORD})
    assert answer.status_code == 422


def test_it_is_in_the_log_without_a_name_on_its_users_page_and_nowhere_on_the_disk(api: Api) -> None:
    token = made(api, "ada")
    assert used(api, token).status_code == 200
    record = api.shop.till.record
    record.work()
    said = [one for one in record.vault.log.entries() if one.kind == "policy_change"]
    assert [(one.facts["what"], one.facts["by"]) for one in said] == [
        ("password link made", "an administrator"),
        ("password link used", "an administrator"),
    ]
    assert all(one.sealed.keys() == {"reviewer"} and "ada" not in str(one.facts) for one in said)
    paper = record.proofs.of_worker("ada", str(said[0].facts["month"]))
    assert sum("password link" in one["line"] for one in paper["entries"]) == 2, "and in her own paper"
    record.work()
    assert sum(one.kind == "policy_change" for one in record.vault.log.entries()) == 2
    cookie = {"cookie": f"walkout_session={api.context.identity.log_in('ada', NEW)}"}
    (one,) = api.ask("GET", f"{API}/session/password-links", None, headers=cookie).json()["items"]
    assert one["made_by"] == "admin"
    assert one["used_ns"] >= one["made_ns"]
    assert api.get("/session/password-links", "ben")["items"] == []
    assert where(api.shop.folder, token, NEW) == []


def test_who_made_a_link_that_was_used_is_no_second_person_beside_its_user(api: Api) -> None:
    identity, links = api.context.identity, PasswordLinks(api.shop.till.database)
    book = GlassBook(api.shop.till.database)
    for name, role in (("ann", "operator"), ("bob", "auditor"), ("cat", "auditor"), ("dan", "auditor")):
        identity.add_user(name, PASSWORD, role, 10, made_by="")
    assert apart(book.account("ann"), book.account("bob"), 100) == "apart"
    link = links.make("bob", "ann", 20)
    assert apart(book.account("ann"), book.account("bob"), 100) == "apart", "not used yet"
    links.use(link.token, NEW, 30)
    with pytest.raises(ApartError, match="may know its password"):
        apart(book.account("ann"), book.account("bob"), 100)
    links.use(links.make("cat", "admin", 150).token, NEW, 150)
    with pytest.raises(ApartError, match="made after the request"):
        apart(book.account("ann"), book.account("cat"), 100)
    links.use(links.make("dan", "", 40).token, NEW, 40)
    assert apart(book.account("ann"), book.account("dan"), 100) == "unknown", (
        "from the data folder, nobody knows by whom"
    )


def test_the_admin_who_lost_theirs_needs_the_data_folder(api: Api, tmp_path: Path) -> None:
    call = ["password", "admin", "--data", str(api.shop.folder), "--base-url", "https://shop.example"]
    done = CliRunner().invoke(app, [*call, "--json"])
    assert done.exit_code == 0, done.output
    url = orjson.loads(done.output)["url"]
    assert url.startswith("https://shop.example/new-password#")
    before = api.sessions["admin"][0]
    assert used(api, url.partition("#")[2]).status_code == 200
    assert api.context.identity.session(before) is None
    assert signs_in(api, "admin", NEW)
    api.shop.till.record.work()
    by = {one.facts["by"] for one in api.shop.till.vault.log.entries() if one.kind == "policy_change"}
    assert by == {"somebody with the data folder"}
    words = CliRunner().invoke(app, call)
    assert "once, until" in words.output
    nobody = CliRunner().invoke(app, ["password", "nobody", "--data", str(api.shop.folder)])
    assert nobody.exit_code == 2
    assert "right: ada, admin" in nobody.output.replace("\n", " ")
    empty = CliRunner().invoke(app, ["password", "admin", "--data", str(tmp_path / "nothing")])
    assert empty.exit_code == 2
    assert not (tmp_path / "nothing").exists()
