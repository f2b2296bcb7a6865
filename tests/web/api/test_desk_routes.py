"""The reviewer's desk over HTTP: lease to settled receipt, blindness, practice, own data, pay, appeals."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.live.desk_shop import OAT, TEA, doubted, sure
from tests.web.api.desk_api import API, Api, desk_api
from tests.web.api.test_access import DESK
from walkout.live.newcomer import join
from walkout.review.gold import put_gold
from walkout.web.api.question_row import KINDS


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with desk_api(tmp_path) as found:
        yield found


def test_from_lease_to_the_settled_receipt(api: Api) -> None:
    assert api.post("/desk/lease", status=204) is None
    api.shop.visit(doubted("v1"))
    question = api.post("/desk/lease")
    assert (question["purpose"], question["kind"], question["blind"]) == ("settle", "count", False)
    assert [(c["key"], c["quantity"]) for c in question["candidates"]] == [("1", 1), ("2", 2)]
    curve = question["evidence"]["curve"]
    assert [plate["id"] for plate in curve["plates"]] == ["snacks/1/1"]
    assert curve["plates"][0]["mass_g"] == [900.0, 800.0]
    assert question["evidence"]["clips"] == []
    assert api.post("/desk/lease") == question, "a page that is loaded again gets the same"
    token = question["token"]
    assert api.get(f"/desk/leases/{token}") == question
    api.shop.on(20)
    assert api.post(f"/desk/leases/{token}/heartbeat")["expires_ns"] == api.shop.now_ns + 300 * 10**9
    given = {"choice": "2", "sure": "likely", "idempotency_key": "k"}
    done = api.post(f"/desk/leases/{token}/answer", **given)
    assert done["done"]
    assert api.post(f"/desk/leases/{token}/answer", **given) == done, "sent twice, it counts once"
    again = api.post(f"/desk/leases/{token}/undo")
    assert again["token"] != token
    assert {**again, "token": "", "visit_short": "", "expires_ns": 0} == {
        **question, "token": "", "visit_short": "", "expires_ns": 0,
    }  # fmt: skip
    api.post(f"/desk/leases/{again['token']}/answer", choice="1")
    api.shop.work(61)
    last = api.shop.till.cashier.last("v1")
    assert last is not None
    assert last.final
    assert (last.receipt.decided_by, last.receipt.human.viewers) == ("person", 1)
    overview = api.get("/review/overview", "operator")
    assert overview["mode"] == "alone"
    assert overview["per_1000"] == {"questions_to_settle": 1000.0, "seen_by_any_person": 1000.0, "of_visits": 1}
    (case,) = api.get("/review/cases", "auditor")["items"]
    assert case["state"] == "settled"
    shown = api.get(f"/review/cases/{case['visit']}", "auditor")
    assert [one["answer"]["key"] for one in shown["questions"]] == ["1"]
    assert "ada" not in orjson.dumps(shown).decode()


def test_the_next_question_is_lent_ahead_and_comes_into_the_hand_by_the_next_lease(api: Api) -> None:
    assert api.get("/desk/next") == {"question": None}
    for n in range(3):
        api.shop.visit(doubted(f"v{n}"))
    assert api.get("/desk/next") == {"question": None}, "nothing is in hand"
    first = api.post("/desk/lease")
    ahead = api.get("/desk/next")["question"]
    assert ahead["token"] not in ("", first["token"])
    assert api.get("/desk/next")["question"] == ahead
    assert api.get("/desk")["held"] == [first["token"], ahead["token"]]
    assert api.post("/desk/lease") == first
    assert api.get(f"/desk/leases/{ahead['token']}") == ahead
    assert api.ask("GET", f"{API}/desk/leases/{ahead['token']}", "ben").status_code == 404
    for what, body in (("answer", {"choice": "1"}), ("skip", {}), ("heartbeat", {})):
        api.post(f"/desk/leases/{ahead['token']}/{what}", status=409, **body)
    api.post(f"/desk/leases/{first['token']}/answer", choice="1")
    assert api.post("/desk/lease") == ahead
    api.post("/desk/break/start", kind="paid")
    assert api.get("/desk/next") == {"question": None}
    assert api.get("/desk")["held"] == []


def test_the_admin_of_a_demonstration_is_a_reviewer_there_and_nowhere_else(api: Api) -> None:
    def statuses(role: str) -> list[int]:
        paths = (("GET", "/desk"), ("POST", "/desk/lease"), ("GET", "/shift"), ("POST", "/play/review"))
        return [api.ask(method, f"{API}{path}", role).status_code for method, path in paths]

    assert statuses("admin") == [403, 403, 403, 404]
    api.context.newcomer = True
    assert statuses("admin") == [409, 409, 409, 404], "not on the team yet, and no twin to play in"
    for role in ("operator", "staff", "auditor", "integrator"):
        assert statuses(role)[:3] == [403, 403, 403]
    join(api.shop.till, "admin")
    assert statuses("admin") == [200, 204, 200, 404]

    class Twin:
        def visit_of(self, party: str) -> str:
            assert party == "you-1"
            return "v1"

    api.context.performer, api.context.play["admin"] = Twin(), ("1", None)  # type: ignore[assignment]
    for visit in ("v0", "v1"):
        api.shop.visit(doubted(visit))
    assert api.post("/play/review", "admin") == {"held": True}
    question = api.post("/desk/lease", "admin")
    api.post(f"/desk/leases/{question['token']}/answer", "admin", choice="2")
    assert api.shop.till.cashier.last("v1").receipt.decided_by == "person"  # type: ignore[union-attr] # it is there
    assert api.get("/play", "admin")["answered_by"] == "you"
    assert api.ask("POST", f"{API}/play/review", "operator").status_code == 404


def test_nothing_of_the_software_or_of_a_colleague_is_in_a_blind_question(api: Api) -> None:
    """Every text that a reviewer gets on the way through an audit is searched for what must not be in it."""
    api.shop.till.desk.watch.share = 1.0
    api.shop.visit(sure("v1", TEA))
    api.shop.visit(doubted("v2", 0.7654321))
    texts = []
    for who, items in (("ada", [{"gtin": OAT, "quantity": 1}]), ("ben", [])):
        for _ in range(2):
            found = api.ask("POST", f"{API}/desk/lease", who)
            if found.status_code == 204:
                continue
            question = found.json()
            if not question["blind"]:
                assert "0.76" not in found.text
                assert "probability" not in found.text
                api.post(f"/desk/leases/{question['token']}/skip", who)
                continue
            texts += [found.text, api.ask("GET", f"{API}/desk", who).text, api.ask("GET", f"{API}/shift", who).text]
            assert question["candidates"] == []
            assert question["evidence"]["reaches"] == []
            answer = {"choice": "basket", "items": items, "sure": "sure"}
            texts.append(orjson.dumps(api.post(f"/desk/leases/{question['token']}/answer", who, **answer)).decode())
    assert len(texts) == 8
    for text in texts:
        for secret in ("probab", "0.999", "0.765", "p_exact", "secret reason", OAT, TEA, "v1"):
            assert secret not in text
    assert api.shop.till.queues.open_counts(frozenset({"adjudicate"})) == {"adjudicate": 1}
    assert api.ask("POST", f"{API}/desk/lease", "ada").status_code == 204, "neither of the two who differed decides"


def test_gold_cannot_be_told_from_a_question_to_settle(api: Api) -> None:
    till = api.shop.till
    till.queues.gold_rates = (1.0, 1.0)
    api.shop.visit(doubted("v1"))
    lease = api.shop.till.queues.lease("ben")
    assert lease is not None
    put_gold(till.database, "v1~case/v1/0", lease.body, "2", software_was_wrong=True, author="operator", t_ns=1)
    gold = api.post("/desk/lease")
    till.queues.put_back(lease.token)
    till.queues.gold_rates = (0.0, 0.0)
    plain = api.post("/desk/lease", "ben")
    different = {"token", "visit_short", "expires_ns"}
    assert {k: v for k, v in gold.items() if k not in {*different, "candidates"}} == {
        k: v for k, v in plain.items() if k not in {*different, "candidates"}
    }
    assert sorted(c["key"] for c in gold["candidates"]) == sorted(c["key"] for c in plain["candidates"])
    one = api.post(f"/desk/leases/{gold['token']}/answer", choice="1")
    other = api.post(f"/desk/leases/{plain['token']}/answer", "ben", choice="1")
    assert one == other
    assert api.get("/shift")["verdicts"] == [], "not before the shift is over"
    assert not any(
        i["kind"] == "gold" or i["purpose"] == "gold" for d in api.get("/shift")["days"] for i in d["intervals"]
    )
    api.post("/desk/shift/end")
    (verdict,) = api.get("/shift")["verdicts"]
    assert (verdict["yours"], verdict["right"], verdict["appealable"]) == ("1", False, True)
    filed = api.post(f"/shift/verdicts/{verdict['question']}/appeal", status=201, reason="I saw one")
    assert filed["due_ns"] == api.shop.now_ns + 14 * 86_400 * 10**9
    assert api.get("/shift")["scores"]["gold"]["of"] == 0, "what is under appeal counts for nothing"
    assert (
        api.ask("POST", f"{API}/shift/verdicts/{verdict['question']}/appeal", "ben", json={"reason": "x"}).status_code
        == 404
    )
    (appeal,) = api.get("/review/appeals", "operator")["items"]
    ruling = {"upheld": True, "reason": "it was one", "key": "1"}
    api.post(f"/review/appeals/{appeal['appeal']}/ruling", "operator", 409, **ruling)  # who wrote the item
    api.post(f"/review/appeals/{appeal['appeal']}/ruling", "admin", **ruling)
    assert api.get("/shift")["scores"]["gold"]["right"] == 1


def test_whoever_is_not_on_the_team_gets_nothing(api: Api) -> None:
    api.shop.visit(doubted("v1"))
    for method, path in (("GET", "/desk"), ("POST", "/desk/lease"), ("GET", "/shift"), ("GET", "/shift/export")):
        found = api.ask(method, f"{API}{path}", "reviewer")
        assert found.status_code == 409
        assert "team" in found.json()["detail"]


def test_a_token_opens_nothing_to_anybody_else(api: Api) -> None:
    api.shop.visit(doubted("v1"))
    token = api.post("/desk/lease")["token"]
    for method, rest, body in (
        ("GET", "", None), ("GET", "/x", None), ("POST", "/heartbeat", {}), ("POST", "/answer", {"choice": "1"}),
        ("POST", "/undo", {}), ("POST", "/skip", {}), ("POST", "/flag", {}), ("POST", "/return", {}),
    ):  # fmt: skip
        found = api.ask(method, f"{API}/desk/leases/{token}{rest}", "ben", json=body)
        assert found.status_code == 404, rest
        assert "took" not in found.text
    api.post(f"/desk/leases/{token}/skip", reason="distressing")
    assert api.ask("GET", f"{API}/desk/leases/{token}", "ada").status_code == 409
    assert api.ask("POST", f"{API}/desk/leases/{token}/answer", "ada", json={"choice": "1"}).status_code == 409


def test_answers_that_are_none_are_refused_with_what_would_be_right(api: Api) -> None:
    api.shop.visit(doubted("v1"))
    path = f"/desk/leases/{api.post('/desk/lease')['token']}"
    for body, word in (
        ({"choice": "7"}, "candidate"),
        ({"choice": "other"}, "quantity"),
        ({"choice": "basket", "items": []}, "candidate"),
        ({"choice": "1", "sure": "very"}, "sure"),
    ):
        found = api.ask("POST", f"{API}{path}/answer", "ada", json=body)
        assert found.status_code == 422
        assert word in found.text
    assert api.ask("POST", f"{API}{path}/skip", "ada", json={"reason": "bored"}).status_code == 422
    api.post(f"{path}/flag", reason="distressing", words="blood")
    api.post(f"{path}/answer", choice="cannot_tell")
    assert set(KINDS.values()) == {"returned"}


def test_the_desk_says_rate_time_and_pay_and_the_break_is_paid(api: Api) -> None:
    api.shop.on(60)
    api.post("/desk/lease", status=204)
    assert api.post("/desk/break/start", kind="paid")["on_break"]
    api.shop.on(300)
    assert not api.post("/desk/break/end")["on_break"]
    found = api.get("/desk")
    assert (found["on_shift"], found["shift"]["waiting_s"], found["shift"]["break_s"]) == (True, 60, 300)
    assert found["shift"]["paid_s"] == 360
    assert found["shift"]["earned"] == "1.60"
    assert [p["name"] for p in found["purposes"] if not p["accepted"]] == ["training", "annotate"]
    assert found["purposes"][2]["rate"] == "16.50"
    api.post("/desk/purposes/settle/withdraw")
    api.shop.visit(doubted("v1"))
    api.post("/desk/lease", status=204)
    assert api.ask("POST", f"{API}/desk/purposes/spying/accept", "ada", json={}).status_code == 404


def test_a_month_is_stated_and_only_the_person_confirms_it(api: Api) -> None:
    api.shop.on(100)
    api.post("/desk/lease", status=204)
    api.post("/desk/shift/end")
    made = api.post("/labour/statements", "admin", 201, handle="ada", period="2026-09")
    assert made["amount"] == "0.45"
    shown = api.get("/shift")
    assert shown["floor"]["hourly"] == "15.65"
    assert [s["status"] for s in shown["statements"]] == ["due"]
    assert shown["looked_at_me"][0]["who_role"] == "admin"
    assert api.get("/shift/statements/2026-09")["due"] == "0.45"
    api.post("/labour/payouts", "admin", 201, statement="ada/2026-09/0", amount="0.45", reference="r1")
    assert api.post("/shift/statements/2026-09/confirm")["status"] == "confirmed"
    overview = api.get("/labour/overview", "auditor")
    assert overview["confirmed"] == {"EUR": "0.45"}
    assert overview["people"] is None, "so few are nobody's business"
    assert "ada" not in orjson.dumps(overview).decode()


def test_everything_recorded_about_me_in_one_file_and_nothing_of_others(api: Api) -> None:
    api.shop.visit(doubted("v1"))
    api.post(f"/desk/leases/{api.post('/desk/lease')['token']}/answer", choice="1")
    found = api.ask("GET", f"{API}/shift/export", "ada")
    assert found.headers["content-type"] == "application/zip"
    assert found.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(found.content)) as packed:
        texts = {name: packed.read(name).decode() for name in packed.namelist()}
    assert {"time-and-pay.json", "desk.json", "labour_log.csv"} <= set(texts)
    assert len(orjson.loads(texts["desk.json"])["tables"]["review_answers"]) == 1
    assert not any("ben" in text for text in texts.values())


def test_practice_is_right_or_wrong_with_a_reason_and_recorded_for_nobody(api: Api) -> None:
    before = len(api.shop.till.books.ledger.entries("ada"))
    for n in range(6):
        question = api.get(f"/desk/practice?n={n}")
        assert question == api.get(f"/desk/practice?n={n}")
        assert question["practice"]
        keys = [c["key"] for c in question["candidates"]]
        found = [api.post("/desk/practice/answer", token=question["token"], choice=key) for key in keys]
        assert [one["right"] for one in found].count(True) == 1
        assert found[0]["answer"] in keys
        assert "fell by" in found[0]["why"]
    assert len(api.shop.till.books.ledger.entries("ada")) == before


def test_the_catalogue_is_found_by_words(api: Api) -> None:
    name = api.shop.till.store.products[TEA].name
    assert TEA in {one["gtin"] for one in api.get(f"/desk/catalogue?q={name.split()[0]}")["items"]}
    assert api.get("/desk/catalogue?q=zzzz")["items"] == []


def test_rate_cards_and_floors_come_with_their_reasons(api: Api) -> None:
    assert api.ask("POST", f"{API}/labour/floors", "admin", json={"csv": "x"}).status_code == 409
    api.post("/labour/cards", "admin", 422, place="exampleville", currency="EUR", hourly={"settle": "20"})
    low = api.post("/labour/cards", "admin", 201, place="exampleville", currency="EUR", hourly={"": "15.90"})
    assert low["effective_ns"] > api.shop.now_ns + 14 * 86_400 * 10**9
    assert api.get("/desk")["shift"]["hourly"] == "16.00", "a lower rate needs notice"
    body = {"handle": "dee", "place": "nowhere", "contract": "employed", "employer": "x", "password": "long enough pw"}
    assert api.ask("POST", f"{API}/review/team", "admin", json=body).status_code == 409
    assert len(DESK) == 8


def test_who_may_get_what_somebody_called_distressing_is_warned_before(api: Api) -> None:
    """Two people look at an audit apart: what the first one says warns the second, until nothing of it waits."""
    api.shop.visit(doubted("v1"))
    assert api.get("/desk", "ben")["warning"] is None
    token = api.post("/desk/lease")["token"]
    api.post(f"/desk/leases/{token}/flag", reason="something else")
    api.post(f"/desk/leases/{token}/skip")
    assert api.get("/desk", "ben")["warning"] is None
    token = api.post("/desk/lease", "ben")["token"]
    api.post(f"/desk/leases/{token}/flag", "ben", reason="distressing")
    api.post(f"/desk/leases/{token}/return", "ben")
    warned = "Somebody called what the clips of a visit show distressing; a question about it may come."
    assert api.get("/desk", "ben")["warning"] == api.get("/desk")["warning"] == warned
    token = api.post("/desk/lease", "ben")["token"]
    api.post(f"/desk/leases/{token}/answer", "ben", choice="1")
    assert api.get("/desk", "ben")["warning"] is None, "nothing of it waits any more"
    api.post("/desk/break/start", "ben", kind="recovery")
    assert api.get("/desk", "ben")["on_break"]
    api.shop.on(300)
    api.post("/desk/break/end", "ben")
    kinds = {(one.kind, one.paid) for one in api.shop.till.books.ledger.intervals("ben")}
    assert ("break_paid", True) in kinds
